"""What `cockpit status` has to say, as values: the rows of its table and its stable JSON."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.model.assessment import Assessment, Judgement, Node, State, Verdict
from services.model.changes import ChangeKind
from services.model.reading import Reading
from services.model.situation import Situation
from services.plural import several
from services.problems import ConfigurationError
from services.rules.stacks import stack_state
from services.rules.verdict import KEY_METRICS
from services.rules.words import listed
from services.safe_text import safe
from services.settings.values import Environment

VERSION = 1
"""Of the JSON. Grows only when a field changes its meaning or goes away; fields may be added."""

_NODES = {
    "api": "api",
    "lambda": "lambda",
    "table": "dynamodb",
    "cdn": "cloudfront",
    "users": "cognito",
    "bucket": "s3",
    "health": "health",
    "alarms": "cloudwatch",
}
_FEEDS = {
    "stack": "stack",
    "api": "apis",
    "lambda": "functions",
    "table": "tables",
    "cdn": "distributions",
    "users": "user_pools",
    "bucket": "buckets",
    "health": "probes",
    "alarms": "alarms",
}
_METRICS = {"api": "api.", "lambda": "lambda.", "table": "table.", "cdn": "edge."}
_UNSEEN = (State.STALE, State.WAITING, State.DENIED)
COMPONENTS = ("stack", *_NODES)
_OTHER_NAMES = {
    "dynamodb": "table",
    "cloudfront": "cdn",
    "edge": "cdn",
    "distribution": "cdn",
    "cognito": "users",
    "s3": "bucket",
    "web": "bucket",
    "function": "lambda",
    "cloudformation": "stack",
    "cloudwatch": "alarms",
}


class Row(msgspec.Struct, frozen=True):
    """One component."""

    name: str
    state: State
    detail: str
    age_s: float | None
    """Seconds since its resource was read; None: it has never been."""
    usable: bool = True
    """Whether it can do its work, as far as its own status tells: critical ones cannot, nor can a table that is
    being deleted, whose colour is no more than WARN."""


class Report(msgspec.Struct, frozen=True):
    """Everything that was asked for."""

    environment: Environment
    situation: Situation
    assessment: Assessment
    components: tuple[Row, ...]
    metrics: tuple[Judgement, ...]

    @property
    def critical(self) -> bool:
        """Whether anything that was asked for is critical or unusable."""
        return not all(row.usable for row in self.components) or any(one.state is State.CRIT for one in self.metrics)

    @property
    def blind(self) -> bool:
        """Whether what was asked for could not be seen: no metric was ever answered, or no component was."""
        unread = [one.state in _UNSEEN and one.value is None for one in self.metrics]
        unseen = [row.state in _UNSEEN and row.age_s is None for row in self.components]
        return (bool(unread) and all(unread)) or all(unseen)


def component(word: str) -> str:
    """`all` or a component's name, from what was typed. Raises ConfigurationError naming the nearest."""
    chosen = _OTHER_NAMES.get(word.lower(), word.lower())
    if chosen == "all" or chosen in COMPONENTS:
        return chosen
    near = difflib.get_close_matches(word.lower(), ["all", *COMPONENTS, *_OTHER_NAMES], n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ConfigurationError(
        f"There is no component {safe(word, 60)!r}.{hint} Components: all, {', '.join(COMPONENTS)}."
    )


def report(environment: Environment, situation: Situation, assessment: Assessment, chosen: str = "all") -> Report:
    """The rows of one component or of all."""
    nodes = {node.key: node for node in assessment.nodes}
    names = COMPONENTS if chosen == "all" else (chosen,)
    prefix = "" if chosen == "all" else _METRICS.get(chosen, "-")
    return Report(
        environment,
        situation,
        assessment,
        tuple(_row(name, nodes, situation, assessment.at, environment) for name in names),
        tuple(found for key, found in assessment.judgements.items() if key.startswith(prefix)),
    )


def _row(name: str, nodes: Mapping[str, Node], situation: Situation, now: datetime, environment: Environment) -> Row:
    reading = getattr(situation, _FEEDS[name])
    if name == "health":
        return _health(nodes.get("health"), environment, reading.age(now))
    state, note = _stack(situation) if name == "stack" else (nodes[_NODES[name]].state, nodes[_NODES[name]].note)
    problem = "" if reading.problem is None else str(reading.problem.message)
    told = " · ".join(dict.fromkeys(filter(None, (note, _named(name, situation), problem))))
    usable = state is not State.CRIT and (name != "table" or _tables_serve(situation))
    return Row(name, state, told, reading.age(now), usable)


def _health(node: Node | None, environment: Environment, age_s: float | None) -> Row:
    """Our own health check, with the address that is asked: in a sandbox, at the endpoint that stands for it."""
    if node is None:
        return Row("health", State.NOT_ENABLED, "no health_url configured", None)
    where = f" at {environment.endpoint_url}" if environment.endpoint_url else ""
    failed = "API health check failed: " if node.state in (State.ELEVATED, State.WARN, State.CRIT) else ""
    told = " · ".join(filter(None, (f"{failed}{node.note}", f"{environment.health_url}{where}")))
    return Row("health", node.state, told, age_s, node.state is not State.CRIT)


def _tables_serve(situation: Situation) -> bool:
    """Whether every table takes reads and writes: it does while it is changed, not while it is made or deleted."""
    return all(table.status in ("ACTIVE", "UPDATING") for table in situation.tables.value or ())


def _stack(situation: Situation) -> tuple[State, str]:
    reading = situation.stack
    if reading.value is not None:
        reason = f": {reading.value.reason}" if reading.value.reason else ""
        return stack_state(reading.value.status), f"{reading.value.status}{reason}"
    if reading.problem is None:
        return State.WAITING, ""
    state = {"denied": State.DENIED, "not found": State.CRIT}.get(reading.problem.kind, State.STALE)
    return state, ""


def _named(name: str, situation: Situation) -> str:
    """Which resources these are."""
    if name == "stack":
        return str(situation.stack.value.name) if situation.stack.value else ""
    if name == "alarms":
        ringing = [alarm.name for alarm in situation.alarms.value or () if alarm.state == "ALARM"]
        known = situation.alarms.value or ()
        return listed(ringing) or (several(len(known), "alarm") if known else "")
    found = getattr(situation, _FEEDS[name]).value or ()
    return listed([str(getattr(one, "name", "") or one.id) for one in found])


def place(environment: Environment, situation: Situation, now: datetime) -> str:
    """`production  us-west-2  123456789012  2026-11-23 03:07:00Z`, and the endpoint where it is not AWS."""
    identity = situation.identity.value
    account = str(identity.account) if identity else "account unknown"
    words = (environment.name, environment.region, account, f"{now:%Y-%m-%d %H:%M:%S}Z", situation.endpoint)
    return "  ".join(word for word in words if word)


def heading(environment: Environment, situation: Situation, now: datetime, exit_code: int) -> dict[str, Any]:
    """How every report begins as data: its version, what it is of, and the exit code."""
    identity = situation.identity.value
    return {
        "version": VERSION,
        "environment": environment.name,
        "stack": environment.stack,
        "region": environment.region,
        "account": identity.account if identity else None,
        "endpoint": situation.endpoint or None,
        "at": now,
        "exit": exit_code,
    }


def as_json(found: Report, exit_code: int) -> bytes:
    """The report as one JSON object; see the help of `cockpit status` for its fields."""
    situation, assessment, now = found.situation, found.assessment, found.assessment.at
    verdict = assessment.verdict
    value: dict[str, Any] = {
        **heading(found.environment, situation, now, exit_code),
        "verdict": {
            "state": verdict.state,
            "sentence": verdict.sentence,
            "since": verdict.since,
            "suspect": verdict.suspect,
            "remedy": {"text": verdict.remedy, "command": command(found.environment, verdict)} if verdict.key else None,
        },
        "components": found.components,
        "metrics": [_metric(one, now) for one in found.metrics],
        "problems": [
            {
                "feed": feed,
                "kind": reading.problem.kind,
                "message": reading.problem.message,
                "operation": reading.problem.operation,
            }
            for feed in situation.__struct_fields__
            if isinstance(reading := getattr(situation, feed), Reading) and reading.problem is not None
        ],
    }
    return msgspec.json.encode(value)


def _metric(one: Judgement, now: datetime) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "key_metric": one.key in KEY_METRICS,
        "state": one.state,
        "value": one.value,
        "unit": one.unit,
        "detail": one.detail,
        "reason": one.reason,
        "since": one.since,
        "as_of": one.as_of,
        "age_s": (now - one.newest).total_seconds() if one.newest else None,
        "coverage": one.coverage,
        "thresholds": one.thresholds,
    }


def command(environment: Environment, verdict: Verdict) -> str | None:
    """What to type instead of the screen's key."""
    if verdict.key == "o":
        return f"cockpit resume {environment.name}"
    if verdict.key != "R":
        return None
    content = verdict.suspect is not None and verdict.suspect.kind is ChangeKind.CONTENT
    return f"cockpit rollback {environment.name}" + (" --layer content" if content else "")
