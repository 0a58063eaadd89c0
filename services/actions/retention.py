"""How long a log group keeps its events (aws.md 3.6, runbook lines 658-672, decisions F1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from services.actions.drafting import draft
from services.actions.guards import account_refusal, grade, operation_refusal, refuse, resource_of
from services.model.logs import LogGroup
from services.model.plan import ActionKind, Call, Grade, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.RETENTION

DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""The only numbers of days that CloudWatch Logs takes."""

NEVER = "never expires"


def kept(days: int | None) -> str:
    """`30 days`; `never expires` for None."""
    return NEVER if days is None else "1 day" if days == 1 else f"{days} days"


def plan_retention(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    groups: Sequence[LogGroup],
    name: str,
    days: int | None,
) -> Plan | Refusal:
    """Keep the events of group `name` for `days`; None: for ever. `groups`: as they were just read."""
    refusal = account_refusal(_KIND, situation, environment)
    if refusal is not None:
        return refusal
    group = next((one for one in groups if one.name == name), None)
    if group is None:
        return refuse(_KIND, f"there is no log group {name}", "f on the log screen lists those there are.")
    if days is not None and days not in DAYS:
        takes = ", ".join(str(one) for one in DAYS)
        return refuse(_KIND, f"CloudWatch Logs does not take {days} days", f"It takes {takes}, or never.")
    if days == group.retention_days:
        return refuse(_KIND, f"{name}: {kept(days)} already", "Choose another number of days.")
    refusal = operation_refusal(_KIND, situation.operations.value or (), resource_of({"logGroupName": name}))
    return refusal or _plan(situation, environment, now, group, days)


def _plan(situation: Situation, environment: Environment, now: datetime, group: LogGroup, days: int | None) -> Plan:
    before, after = kept(group.retention_days), kept(days)
    shortens = (days or math.inf) < (group.retention_days or math.inf)
    title = safe(f"Logs  {group.name}  {before} → {after}")
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Keep the events of {group.name}: {after} (now: {before})",
        asks=Grade.TYPED if shortens else grade(environment),
        steps=(
            Step(
                kind="logs.retention",
                title=title,
                call=_call(environment, group, days),
                preconditions=(Precondition("group.retention", before),),
                before={"status": before},
                after={"status": after},
            ),
        ),
        saved=(safe(f"{group.name}: {before}, {group.stored_bytes / 1e6:,.1f} MB stored"),),
        irreversible=(_lost(group, days),) if shortens else (),
        notes=tuple(safe(note, 400) for note in _notes(situation, group, shortens)),
    )


def _call(environment: Environment, group: LogGroup, days: int | None) -> Call:
    if days is None:
        return Call("logs", "DeleteRetentionPolicy", environment.region, {"logGroupName": str(group.name)})
    parameters: dict[str, object] = {"logGroupName": str(group.name), "retentionInDays": days}
    return Call("logs", "PutRetentionPolicy", environment.region, parameters)


def _lost(group: LogGroup, days: int | None) -> SafeText:
    return safe(
        f"events of {group.name} older than {kept(days)} cannot be read any more, deleted for good within 72 hours"
    )


def _notes(situation: Situation, group: LogGroup, shortens: bool) -> list[str]:
    told = []
    if shortens:
        told.append("EVIDENCE  not while a security incident is open: export the group first, by `Export logs`")
    else:
        told.append("Longer    what the shorter time has deleted does not come back")
    parts = situation.parts.value
    if parts is not None and group.name in parts.log_groups:
        told.append(f"Drift     the stack {parts.stack_name} sets this too: its next deployment may put it back")
    return told
