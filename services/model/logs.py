"""Log lines and what the tail claims about itself."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from services.model.live import LiveStatus
from services.safe_text import SafeText


class Level(StrEnum):
    """How loud a line is."""

    ERROR = "ERROR"
    WARN = "WARN"
    INFO = "INFO"
    DEBUG = "DEBUG"
    REPORT = "REPORT"
    """Lambda's own account of an invocation."""
    NONE = ""


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """One event of a log group. Small on purpose: a hundred thousand are kept."""

    at: int
    """The producer's time, epoch milliseconds."""
    group: str
    """Short name of the group, as the pane shows it: `api`, `lambda`, `app`."""
    level: Level
    text: SafeText
    id: str = ""
    """AWS's eventId."""
    request: str = ""
    """Request id, where the line has one."""
    late: bool = False
    """It arrived after younger lines had been shown."""


class Gap(msgspec.Struct, frozen=True):
    """A stretch that is not known to be complete."""

    start: int
    """Epoch milliseconds."""
    end: int
    why: str
    lasting: bool = False
    """It cannot be filled: `why` says what stands in the way."""


class GroupClaim(msgspec.Struct, frozen=True):
    """What can be promised of one group."""

    name: str
    short: str
    complete_to: int | None = None
    """Epoch milliseconds; None before the first answer."""
    gaps: tuple[Gap, ...] = ()
    lines: int = 0
    late: int = 0
    lag_ms: int = 0
    """Longest time that ingestion took lately."""
    why: str = ""
    """Why it is not complete: the last look's problem; empty when there is none."""
    retention_days: int | None = None
    """None: never expires, or not known."""
    shown: bool = True
    """Whether it is on the screen; others are not asked."""
    since: int | None = None
    """Epoch milliseconds: its lines from before were never asked for. None: not known."""


class TailNote(msgspec.Struct, frozen=True):
    """Something that happened to the tail itself: a group appeared, has gone, cannot be read."""

    at: int
    """Epoch milliseconds."""
    text: SafeText


class TailStatus(msgspec.Struct, frozen=True):
    """What the tail can promise right now."""

    groups: tuple[str, ...] = ()
    """Short names, in order."""
    complete_to: int | None = None
    """Epoch milliseconds up to which every ingested line has been delivered; None before the first answer."""
    gaps: tuple[Gap, ...] = ()
    lines: int = 0
    """Delivered since the start."""
    late: int = 0
    newest: Mapping[str, int] = {}
    """Short name → time of the group's newest line, epoch milliseconds, delivered or of before the beginning; a group
    without one is not there."""
    by_minute: Mapping[str, Mapping[int, int]] = {}
    """Short name → minute (epoch seconds) → its lines, of the last hour in which any came."""
    denied: tuple[str, ...] = ()
    """Groups that may not be read, by name."""
    missing: tuple[str, ...] = ()
    """Groups that do not exist."""
    left_out: int = 0
    """Further groups of the stack that are not followed: there are too many to look at all of them in time."""
    claims: tuple[GroupClaim, ...] = ()
    """Each group by itself, in order."""
    unreadable: tuple[str, ...] = ()
    """Groups of a class that FilterLogEvents cannot read, by name: Logs Insights can."""
    closed: int = 0
    """Gaps that have been filled since the start."""
    spacing_s: float = 0.0
    """Seconds between two calls while AWS throttles; 0: the usual pace."""
    notes: tuple[TailNote, ...] = ()
    """The last few, oldest first."""
    live: LiveStatus | None = None
    """None: Live Tail is off, as it is unless somebody chooses it."""


class LineBatch(msgspec.Struct, frozen=True):
    """Lines that arrived together, ascending by time. A batch never replaces another."""

    lines: tuple[LogLine, ...]
    dropped: int = 0
    """Lines that were read but not handed on because the screen could not take them."""


class LogGroup(msgspec.Struct, frozen=True):
    """One log group, as logs:DescribeLogGroups tells it."""

    name: SafeText
    arn: SafeText = SafeText("")
    """Without the trailing `:*`."""
    retention_days: int | None = None
    """None: never expires."""
    stored_bytes: int = 0
    kind: SafeText = SafeText("STANDARD")
    """logGroupClass: INFREQUENT_ACCESS and DELIVERY cannot be tailed (aws.md 3.1)."""
    created: int | None = None
    """Epoch milliseconds."""

    @property
    def readable(self) -> bool:
        """Whether FilterLogEvents works on it."""
        return self.kind == "STANDARD"
