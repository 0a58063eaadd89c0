"""Each key metric × each way to fall silent, over HTTP: the right one of the seven silences, never a colour.

The other metrics of a resource go on, so that each is silent by itself. What is missing at the account is ordered
from services/simulated/publishing.py, what callers meet from services/simulated/faults.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest

from services.model.alerts import AlertState
from services.model.assessment import Assessment, State
from services.rules.verdict import KEY_METRICS
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.simulated.publishing import MetricFault, MetricFaultKind
from tests.contract.watch_support import Watched, watched
from tests.simulated_support import START, boto, simulated
from tui.commands.report import report
from tui.commands.status import lines

OWN = {
    "api.latency": ("AWS/ApiGateway", "Latency"),
    "api.errors": ("AWS/ApiGateway", "5XXError"),
    "lambda.duration": ("AWS/Lambda", "Duration"),
    "lambda.errors": ("AWS/Lambda", "Errors"),
    "table.capacity": ("AWS/DynamoDB", "ConsumedReadCapacityUnits"),
    "table.throttles": ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
    "edge.4xx": ("AWS/CloudFront", "4xxErrorRate"),
    "edge.hits": ("AWS/CloudFront", "CacheHitRate"),
}
"""By judgement, what it stands on alone. Throttles are published only when they happen: what is consumed tells whether
the table is alive, and without both kinds of it nothing does."""

COUNTS = {
    "api.requests": ("AWS/ApiGateway", "Count"),
    "lambda.errors": ("AWS/Lambda", "Invocations"),
    "edge.4xx": ("AWS/CloudFront", "Requests"),
    "edge.hits": ("AWS/CloudFront", "Requests"),
}
"""What divides or weighs."""

EVERYTHING = (*OWN, "api.requests")


class Cell(msgspec.Struct, frozen=True):
    """A way to fall silent, and what must be told of it."""

    expected: Mapping[str, State]
    """Judgement → state; all others are OK."""
    verdict: State
    says: str
    """Part of the sentence."""
    before: Callable[[SimulatedAccount], object] = lambda account: None
    """Before the first question."""
    after: Callable[[SimulatedAccount], object] = lambda account: None
    """After everything has been answered once."""
    waits: tuple[float, ...] = (120,)
    """Seconds from look to look; what is told after the last one counts."""


def published(kind: MetricFaultKind, of: Mapping[str, tuple[str, str]], **more: float) -> Callable[..., None]:
    def order(account: SimulatedAccount) -> None:
        for namespace, name in dict.fromkeys(of.values()):
            account.publishing.add(MetricFault(namespace, name, kind, **more))  # type: ignore[arg-type]  # numbers only

    return order


def refused(kind: FaultKind, service: str = "cloudwatch", operation: str = "GetMetricData") -> Callable[..., None]:
    def order(account: SimulatedAccount) -> None:
        account.faults.clear()
        account.faults.add(Fault(service, operation, kind, times=None))

    return order


def unsubscribed(account: SimulatedAccount) -> None:
    """The additional metrics of the distribution are switched off, as anybody would."""
    distribution = account.state.estate.environment("production").distribution
    boto(account, "cloudfront").delete_monitoring_subscription(DistributionId=distribution)


def all_in(state: State, **others: State) -> dict[str, State]:
    return dict.fromkeys(EVERYTHING, state) | {key.replace("_", "."): other for key, other in others.items()}


UNKNOWN = dict.fromkeys(OWN, State.UNVERIFIED) | {"table.throttles": State.NO_DATA}
BEHIND = dict.fromkeys(OWN, State.LATE) | {"table.throttles": State.NO_TRAFFIC, "table.capacity": State.NO_TRAFFIC}
"""Of a table nothing else is published that would tell late points from a table that nobody uses."""

MINUTE_ONE = START.timestamp() + 60

CELLS = {
    "removed": Cell(
        UNKNOWN,
        State.UNVERIFIED,
        "CloudWatch knows no such metric",
        before=published(MetricFaultKind.REMOVED, OWN),
    ),
    "wrong dimensions": Cell(
        UNKNOWN,
        State.UNVERIFIED,
        "it has ApiName=ec2-manager-api-production-old, Stage=prod",
        before=published(MetricFaultKind.MISNAMED, OWN),
    ),
    "delayed": Cell(
        BEHIND, State.LATE, "the newest point is of 02:4", before=published(MetricFaultKind.LATE, OWN, seconds=900)
    ),
    "counts delayed": Cell(
        dict.fromkeys(COUNTS, State.NO_DATA) | {"api.requests": State.LATE},
        State.LATE,
        "Cannot see Requests",
        before=published(MetricFaultKind.LATE, COUNTS, seconds=900),
    ),
    "stopped long ago, and the paid metrics switched off": Cell(
        dict.fromkeys(OWN, State.NO_DATA)
        | {
            "edge.hits": State.NOT_ENABLED,
            "table.throttles": State.NO_TRAFFIC,
            "table.capacity": State.NO_TRAFFIC,
        },
        State.NO_DATA,
        "although ec2-manager-api-production/prod was in use",
        before=published(
            MetricFaultKind.STOPPED,
            {key: metric for key, metric in OWN.items() if key != "edge.hits"},
            begins=MINUTE_ONE,
        ),
        after=unsubscribed,
        waits=(4_800,),
    ),
    "denied": Cell(
        all_in(State.DENIED), State.DENIED, "needs cloudwatch:GetMetricData", before=refused(FaultKind.DENY), waits=()
    ),
    "throttled to death": Cell(
        all_in(State.STALE), State.STALE, "GetMetricData was throttled", before=refused(FaultKind.THROTTLE), waits=()
    ),
    "stale": Cell(
        all_in(State.STALE),
        State.STALE,
        "last answered at 03:0",
        after=refused(FaultKind.SERVER_ERROR),
        waits=(100, 100),
    ),
    "cut line": Cell(
        all_in(State.STALE),
        State.STALE,
        "No answer since 03:0",
        after=refused(FaultKind.RESET_BEFORE, "*", "*"),
        waits=(100, 100),
    ),
}


@contextmanager
def fallen(cell: Cell) -> Iterator[tuple[Watched, Assessment]]:
    with simulated("calm") as account:
        account.faults.add(Fault("logs", "*", FaultKind.DENY, times=None))  # nothing is judged by them
        cell.before(account)
        with watched(account, backfill_s=3 * 3_600) as scene:
            told = scene.look(scene.clock.now() + timedelta(seconds=61))
            cell.after(account)
            for seconds in cell.waits:
                told = scene.look(scene.clock.now() + timedelta(seconds=seconds))
            yield scene, told


@pytest.mark.runbook("R036")
@pytest.mark.parametrize("way", CELLS)
def test_a_metric_that_fell_silent_is_told_by_the_right_silence_and_never_by_a_colour(way: str) -> None:
    cell = CELLS[way]
    with fallen(cell) as (scene, told):
        states = {key: one.state for key, one in told.judgements.items()}
        assert states == dict.fromkeys(states, State.OK) | dict(cell.expected)
        assert told.verdict.state is cell.verdict
        assert cell.says in told.verdict.sentence
        _says_why(told, cell)
        _alerts_nothing(told)
        shown = "\n".join(lines(report(scene.watch.environment, scene.situation, told), colour=False))
        assert shown.startswith(f"{cell.verdict}  {told.verdict.sentence}")
        for key, state in cell.expected.items():
            row = next(line for line in shown.splitlines() if line.startswith(told.judgements[key].title))
            assert row.removeprefix(told.judgements[key].title).strip().startswith(state), row


@pytest.mark.runbook("R187")
def test_a_hit_rate_that_is_not_paid_for_is_not_enabled_and_was_asked_where_it_would_be() -> None:
    normal = "All five key metrics normal"
    cell = Cell({"edge.hits": State.NOT_ENABLED}, State.OK, normal, after=unsubscribed, waits=(1_200,))
    with fallen(cell) as (scene, told):
        hits = told.judgements["edge.hits"]
        assert (hits.state, hits.value) == (State.NOT_ENABLED, None)
        assert "not switched on" in hits.detail
        assert normal in told.verdict.sentence
        asked = [
            (call.region, query["MetricStat"]["Metric"]["Dimensions"])
            for call in scene.account.calls
            if call.operation == "GetMetricData"
            for query in call.parameters["MetricDataQueries"]
            if query["MetricStat"]["Metric"]["MetricName"] == "CacheHitRate"
        ]
        assert asked
        assert {region for region, _ in asked} == {"us-east-1"}
        assert all({"Name": "Region", "Value": "Global"} in dimensions for _, dimensions in asked)


def _says_why(told: Assessment, cell: Cell) -> None:
    for key, state in cell.expected.items():
        one = told.judgements[key]
        assert one.detail
        assert one.reason
        assert state in (State.STALE, State.NO_TRAFFIC) or one.value is None, "what is made of silence is no number"
    assert (told.verdict.state is State.OK) == (not set(cell.expected) & set(KEY_METRICS))


def _alerts_nothing(told: Assessment) -> None:
    """Nothing fires for want of data, and no rule is quiet about what cannot be seen."""
    assert not [alert.key for alert in told.alerts if alert.firing]
    blind = {key for key, one in told.judgements.items() if one.state.severity == State.DENIED.severity}
    quiet = [alert.key for alert in told.alerts if alert.about in blind and alert.state is AlertState.QUIET]
    # Low activity judges whole hours that were over before anything fell silent.
    assert set(quiet) <= {"alert.low_activity"}
