"""Screen 2: the worst metric first, any other by words, windows, days compared, a cursor, files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from services.clock import ManualClock
from services.model.logs import Level, LineBatch, LogLine
from services.model.reading import Reading
from services.model.series import MetricId, Metrics, Series, Signal
from services.problems import ProblemKind, problem
from services.safe_text import safe
from services.watch.updates import FeedUpdate, LinesArrived
from tests.stories.asked_support import AskedWatch, asked_app
from tests.stories.screen_support import START, clock, screen_text, shown, state_home, top, until, until_told
from tui.app import CockpitApp
from tui.screens.environments import EnvironmentsScreen
from tui.screens.logs import LogsScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

API = (("ApiName", "api"), ("Stage", "prod"))
LATENCY = MetricId("us-west-2", "AWS/ApiGateway", "Latency", API)
COUNT = MetricId("us-west-2", "AWS/ApiGateway", "Count", API)


class Asked:
    """Answers GetMetricData with one value per statistic and remembers what was asked."""

    def __init__(self) -> None:
        self.ranges: list[tuple[str, int, datetime, datetime]] = []

    def __call__(self, operation: str, parameters: Mapping[str, Any], region: str) -> Any:
        if operation == "ListMetrics":
            pairs = [{"Name": name, "Value": value} for name, value in API]
            return {"Metrics": [{"Namespace": "AWS/ApiGateway", "MetricName": "CacheHitCount", "Dimensions": pairs}]}
        if operation == "FilterLogEvents":
            return {
                "events": [{"timestamp": parameters["startTime"] + 300_000, "message": "read from AWS", "eventId": "1"}]
            }
        assert operation == "GetMetricData"
        start, end = parameters["StartTime"], parameters["EndTime"]
        queries = parameters["MetricDataQueries"]
        stat = queries[0]["MetricStat"]
        self.ranges.append((stat["Metric"]["MetricName"], stat["Period"], start, end))
        first, last, period = int(start.timestamp()), int(end.timestamp()), stat["Period"]
        times = [datetime.fromtimestamp(at, UTC) for at in range(first, last, period)]
        values = {"Average": 250.0, "p95": 700.0, "p99": 900.0, "Maximum": 950.0, "SampleCount": 60.0, "Sum": 61.0}
        return {
            "MetricDataResults": [
                {
                    "Id": one["Id"],
                    "Timestamps": times,
                    "Values": [values.get(one["MetricStat"]["Stat"], 1.0)] * len(times),
                }
                for one in queries
            ]
        }


def _tell(watch: AskedWatch, clock: ManualClock, *metrics: MetricId) -> None:
    end = int(START.timestamp())
    series = {}
    for metric in metrics:
        signal = Signal(f"key.{metric.name}", "api/prod", metric, ("Average", "SampleCount"))
        points = {end - 60 * back: 123.0 for back in range(180, 2, -1)}
        series[signal.id] = Series(signal, {"Average": points, "SampleCount": points}, end - 4 * 3600, end)
    watch.post(FeedUpdate("metrics", Reading(Metrics(series), clock.now(), clock.now())))


async def _opened(app: CockpitApp, pilot: Pilot[int], watch: AskedWatch, clock: ManualClock) -> None:
    _tell(watch, clock, LATENCY, COUNT)
    await pilot.press("2")
    await until(pilot, lambda: "Average 250 ms" in top(app))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_screen_begins_with_a_judged_metric_over_three_hours(
    clock: ManualClock, size: tuple[int, int]
) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app, size) as pilot:
        await _opened(app, pilot, watches[0], clock)
        for words in (
            "Latency",
            "3 h · 1 min points",
            "Avg+p95+p99 Avg+Max Average p95 p99 Maximum SampleCount",
            "a Average 250 ms   b p95 700 ms   c p99 900 ms",
        ):
            assert words in top(app)
        name, period, start, end = asked.ranges[0]
        assert (name, period) == ("Latency", 60)
        assert (end - start).total_seconds() == 3 * 3600


async def test_what_the_watch_holds_is_shown_when_nothing_can_be_asked(clock: ManualClock) -> None:
    denied = problem(ProblemKind.DENIED, "this identity may not cloudwatch:GetMetricData", remedy="Ask for it.")
    app, watches = asked_app(clock, lambda operation, parameters, region: denied)
    async with shown(app) as pilot:
        _tell(watches[0], clock, LATENCY)
        await pilot.press("2")
        await until(pilot, lambda: "may not cloudwatch:GetMetricData. Ask for it." in top(app))
        assert "Average 123 ms" in top(app)


async def test_s_goes_through_the_statistics_without_asking_again(clock: ManualClock) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        said = ("a Average 250 ms   b Maximum 950 ms", "newest 250 ms ", "newest 700 ms ", "newest 900 ms ",
                "newest 950 ms ", "newest 60 ", "a Average 250 ms   b p95 700 ms   c p99 900 ms")  # fmt: skip
        for words in said:
            await pilot.press("s")
            await until_told(pilot, app, words)
        assert len(asked.ranges) == 1


async def test_the_windows_go_from_15_minutes_to_15_months_at_the_period_that_is_kept(clock: ManualClock) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press(*["left_square_bracket"] * 5)
        await until(pilot, lambda: "15 min · 1 min points" in top(app) and "Average 250 ms" in top(app))
        await pilot.press(*["right_square_bracket"] * 20)
        await until(pilot, lambda: "15 months · daily points" in top(app) and "Average 250 ms" in top(app))
        _, period, start, end = asked.ranges[-1]
        assert period == 86_400
        assert 454 <= (end - start).days <= 456


@pytest.mark.runbook("R344")
async def test_an_hour_is_asked_for_in_five_minutes_and_a_key_goes_to_three_hours_a_day_and_a_week(
    clock: ManualClock,
) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("left_square_bracket", "c")
        await until(pilot, lambda: "1 h · 5 min points" in top(app) and asked.ranges[-1][1] == 300)
        _, _, start, end = asked.ranges[-1]
        assert (end - start).total_seconds() == 3600
        assert start.tzinfo is UTC
        assert 0 < (end - clock.now()).total_seconds() <= 300, "up to now, the period that is filling included"
        seen = []
        for stretch in ("3 h", "6 h", "12 h", "1 day", "3 days", "1 week"):
            await pilot.press("right_square_bracket")
            await until(pilot, lambda stretch=stretch: f"{stretch} · " in top(app) and "Average 250 ms" in top(app))  # type: ignore[misc]
            _, period, start, end = asked.ranges[-1]
            seen.append(((end - start).total_seconds(), period))
        assert [one for one in seen if one[0] in (10_800, 86_400, 604_800)] == [
            (10_800, 60),
            (86_400, 300),
            (604_800, 900),
        ]


async def test_w_puts_yesterday_and_then_last_week_behind_the_curve(clock: ManualClock) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        for days, label in ((1, "same time yesterday"), (7, "same time last week")):
            before = len(asked.ranges)
            await pilot.press("w")
            await until_told(pilot, app, label)
            (_, _, start, _), (_, _, then, _) = asked.ranges[before : before + 2]
            assert (start - then).days == days
        await pilot.press("w")
        await until(pilot, lambda: "same time" not in top(app))


async def test_the_cursor_shows_the_values_under_it_and_esc_takes_it_away_first(clock: ManualClock) -> None:
    app, watches = asked_app(clock, Asked())
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("left")
        await until(pilot, lambda: "p99 900 ms" in top(app))
        assert "Average 250 ms" in top(app)
        assert "SampleCount 60" in top(app)
        assert "Maximum 950 ms" in top(app), "what is not drawn is told all the same"
        await pilot.press(*"ssssss")
        await until(pilot, lambda: "newest 60" in top(app))
        assert "Average 250 ms" in top(app), "each statistic keeps its own unit, whichever is drawn"
        times = []
        for key in ("left", "shift+left", "g", "G"):
            await pilot.press(key)
            await pilot.pause(0.05)
            found = re.search(r"2026-11-2\d \d\d:\d\dZ  (?:still filling  )?SampleCount", top(app))
            assert found, top(app)
            times.append(found[0])
        assert times[1] < times[0]
        assert times[2] < times[1] < times[3]
        await pilot.press("escape")
        await until(pilot, lambda: "put a cursor" in top(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)


async def test_the_window_pans_back_and_never_beyond_now(clock: ManualClock) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("less_than_sign", "less_than_sign")
        await until(pilot, lambda: "3 h to 2026-11-23 00:08Z" in top(app) and "Average 250 ms" in top(app))
        await pilot.press(*["greater_than_sign"] * 4)
        await until(pilot, lambda: "3 h · 1 min" in top(app))


async def test_any_metric_is_found_by_words_what_is_only_published_included(clock: ManualClock) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("slash")
        await until(pilot, lambda: "Metrics 3 · 2 watched anyway" in top(app))
        await pilot.press(*"cachehit")
        await until(pilot, lambda: "1 of 3" in top(app))
        await pilot.press("enter")
        await until(pilot, lambda: "CacheHitCount" in top(app) and "newest 61" in top(app))
        assert asked.ranges[-1][0] == "CacheHitCount"
        await pilot.press("j")
        await until(pilot, lambda: "CacheHitCount" not in top(app))


async def test_the_same_is_asked_again_after_a_period_and_not_while_hidden(clock: ManualClock) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        clock.advance(30)
        await pilot.press("s")
        assert len(asked.ranges) == 1
        clock.advance(31)
        await until(pilot, lambda: len(asked.ranges) == 2)
        await pilot.press("1")
        clock.advance(300)
        await until(pilot, lambda: "03:13:01" in screen_text(app))
        assert len(asked.ranges) == 2


async def test_x_writes_what_is_shown_and_names_the_files(
    clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    app, watches = asked_app(clock, Asked())
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("x")
        await until(pilot, lambda: any("Latency" in str(one.message) for one in app._notifications))
        names = sorted(path.name for path in await asyncio.to_thread(lambda: list(folder.iterdir())))
        assert [Path(name).suffix for name in names] == [".csv", ".png", ".svg", ".txt"]
        said = next(str(one.message) for one in app._notifications if one.title == "Written")
        assert all(Path(name).stem in said and Path(name).suffix in said for name in names)


async def test_switching_the_environment_leaves_no_metric_of_the_old_one(clock: ManualClock) -> None:
    app, watches = asked_app(clock, Asked())
    async with shown(app) as pilot:
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("left", "right_square_bracket", "e")
        await until(pilot, lambda: isinstance(app.screen, EnvironmentsScreen))
        await pilot.press("2")
        await until(pilot, lambda: "STAGING" in top(app) and "Latency" not in top(app))
        await until(pilot, lambda: len(watches) == 2 and watches[1].started)
        _tell(watches[1], clock, COUNT)
        await until(pilot, lambda: "Count" in top(app) and "3 h · 1 min points" in top(app))
        assert "Latency" not in top(app)


def _line(at: datetime, text: str) -> LogLine:
    return LogLine(int(at.timestamp() * 1000), "app", Level.ERROR, safe(text))


async def test_enter_at_the_cursor_shows_the_log_lines_of_that_moment(clock: ManualClock) -> None:
    app, watches = asked_app(clock, Asked())
    async with shown(app) as pilot:
        lines = [_line(START - timedelta(seconds=4 * back), f"line-{back:04}") for back in range(2000, -1, -1)]
        watches[0].post(LinesArrived(LineBatch(tuple(lines))))
        await until(pilot, lambda: "line-0000" in screen_text(app))
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("enter")
        await until(pilot, lambda: any("Put the cursor" in str(one.message) for one in app._notifications))
        assert app.screen is not app.overview
        await pilot.press("left", *["shift+left"] * 6)
        await until(pilot, lambda: "Z  Maximum" in top(app))
        found = re.search(r"2026-11-23 (\d\d):(\d\d)Z  Maximum", top(app))
        assert found, top(app)
        moment = datetime(2026, 11, 23, int(found[1]), int(found[2]), tzinfo=UTC)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LogsScreen))
        back = int((START - moment).total_seconds()) // 4
        await until(pilot, lambda: f"line-{back:04}" in top(app) and "line-0000" not in top(app))


async def test_a_moment_the_tail_does_not_hold_is_read_from_aws(clock: ManualClock) -> None:
    asked = Asked()
    app, watches = asked_app(clock, asked)
    async with shown(app) as pilot:
        watches[0].post(LinesArrived(LineBatch((_line(START, "the only line"),))))
        await _opened(app, pilot, watches[0], clock)
        await pilot.press("left", "shift+left", "enter")
        await until(pilot, lambda: "read from AWS" in top(app) and "the only line" not in top(app))


@pytest.mark.runbook("R057")
async def test_h_says_the_health_score_and_why_the_dashboards_own_is_not_known(clock: ManualClock) -> None:
    app, watches = asked_app(clock, Asked())
    async with shown(app) as pilot:
        _tell(watches[0], clock, LATENCY)
        denied = problem(ProblemKind.DENIED, "this identity may not cloudwatch:GetDashboard")
        watches[0].post(FeedUpdate("score", Reading().failed(denied, clock.now())))
        await pilot.press("h")
        await until(pilot, lambda: "made of the tiles" in top(app) and "may not cloudwatch:GetDashboard" in top(app))
        assert "formula  100, less 40" in top(app)
        await pilot.press("h")
        await until(pilot, lambda: app.screen is app.overview)
