"""One JSON object and its fields, strictly: the right type, in range, finite, or a Breach."""

import json
import math
import re
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

INTEGER_MAX: Final = 2**31 - 1  # CONTRACT.md: integers lie in 0…2³¹−1
_ID: Final = re.compile(r"[a-z0-9-]{1,36}")  # boot_id, controller_id, intent_id, …
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")  # site, dome, probe

Fields = dict[str, object]
Value = TypeVar("Value")


class Breach(Exception):
    """Inside decoding only: a payload breaks a rule. `kind` is one word for the counter."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def is_name(text: str) -> bool:
    """May it name a site, a dome, a probe or a process?"""
    return _NAME.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """May it be an id of the other sort?"""
    return _ID.fullmatch(text) is not None


def _refuse_constant(name: str) -> NoReturn:
    raise Breach("not_finite", f"{name} is not a number")


def _finite(text: str) -> float:
    """`float` makes infinity of 1e400 without a word."""
    number = float(text)
    if not math.isfinite(number):
        raise Breach("not_finite", f"{text[:20]} is not a finite number")
    return number


_JSON: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def parse(payload: bytes) -> object:
    """Any JSON value. Raises Breach."""
    try:
        return _JSON.decode(payload.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # a UnicodeDecodeError is a ValueError too
        raise Breach("not_json", f"not JSON: {error}") from error


def parse_object(payload: bytes) -> Fields:
    """A JSON object. Raises Breach."""
    value = parse(payload)
    if not isinstance(value, dict):
        raise Breach("malformed", "not a JSON object")
    return value


def required(fields: Fields, key: str) -> object:
    try:
        return fields[key]
    except KeyError:
        raise Breach("malformed", f"{key} is missing") from None


def integer(fields: Fields, key: str) -> int:
    value = required(fields, key)
    if type(value) is int and 0 <= value <= INTEGER_MAX:  # isinstance would let True pass
        return value
    raise Breach("malformed", f"{key} is not an integer in 0…{INTEGER_MAX}")


def number(fields: Fields, key: str) -> float:
    value = required(fields, key)
    if type(value) is float:
        return value  # finite: the parser saw to it
    if type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX:
        return float(value)
    raise Breach("malformed", f"{key} is not a number")


def number_within(fields: Fields, key: str, low: float, high: float) -> float:
    value = number(fields, key)
    if low <= value <= high:
        return value
    raise Breach("malformed", f"{key} is {value}, outside {low}…{high}")


def text(fields: Fields, key: str, length_max: int) -> str:
    value = required(fields, key)
    if isinstance(value, str) and len(value) <= length_max:
        return value
    raise Breach("malformed", f"{key} is not a text of at most {length_max} characters")


def identifier(fields: Fields, key: str) -> str:
    value = required(fields, key)
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise Breach("malformed", f"{key} is not an id")


def matching(fields: Fields, key: str, pattern: re.Pattern[str]) -> str:
    value = required(fields, key)
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    raise Breach("malformed", f"{key} does not match {pattern.pattern}")


def one_of(fields: Fields, key: str, allowed: frozenset[str]) -> str:
    value = required(fields, key)
    if isinstance(value, str) and value in allowed:
        return value
    raise Breach("malformed", f"{key} is none of {', '.join(sorted(allowed))}")


def items(fields: Fields, key: str, length_max: int) -> list[object]:
    value = required(fields, key)
    if isinstance(value, list) and len(value) <= length_max:
        return value
    raise Breach("malformed", f"{key} is not a list of at most {length_max}")


def or_none(fields: Fields, key: str, read: Callable[[Fields, str], Value]) -> Value | None:
    """The key must be there, but may be null."""
    return None if required(fields, key) is None else read(fields, key)


def only_keys(fields: Fields, allowed: frozenset[str], where: str) -> None:
    unknown = fields.keys() - allowed
    if unknown:
        raise Breach("malformed", f"{where} has the unknown key {min(unknown)[:40]}")
