"""Values as they stand in the middle of a bad deploy: what the gallery and the widget tests show."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

from services.model.assessment import Judgement, Node, State, Threshold, Unit, Verdict
from services.model.changes import Change, ChangeKind
from services.model.entry import Actor, Entry, Operation, Outcome, Phase
from services.model.plan import ActionKind, Call, Candidate, Criterion, Grade, Plan, Precondition, Step
from services.safe_text import SafeText, safe
from widgets.header import HeaderFacts
from widgets.key_bar import KeyHint
from widgets.timeline import TimelineRow

NOW = datetime(2026, 11, 23, 3, 11, 42, tzinfo=UTC)
START = int(NOW.timestamp()) // 60 * 60
SINCE = NOW.replace(minute=7, second=0)

LATENCY = (Threshold(1000, State.WARN), Threshold(2000, State.CRIT))
ERRORS = (Threshold(5, State.WARN), Threshold(10, State.CRIT))
DURATION = (Threshold(10_000, State.WARN), Threshold(15_000, State.CRIT))
EDGE = (Threshold(10, State.WARN), Threshold(20, State.CRIT))


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return NOW.replace(hour=hour, minute=minute, second=second)


Points = tuple[tuple[int, float], ...]


def curve(base: float, noise: float, bad: float | None = None, minutes: int = 180, seed: int = 1) -> Points:
    """`minutes` points up to now; from 03:03 on they climb to `bad`."""
    chance = random.Random(seed)
    points = []
    for back in range(minutes, -1, -1):
        moment = START - back * 60
        value = base + noise * chance.random() + noise * math.sin(moment / 900)
        if bad is not None and back <= 8:
            value += (bad - base) * min(1.0, (9 - back) / 4)
        points.append((moment, max(0.0, value)))
    return tuple(points)


def judgement(
    key: str, title: str, state: State, value: float | None, unit: Unit, detail: str, **more: object
) -> Judgement:
    """A judgement as of NOW."""
    fields: dict[str, object] = {
        "reason": safe(f"{title}: judged over 5 minutes (runbook line 94)"),
        "newest": NOW - timedelta(seconds=8),
        "settled_until": START - 60,
    }
    return Judgement(key, title, state, value, unit, safe(detail), **{**fields, **more})  # type: ignore[arg-type]  # fields by name


def judgements() -> tuple[Judgement, ...]:
    """The nine of the overview."""
    return (
        judgement("api.latency", "API latency", State.WARN, 1420, Unit.MILLISECONDS, "p95 3.1 s · p99 4.8 s",
                  chart=curve(160, 30, 1500), thresholds=LATENCY, since=at(3, 8)),
        judgement("api.errors", "API errors", State.CRIT, 12.1, Unit.PERCENT, "171 of 1 412 · 5 min",
                  chart=curve(0.1, 0.1, 13.5, seed=2), thresholds=ERRORS, since=SINCE),
        judgement("api.requests", "API requests", State.OK, 282.4, Unit.PER_MINUTE, "1 412 in 5 min",
                  chart=curve(290, 30, seed=3)),
        judgement("lambda.duration", "Lambda duration", State.OK, 1204, Unit.MILLISECONDS, "p99 4.0 s · max 6.1 s",
                  chart=curve(140, 30, 1250, seed=4), thresholds=DURATION),
        judgement("lambda.errors", "Lambda errors", State.CRIT, 14.8, Unit.PERCENT, "209 of 1 412 · 5 min",
                  chart=curve(0, 0.1, 15, seed=5), thresholds=(Threshold(5, State.CRIT),), since=SINCE),
        judgement("table.throttles", "Throttling", State.OK, 0, Unit.COUNT, "table and 1 index · 5 min",
                  chart=curve(0, 0), thresholds=(Threshold(0, State.WARN), Threshold(5, State.CRIT))),
        judgement("table.capacity", "Table capacity", State.OK, 41.6, Unit.UNITS_PER_SECOND,
                  "read 38.1 · write 3.5 · on-demand",
                  chart=curve(40, 5, seed=7)),
        judgement("edge.4xx", "CloudFront 4xx", State.ELEVATED, 6.2, Unit.PERCENT, "of 51 234 · 5 min",
                  chart=curve(5.4, 0.9, seed=8, minutes=175)[:-4], thresholds=EDGE),
        judgement("edge.hits", "Cache hit rate", State.NOT_ENABLED, None, Unit.PERCENT, "",
                  reason=safe("not enabled: additional metrics are off for this distribution"), newest=None),
    )  # fmt: skip


def every_state() -> tuple[Judgement, ...]:
    """The same metric in each state there is."""
    told = {
        State.NO_TRAFFIC: "no requests in 5 minutes: a rate is not defined",
        State.NO_DATA: "nothing was published for 5 minutes though the API was called",
        State.NOT_ENABLED: "not enabled: additional metrics are off",
        State.DENIED: "denied: cloudwatch:GetMetricData is not allowed to this identity",
        State.UNVERIFIED: "ListMetrics does not know this metric; nearest: {ApiName}",
        State.WAITING: "asked, not answered yet",
    }
    values = {State.OK: 0.2, State.ELEVATED: 3.4, State.WARN: 7.8, State.CRIT: 14.2, State.LATE: 0.2, State.STALE: 0.3}
    found = []
    for state in State:
        shown = state not in told
        found.append(
            judgement(
                "api.errors", "API errors", state, values.get(state), Unit.PERCENT, "4 of 1 412" if shown else "",
                reason=safe(told.get(state, "5xx over requests of 5 minutes")), thresholds=ERRORS,
                chart=curve(0.1, 0.2, values[state], minutes=90) if shown else (),
                since=SINCE if state in (State.WARN, State.CRIT) else None,
            )
        )  # fmt: skip
    return tuple(found)


CHANGES = (
    Change(at(2, 10, 3), ChangeKind.INVALIDATION, safe("inval"), safe("invalidation of /*")),
    Change(at(3, 3, 22), ChangeKind.ALIAS, safe("v42"), safe("v42 went live")),
)

NODES = (
    Node("users", "Users", State.OK),
    Node("cloudfront", "CloudFront", State.OK),
    Node("s3", "S3", State.OK),
    Node("api", "API Gateway", State.CRIT),
    Node("lambda", "Lambda", State.CRIT, safe("v42")),
    Node("dynamodb", "DynamoDB", State.OK),
    Node("cognito", "Cognito", State.DENIED),
    Node("cloudwatch", "CloudWatch", State.WARN, safe("2 in alarm")),
    Node("sns", "SNS", State.OK),
)

VERDICT = Verdict(
    State.CRIT,
    safe("API errors 12.1 % since 03:07, 4 min after v42 went live (stack update 03:03)."),
    since=SINCE,
    suspect=CHANGES[1],
    key="R",
    remedy=safe("rolls LIVE back to v41"),
)

CALM = Verdict(State.OK, safe("All nine key metrics are in their normal range; last change 3 d ago (v41 went live)."))

FACTS = HeaderFacts(
    system="EC2 Manager", environment="production", production=True, region="us-west-2", account=safe("123456789012"),
    who=safe("oncall/operator"), now=NOW, age=8.0, per_hour=0.018, endpoint=safe("SIMULATED"), speed=12.0,
)  # fmt: skip

TIMELINE = (
    TimelineRow(at(3, 3, 41), State.OK, safe("stack"), safe("UPDATE_COMPLETE"), 58),
    TimelineRow(at(3, 3, 22), State.OK, safe("LambdaAlias"), safe("v41 → v42")),
    TimelineRow(at(3, 2, 50), State.OK, safe("LambdaVersion"), safe("CREATE_COMPLETE"), 4),
    TimelineRow(at(3, 2, 43), State.WAITING, safe("stack"), safe("UPDATE_IN_PROGRESS  User Initiated")),
    TimelineRow(at(2, 10, 3), State.OK, safe("invalidation"), safe("/*  Completed"), 41),
    TimelineRow(
        at(1, 55, 12), State.CRIT, safe("AuditTable"),
        safe("UPDATE_FAILED  Cannot update more than one index at a time (Service: DynamoDb, Status Code: 400)"),
        pinned=True,
    ),
    TimelineRow(at(0, 12, 9), State.OK, safe("rollback"), safe("RECOVERED  LIVE v40 → v39, 6 settled minutes"), 412),
)  # fmt: skip

KEYS = (
    KeyHint("1", "Overview", priority=5), KeyHint("2", "Metrics", False, "comes with the metrics screen", 1),
    KeyHint("3", "Logs", False, "", 1), KeyHint("R", "roll back", priority=9), KeyHint("I", "invalidate", priority=8),
    KeyHint("z", "undo", False, "nothing to undo", 6), KeyHint("/", "filter", priority=3),
    KeyHint("space", "pause", priority=2), KeyHint("e", "environment", priority=7), KeyHint("?", "help", priority=10),
    KeyHint("q", "quit", priority=4),
)  # fmt: skip

_CALL = Call(
    "lambda", "UpdateAlias", "us-west-2",
    {"FunctionName": "ec2-manager-function-prod", "Name": "LIVE", "FunctionVersion": "41",
     "RoutingConfig": {"AdditionalVersionWeights": {}}, "RevisionId": "8c1f0f2e-6c1b-4f4e-9a7c-5b0d3a7e9f11"},
)  # fmt: skip

PLAN = Plan(
    kind=ActionKind.ROLLBACK,
    environment="production",
    account=safe("123456789012"),
    title="Roll back EC2 Manager",
    made=NOW,
    expires=NOW + timedelta(minutes=5),
    grade=Grade.TYPED,
    steps=(
        Step("lambda.alias", safe("Lambda  LIVE  v42 → v41"), _CALL,
             (Precondition("alias.revision", "8c1f0f2e-6c1b-4f4e-9a7c-5b0d3a7e9f11"),
              Precondition("alias.version", "42")),
             {"version": "42"}, {"version": "41"}),
    ),
    saved=(safe("alias LIVE: version 42, no weights, revision 8c1f0f2e"),
           safe("configuration of ec2-manager-function-prod")),
    irreversible=(safe("requests that already failed"),),
    notes=(safe("API: stage prod has no newer deployment than v41's: nothing to do"),
           safe("Stack: UPDATE_COMPLETE; CloudFormation has no rollback for a completed update")),
    candidates=(
        Candidate(41, safe("kQ3vT8"), NOW - timedelta(days=3), 0.1, 51_234, safe("served until 03:03"), True),
        Candidate(40, safe("Zb91xE"), NOW - timedelta(days=9), None, 0, safe("did not serve in the last 3 h")),
        Candidate(39, safe("p0LmQw"), NOW - timedelta(days=21), 4.2, 812, safe("served 00:10 to 00:12")),
    ),
    criterion=Criterion("5 settled minutes after the switch, at least 100 requests: errors < 1 %, latency < 1 s"),
)  # fmt: skip


def operation(phase: Phase, *, outcome: Outcome | None = None, progress: tuple[int, int] = (0, 5)) -> Operation:
    """An operation as far as `phase`."""
    told = [
        (Phase.ORDERED, "confirmed by the operator", None), (Phase.STARTED, "the executor took it up", None),
        (Phase.SNAPSHOT, "LIVE is v42, revision 8c1f0f2e", None), (Phase.INTENT, "lambda.UpdateAlias LIVE → 41", 0),
        (Phase.REPLY, "LIVE is v41, revision 77ab01c2", 0), (Phase.APPLIED, "read back: LIVE is v41", None),
        (Phase.VERIFYING, f"judging {progress[0]} of {progress[1]} minutes: errors 0.2 %", None),
        (Phase.DONE, "errors 0.2 % of 1 390 requests over 5 settled minutes, latency 0.17 s", None),
    ]  # fmt: skip
    order = [name for name, _, _ in told]
    until = order.index(phase) + 1 if phase in order else 4
    entries = [
        Entry("op-0193", index, NOW + timedelta(seconds=index), name, safe(text), step,
              plan=PLAN if name is Phase.ORDERED else None,
              actor=Actor("oncall", "bastion") if name is Phase.ORDERED else None)
        for index, (name, text, step) in enumerate(told[:until])
    ]  # fmt: skip
    if phase in (Phase.FAILED, Phase.UNKNOWN, Phase.VOID):
        texts = {
            Phase.FAILED: "lambda refused: AccessDeniedException, lambda:UpdateAlias is not allowed",
            Phase.UNKNOWN: "no answer in 20 s: reading what stands",
            Phase.VOID: "alias.revision is 11aa22bb, the plan was made for 8c1f0f2e: nothing was sent",
        }
        entries.append(Entry("op-0193", until, NOW + timedelta(seconds=until), phase, safe(texts[phase]), 0))
    applied = any(entry.phase is Phase.APPLIED for entry in entries)
    return Operation(
        "op-0193", PLAN, tuple(entries), NOW, entries[-1].phase, SafeText(entries[-1].text),
        switched=NOW + timedelta(seconds=5) if applied else None, outcome=outcome,
        ended=NOW + timedelta(minutes=8) if outcome else None, beat=NOW + timedelta(seconds=9), progress=progress,
    )  # fmt: skip
