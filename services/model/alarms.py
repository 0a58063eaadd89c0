"""CloudWatch alarms, the account's own."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class Alarm(msgspec.Struct, frozen=True):
    """One alarm of cloudwatch:DescribeAlarms, of any type."""

    name: SafeText
    region: str
    state: SafeText
    """`OK`, `ALARM`, `INSUFFICIENT_DATA`."""
    since: datetime | None = None
    """StateTransitionedTimestamp where given: the state's own change (aws.md 2.2)."""
    reason: SafeText = SafeText("")
    actions_enabled: bool = True
    actions: tuple[SafeText, ...] = ()
    kind: SafeText = SafeText("metric")
    """`metric`, `composite`, `log`; `anomaly` on a band, `insights` and `query` on what a query finds."""
    evaluation: SafeText = SafeText("")
    """`PARTIAL_DATA`, `EVALUATION_FAILURE`, `EVALUATION_ERROR`: a green alarm may be broken (aws.md 2.2)."""

    @property
    def notifies(self) -> bool:
        return self.actions_enabled and bool(self.actions)
