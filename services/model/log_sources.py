"""Where a stack writes its log: groups that its parts name, and every other group of the account."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from services.model.logs import LogGroup
from services.safe_text import SafeText


class Origin(StrEnum):
    """Who named the group."""

    APPLICATION = "application"
    """The settings: nothing in AWS tells whose it is."""
    ACCESS = "API access log"
    EXECUTION = "API execution log"
    FUNCTION = "function"
    TRAIL = "CloudTrail"
    POOL = "user pool"
    STACK = "stack"
    """A log group among the stack's own resources."""


class LogSource(msgspec.Struct, frozen=True):
    """One group that a part of the stack writes to."""

    name: SafeText
    short: str
    """What its lines are called in the pane."""
    origin: Origin
    group: LogGroup | None = None
    """What the account says of it; None: there is no such group, or it was not told (`LogSources.listed`)."""
    slow_ms: int = 0
    """How long its ingestion is known to take."""


class LogSources(msgspec.Struct, frozen=True):
    """Everything that can be followed or searched."""

    sources: tuple[LogSource, ...] = ()
    """Of this stack, the application's own first."""
    groups: tuple[LogGroup, ...] = ()
    """Every group of the account and region, by name."""
    listed: bool = False
    """Whether the account told all its groups: then one that is not among them does not exist."""
    problems: tuple[SafeText, ...] = ()
    """What could not be asked, as sentences."""

    def missing(self, source: LogSource) -> bool:
        """Whether there is no such log group."""
        return self.listed and source.group is None
