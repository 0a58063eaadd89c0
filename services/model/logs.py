"""Log lines and what the tail claims about itself."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

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
    """Short name → time of the group's newest delivered line, epoch milliseconds; a group without one is not there."""
    denied: tuple[str, ...] = ()
    """Groups that may not be read, by name."""
    missing: tuple[str, ...] = ()
    """Groups that do not exist."""
    left_out: int = 0
    """Further groups of the stack that are not followed: there are too many to look at all of them in time."""


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

    @property
    def readable(self) -> bool:
        """Whether FilterLogEvents works on it."""
        return self.kind == "STANDARD"
