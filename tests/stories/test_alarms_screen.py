"""Screen 7: the alarms of both regions, one opened, filtered, overnight; nothing of another environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from services.clock import ManualClock
from services.model.alarms import Alarm
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.safe_text import safe
from services.watch.updates import FeedUpdate
from tests.stories.asked_support import AskedWatch, asked_app
from tests.stories.screen_support import START, clock, screen_text, shown, state_home, top, until, until_told
from tui.app import CockpitApp
from tui.screens.environments import EnvironmentsScreen
from widgets.alarm_table import AlarmTable

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

TOPIC = safe("arn:aws:sns:us-west-2:123456789012:alerts")
HOSTILE = "[bold red]x[/] \x1b[31mred"


def _alarm(name: str, state: str, minutes: float = 5, region: str = "us-west-2", **fields: Any) -> Alarm:
    since = START - timedelta(minutes=minutes)
    return Alarm(safe(name), region, safe(state), since, safe(f"reason of {name}"), actions=(TOPIC,), **fields)


ALARMS = (
    _alarm("api-latency", "OK", 600),
    _alarm("api-5xx", "ALARM"),
    _alarm("edge-4xx", "OK", 900, "us-east-1"),
    _alarm("nobody", "OK", 700, actions_enabled=False),
)


def _history(name: str, minutes: float) -> dict[str, Any]:
    data = {
        "oldState": {"stateValue": "OK"},
        "newState": {"stateValue": "ALARM", "stateReason": f"history reason of {name}"},
    }
    return {
        "AlarmName": name,
        "Timestamp": START - timedelta(minutes=minutes),
        "HistoryItemType": "StateUpdate",
        "HistorySummary": "Alarm updated",
        "HistoryData": json.dumps(data),
    }


def _script(operation: str, parameters: Mapping[str, Any], region: str) -> Any:
    if operation == "DescribeAlarms":
        metric = {"Namespace": "AWS/ApiGateway", "MetricName": "5XXError", "Statistic": "Sum", "Period": 600}
        condition = {"EvaluationPeriods": 1, "Threshold": 3.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
        rows = [
            {"AlarmName": name, "AlarmDescription": f"about {name} {HOSTILE}", **metric, **condition}
            for name in parameters["AlarmNames"]
        ]
        return {"MetricAlarms": rows, "CompositeAlarms": []}
    if operation == "ListAlarmMuteRules":
        arn = "arn:aws:cloudwatch:us-west-2:123456789012:alarm-mute-rule:weekend"
        return {
            "AlarmMuteRuleSummaries": [{"AlarmMuteRuleArn": arn, "Status": "ACTIVE"}] if region == "us-west-2" else []
        }
    if operation == "GetAlarmMuteRule":
        assert parameters == {"AlarmMuteRuleName": "weekend"}
        return {"MuteTargets": {"AlarmNames": ["api-latency"]}}
    if operation == "DescribeAlarmHistory":
        items = [_history("api-5xx", 5), _history("other-stack", 7)] if region == "us-west-2" else []
        return {"AlarmHistoryItems": [one for one in items if parameters.get("AlarmName") in (None, one["AlarmName"])]}
    return problem(ProblemKind.UNSUPPORTED, f"no {operation} here")


def _tell(watch: AskedWatch, clock: ManualClock, alarms: tuple[Alarm, ...] = ALARMS) -> None:
    watch.post(FeedUpdate("alarms", Reading(alarms, clock.now(), clock.now())))


async def _opened(app: CockpitApp, pilot: Pilot[int], watch: AskedWatch, clock: ManualClock) -> None:
    _tell(watch, clock)
    await pilot.press("7")
    await until(pilot, lambda: "1 in alarm" in top(app) and "muted by weekend" in top(app))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_alarms_of_both_regions_stand_in_the_order_of_what_matters(
    clock: ManualClock, size: tuple[int, int]
) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app, size) as pilot:
        await _opened(app, pilot, watches[0], clock)
        names = [row.alarm.name for row in app.screen.query_one(AlarmTable).entries]
        assert names == ["api-5xx", "api-latency", "nobody", "edge-4xx"]
        for words in ("✖ ALARM", "muted by weekend", "notifies nobody", "reason of api-5xx"):
            assert words in top(app)


async def test_moving_shows_the_alarm_under_the_marker_and_stops_at_both_ends(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        for keys, reason in (
            (("j",), "api-latency"),
            (("G",), "edge-4xx"),
            (("j",), "edge-4xx"),
            (("g", "k"), "api-5xx"),
        ):
            await pilot.press(*keys)
            await until_told(pilot, app, f"reason of {reason}")


async def test_enter_opens_an_alarm_with_its_set_up_and_history_and_esc_closes_it(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("enter")
        await until(pilot, lambda: "history reason of api-5xx" in top(app))
        assert "Sum of 5XXError ≥ 3 in 1 of 1 periods of 10 min" in top(app)
        assert "about api-5xx [bold red]x[/]" in top(app), "what came from AWS is no markup"
        assert "\x1b" not in top(app)
        await pilot.press("escape")
        await until(pilot, lambda: "1 in alarm" in top(app) and "history reason" not in top(app))


@pytest.mark.runbook("R198")
async def test_n_tells_what_this_stacks_alarms_did_overnight_in_both_regions(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("n")
        await until(pilot, lambda: "1× in ALARM, 5 min 00 s in all" in top(app))
        assert "Left out: 1 change of 1 alarm of other stacks" in top(app)
        asked = [region for operation, region in watches[0].account.asked if operation == "DescribeAlarmHistory"]
        assert sorted(asked) == ["us-east-1", "us-west-2"]
        await pilot.press("n")
        await until(pilot, lambda: "1 in alarm" in top(app))


async def test_the_filter_narrows_the_list_and_esc_takes_it_back_before_it_leaves(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("slash", *"api !5xx", "enter")
        await until(pilot, lambda: "1 of 4 · /api !5xx" in top(app))
        assert "api-latency" in top(app)
        assert "edge-4xx" not in top(app)
        await pilot.press("escape")
        await until(pilot, lambda: "edge-4xx" in top(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)


async def test_a_letter_typed_into_the_filter_is_no_key(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("slash", *"n1q7")
        await until(pilot, lambda: "no alarm has n1q7" in top(app))
        assert not app._exit


async def test_alarms_are_looked_at_again_only_when_one_has_changed(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        before = len(watches[0].account.asked)
        _tell(watches[0], clock)
        await pilot.press("j", "k")
        await pilot.pause(0.1)
        assert len(watches[0].account.asked) == before
        _tell(watches[0], clock, (*ALARMS[:1], _alarm("api-5xx", "OK", 0), *ALARMS[2:]))
        await until(pilot, lambda: len(watches[0].account.asked) > before)
        await until(pilot, lambda: "4 OK" in top(app))


async def test_a_refusal_is_said_and_leaves_the_list_standing(clock: ManualClock) -> None:
    denied = problem(ProblemKind.DENIED, "this identity may not cloudwatch:DescribeAlarmHistory")

    def script(operation: str, parameters: Mapping[str, Any], region: str) -> Any:
        return denied if operation == "DescribeAlarmHistory" else _script(operation, parameters, region)

    app, watches = asked_app(clock, script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("enter")
        await until(pilot, lambda: "may not cloudwatch:DescribeAlarmHistory" in top(app))
        assert "reason of api-5xx" in top(app)


async def test_switching_the_environment_leaves_no_alarm_of_the_old_one(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("enter")
        await until(pilot, lambda: "history reason of api-5xx" in top(app))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EnvironmentsScreen))
        await pilot.press("2")
        await until(pilot, lambda: "STAGING" in top(app) and "api-5xx" not in screen_text(app))
        await until(pilot, lambda: len(watches) == 2 and watches[1].started)
        _tell(watches[1], clock, (_alarm("staging-alarm", "ALARM"),))
        await until(pilot, lambda: "staging-alarm" in top(app))
        assert "api-5xx" not in screen_text(app)


async def test_a_stack_without_alarms_says_that_nobody_is_told(clock: ManualClock) -> None:
    app, watches = asked_app(clock, _script)
    async with shown(app) as pilot:
        _tell(watches[0], clock, ())
        await pilot.press("7")
        await until(pilot, lambda: "this stack has no alarms" in top(app))
