"""The functions of a query's expressions, by name in lower case: values in, a value or None out."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping
from typing import Any

from services.simulated.logs.insights.values import Moment, number, text

Function = Callable[..., Any]


def _numeric(compute: Callable[..., float]) -> Function:
    """Of numbers; None as soon as one of them is none, or where it has no value."""

    def apply(*arguments: Any) -> float | None:
        figures = [number(argument) for argument in arguments]
        if any(figure is None for figure in figures):
            return None
        try:
            return float(compute(*figures))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None

    return apply


def _textual(compute: Callable[..., Any]) -> Function:
    """Of texts; None when the first is not there."""

    def apply(*arguments: Any) -> Any:
        return None if arguments[0] is None else compute(*(text(argument) for argument in arguments))

    return apply


def bin_of(value: Any, width: float) -> Any:
    """The moment, rounded down to a multiple of `width` milliseconds."""
    figure = number(value)
    return None if figure is None else Moment(int(figure // width * width))


def _bin_up(value: Any, width: float) -> Any:
    figure = number(value)
    return None if figure is None else Moment(int(-(-figure // width) * width))


def _substring(value: Any, start: Any, length: Any = None) -> str | None:
    begin, count = number(start), number(length)
    if value is None or begin is None:
        return None
    return text(value)[int(begin) :][: None if count is None else max(0, int(count))]


def _trimmed(strip: Callable[[str, str | None], str]) -> Function:
    return _textual(lambda value, characters=None: strip(value, characters))


def _address(version: int | None) -> Function:
    def valid(value: Any) -> bool:
        try:
            found = ipaddress.ip_address(text(value))
        except ValueError:
            return False
        return version is None or found.version == version

    return valid


def _moment(value: Any) -> Any:
    figure = number(value)
    return None if figure is None else Moment(int(figure))


FUNCTIONS: Mapping[str, tuple[Function, int, int]] = {
    "abs": (_numeric(abs), 1, 1),
    "ceil": (_numeric(math.ceil), 1, 1),
    "floor": (_numeric(math.floor), 1, 1),
    "greatest": (_numeric(max), 1, 16),
    "least": (_numeric(min), 1, 16),
    "log": (_numeric(math.log), 1, 1),
    "sqrt": (_numeric(math.sqrt), 1, 1),
    "strlen": (_textual(len), 1, 1),
    "tolower": (_textual(str.lower), 1, 1),
    "toupper": (_textual(str.upper), 1, 1),
    "trim": (_trimmed(str.strip), 1, 2),
    "ltrim": (_trimmed(str.lstrip), 1, 2),
    "rtrim": (_trimmed(str.rstrip), 1, 2),
    "substr": (_substring, 2, 3),
    "replace": (_textual(lambda value, old, new: value.replace(old, new)), 3, 3),
    "strcontains": (_textual(lambda value, part: int(part in value)), 2, 2),
    "concat": (lambda *parts: "".join(text(part) for part in parts if part is not None), 1, 16),
    "coalesce": (lambda *values: next((value for value in values if value is not None), None), 1, 16),
    "if": (lambda condition, yes, no: yes if condition else no, 3, 3),
    "ispresent": (lambda value: value is not None, 1, 1),
    "isempty": (lambda value: value is None or value == "", 1, 1),
    "isblank": (lambda value: value is None or not text(value).strip(), 1, 1),
    "isvalidip": (_address(None), 1, 1),
    "isvalidipv4": (_address(4), 1, 1),
    "isvalidipv6": (_address(6), 1, 1),
    "datefloor": (bin_of, 2, 2),
    "dateceil": (_bin_up, 2, 2),
    "frommillis": (_moment, 1, 1),
    "tomillis": (lambda value: number(value), 1, 1),
}
"""Name → the function, and how few and many arguments it takes."""
