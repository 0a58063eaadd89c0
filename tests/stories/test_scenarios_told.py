"""Every scenario through the whole path: the account over HTTP, the watch, the rules; and what a person is told of it.

The instants and what must be said at them are the scenario's own (services/simulated/world/scenarios).
"""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from services.actions.layered import plan_layers
from services.model.assessment import Assessment, State
from services.model.plan import Plan
from services.rules import judge
from services.simulated.faults import Fault, FaultKind
from services.simulated.world.scenarios import SCENARIOS, Rule, Telling
from tests.contract.watch_support import LIMIT_S, Watched, watched
from tests.simulated_support import START, manual, simulated
from tests.stories.told_support import contradictions

THREE_HOURS = 3 * 3_600


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_what_is_told_is_what_is_true_and_nothing_else_alarms(name: str) -> None:
    truth = SCENARIOS[name].truth
    probed = any(ring.rule is Rule.HEALTH_TRIGGER for ring in truth.rings)
    assert truth.tells, "a scenario without a word of what must be said of it proves nothing"
    wrong: dict[float, list[str]] = {}
    with simulated(name) as account:
        manual(account).advance(truth.tells[0].at)
        with watched(account, backfill_s=THREE_HOURS) as scene:
            for telling in truth.tells:
                at = START + timedelta(seconds=telling.at)
                if probed:  # a run of health checks is one that was made
                    scene.advance((at - scene.clock.now()).total_seconds(), step=60)
                told = scene.look(at)
                if any(one.startswith("log:") for one in truth.silent):  # what a log keeps back, only the tail sees
                    told = _once_the_tail_has_seen_it(scene, telling)
                found = [*contradictions(told, truth, telling), *_ringing(scene, telling), *_planned(scene, telling)]
                wrong |= {telling.at: found} if found else {}
    assert not wrong


def _once_the_tail_has_seen_it(scene: Watched, telling: Telling) -> Assessment:
    """What is told once the tail, at its own pace, has looked back for the last lines of what is silent."""
    limit = time.monotonic() + LIMIT_S
    while True:
        told = judge(scene.situation, scene.settings, scene.clock.now())
        if told.verdict.state is telling.state or time.monotonic() >= limit:
            return told
        scene.clock.advance(0.5)
        time.sleep(0.05)


def _ringing(scene: Watched, telling: Telling) -> list[str]:
    """The account's own alarms: exactly those that the scenario makes ring."""
    stack = scene.watch.environment.stack
    ringing = {alarm.name for alarm in scene.situation.alarms.value or () if alarm.state == "ALARM"}
    expected = {f"{stack}-{name}" for name in telling.alarms}
    return [] if ringing == expected else [f"alarms ring: {sorted(ringing)}, not {sorted(expected)}"]


def _planned(scene: Watched, telling: Telling) -> list[str]:
    """What `R` would do: where it is offered there is a plan of calls, ready to be confirmed."""
    if telling.key != "R":
        return []
    found = plan_layers(scene.situation, scene.watch.environment, scene.settings, scene.clock.now())
    return [] if isinstance(found, Plan) and found.steps else [f"R is offered, but there is no plan: {found}"]


def test_each_rollback_trigger_has_a_scenario_that_makes_it_and_no_other_fire() -> None:
    """Told by `test_what_is_told_is_what_is_true_and_nothing_else_alarms`, with clock, key and plan."""
    triggers = {Rule.HEALTH_TRIGGER, Rule.ERROR_TRIGGER, Rule.LATENCY_TRIGGER}
    alone = set()
    for scenario in SCENARIOS.values():
        for telling in scenario.truth.tells:
            fired = triggers & set(telling.rings)
            if len(fired) == 1 and fired <= {count.rule for count in telling.counts} and telling.key == "R":
                assert "rollback offered" in telling.clock or "trigger: " in telling.clock
                alone |= fired
    assert alone == triggers


def test_a_log_that_stops_while_requests_go_on_is_told_by_the_tail_and_is_never_green() -> None:
    """The metrics are as always: only what the tail has brought, minute by minute, shows it."""
    with simulated("log-silence") as account, watched(account) as scene:
        for _ in range(11):
            scene.advance(60, step=60)
            assert tail_has_read_up_to(scene)
        told = judge(scene.situation, scene.settings, scene.clock.now())
    assert told.verdict.state is State.NO_DATA
    assert told.verdict.sentence.startswith("Cannot see what app does: no line of app since 03:02, although ")
    assert {node.key for node in told.nodes if node.state is not State.OK} == {"cloudwatch"}
    assert all(one.state is State.OK for one in told.judgements.values())


def tail_has_read_up_to(scene: Watched) -> bool:
    """Let the tail look at every group, which it does at its own pace: a few seconds of the account's at a time."""
    wanted, limit = scene.clock.now().timestamp() * 1000, time.monotonic() + LIMIT_S
    while time.monotonic() < limit:
        status = scene.situation.tail.value
        if status is not None and status.complete_to is not None and status.complete_to >= wanted:
            return True
        time.sleep(0.05)
        scene.clock.advance(0.5)
    return False


@pytest.mark.runbook("R195")
def test_sign_ins_of_every_client_are_summed_and_what_is_missing_to_the_attempts_are_failures() -> None:
    """Cognito publishes them under pool and client alone, half of this attack under no client that exists."""
    with simulated("auth-failures") as account:
        manual(account).advance(1_260)
        # Without the pool's own log, which is asked first.
        account.faults.add(Fault("cognito-idp", "GetLogDeliveryConfiguration", FaultKind.DENY, times=None))
        with watched(account) as scene:
            told = scene.look(START + timedelta(seconds=1_320))
        alert = next(one for one in told.alerts if one.key == "alert.security")
        assert alert.window is not None
        minutes = [account.state.world.minute("production", start) for start in range(*alert.window, 60)]
    failed = sum(one.sign_in_failures + one.unknown_client_sign_ins for one in minutes)
    tried = failed + sum(one.sign_ins for one in minutes)
    assert alert.value == failed
    assert alert.sentence.startswith(f"{failed} of {tried} sign-in attempts without tokens")
    assert len(alert.signals) == 2


def test_a_calm_day_of_24_hours_raises_nothing() -> None:
    """Twice an hour and at no round minute, so that every hour's worst minutes are met."""
    calm = SCENARIOS["calm"].truth
    wrong: dict[str, list[str]] = {}
    telling = Telling(at=0, state=State.OK, says=("All five key metrics normal", "requests/min"))
    with simulated("calm", seed=7) as account:
        # Nothing of what is judged comes from log lines, and a day has two hundred thousand.
        account.faults.add(Fault("logs", "*", FaultKind.DENY, times=None))
        with watched(account, backfill_s=THREE_HOURS) as scene:
            for half_hour in range(49):
                at = START + timedelta(seconds=1_800 * half_hour + 37 * (half_hour % 7))
                found = [*contradictions(scene.look(at), calm, telling), *_ringing(scene, telling)]
                wrong |= {f"{at:%H:%M:%S}": found} if found else {}
    assert not wrong
