"""The service manager is told by one datagram, and its silence holds nobody up."""

import socket

from thermod.heartbeat import ServiceManager


def test_each_word_is_one_datagram(tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(path))
        manager = ServiceManager(str(path))
        for words in ("READY=1", "WATCHDOG=1"):
            manager.tell(words)
            assert heard.recv(100) == words.encode()
        manager.close()


def test_a_name_in_the_abstract_namespace_is_understood():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0thermod-test-notify")
        manager = ServiceManager("@thermod-test-notify")
        manager.tell("READY=1")
        assert heard.recv(100) == b"READY=1"
        manager.close()


def test_nobody_listening_is_no_fault(tmp_path):
    for address in ("", str(tmp_path / "nobody")):
        manager = ServiceManager(address)
        manager.tell("WATCHDOG=1")
        manager.close()


def test_a_service_manager_that_does_not_read_holds_nobody_up(tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(path))
        manager = ServiceManager(str(path))
        for _ in range(100_000):
            manager.tell("WATCHDOG=1")
        manager.close()
