"""The first response to an alert, step by step: what each key shows, who took which step when, on every screen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from services.alerting.book import AlertBook
from services.alerting.store import AlertStore, home_of
from services.clock import ManualClock
from services.model.alerts import Alert
from services.model.logs import Level, LineBatch, LogLine
from services.model.reading import Reading
from services.model.stacks import StackEvent
from services.safe_text import safe
from services.watch.updates import FeedUpdate, LinesArrived
from tests.stories.alerts_support import NOW, sign_ins_refused, tell
from tests.stories.asked_support import asked_app
from tests.stories.screen_support import Told, shown, state_home, told_app, top, until, until_told
from tests.stories.test_alerts import THROTTLED, raised
from tui.app import CockpitApp
from tui.commands.report import component, report
from tui.screens.dashboard import DashboardScreen
from tui.screens.logs import LogsScreen
from tui.screens.rule import RuleScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(autouse=True)
def _casey(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("tui.alert_desk.person", lambda: "casey@bastion")
    yield


async def _opened(app: CockpitApp, told: Told, pilot: Pilot[int]) -> Alert:
    await raised(app, told, pilot, THROTTLED, 1)
    await pilot.press("exclamation_mark")
    await until(pilot, lambda: isinstance(app.screen, RuleScreen) and "Check the system" in top(app))
    return app.alert_life.waiting[0]


def _page(app: CockpitApp) -> list[str]:
    """Rows of the opened alert, without its frame and what lies below."""
    return [row.split("┃")[1].strip(" ▁▂▃▄▅▆▇█") for row in top(app).split("\n") if row.count("┃") >= 2]


def _elsewhere(app: CockpitApp, alert: Alert) -> Alert:
    """The alert as another screen of the environment reads it."""
    assert app.session is not None
    environment = app.session.environment
    found = AlertBook(AlertStore(home_of(environment), environment.name)).life.find(alert.id)
    assert found is not None
    return found


@pytest.mark.runbook("R081")
async def test_step_two_says_what_the_status_command_says_and_stamps_who_looked_and_when(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 50)) as pilot:
        alert = await _opened(app, told, pilot)
        clock.advance(65)
        await pilot.press("s")
        await until(pilot, lambda: "Check the system's status  03:13:05 by casey@bastion" in top(app))
        assert app.session is not None and app.session.situation is not None and app.assessment is not None
        everything = report(app.session.environment, app.session.situation, app.assessment, component("all"))
        rows = [" ".join(row.split()) for row in _page(app)]
        for one in everything.components:
            told_row = next(row for row in rows if row.startswith(f"{one.name} "))
            assert f" {one.state.value}" in told_row
            assert " ".join(one.detail.split())[:40] in told_row
        mark = _elsewhere(app, alert).on_step(2)
        assert mark is not None
        assert (mark.by, mark.at) == ("casey@bastion", clock.now())
        assert mark.note, "others read what was found"


async def test_a_second_look_has_its_own_time_and_another_screen_reads_what_was_found(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 50)) as pilot:
        alert = await _opened(app, told, pilot)
        for minute in ("03:13:00", "03:14:00"):
            clock.advance(60)
            await pilot.press("s")
            await until_told(pilot, app, f"status  {minute} by casey")
        await pilot.press("escape", "exclamation_mark")
        note = _elsewhere(app, alert).steps[0].note
        await until(pilot, lambda: note in top(app))


def _events(count: int) -> tuple[StackEvent, ...]:
    return tuple(
        StackEvent(
            safe(f"e{place}"), NOW - timedelta(minutes=place), safe(f"Part-{place:02}"), safe(f"r{place}"),
            safe("AWS::Lambda::Function"), safe("UPDATE_COMPLETE"),
        )
        for place in range(count)
    )  # fmt: skip


@pytest.mark.runbook("R082")
async def test_step_three_shows_the_newest_ten_events_and_loads_more(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 60)) as pilot:
        await _opened(app, told, pilot)
        told.watches[-1].post(FeedUpdate("events", Reading(_events(25), NOW, NOW)))

        def names() -> list[str]:
            return [word for row in _page(app) for word in row.split() if word.startswith("Part-")]

        await pilot.press("e")
        await until(pilot, lambda: len(names()) == 10)
        assert names() == [f"Part-{place:02}" for place in range(10)], "newest first"
        assert "m  15 older" in top(app)
        await until(pilot, lambda: "Check recent deployments  03:12:00 by casey@bastion" in top(app))
        await pilot.press("m")
        await until(pilot, lambda: len(names()) == 20 and "m  5 older" in top(app))
        await pilot.press("m")
        await until(pilot, lambda: len(names()) == 25 and "the oldest that CloudFormation tells" in top(app))


@pytest.mark.runbook("R083")
async def test_step_four_opens_the_dashboard_and_coming_back_marks_it_as_viewed(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 40)) as pilot:
        alert = await _opened(app, told, pilot)
        await pilot.press("8")
        await until(pilot, lambda: isinstance(app.screen, DashboardScreen))
        assert app.alert_life.waiting[0].on_step(4) is None, "looking is not having looked"
        clock.advance(40)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen))
        await until(pilot, lambda: "Review the CloudWatch dashboard  03:12:40 by casey@bastion" in top(app))
        assert _elsewhere(app, alert).on_step(4) is not None


@pytest.mark.parametrize("key", ["1", "2"])
async def test_whoever_goes_on_from_the_dashboard_to_another_screen_has_viewed_it(clock: ManualClock, key: str) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 40)) as pilot:
        await _opened(app, told, pilot)
        await pilot.press("8")
        await until(pilot, lambda: isinstance(app.screen, DashboardScreen))
        await pilot.press(key)
        await until(pilot, lambda: app.alert_life.waiting[0].on_step(4) is not None)
        assert not isinstance(app.screen, RuleScreen), "they wanted to be there"


@pytest.mark.runbook("R084")
async def test_step_five_opens_the_application_log_five_minutes_before_the_alert(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 40)) as pilot:
        moment = int(NOW.timestamp() * 1000)
        lines = [
            LogLine(moment - 4000 * back, "app", Level.ERROR, safe(f"line-{back:04}")) for back in range(1000, -1, -1)
        ]
        alert = await _opened(app, told, pilot)
        told.watches[-1].post(LinesArrived(LineBatch(tuple(lines))))
        await until(pilot, lambda: len(app.overview.ring) == len(lines))
        clock.advance(30)
        back = int((NOW - (alert.raised - timedelta(minutes=5))).total_seconds()) // 4
        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.screen, LogsScreen))
        await until(pilot, lambda: f"line-{back:04}" in top(app) and "line-0000" not in top(app))
        for _ in range(3):  # what is open inside the screen closes first
            if isinstance(app.screen, LogsScreen):
                await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen))
        await until(pilot, lambda: "Check the application's logs  03:12:30 by casey@bastion" in top(app))
        assert _elsewhere(app, alert).on_step(5) is not None


async def test_the_steps_stay_with_the_alert_after_it_was_acknowledged_and_end_with_it(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app, (120, 50)) as pilot:
        await _opened(app, told, pilot)
        await pilot.press("a")
        await until(pilot, lambda: "say so in Slack  03:12:00 by casey@bastion" in top(app))
        await pilot.press("e")
        await until(pilot, lambda: "Check recent deployments  03:12:00 by casey" in top(app))


def _pool_log(operation: str, parameters: Mapping[str, Any], region: str) -> Any:
    """An account whose pool delivers its log: nobody else's lines are asked for in vain."""
    if operation == "GetLogDeliveryConfiguration":
        arn = "arn:aws:logs:us-west-2:123456789012:log-group:/aws/cognito/pool"
        configured = [{"CloudWatchLogsConfiguration": {"LogGroupArn": arn}}]
        return {"LogDeliveryConfiguration": {"LogConfigurations": configured}}
    if operation == "DescribeLogGroups":
        return {"logGroups": [{"logGroupName": "/aws/cognito/pool"}]}
    if operation == "FilterLogEvents" and parameters["logGroupName"] == "/aws/cognito/pool":
        failed = {"eventResponse": "Fail", "ipAddress": "203.0.113.17"}
        told = [json.dumps({"message": {**failed, "userName": f"user-{number}"}}) for number in range(3)]
        at = parameters["endTime"] - 60_000
        return {"events": [{"timestamp": at, "message": one, "eventId": f"e{n}"} for n, one in enumerate(told)]}
    return {"events": [], "trailList": []}


@pytest.mark.runbook("R071")
async def test_the_key_of_a_security_alert_opens_the_failed_sign_ins_by_user_and_address(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _pool_log)
    async with shown(app, (120, 40)) as pilot:
        tell(watches[-1], sign_ins_refused(12))
        await until(pilot, lambda: len(app.alert_life.waiting) == 1)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, RuleScreen) and "Security investigation" in top(app))
        assert "respond" in top(app)
        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.screen, LogsScreen) and "authentication failures" in top(app))
        await until(pilot, lambda: "203.0.113.17" in top(app) and "user-2" in top(app))
