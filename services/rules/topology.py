"""The topology strip: the runbook's components in its order (lines 66-80), each with what its own readings say.

A node is judged by the readings of its own resource and nothing else, so that breaking one component changes only
its node. What cannot be seen is never OK.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.model.assessment import Judgement, Node, State
from services.model.reading import Reading
from services.model.turns import turn
from services.problems import ProblemKind
from services.rules import log_silence, probed, silences
from services.rules.changes import main_release
from services.rules.isolation import NOTE
from services.rules.view import View
from services.rules.words import count, listed
from services.safe_text import safe


class Finding(msgspec.Struct, frozen=True):
    """A state with a short note."""

    state: State
    note: str = ""


OK = Finding(State.OK)


def nodes(view: View, judgements: Mapping[str, Judgement]) -> tuple[Node, ...]:
    """Users, CloudFront, S3, API Gateway, Lambda, DynamoDB, Cognito, our health check, CloudWatch, SNS."""
    made = (
        ("users", "Users", [_traffic(judgements)]),
        ("cloudfront", "CloudFront", [*_distributions(view), *_metrics(judgements, "edge.4xx")]),
        ("s3", "S3", _buckets(view)),
        ("api", "API Gateway", [*_apis(view), *_metrics(judgements, "api.latency", "api.errors")]),
        ("lambda", "Lambda", [*_functions(view), *_metrics(judgements, "lambda.duration", "lambda.errors")]),
        ("dynamodb", "DynamoDB", [*_tables(view), *_metrics(judgements, "table.throttles")]),
        ("cognito", "Cognito", _pools(view)),
        *_health(view),
        ("cloudwatch", "CloudWatch", _alarms(view)),
        ("sns", "SNS", _notifications(view)),
    )
    return tuple(
        _node(key, title, findings, _serving(view) if key == "lambda" else "") for key, title, findings in made
    )


def _node(key: str, title: str, findings: Sequence[Finding], always: str = "") -> Node:
    worst = max(findings, key=lambda finding: finding.state.severity, default=Finding(State.WAITING))
    note = worst.note or next((finding.note for finding in findings if finding.note and worst.state is State.OK), "")
    return Node(key, title, worst.state, safe(" ".join(filter(None, (always, note)))))


def _metrics(judgements: Mapping[str, Judgement], *keys: str) -> list[Finding]:
    """A metric colours its component; why is told by its panel. A metric that is not there says nothing here."""
    return [
        Finding(judgements[key].state, "access denied" if judgements[key].state is State.DENIED else "")
        for key in keys
        if judgements[key].state is not State.NOT_ENABLED
    ]


def _traffic(judgements: Mapping[str, Judgement]) -> Finding:
    requests = judgements["api.requests"]
    return Finding(requests.state if requests.state.silent else State.OK)


def _part(view: View, reading: Reading[Any], field: str, missing: str) -> list[Finding] | None:
    """What keeps us from looking at the resources of a reading, or None when there are some to look at.

    `field` names them in the parts of the stack; `missing` is said when the stack has one that cannot be found.
    """
    problem = reading.problem
    parts = view.situation.parts
    if problem is not None and problem.kind is ProblemKind.NOT_FOUND:
        return [Finding(State.CRIT, missing)]
    if problem is not None and problem.kind is ProblemKind.DENIED:
        return [Finding(State.DENIED, "access denied")]
    if reading.value is None:
        root = parts if problem is None and parts.problem is not None and parts.value is None else reading
        if root.problem is None:
            return [Finding(State.WAITING)]
        denied = root.problem.kind is ProblemKind.DENIED
        return [Finding(State.DENIED if denied else State.STALE, "access denied" if denied else root.problem.kind)]
    if not reading.value:
        named = parts.value is not None and bool(getattr(parts.value, field))
        return [Finding(State.CRIT, missing) if named else Finding(State.NOT_ENABLED, "not in this stack")]
    return None


def _age(view: View, reading: Reading[Any]) -> list[Finding]:
    cadence = turn(view.settings.cadence.resources, view.situation.speed)
    old = silences.of_age(reading, cadence, view.now, "")
    return [] if old is None else [Finding(old.state, reading.problem.kind if reading.problem else "")]


def _distributions(view: View) -> list[Finding]:
    reading = view.situation.distributions
    blocked = _part(view, reading, "distributions", "distribution not found")
    if blocked is not None:
        return blocked
    found = _age(view, reading)
    for distribution in reading.value or ():
        if not distribution.enabled:
            found.append(Finding(State.CRIT, "disabled"))
        elif distribution.status != "Deployed":
            found.append(Finding(State.WARN, distribution.status))
        else:
            busy = distribution.in_progress
            found.append(Finding(State.OK, f"{count(busy)} invalidating" if busy else ""))
    return found


def _buckets(view: View) -> list[Finding]:
    reading = view.situation.buckets
    blocked = _part(view, reading, "buckets", "bucket not found")
    if blocked is not None:
        return blocked
    unreachable = [bucket.name for bucket in reading.value or () if not bucket.reachable]
    found = [Finding(State.CRIT, "unreachable")] if unreachable else [OK]
    return found + _age(view, reading)


def _apis(view: View) -> list[Finding]:
    reading = view.situation.apis
    blocked = _part(view, reading, "apis", "API not found")
    if blocked is not None:
        return blocked
    known = {api.id for api in reading.value or ()}
    named = view.situation.parts.value.apis if view.situation.parts.value else ()
    found = [Finding(State.CRIT, "API not found") for identity in named if identity not in known]
    found += [Finding(State.WARN, "no stage") for api in reading.value or () if not api.stage]
    closed = view.situation.witness.isolated_since is not None
    isolated = NOTE if closed else "its policy refuses all: not deployed"
    found += [Finding(State.WARN, isolated) for api in reading.value or () if api.isolated]
    return found + _age(view, reading) + [OK]


def _functions(view: View) -> list[Finding]:
    reading = view.situation.functions
    blocked = _part(view, reading, "functions", "function not found")
    if blocked is not None:
        return blocked
    found = _age(view, reading)
    for function in reading.value or ():
        if function.state in ("Failed", "Inactive") or function.update_status == "Failed":
            word = function.state if function.state != "Active" else "update failed"
            found.append(Finding(State.CRIT, f"{word}: {function.reason}" if function.reason else word))
        elif function.state == "Pending" or function.update_status == "InProgress":
            found.append(Finding(State.WARN, "updating" if function.state != "Pending" else "Pending"))
    return [*found, OK]


def _serving(view: View) -> str:
    """`v42`, or what share goes where while weights are set."""
    release = main_release(view.situation)
    if release is None or release.alias is None:
        return ""
    weights = [f"v{version} {share:.0%}" for version, share in release.alias.weights]
    return " + ".join([f"v{release.alias.version}", *weights])


def _tables(view: View) -> list[Finding]:
    reading = view.situation.tables
    blocked = _part(view, reading, "tables", "table not found")
    if blocked is not None:
        return blocked
    found = _age(view, reading)
    for table in reading.value or ():
        if table.status != "ACTIVE":
            found.append(Finding(State.WARN, table.status))
        found += [
            Finding(State.WARN, f"{index.name} {index.status}") for index in table.indexes if index.status != "ACTIVE"
        ]
    return [*found, OK]


def _pools(view: View) -> list[Finding]:
    reading = view.situation.user_pools
    blocked = _part(view, reading, "user_pools", "user pool not found")
    if blocked is not None:
        return blocked
    disabled = [Finding(State.CRIT, "disabled") for pool in reading.value or () if pool.status == "Disabled"]
    return [*disabled, *_age(view, reading), OK]


def _health(view: View) -> list[tuple[str, str, list[Finding]]]:
    """The health check among those that look on; nothing where none is configured."""
    found = probed.standing(view)
    return [] if found is None else [("health", "Health", [Finding(found.state, found.sentence)])]


def _alarms(view: View) -> list[Finding]:
    reading = view.situation.alarms
    blocked = silences.of_reading(reading, "alarms")
    if blocked is not None:
        return [_silent(view, reading)]
    ringing = sum(1 for alarm in reading.value or () if alarm.state == "ALARM")
    found = [Finding(State.WARN, f"{count(ringing)} in alarm")] if ringing else [OK]
    return found + _age(view, reading) + _logs(view)


def _logs(view: View) -> list[Finding]:
    """CloudWatch's logs: one that has stopped although requests go on hides from us what becomes of them."""
    stopped = log_silence.silent(view)
    return [] if stopped is None else [Finding(State.NO_DATA, stopped.sentence)]


def _notifications(view: View) -> list[Finding]:
    """SNS as far as the alarms tell: whether anybody would hear of one."""
    reading = view.situation.alarms
    if reading.value is None or silences.of_reading(reading, "alarms") is not None:
        return [_silent(view, reading)]
    mute = [alarm.name for alarm in reading.value if not alarm.notifies]
    if not reading.value:
        return [Finding(State.NOT_ENABLED, "no alarms")]
    if len(mute) == len(reading.value):
        return [Finding(State.NOT_ENABLED, "alarms notify nobody")]
    return [Finding(State.OK, f"{listed(mute, 1)} notifies nobody" if mute else ""), *_age(view, reading)]


def _silent(view: View, reading: Reading[Any]) -> Finding:
    return (_part(view, reading, "alarms", "not found") or [Finding(State.WAITING)])[0]
