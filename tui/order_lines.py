"""What is typed for an order, read: `fn memory=512 timeout=30`. Pure; what means nothing is a ValueError to show."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

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

    groups: tuple[str, ...]
    bucket: str
    back: timedelta
    """From so long ago until now."""
    queue: bool = False
    """Wait where another export runs."""


class Clearing(msgspec.Struct, frozen=True):
    """Which versions of a function are old."""

    function: str
    age: timedelta | None
    """None: a day is named."""
    day: date | None = None
    keep: int = 3
    """How many of the newest stay in any case."""

    def before(self, now: datetime) -> datetime:
        """What was published before this instant is old."""
        if self.day is not None:
            return datetime.combine(self.day, time(), UTC)
        return now - (self.age or timedelta())


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


def read_clearing(line: str) -> Clearing:
    """`fn 30d`, `fn 2026-08-01`, `fn 30d keep=5`."""
    words = line.split()
    if len(words) not in (2, 3):
        raise ValueError("The function, and how old (30d) or a day (2026-08-01); keep=5 after it if more are to stay.")
    keep = _figure(words[2], "keep") if len(words) == 3 else 3
    found = _AGO.match(words[1])
    if found is not None:
        return Clearing(words[0], timedelta(**{_UNITS[found[2]]: int(found[1])}), keep=keep)
    try:
        return Clearing(words[0], None, date.fromisoformat(words[1]), keep)
    except ValueError:
        raise ValueError(f"{words[1]} is neither an age such as 30d nor a day such as 2026-08-01.") from None


def read_name(line: str) -> str:
    """One word."""
    words = line.split()
    if len(words) != 1:
        raise ValueError("One name, without spaces.")
    return words[0]


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
    """`/aws/lambda/fn my-bucket 24h`, `/one,/other my-bucket 24h queue`."""
    words = line.split()
    queue = len(words) == 4 and words[-1] == "queue"
    if len(words) != 3 + queue:
        raise ValueError("Three words: the log groups with commas, the bucket, and how far back (24h, 7d); then queue.")
    found = _AGO.match(words[2])
    if found is None:
        raise ValueError(f"{words[2]} is not how far back: 90m, 24h, 7d.")
    back = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if not timedelta() < back <= MAX_SPAN:
        raise ValueError(f"{words[2]} is not between one minute and ten years.")
    groups = tuple(filter(None, words[0].split(",")))
    if not groups:
        raise ValueError("No log group stands before the bucket: /one,/other my-bucket 24h.")
    return Leaving(groups, words[1].removeprefix("s3://").rstrip("/"), back, queue)
