"""The files around the code: the lock, the decisions, and what must never be committed."""

import re
import tomllib
from collections import Counter

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT, tracked_files

# Written so that this file does not match itself. Whoever installs this chooses his own index, and
# a path of one developer's machine works on no other.
ELSEWHERE = re.compile(
    r"py[p]i\.(org|python)|python[h]osted\.org|registry\.np[m]js|(deb|security)\.debia[n]\.org"
    r"|(?<![\w.*-])/(wor[k]|hom[e]|roo[t]|User[s]|opt/py[p]i)/"
)
LOCKED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ]+)", re.MULTILINE)


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def direct_requirements():
    table = project()["project"]
    optional = table["optional-dependencies"].values()
    listed = [*table["dependencies"], *(each for extra in optional for each in extra)]
    return [Requirement(text) for text in [*listed, *project()["build-system"]["requires"]]]


def locked_packages():
    """Each pinned package with the text that follows its pin."""
    text = (ROOT / "requirements.lock").read_text("utf-8")
    return [
        (canonicalize_name(pin["name"]), pin["version"], text[pin.end() :].split("\n", 1)[1])
        for pin in LOCKED.finditer(text)
    ]


def test_each_locked_package_has_a_hash():
    for name, _, rest in locked_packages():
        assert rest.lstrip().startswith("--hash=sha256:"), name


def test_the_lock_names_no_address_and_nothing_but_pins_and_hashes():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in text
    for line in text.splitlines():
        assert re.match(r"[\w.-]+==\S+ (; .+ )?\\$|    --hash=sha256:[0-9a-f]{64}( \\)?$", line), (
            line
        )


@pytest.mark.parametrize("wanted", direct_requirements(), ids=str)
def test_the_lock_satisfies_pyproject(wanted):
    versions = [v for name, v, _ in locked_packages() if name == canonicalize_name(wanted.name)]
    assert versions, f"{wanted.name} is not in requirements.lock: run make lock"
    assert all(version in wanted.specifier for version in versions), versions


@pytest.mark.parametrize("wanted", direct_requirements(), ids=lambda each: each.name)
def test_each_direct_dependency_has_its_reason(wanted):
    text = (ROOT / "thermod/decisions/0001-dependencies.md").read_text("utf-8")
    assert f"`{wanted.name}`" in text


def test_decisions_have_numbers_of_their_own():
    names = [path.name for path in (ROOT / "thermod/decisions").iterdir()]
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name) for name in names), names
    repeated = [
        number for number, times in Counter(name[:4] for name in names).items() if times > 1
    ]
    assert repeated == []


@pytest.mark.parametrize("name", tracked_files())
def test_no_file_names_a_package_registry_or_a_path_of_one_machine(name):
    content = (ROOT / name).read_bytes()
    text = "" if b"\0" in content else content.decode("utf-8")
    found = [match.group() for match in ELSEWHERE.finditer(text)]
    assert found == []


def test_no_folder_of_the_tests_hides_a_package():
    """With tests/sensors/__init__.py, `import sensors` in a test would find the tests."""
    assert [name for name in tracked_files() if re.match(r"tests/.*__init__\.py$", name)] == []
