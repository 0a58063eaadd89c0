"""What is typed for an order, read: `fn memory=512 timeout=30`. Pure; what means nothing is a ValueError to show."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

MAX_SPAN = timedelta(days=3653)
"""The longest retention there is."""

_AGO = re.compile(r"([0-9]{1,5})([mhd])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Figures(msgspec.Struct, frozen=True):
    """Of a function."""

    function: str
    memory_mb: int
    timeout_s: int


class Keeping(msgspec.Struct, frozen=True):
    """Of a log group."""

    group: str
    days: int | None
    """None: for ever."""


class Leaving(msgspec.Struct, frozen=True):
    """What goes where."""

    group: str
    bucket: str
    back: timedelta
    """From so long ago until now."""


def read_figures(line: str) -> Figures:
    """`fn memory=512 timeout=30`."""
    words = line.split()
    if len(words) != 3:
        raise ValueError("Three words: the function, memory=MB, timeout=SECONDS.")
    return Figures(words[0], _figure(words[1], "memory"), _figure(words[2], "timeout"))


def _figure(word: str, name: str) -> int:
    head, _, value = word.partition("=")
    if head != name or not (value.isascii() and value.isdigit()) or len(value) > 6:
        raise ValueError(f"{word} is not {name}= and a whole number.")
    return int(value)


def read_keeping(line: str) -> Keeping:
    """`/aws/lambda/fn 30`, `/aws/lambda/fn never`."""
    words = line.split()
    if len(words) != 2:
        raise ValueError("Two words: the log group, and days or never.")
    group, days = words
    if days == "never":
        return Keeping(group, None)
    if not (days.isascii() and days.isdigit()) or len(days) > 6:
        raise ValueError(f"{days} is neither a number of days nor never.")
    return Keeping(group, int(days))


def read_leaving(line: str) -> Leaving:
    """`/aws/lambda/fn my-bucket 24h`."""
    words = line.split()
    if len(words) != 3:
        raise ValueError("Three words: the log group, the bucket, and how far back (24h, 7d).")
    found = _AGO.match(words[2])
    if found is None:
        raise ValueError(f"{words[2]} is not how far back: 90m, 24h, 7d.")
    back = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if not timedelta() < back <= MAX_SPAN:
        raise ValueError(f"{words[2]} is not between one minute and ten years.")
    return Leaving(words[0], words[1].removeprefix("s3://").rstrip("/"), back)
