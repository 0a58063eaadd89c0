"""Alerts as a person meets them: in the header of every screen, acknowledged, escalated, opened, heard once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from services.alerting.store import home_of
from services.clock import ManualClock
from services.journal.home import JournalHome
from services.model.alerts import AlertClass
from services.model.situation import Situation
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Alerting, Rung
from services.simulated.account import SimulatedAccount
from tests.stories.alerts_support import NOW, deserted, health_failing, night, sign_ins_refused, tell
from tests.stories.screen_support import Told, screen_text, shown, state_home, told_app, top, until
from tests.unit.rules_support import epoch
from tests.unit.test_one_writer import READING
from tui.app import CockpitApp
from tui.screens.acknowledge import AcknowledgeScreen
from tui.screens.notice import NoticeScreen
from tui.screens.rule import RuleScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

THROTTLED = night(throttles={epoch(4): 1.0})
"""One throttle event: one critical alert, though the panel only warns."""

ERRORS = night(failing=[(17, 2, 110.0)], lambda_failing=[(17, 2, 110.0)])
"""11 % for fifteen minutes: two criticals and a trigger."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(autouse=True)
def _casey(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("tui.alert_desk.person", lambda: "casey@bastion")
    yield


def said(app: CockpitApp) -> list[str]:
    """What has been notified."""
    return [one.message for one in app._notifications]


def counted(app: CockpitApp) -> str:
    """The line about what counts."""
    return str(app.assessment.verdict.clock) if app.assessment is not None else ""


async def rested(app: CockpitApp, pilot: Pilot[int]) -> None:
    """What the screens have asked is answered."""
    await until(pilot, lambda: all(one.is_finished for one in app.workers if one.node is not app))


def at(clock: ManualClock, minutes: float) -> None:
    """So many minutes after NOW."""
    clock.advance((NOW + timedelta(minutes=minutes) - clock.now()).total_seconds())


async def raised(app: CockpitApp, told: Told, pilot: Pilot[int], situation: Situation, count: int) -> None:
    """Tell the newest watch of `situation` and wait until so many alerts wait."""
    await until(pilot, lambda: bool(told.watches) and told.watches[-1].started)
    tell(told.watches[-1], situation)
    await until(pilot, lambda: len(app.alert_life.waiting) == count)
    await until(pilot, lambda: f"✖ {count} " in screen_text(app))


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 50)])
@pytest.mark.runbook("R063", "R067")
async def test_what_nobody_has_acknowledged_stands_on_every_screen_with_deadline_and_key(
    clock: ManualClock, size: tuple[int, int]
) -> None:
    app, told = told_app(clock)
    async with shown(app, size) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        for key in ("1", "2", "7", "8", "1"):
            await pilot.press(key)
            await until(pilot, lambda: "DynamoDB Throttling" in top(app) and "by 03:17" in top(app))
            second = top(app).split("\n")[1]
            assert second.startswith(" ✖ 1 "), second
            assert "UNACK" in second
            assert "a " in second
            assert len(second) <= size[0]
        await rested(app, pilot)


async def test_a_terminal_too_small_for_a_screen_says_it_too_and_the_key_works(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (50, 12)) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        assert "1 unacknowledged: DynamoDB Throttling" in " ".join(top(app).split())
        assert "respond by 03:17" in " ".join(top(app).split())
        await pilot.press("a")
        await until(pilot, lambda: "unacknowledged" not in top(app))


@pytest.mark.runbook("R063")
@pytest.mark.runbook("R067")
async def test_the_response_is_overdue_one_second_after_its_time(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "5:00 left" in top(app))
        clock.advance(300)
        await until(pilot, lambda: "0:00 left" in top(app))
        assert "OVERDUE" not in screen_text(app)
        clock.advance(1)
        await until(pilot, lambda: "OVERDUE by 0:01" in top(app))
        await until(pilot, lambda: "respond by 03:17, OVERDUE now" in screen_text(app))


@pytest.mark.runbook("R061")
@pytest.mark.runbook("R080")
async def test_one_key_takes_a_single_alert_on_and_who_and_when_stand_in_the_list(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        clock.advance(120)
        await pilot.press("a")
        await until(pilot, lambda: "UNACKNOWLEDGED" not in screen_text(app))
        assert len(app.alert_life.open) == 1, "it is taken on, not over"
        await pilot.press("7")
        await until(pilot, lambda: "✓ 03:14 casey@bastion" in top(app))
        await pilot.press("v")
        await until(pilot, lambda: "enter opens one" in top(app) and "✓ 03:14 casey@bastion" in top(app))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "acknowledged 03:14 by casey@bastion" in top(app))
        assert "Acknowledged 03:14 UTC by casey@bastion: DynamoDB Throttling (production)" in " ".join(top(app).split())


async def test_without_anything_that_waits_the_key_says_so(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: "Acknowledge: nothing waits to be acknowledged." in said(app))


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (("escape",), 3),
        (("a", "a", "escape"), 3),  # the key that opened the list takes nothing on
        (("enter",), 2),
        (("2",), 2),
        (("j", "j", "enter"), 2),
        (("0",), 0),
        (("9", "escape"), 3),
    ],
)
async def test_of_several_the_person_says_which_or_all_or_none(
    clock: ManualClock, keys: tuple[str, ...], left: int
) -> None:
    app, told = told_app(clock)
    async with shown(app, (80, 24)) as pilot:
        await raised(app, told, pilot, ERRORS, 3)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AcknowledgeScreen))
        for title in ("API Server Errors", "Lambda Function Errors", "Error rate"):
            assert title in top(app)
        await pilot.press(*keys)
        await until(pilot, lambda: not isinstance(app.screen, AcknowledgeScreen))
        await until(pilot, lambda: len(app.alert_life.waiting) == left)
        words = f"✖ {left} " if left else "● "
        await until(pilot, lambda: words in screen_text(app))


@pytest.mark.runbook("R072")
async def test_warnings_are_listed_and_wait_for_nobody(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: told.watches[0].started)
        tell(told.watches[0], night(failing=[(12, 2, 70.0)]))
        await until(pilot, lambda: any(one.severity is AlertClass.WARNING for one in app.alert_life.open))
        assert all(one.severity is not AlertClass.WARNING for one in app.alert_life.waiting)
        await pilot.press("7", "v")
        await until(pilot, lambda: "▲ firing" in top(app) and "Elevated Error Rate" in top(app))
        assert "respond by 03:37" in next(row for row in top(app).split("\n") if "Elevated Error Rate" in row)
        rows = top(app).split("\n")
        first = next(index for index, row in enumerate(rows) if "API Server Errors" in row)
        assert first < next(index for index, row in enumerate(rows) if "Elevated Error Rate" in row)


async def test_another_operators_word_reaches_this_screen(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    first, told_first = told_app(clock)
    second, told_second = told_app(clock)
    async with shown(first) as one, shown(second) as other:
        await raised(first, told_first, one, THROTTLED, 1)
        await raised(second, told_second, other, THROTTLED, 1)
        assert first.alert_life.waiting[0].id == second.alert_life.waiting[0].id
        await one.press("a")
        await until(other, lambda: "UNACKNOWLEDGED" not in screen_text(second))
        (taken,) = second.alert_life.open
        assert taken.acknowledged is not None
        assert taken.acknowledged.by == "casey@bastion"


async def test_another_environment_has_its_own_alerts(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        await pilot.press("e")
        await pilot.press("2")
        await until(pilot, lambda: len(told.watches) == 2 and told.watches[1].started)
        assert "UNACKNOWLEDGED" not in screen_text(app)
        assert app.alert_life.open == ()
        await pilot.press("e")
        await pilot.press("1")
        await until(pilot, lambda: "✖ 1 ALERT UNACKNOWLEDGED" in screen_text(app))


async def test_a_store_that_cannot_be_used_is_said_once_and_alerts_are_followed_all_the_same(
    clock: ManualClock, state_home: Path
) -> None:
    (state_home / "alerts").parent.mkdir()
    (state_home / "alerts").write_text("in the way")
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        await until(pilot, lambda: any("followed in this screen alone" in one for one in said(app)))
        tell(told.watches[0], ERRORS, 0)
        await pilot.press("a")
        await until(pilot, lambda: len(app.alert_life.waiting) != 1 or bool(app.alert_life.open[0].acknowledged))
        assert len([one for one in app._notifications if one.title == "Alerts are not shared"]) == 1


# ---- hysteresis


async def test_an_alert_is_over_after_one_quiet_window_and_a_flap_is_the_same_alert(clock: ManualClock) -> None:
    app, told = told_app(clock)
    quiet = night()
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        (first,) = app.alert_life.waiting

        async def passes(minutes: float, situation: Situation) -> None:
            at(clock, minutes)
            before = app.assessment
            tell(told.watches[0], situation, minutes)
            await until(pilot, lambda: app.assessment is not before)
            await until(pilot, lambda: app._desk is not None and app._desk._keeper.waiting == 0)

        await passes(2, quiet)
        await passes(5, THROTTLED)
        await passes(7, quiet)
        await passes(11, quiet)
        assert [one.id for one in app.alert_life.waiting] == [first.id], "a flap, and not yet five minutes quiet"
        await passes(12, quiet)
        await until(pilot, lambda: app.alert_life.open == ())
        await until(pilot, lambda: "UNACKNOWLEDGED" not in screen_text(app))
        await pilot.press("7", "v", "j", "j", "enter")
        await until(pilot, lambda: "over: it stayed quiet" in top(app))
        assert "DynamoDB Throttling" in top(app)


# ---- the rule, opened


@pytest.mark.runbook("R062")
@pytest.mark.runbook("R079")
async def test_a_rule_is_opened_from_the_header_with_everything_about_it(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 40)) as pilot:
        await raised(app, told, pilot, night(failing=[(4, 2, 2.0)]), 1)
        clock.advance(60)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen) and "4:00 left" in top(app))
        page = " ".join(top(app).replace("┃", " ").split())
        for words in (
            "API Server Errors",
            "✖ FIRING critical runbook line 131",
            "4 5xx of",
            "On-call engineer by 03:17",
            "Check logs, consider rollback",
            "Acknowledge the alert, say so in Slack",
            "Check the system's status",
            "Check recent deployments",
            "Review the CloudWatch dashboard",
            "Check the application's logs",
            "3 or more 5XX responses of the API in the newest 10 min that have settled.",
            "4 of 3 since",
            "the window: events older than 10 min are not counted",
            "a minute without data counts as none",
            "Test api.5xx Resource=api/prod Sum SampleCount · 60 s · us-west-2",
            "Test api.count Resource=api/prod",
            "of all of these",
            "03:00 to 03:10, settled periods only",
            "▸ 03:12 On-call engineer their turn",
            "03:27 DevOps Lead next in 14:00",
            "04:12 CTO in 59:00",
            "03:12:00 ✖ raised:",
        ):
            assert words in page, f"{words!r} is not in {page}"


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 50)])
async def test_an_opened_rule_can_be_read_to_its_end_at_any_size(clock: ManualClock, size: tuple[int, int]) -> None:
    app, told = told_app(clock)
    async with shown(app, size) as pilot:
        await raised(app, told, pilot, ERRORS, 3)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen) and "FIRING" in top(app))
        assert "esc closes" in top(app)
        await pilot.press(*["pagedown"] * 6)
        await until(pilot, lambda: "raised:" in top(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)


@pytest.mark.runbook("R067")
async def test_throttling_says_what_the_table_has_to_scale(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "on-demand, nothing to scale" in top(app))


@pytest.mark.runbook("R065", "R067")
@pytest.mark.parametrize(
    ("situation", "metric"),
    [(night(latency=[(22, 2, 2100.0)]), "api.latency"), (THROTTLED, "table.read_throttles")],
)
async def test_the_key_of_the_action_shows_the_alerts_own_metric(
    clock: ManualClock, situation: Situation, metric: str
) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, situation, 1)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen))
        await pilot.press("2")
        await until(pilot, lambda: app.screen.id == "metrics" or type(app.screen).__name__ == "MetricsScreen")
        await until(pilot, lambda: metric in top(app))
        await rested(app, pilot)


@pytest.mark.runbook("R065")
@pytest.mark.runbook("R069")
@pytest.mark.runbook("R071")
@pytest.mark.runbook("R074")
@pytest.mark.runbook("R076")
@pytest.mark.runbook("R078")
@pytest.mark.parametrize(
    ("situation", "key", "minutes", "words"),
    [
        (night(latency=[(22, 2, 2100.0)]), "alert.high_latency", 10, "Performance investigation"),
        (night(lambda_failing=[(7, 2, 60.0)]), "alert.lambda_errors", 5, "manager: 0 MB, 30 s at most"),
        (night(failing=[(12, 2, 70.0)]), "alert.elevated_errors", 30, "of 5:00 since"),
        (night(latency=[(7, 2, 1500.0)]), "alert.degradation", 30, "Performance analysis"),
        (sign_ins_refused(12), "alert.security", 2, "Security investigation"),
        (deserted(), "alert.low_activity", 60, "Check system availability"),
    ],
)
async def test_an_opened_alert_counts_down_to_its_response_and_says_what_helps(
    clock: ManualClock, situation: Situation, key: str, minutes: int, words: str
) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: bool(told.watches) and told.watches[-1].started)
        tell(told.watches[0], situation)
        await until(pilot, lambda: app.alert_life.current(key) is not None)
        alert = app.alert_life.current(key)
        assert alert is not None
        app.open_rule(key)
        due = alert.raised + timedelta(minutes=minutes)
        await until(pilot, lambda: f"On-call engineer by {due:%H:%M}" in top(app))
        page = " ".join(top(app).replace("┃", " ").replace("│", " ").split())
        assert words in page
        left = (due - clock.now()).total_seconds()
        assert ("left" if left >= 0 else "OVERDUE by") in page


@pytest.mark.runbook("R078")
async def test_the_key_of_low_activity_shows_every_component_and_has_all_asked_again(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: bool(told.watches) and told.watches[-1].started)
        tell(told.watches[0], deserted())
        await until(pilot, lambda: app.alert_life.current("alert.low_activity") is not None)
        app.open_rule("alert.low_activity")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen) and "Check system availability" in top(app))
        before = told.watches[0].refreshed
        await pilot.press("1")
        await until(pilot, lambda: app.screen is app.overview)
        assert told.watches[0].refreshed == before + 1, "the health address is asked now, not in half a minute"
        for component in ("CloudFront", "S3", "API Gateway", "Lambda", "DynamoDB", "Cognito"):
            assert component in top(app)


async def test_all_rules_can_be_gone_through_those_that_wait_first(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, ERRORS, 3)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen))
        seen = []
        screen = app.screen
        assert isinstance(screen, RuleScreen)
        for _ in range(13):
            seen.append(screen.key)
            await pilot.press("n")
        assert screen.key == seen[0]
        assert len(set(seen)) == 13
        assert {one.key for one in app.alert_life.waiting} == set(seen[:3])
        await pilot.press("N")
        assert screen.key == seen[-1]


async def test_screen_seven_opens_any_rule_quiet_ones_too(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        await pilot.press("7", "v", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen))
        await until(pilot, lambda: "it has not fired as far as is remembered" in top(app))
        assert "Mean API Latency over 5 min above 2 s for 15 min without a break." in top(app)
        assert "fewer than" not in top(app)


# ---- triggers


@pytest.mark.runbook("R106")
@pytest.mark.runbook("R063")
async def test_a_fired_trigger_names_r_and_r_opens_the_plan(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, ERRORS, 3)
        await until(pilot, lambda: "R rolls back" in screen_text(app))
        assert app.assessment is not None
        assert app.assessment.verdict.key == "R"
        assert "rollback offered" in app.assessment.verdict.clock
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen))
        await pilot.press("R")
        await until(pilot, lambda: type(app.screen).__name__ in ("ConfirmScreen", "NoticeScreen"))
        assert not isinstance(app.screen, NoticeScreen), screen_text(app)
        assert "v41 → v40" in screen_text(app)


@pytest.mark.runbook("R105")
async def test_a_health_check_that_fails_for_more_than_five_minutes_offers_the_rollback_and_not_before(
    clock: ManualClock,
) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: bool(told.watches) and told.watches[-1].started)
        tell(told.watches[0], health_failing(300))
        await until(pilot, lambda: "HTTP 503, since 03:07" in screen_text(app))
        assert counted(app) == "trigger: health check failing for 5:00 of 5:00; rollback offered at 03:12"
        assert "R rolls back" not in screen_text(app)
        tell(told.watches[0], health_failing(301))
        await until(pilot, lambda: "R rolls back" in screen_text(app))
        assert counted(app) == "trigger: health check failing for 5:01, more than 5:00: rollback offered"
        await pilot.press("R")
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmScreen")
        assert "v41 → v40" in screen_text(app)


@pytest.mark.runbook("R107")
async def test_a_response_time_above_five_seconds_offers_the_rollback(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, night(latency=[(22, 2, 5100.0)]), 2)
        assert any(one.key == "trigger.response_time" for one in app.alert_life.waiting)
        await until(pilot, lambda: "R rolls back" in screen_text(app))


# ---- escalation


@pytest.mark.runbook("R085")
@pytest.mark.runbook("R086")
@pytest.mark.runbook("R087")
@pytest.mark.runbook("R088")
async def test_the_ladder_prompts_rung_by_rung_until_somebody_acts(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 40)) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        await pilot.press("a")
        await until(pilot, lambda: not app.alert_life.waiting)

        at(clock, 14 + 59 / 60)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "DevOps Lead  next  in 0:01" in top(app))
        assert "ESCALATE" not in screen_text(app)

        clock.advance(1)
        await until(pilot, lambda: "▲ 03:27 DevOps Lead  TO BE CALLED" in top(app))
        await until(pilot, lambda: "03:27 DevOps Lead is to be called" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: "✓ 03:27 DevOps Lead  called  03:27 by casey@bastion" in top(app))
        await until(pilot, lambda: "ESCALATE" not in screen_text(app))

        at(clock, 30)
        await until(pilot, lambda: "03:42 Engineering Manager is to be called" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: "not called, on purpose" in top(app))
        await until(pilot, lambda: "ESCALATE" not in screen_text(app))

        at(clock, 60)
        await pilot.press("escape")
        await until(pilot, lambda: "04:12 CTO is to be called" in screen_text(app))
        at(clock, 100)
        for key in ("7", "2", "8", "1"):
            await pilot.press(key)
            await until(pilot, lambda: "04:12 CTO is to be called" in top(app))
        await rested(app, pilot)


@pytest.mark.runbook("R087")
async def test_what_is_resolved_before_its_rung_prompts_nobody(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        for minutes in (23, 28.5):
            at(clock, minutes)
            tell(told.watches[0], night(), minutes)
            await until(pilot, lambda: app.assessment is not None and app.assessment.at == clock.now())
        await until(pilot, lambda: app.alert_life.open == ())
        at(clock, 31)
        tell(told.watches[0], night(), 31)
        await until(pilot, lambda: app.assessment is not None and app.assessment.at == clock.now())
        assert "ESCALATE" not in screen_text(app)


async def test_the_ladder_is_the_settings_own(clock: ManualClock) -> None:
    app, told = told_app(clock)
    ladder = (Rung(0, "Duty"), Rung(2, "Secondary on-call", "+1 555 0100"))
    app.settings = msgspec.structs.replace(app.settings, alerting=Alerting(ladder=ladder))
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        clock.advance(120)
        await until(pilot, lambda: "03:14 Secondary on-call is to be called: +1 555 0100" in screen_text(app))
        await pilot.press("!")
        await until(pilot, lambda: "Secondary on-call  TO BE CALLED  +1 555 0100" in top(app))


# ---- being heard


def _command(app: CockpitApp, tmp_path: Path, text: str) -> None:
    program = tmp_path / "page"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o700)
    alerting = Alerting(command=(str(program),), command_limit_s=20)
    app.settings = msgspec.structs.replace(app.settings, alerting=alerting)


@pytest.mark.runbook("R061")
async def test_the_command_runs_once_for_an_alert_however_many_screens_there_are(
    clock: ManualClock, tmp_path: Path
) -> None:
    first, told_first = told_app(clock)
    second, told_second = told_app(clock)
    for app in (first, second):
        _command(app, tmp_path, f"cat >> {tmp_path}/paged; echo >> {tmp_path}/paged")
    paged = tmp_path / "paged"
    async with shown(first) as one, shown(second) as other:
        await raised(first, told_first, one, THROTTLED, 1)
        await raised(second, told_second, other, THROTTLED, 1)
        await until(one, lambda: paged.exists() and paged.read_text().endswith("}\n"))
    (page,) = paged.read_text().splitlines()
    assert json.loads(page)["key"] == "alert.throttling"
    assert json.loads(page)["environment"] == "production"


async def test_what_was_open_before_the_screen_began_runs_nothing(clock: ManualClock, tmp_path: Path) -> None:
    before, told_before = told_app(clock)
    async with shown(before) as pilot:
        await raised(before, told_before, pilot, THROTTLED, 1)
    clock.advance(1)
    app, told = told_app(clock)
    _command(app, tmp_path, f"touch {tmp_path}/paged")
    async with shown(app) as pilot:
        await raised(app, told, pilot, THROTTLED, 1)
        # What began long before and is in no store is known by its clock, and is no news either.
        tell(told.watches[0], night(throttles={epoch(4): 1.0}, latency=[(40, 2, 2500.0)]))
        await until(pilot, lambda: len(app.alert_life.waiting) == 2)
        slow = app.alert_life.newest("alert.high_latency")
        assert slow is not None
        assert NOW - slow.raised > timedelta(minutes=15)
    assert not (tmp_path / "paged").exists()


async def test_a_failing_command_is_told_once_and_holds_up_nothing(clock: ManualClock, tmp_path: Path) -> None:
    app, told = told_app(clock)
    _command(app, tmp_path, "exit 3")
    async with shown(app) as pilot:
        await raised(app, told, pilot, ERRORS, 3)
        await until(pilot, lambda: any("page ended with 3" in one for one in said(app)))
        tell(
            told.watches[0], night(failing=[(17, 2, 110.0)], lambda_failing=[(17, 2, 110.0)], throttles={epoch(4): 1.0})
        )
        await until(pilot, lambda: len(app.alert_life.waiting) == 4)
        assert len([one for one in app._notifications if one.title == "Alert command"]) == 1


def test_a_sandbox_keeps_its_alerts_apart(state_home: Path) -> None:
    production = find(load(), "prod")
    real, sandbox = home_of(production), home_of(at_endpoint(production, "http://127.0.0.1:5000"))
    assert real.path == state_home / "alerts"
    assert sandbox.path.parent == state_home / "alerts-sandbox"
    assert isinstance(real, JournalHome)


@pytest.mark.runbook("R106")
async def test_with_a_trigger_firing_for_long_the_cockpit_changes_nothing_by_itself(state_home: Path) -> None:
    """Decisions C2: it offers. Everything that the account was asked meanwhile only reads."""
    with SimulatedAccount(scenario="bad-deploy", seed=1, speed=120.0) as account:
        began = len(account.calls)
        settings = load()
        app = CockpitApp(settings, at_endpoint(find(settings, "prod"), account.endpoint))
        async with shown(app) as pilot:
            await until(pilot, lambda: any(one.key == "trigger.error_rate" for one in app.alert_life.waiting), 60)
            (trigger,) = (one for one in app.alert_life.waiting if one.key == "trigger.error_rate")
            await until(pilot, lambda: "R rolls back" in screen_text(app))
            await until(pilot, lambda: app.now() - trigger.raised > timedelta(minutes=20), 60)
            assert app.alert_life.current("trigger.error_rate") is not None
            asked = {call.operation for call in account.calls[began:]}
        assert asked, "the account was watched"
        assert {one for one in asked if not one.startswith(READING)} == set()
