"""Spoilt messages for every decoder, as many as wanted.

Usage: python -m tests.properties.fuzz [--cases N] [--seed S]

Exit 0: no decoder raised anything it does not declare, and none let a value through that may not
be acted upon. `make test` does ten thousand cases, `make soak` two million.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

from tests.properties.decoders import DECODERS, Decoder
from tests.properties.messages import spoilt


class Tally(NamedTuple):
    """What became of the spoilt messages of one decoder."""

    cases: int
    refused: int


def fuzz(decoder: Decoder, cases: int, seed: int) -> Tally:
    """Raises whatever the decoder raises beyond what it declares; AssertionError where it let
    something through.
    """
    refused = 0
    for payload in spoilt(decoder.kind, cases, seed):
        refused += decoder.read(payload) is None
    return Tally(cases, refused)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2_000_000, help="of all decoders together")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    began_s = time.monotonic()
    total = Tally(0, 0)
    for decoder in DECODERS:
        tally = fuzz(decoder, -(-wanted.cases // len(DECODERS)), wanted.seed)
        total = Tally(total.cases + tally.cases, total.refused + tally.refused)
        print(f"{decoder.name:22} {tally.cases:8} cases, {tally.refused:8} refused", flush=True)
    seconds = time.monotonic() - began_s
    print(
        f"{len(DECODERS)} decoders, {total.cases} cases, seed {wanted.seed}: {total.refused}"
        f" refused, 0 uncaught, 0 out of range, {seconds:.0f} s"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
