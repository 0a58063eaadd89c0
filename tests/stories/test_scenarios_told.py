"""Every scenario through the whole path: the account over HTTP, the watch, the rules; and what a person is told of it.

The instants and what must be said at them are the scenario's own (services/simulated/world/scenarios).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.model.assessment import State
from services.simulated.faults import Fault, FaultKind
from services.simulated.world.scenarios import SCENARIOS, Telling
from tests.contract.watch_support import Watched, watched
from tests.simulated_support import START, manual, simulated
from tests.stories.told_support import contradictions

THREE_HOURS = 3 * 3_600


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_what_is_told_is_what_is_true_and_nothing_else_alarms(name: str) -> None:
    truth = SCENARIOS[name].truth
    assert truth.tells, "a scenario without a word of what must be said of it proves nothing"
    wrong: dict[float, list[str]] = {}
    with simulated(name) as account:
        manual(account).advance(truth.tells[0].at)
        with watched(account, backfill_s=THREE_HOURS) as scene:
            for telling in truth.tells:
                told = scene.look(START + timedelta(seconds=telling.at))
                found = [*contradictions(told, truth, telling), *_ringing(scene, telling)]
                wrong |= {telling.at: found} if found else {}
    assert not wrong


def _ringing(scene: Watched, telling: Telling) -> list[str]:
    """The account's own alarms: exactly those that the scenario makes ring."""
    stack = scene.watch.environment.stack
    ringing = {alarm.name for alarm in scene.situation.alarms.value or () if alarm.state == "ALARM"}
    expected = {f"{stack}-{name}" for name in telling.alarms}
    return [] if ringing == expected else [f"alarms ring: {sorted(ringing)}, not {sorted(expected)}"]


@pytest.mark.runbook("R195")
def test_sign_ins_of_every_client_are_summed_and_what_is_missing_to_the_attempts_are_failures() -> None:
    """Cognito publishes them under pool and client alone, half of this attack under no client that exists."""
    with simulated("auth-failures") as account:
        manual(account).advance(1_260)
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
