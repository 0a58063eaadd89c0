"""What is asked about alarms only when somebody looks: how each is set up, what mutes it, what it did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.series import MetricId
from services.safe_text import SafeText


class AlarmDetail(msgspec.Struct, frozen=True):
    """How one alarm is set up (cloudwatch:DescribeAlarms) and what keeps it from speaking."""

    name: SafeText
    region: str
    kind: SafeText
    """`metric`, `composite`, `log`."""
    description: SafeText = SafeText("")
    condition: SafeText = SafeText("")
    """In words: `Sum of 5XXError ≥ 3 in 1 of 1 periods of 10 min; missing data: not breaching`."""
    metrics: tuple[MetricId, ...] = ()
    plain: bool = False
    """On one metric itself, not on an expression: then DynamoDB's missing data never ends it (aws.md 0.10)."""
    ok_actions: tuple[SafeText, ...] = ()
    evaluation: SafeText = SafeText("")
    """`PARTIAL_DATA`, `EVALUATION_FAILURE`, `EVALUATION_ERROR`: a green alarm may be broken (aws.md 2.2)."""
    suppressed: SafeText = SafeText("")
    """Why a composite alarm's actions are suppressed now; empty when they are not."""
    muted_by: tuple[SafeText, ...] = ()
    """Mute rules that are active now: the state still changes, the actions are not carried out."""

    @property
    def key(self) -> tuple[str, str]:
        """Unique in an account."""
        return self.region, self.name


class HistoryKind(StrEnum):
    STATE = "state"
    ACTION = "action"
    CONFIGURATION = "configuration"


class HistoryItem(msgspec.Struct, frozen=True):
    """One item of cloudwatch:DescribeAlarmHistory, which AWS keeps for two weeks."""

    at: datetime
    alarm: SafeText
    region: str
    kind: HistoryKind
    summary: SafeText
    old: SafeText = SafeText("")
    new: SafeText = SafeText("")
    """States of a change; empty for what is none."""
    reason: SafeText = SafeText("")
    failed: bool = False
    """An action that was not carried out."""


class History(msgspec.Struct, frozen=True):
    """What alarms did in a stretch of time."""

    items: tuple[HistoryItem, ...]
    """Newest first."""
    since: datetime
    whole: bool = True
    """False: there was more than was followed; the oldest are missing."""
