"""A complete outage: what AWS says of itself, the stack, its tables, one direct call (runbook lines 949-983)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.assessment import State
from services.safe_text import SafeText


class AwsEvent(msgspec.Struct, frozen=True):
    """One event of AWS's public list that is still open."""

    service: SafeText
    """Without the region: `dynamodb`."""
    region: str
    """Empty: a global service."""
    summary: SafeText
    since: datetime | None


class AwsStatus(msgspec.Struct, frozen=True):
    """AWS's public list of current events (aws.md 6.3)."""

    at: datetime
    """When it was asked for, the account's time."""
    events: tuple[AwsEvent, ...] = ()
    """What is open, of every region."""
    problem: SafeText = SafeText("")
    """Why nothing is known; empty: the list was read."""


class Checked(msgspec.Struct, frozen=True):
    """A stack or a table: its status, or why there is none."""

    name: SafeText
    status: SafeText = SafeText("")
    problem: SafeText = SafeText("")
    gone: bool = False
    """AWS says that there is no such thing: that is an answer."""


class Called(msgspec.Struct, frozen=True):
    """The newest direct call of the function since the outage was opened."""

    open: bool
    good: bool
    """It was answered without FunctionError."""
    text: SafeText


class Facts(msgspec.Struct, frozen=True):
    """What the steps stand on; None: it is being read."""

    region: str
    aws: AwsStatus | None = None
    stack: Checked | None = None
    tables: tuple[Checked, ...] | None = None
    called: Called | None = None
    """None: nothing was called."""


class Step(msgspec.Struct, frozen=True):
    """One step of the procedure as it stands."""

    name: str
    state: State
    text: SafeText
