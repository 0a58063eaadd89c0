"""The three conditions under which the runbook asks for a rollback: the cockpit offers one and never acts by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.model.alerts import AlertReading, AlertState
from services.model.apis import Api
from services.model.assessment import State
from services.model.reading import Reading
from services.model.witness import Probe, Probes
from services.problems import ProblemKind
from services.rules import judge
from services.safe_text import safe
from services.settings.values import Settings
from tests.unit.rules_support import (
    NOW,
    SETTINGS,
    at,
    calm,
    deployment,
    failed,
    metrics,
    read,
    release,
)
from tests.unit.test_rules_alerts import COUNTING, FIRING, QUIET, UNSEEN, failing, found, slow

ANSWERED = Probe(NOW - timedelta(seconds=12), True, safe("HTTP 200"), 200, 34.2)
PROBED = msgspec.structs.replace(
    SETTINGS,
    environments=(msgspec.structs.replace(SETTINGS.environments[0], health_url="https://api.example.com/health"),),
)


@pytest.mark.runbook("R106")
@pytest.mark.parametrize(
    ("spans", "state", "clock"),
    [
        ([(17, 2, 110.0)], FIRING, "15:00 of 10:00"),
        ([(17, 12, 110.0), (12, 7, 90.0), (7, 2, 110.0)], COUNTING, "5:00 of 10:00"),
        ([(12, 2, 110.0)], COUNTING, "10:00 of 10:00"),
        ([(13, 2, 110.0)], FIRING, "11:00 of 10:00"),
        ([(60, 2, 100.0)], QUIET, "0:00 of 10:00"),
        ([(60, 2, 101.0)], FIRING, "58:00 of 10:00"),
    ],
)
def test_an_error_rate_above_ten_percent_for_more_than_ten_minutes_meets_the_condition(
    spans: list[tuple[int, int, float]], state: AlertState, clock: str
) -> None:
    alert = found("trigger.error_rate", *failing(*spans))
    assert (alert.state, alert.clock.text) == (state, clock)


@pytest.mark.runbook("R107")
@pytest.mark.parametrize(
    ("spans", "state"),
    [
        ([(22, 2, 5100.0)], FIRING),
        ([(17, 2, 5100.0)], COUNTING),
        ([(18, 2, 5100.0)], FIRING),
        ([(60, 2, 5000.0)], QUIET),
    ],
)
def test_a_response_time_above_five_seconds_for_more_than_fifteen_minutes_meets_the_condition(
    spans: list[tuple[int, int, float]], state: AlertState
) -> None:
    assert found("trigger.response_time", *slow(*spans)).state is state


def probes(*outcomes: tuple[float, bool]) -> Reading[Probes]:
    """Probes so many seconds ago, answered or not."""
    made = (Probe(NOW - timedelta(seconds=ago), ok, safe("" if ok else "HTTP 503")) for ago, ok in outcomes)
    return read(Probes(tuple(made)))


def failing_for(seconds: int, *, good_at: int | None = None) -> Reading[Probes]:
    ages = sorted({*range(0, seconds, 30), seconds})
    return probes(*((ago, False) for ago in ages if ago != good_at), *([] if good_at is None else [(good_at, True)]))


def health(made: Reading[Any], settings: Settings = SETTINGS, **feeds: Reading[Any]) -> AlertReading:
    found = judge(calm(probes=made, **feeds), settings, NOW).alerts
    return next(one for one in found if one.key == "trigger.health")


@pytest.mark.runbook("R105")
@pytest.mark.parametrize(
    ("made", "state", "clock"),
    [
        (failing_for(301), FIRING, "5:01 of 5:00"),
        (failing_for(300), COUNTING, "5:00 of 5:00"),
        (failing_for(301, good_at=10), COUNTING, "0:00 of 5:00"),
        (probes((5, True), (35, False)), QUIET, "0:00 of 5:00"),
        (probes((0, False), (60, False), (400, False)), COUNTING, "1:00 of 5:00"),
        (probes((0, False), (80, False), (160, False), (301, False)), COUNTING, "2:40 of 5:00"),
    ],
)
def test_a_health_check_failing_for_more_than_five_minutes_meets_the_condition(
    made: Reading[Any], state: AlertState, clock: str
) -> None:
    alert = health(made)
    assert (alert.state, alert.clock.text) == (state, clock)


def test_too_few_probes_are_no_run_of_failures_however_long() -> None:
    assert health(probes((0, False), (85, False), (170, False), (255, False), (340, False))).state is FIRING
    assert health(probes((0, False), (90, False), (180, False), (270, False))).state is COUNTING


@pytest.mark.runbook("R105")
@pytest.mark.parametrize(
    ("made", "why"),
    [
        (Reading(), "no probe configured"),
        (failed(ProblemKind.DENIED), "it is denied"),
        (probes((91, False)), "not probed since"),
        (read(Probes(())), "not probed"),
    ],
)
def test_a_probe_that_was_not_made_is_no_failure(made: Reading[Any], why: str) -> None:
    alert = health(made)
    assert alert.state is UNSEEN
    assert why in alert.sentence


@pytest.mark.runbook("R105")
def test_the_condition_is_suspended_while_the_api_is_isolated_on_purpose() -> None:
    apis = read((Api(safe("a1"), safe("api"), safe("prod"), deployed=at(20), denied=True),))
    alert = health(failing_for(600), apis=apis)
    assert alert.state is UNSEEN
    assert alert.sentence == "suspended: the API is isolated on purpose since 02:52"


def test_a_health_check_that_is_configured_and_not_made_yet_is_not_taken_for_none() -> None:
    assert health(Reading(), PROBED).sentence == "not probed yet"


@pytest.mark.runbook("R099", "R105")
@pytest.mark.parametrize(
    ("made", "state", "note"),
    [
        (
            read(Probes((ANSWERED,))),
            State.OK,
            "200, 12 s ago",
        ),
        (probes((8, False), (38, True)), State.ELEVATED, "HTTP 503, 8 s ago"),
        (failing_for(90), State.WARN, "HTTP 503, since 03:10"),
        (failing_for(330), State.CRIT, "HTTP 503, since 03:06"),
        (probes((91, True)), State.STALE, "not probed since 03:10"),
        (Reading(), State.WAITING, ""),
    ],
)
def test_the_health_check_stands_in_the_strip_with_its_state_and_age(
    made: Reading[Any], state: State, note: str
) -> None:
    nodes = judge(calm(probes=made), PROBED, NOW).nodes
    assert next((one.state, one.note) for one in nodes if one.key == "health") == (state, note)


@pytest.mark.parametrize(("speed", "age", "state"), [(1, 91, State.STALE), (60, 440, State.OK), (60, 450, State.STALE)])
def test_what_a_probe_takes_on_this_machine_is_no_silence_where_the_accounts_time_runs_faster(
    speed: float, age: int, state: State
) -> None:
    situation = msgspec.structs.replace(calm(probes=probes((age, True))), speed=speed)
    nodes = judge(situation, PROBED, NOW).nodes
    assert next(one.state for one in nodes if one.key == "health") is state


@pytest.mark.runbook("R099")
def test_a_health_check_that_fails_twice_is_said_with_its_cause_where_nothing_else_is_wrong() -> None:
    verdict = judge(calm(probes=failing_for(60)), PROBED, NOW).verdict
    assert (verdict.state, verdict.sentence) == (State.WARN, "API health check failed: HTTP 503, since 03:11")
    answered = health(read(Probes((ANSWERED,))), PROBED)
    assert (answered.state, answered.sentence) == (QUIET, "answered 12 s ago: HTTP 200 in 34 ms")


def test_without_a_health_address_nothing_stands_in_the_strip() -> None:
    assert all(node.key != "health" for node in judge(calm(), SETTINGS, NOW).nodes)


def test_a_failing_health_check_is_told_with_the_change_and_the_key_although_the_metrics_are_quiet() -> None:
    known: dict[str, Reading[object]] = {
        "events": read(deployment(9, 42)),
        "releases": read((release(42),)),
    }
    verdict = judge(calm(probes=failing_for(330), **known), SETTINGS, NOW).verdict
    assert verdict.state is State.CRIT
    assert verdict.sentence.startswith(
        "Health check: the last 12 probes failed, since 03:06: HTTP 503, 3 min after v42"
    )
    assert (verdict.key, verdict.remedy) == ("R", "rolls LIVE back to v41")
    assert verdict.clock == "trigger: health check failing for 5:30, more than 5:00: rollback offered"


def test_the_trigger_that_is_nearest_to_its_end_is_counted_down() -> None:
    region = read(metrics(*failing((6, 0, 150))))
    known = calm(metrics=region, releases=read((release(42),)), probes=failing_for(240))
    verdict = judge(known, SETTINGS, NOW).verdict
    assert verdict.clock == "trigger: health check failing for 4:00 of 5:00; rollback offered at 03:13"
