"""Screen 3, as somebody uses it at night: filter, unfold, kinds of errors, the request, history, searches, files."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from textual import events
from textual.pilot import Pilot

from services.aws.log_pace import TAIL, Pace
from services.clock import ManualClock, ScaledClock
from services.log_picks import PickStore
from services.log_searches import Searches, SearchStore
from services.model.log_pick import LogPick
from services.model.logs import Gap, GroupClaim, Level, LineBatch, LogLine, TailStatus
from services.model.reading import Reading
from services.safe_text import safe
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import FeedUpdate, LinesArrived, Update
from services.watch.watch import Watch
from tests.simulated_support import boto, manual, simulated
from tests.stories.screen_support import Told, clock, shown, state_home, told_app, top, until
from tui.app import CockpitApp
from tui.log_group_rows import size
from tui.messages import OpenLogsAt
from tui.pouring import PIECE
from tui.screens.logs import LogsScreen
from tui.session import Opened

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

MINUTES = 5
"""After the account's beginning at 03:00; the deployment went live at 03:02:31."""


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        manual(opened).advance(MINUTES * 60)
        yield opened


@asynccontextmanager
async def logs(
    account: SimulatedAccount, size: tuple[int, int] = (120, 40), ready: str = "lambda"
) -> AsyncIterator[tuple[CockpitApp, Pilot[int]]]:
    """The app on the account; screen 3 is up and the lines are there."""
    settings = load()
    environment = at_endpoint(find(settings, "prod"), account.endpoint)
    time = ScaledClock(manual(account).now(), 2.0)  # the account's own stands still

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        return Opened(time, Watch(environment, settings, time, post))

    app = CockpitApp(settings, environment, opener=opener)
    async with shown(app, size) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "complete to" in top(app) and ready in top(app) and _deployed(app), 60)
        yield app, pilot


def _deployed(app: CockpitApp) -> bool:
    """Whether it is known that v42 went live; on a slow machine that lies before the first line that is read."""
    changes = app.assessment.changes if app.assessment is not None else ()
    return any(one.label == "v42" for one in changes)


def _working(app: CockpitApp, group: str) -> bool:
    return any(one.group == group and not one.is_finished for one in app.workers)


def screen(app: CockpitApp) -> LogsScreen:
    assert isinstance(app.screen, LogsScreen)
    return app.screen


def rows(app: CockpitApp) -> list[str]:
    """The lines that are shown, without the frame around them."""
    return [row[1:-1] for row in top(app).split("\n") if re.match(r"│[ ▸][ ◆][ \d]", row)]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_lines_claim_histogram_and_the_deployment_stand_on_one_screen(
    account: SimulatedAccount, size: tuple[int, int]
) -> None:
    async with logs(account, size) as (app, pilot):
        await until(pilot, lambda: "0 gaps" in top(app))
        assert "▲" in top(app)
        assert re.search(r"✖ +\d+", top(app)), "errors are a number and a sign, not only a colour"
        assert len(rows(app)) >= size[1] - 12


async def test_a_filter_works_while_it_is_typed_and_esc_takes_it_away(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("slash", *"keyerror")
        await until(pilot, lambda: bool(rows(app)) and all("KeyError" in row for row in rows(app)))
        await pilot.press(*" group:app")
        await until(pilot, lambda: bool(rows(app)) and all(" app " in row for row in rows(app)))
        await pilot.press("enter", "h")
        await until(pilot, lambda: any("KeyError" not in row for row in rows(app)))
        assert "marked" in top(app)
        await pilot.press("N")
        await until(pilot, lambda: any(row.startswith("▸") and "KeyError" in row for row in rows(app)))
        await pilot.press("escape")
        await until(pilot, lambda: "marked" not in top(app))


async def test_what_is_typed_at_once_behind_the_key_that_opens_the_row_goes_into_it(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, "one", "group of quotas")
        for letter in "/group of quo":  # g, r, o, u, p, f and q are keys of their own among lines
            app.post_message(events.Key("slash" if letter == "/" else "space" if letter == " " else letter, letter))
        await until(pilot, lambda: "1 of 2 lines" in top(app))
        assert "filter  group of quo " in top(app)
        assert told.watches[0].refreshed == 0
        await pilot.press("escape")
        for letter in "t15m":
            app.post_message(events.Key(letter, letter))
        await until(pilot, lambda: "time  15m " in top(app))


async def test_a_pattern_that_is_not_taken_is_said_and_the_lines_stay(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("slash", *"/(a")
        await until(pilot, lambda: "without its )" in top(app))
        assert rows(app)
        await pilot.press(*"|e)rror/i")
        await until(pilot, lambda: bool(rows(app)) and all(re.search("error", row, re.IGNORECASE) for row in rows(app)))
        await pilot.press("escape", "slash", *".status>=500")
        await until(pilot, lambda: bool(rows(app)) and all(" 50" in row and " api " in row for row in rows(app)))


async def test_a_line_unfolds_into_its_fields_and_folds_again(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("slash", *"group:app keyerror", "enter", "enter")
        await until(pilot, lambda: '"exception": "KeyError"' in top(app))
        assert re.search(r'\n│ +"level": "ERROR"', top(app))
        await pilot.press("enter")
        await until(pilot, lambda: '"exception"' not in top(app))


async def test_report_lines_are_durations_and_memory(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("slash", *".used_mb>0")
        await until(pilot, lambda: bool(rows(app)) and all(re.search(r"\d ms +\d+/512 MB", row) for row in rows(app)))


async def test_errors_are_counted_by_kind_and_enter_shows_one(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("equals_sign")
        await until(pilot, lambda: "KeyError: ‹text›" in top(app) and "counting" not in top(app))
        assert re.search(r"\d+ ×  03:\d\d:\d\d – 03:\d\d:\d\d", top(app))
        await pilot.press("j")
        await until(pilot, lambda: "such as:" in top(app))
        await pilot.press("k", "enter")
        await until(pilot, lambda: bool(rows(app)) and all("ERROR" in row for row in rows(app)))
        assert "lines like" in top(app)


async def test_among_a_list_the_keys_of_lines_do_nothing_out_of_sight(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("equals_sign")
        await until(pilot, lambda: "KeyError: ‹text›" in top(app) and "counting" not in top(app))
        await pilot.press("m", "space")
        await until(pilot, lambda: "esc shows them again" in top(app))
        assert not screen(app)._view.ring.marked()
        assert not screen(app)._view.paused
        await pilot.press("t", *"03:04", "enter")
        await until(pilot, lambda: any(row.startswith("▸") and "03:04" in row for row in rows(app)))
        await pilot.press("equals_sign", "slash", *"keyerror", "enter")
        await until(pilot, lambda: bool(rows(app)) and all("KeyError" in row for row in rows(app)))


async def test_a_list_that_is_opened_while_errors_are_counted_stays_the_one_that_is_shown(
    clock: ManualClock,
) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        told.watches[0].post(told_lines(clock, *(f"number {n}" for n in range(9_000)), level=Level.ERROR))
        clock.advance(10)
        await _told(app, told, clock, pilot, "the newest")
        for key, letter in (("equals_sign", "="), ("s", "s")):
            app.post_message(events.Key(key, letter))
        await until(pilot, lambda: "runbook" in top(app))
        await until(pilot, lambda: not _working(app, "kinds"), 60)
        await pilot.pause()
        assert "Search the last hour" in top(app) and "Errors by kind" not in top(app)


@pytest.mark.runbook("R178")
async def test_i_shows_everything_of_a_request_across_groups_in_order(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("slash", *"group:app keyerror", "enter", "k", "i")
        await until(pilot, lambda: "request " in top(app) and "of 3 groups" in top(app), 30)
        await until(pilot, lambda: "asking for the request" not in top(app), 60)
        shown_rows = [row for row in rows(app) if row.strip()]
        for word in ("start v42", "KeyError", "end", "MB", "502"):
            assert any(word in row for row in shown_rows), word
        assert [row[2:10] for row in shown_rows] == sorted(row[2:10] for row in shown_rows)
        await pilot.press("i")
        await until(pilot, lambda: not _working(app, "asking"), 60)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: "complete to" in top(app))
        assert screen(app)._view.level is Level.NONE, "the request's own level went with it"


async def test_v_says_the_version_and_b_what_was_before_it(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("slash", *"group:app keyerror", "enter", "k", "v")
        await until(pilot, lambda: "written by version 42" in top(app), 30)
        assert "went live" in top(app)
        await pilot.press("b")
        await until(pilot, lambda: "lines like this" in top(app), 30)
        told = r"new with it: 0 lines like this in the [\d:]+ before, [1-9][\d ]* in the [\d:]+ since"
        assert re.search(told, " ".join(top(app).split()))


async def test_c_opens_the_charts_at_the_minute_of_the_line(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("k", "c")
        await until(pilot, lambda: "points" in top(app) and re.search(r"03:0[2-5]", top(app)) is not None, 30)
        assert app.screen is not app.overview


async def test_earlier_reads_back_beyond_what_the_tail_holds(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        before = screen(app)._view.ring.time(0)
        await pilot.press("less_than_sign")
        await until(pilot, lambda: "history" in top(app), 30)
        ring = screen(app)._view.ring
        assert ring.time(0) < before - 5 * 60_000
        times = [ring.time(place) for place in range(len(ring))]
        assert times == sorted(times)
        keys = [
            (ring.time(place), ring[place].group, ring.text(place), ring[place].request) for place in range(len(ring))
        ]
        assert len(keys) - len(set(keys)) < len(keys) / 1000, "nothing is there twice where both meet"
        await pilot.press("G")
        await until(pilot, lambda: "complete to" in top(app))


async def test_a_time_is_jumped_to_in_the_tail_or_read_from_aws(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("t", *"03:04", "enter")
        await until(pilot, lambda: any(row.startswith("▸") and "03:04" in row for row in rows(app)))
        await pilot.press("t", *"02:30:10", "enter")
        await until(pilot, lambda: any(row.startswith("▸ 02:30:1") for row in rows(app)), 30)
        assert "around" in top(app)
        await pilot.press("t", *"soon", "enter")
        await until(pilot, lambda: "is no time" in top(app))


async def test_a_group_that_reaches_further_back_does_not_pass_for_the_others(account: SimulatedAccount) -> None:
    trail = account.state.estate.trail_log_group
    then = datetime(2026, 11, 23, 2, 50, tzinfo=UTC)
    at = round(then.timestamp() * 1000)
    account.state.logs.plant(trail, [("s", at, at + 60_000, '{"eventName": "LongBefore", "eventSource": "planted"}')])
    environment = at_endpoint(find(load(), "prod"), account.endpoint)
    PickStore.of(environment).write(LogPick(("usual", trail)))
    async with logs(account, ready="4 groups") as (app, pilot):
        await until(pilot, lambda: screen(app)._view.ring.time(0) == at)
        await pilot.press("t", *"02:55", "enter")
        await until(pilot, lambda: any(row.startswith("▸ 02:5") for row in rows(app)), 30)
        await pilot.press("G", "g", "less_than_sign")
        await until(pilot, lambda: "history" in top(app), 30)
        ring = screen(app)._view.ring
        functions = {ring.time(place) // 60_000 for place in range(len(ring)) if ring[place].group == "lambda"}
        assert functions >= {at // 60_000 + minute for minute in range(13)}
        assert [row for row in rows(app) if row.startswith("▸ 02:50:00 trail")], "the cursor stays at its line"


async def test_another_screen_opens_the_logs_at_a_moment(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("1")
        app.post_message(OpenLogsAt(datetime(2026, 11, 23, 3, 4, 30, tzinfo=UTC)))
        await until(pilot, lambda: any(row.startswith("▸ 03:04:3") for row in rows(app)))


@pytest.mark.runbook("R089")
@pytest.mark.runbook("R092")
async def test_groups_are_chosen_for_now_and_for_the_next_start(account: SimulatedAccount) -> None:
    trail, function = account.state.estate.trail_log_group, "/aws/lambda/ec2-manager-function-prod"
    async with logs(account) as (app, pilot):
        await pilot.press("f")
        await until(pilot, lambda: "API-Gateway-Execution-Logs_" in top(app) and "kept 365 d" in top(app), 30)
        assert f"● {function}" in top(app)
        await pilot.press(*"function-prod", "enter")
        await until(pilot, lambda: "○ /aws/lambda" in top(app) and "not asked" in top(app))
        await pilot.press("escape")
        await until(pilot, lambda: bool(rows(app)) and not any(" lambda " in row for row in rows(app)))
        await pilot.press("f", *trail, "enter")
        await until(pilot, lambda: re.search(rf"● {trail} +trail · to 03:", top(app)) is not None, 60)
        assert app.session is not None
        store = PickStore.of(app.session.environment)
        await until(pilot, lambda: store.read() == LogPick(("usual", trail), (function,)))
    before = len(account.calls)
    async with logs(account, ready="3 of 4 groups") as (app, pilot):
        asked = {
            call.parameters["logGroupName"]
            for call in account.calls[before:]
            if call.operation == "FilterLogEvents" and "Max Memory Used" not in call.parameters.get("filterPattern", "")
        }
        assert trail in asked
        assert function not in asked
        await pilot.press("f", *"as the", "enter", "escape")
        await until(pilot, lambda: "· 3 groups" in top(app))


async def test_a_wildcard_takes_in_all_that_it_shows_and_what_is_gone_is_said(account: SimulatedAccount) -> None:
    environment = at_endpoint(find(load(), "prod"), account.endpoint)
    PickStore.of(environment).write(LogPick(("usual", "/deleted/since")))
    async with logs(account) as (app, pilot):
        await pilot.press("f")
        await until(pilot, lambda: re.search(r"/deleted/since +▲ no such log group", top(app)) is not None, 30)
        await pilot.press(*"*Execution*")
        await until(pilot, lambda: "all like *Execution*" in top(app))
        await pilot.press("enter")
        followed = r"● (API-Gateway-Exec\S+) +api-exec · "
        await until(pilot, lambda: re.search(followed + "to 03:", top(app)) is not None, 60)
        found = re.search(followed, top(app))
        group = account.state.logs.find("us-west-2", found[1]) if found is not None else None
        assert group is not None
        group.denied = True
        try:
            await until(pilot, lambda: re.search(followed + "▲ denied", top(app)) is not None, 60)
        finally:
            group.denied = False


@pytest.mark.runbook("R217", "R331")
async def test_every_group_tells_what_it_keeps_and_of_several_trails_one_is_chosen(account: SimulatedAccount) -> None:
    first, second = account.state.estate.trail_log_group, "CloudTrail/audit"
    client = boto(account, "logs")
    described = client.describe_log_groups(logGroupNamePrefix="/aws/ec2-manager")["logGroups"]
    client.delete_retention_policy(logGroupName=described[0]["logGroupName"])
    client.create_log_group(logGroupName=second)
    arn = client.describe_log_groups(logGroupNamePrefix=second)["logGroups"][0]["arn"]
    boto(account, "cloudtrail").create_trail(Name="audit", S3BucketName="audit", CloudWatchLogsLogGroupArn=arn)
    async with logs(account) as (app, pilot):
        await pilot.press("f", *"/aws/ec2-manager")
        await until(pilot, lambda: all(one["logGroupName"] in top(app) for one in described), 30)
        for one, kept in zip(described, ("never expires", "kept 30 d", "kept 7 d"), strict=True):
            stored = size(one["storedBytes"])
            assert re.search(rf"{one['logGroupName']} .*{kept} · {stored}", top(app)), one
        await pilot.press(*["backspace"] * 20, *"trail")
        await until(pilot, lambda: len(re.findall(r" trail · .* · CloudTrail", top(app))) == 2)
        assert screen(app).groups().trail == ((first, "trail"), (second, "trail")), "both, while none is chosen"
        await pilot.press(*"/audit", "enter")
        await until(pilot, lambda: re.search(rf"● {second} +trail · to 03:", top(app)) is not None, 60)
        assert screen(app).groups().trail == ((second, "trail"),), "errors of CloudTrail are asked of that one alone"


def _turns(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lanes to which the pace gives a turn from now on."""
    turns: list[str] = []
    turn, ahead = Pace.turn, Pace.ahead

    async def counted(self: Pace, lane: str = TAIL) -> None:
        await turn(self, lane)
        turns.append(lane)

    def in_advance(self: Pace) -> bool:
        given = ahead(self)
        turns.extend(["in advance"] * given)
        return given

    monkeypatch.setattr(Pace, "turn", counted)
    monkeypatch.setattr(Pace, "ahead", in_advance)
    return turns


def _looks(account: SimulatedAccount) -> int:
    return sum(call.operation == "FilterLogEvents" for call in account.calls)


@pytest.mark.runbook("R093")
async def test_the_errors_of_the_last_hour_are_two_keys_away_at_the_tails_own_pace(
    account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, now = "/aws/ec2-manager/prod", manual(account).now()
    client = boto(account, "logs")
    client.create_log_stream(logGroupName=group, logStreamName="by-hand")
    for minutes, word in ((61, "too old"), (59, "old enough")):
        at = int((now - timedelta(minutes=minutes)).timestamp() * 1000)
        event = {"timestamp": at, "message": f'{{"level":"ERROR","message":"{word}"}}'}
        client.put_log_events(logGroupName=group, logStreamName="by-hand", logEvents=[event])
    turns = _turns(monkeypatch)
    before = _looks(account)
    async with logs(account) as (app, pilot):
        await pilot.press("s", "enter")
        await until(pilot, lambda: "search · errors of the last hour" in top(app), 40)
        # Tail, search and the samples of memory together: no call without a turn at the one pace that all keep.
        assert {lane.partition(" ")[0] for lane in turns} - {"in"} == {TAIL, "search"}
        assert _looks(account) - before <= len(turns)
        texts = [line.text for line in screen(app)._view.shown_lines()]
        assert any("old enough" in text for text in texts)
        assert not any("too old" in text for text in texts)
        assert all(re.search(r'ERROR|Error|"status":5|Task timed out|timeout', text) for text in texts)


@pytest.mark.runbook("R094")
async def test_any_pattern_is_sent_as_it_stands_and_the_services_refusal_is_shown(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("s", *"{ $.x")
        await until(pilot, lambda: "comparison is missing at character 6" in top(app))
        pattern = "[a, b=KeyError*, ...]"
        screen(app)._words.value = pattern
        await pilot.press("enter")
        await until(pilot, lambda: "search ·" in top(app), 40)
        sent = [call for call in account.calls if call.operation == "FilterLogEvents"]
        assert any(call.parameters.get("filterPattern") == pattern for call in sent)
        await pilot.press("escape", "s")
        screen(app)._words.value = "{ $.status > high }"
        await pilot.press("enter")
        await until(pilot, lambda: "filter pattern" in top(app).lower() and "nvalid" in top(app), 40)


async def test_a_search_is_kept_under_a_name_and_found_again(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("s", *"KeyError", "ctrl+s")
        await pilot.press(*"region bug", "enter")
        await until(pilot, lambda: "◆ region bug" in top(app))
        environment = app.session.environment if app.session is not None else None
        assert environment is not None
        store = SearchStore.of(environment)
        await until(pilot, lambda: any(one.name == "region bug" for one in store.read().saved))


@pytest.mark.runbook("R245")
async def test_cloudtrails_errors_are_a_search(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("s")
        await until(pilot, lambda: "CloudTrail errors" in top(app))
        await until(pilot, lambda: screen(app)._there is not None, 30)
        await pilot.press(*["down"] * 6, "enter")
        await until(pilot, lambda: "search · CloudTrail errors" in top(app), 40)
        texts = [line.text for line in screen(app)._view.shown_lines()]
        assert all(json.loads(text).get("errorCode") for text in texts)


@pytest.mark.runbook("R241")
async def test_reports_are_summed_up(account: SimulatedAccount) -> None:
    async with logs(account) as (app, pilot):
        await pilot.press("s", *["down"] * 7, "enter")
        await until(pilot, lambda: "memory used: median" in top(app), 60)
        used = [
            int(found[1])
            for line in screen(app)._view.ring.columns(b"\x01" * len(screen(app)._view.ring))
            if (found := re.search(r"Max Memory Used: (\d+) MB", line[3]))
        ]
        assert f"most {max(used)} of 512 MB" in top(app)


async def test_what_is_shown_is_written_without_secrets(
    account: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with logs(account) as (app, pilot):
        secret = LogLine(round(app.now().timestamp() * 1000), "app", Level.ERROR, safe("login password=hunter2 failed"))
        app.overview.extend(LineBatch((secret,)))
        app.hand_out_lines(LineBatch((secret,)))
        await pilot.press("slash", *"login", "enter", "x")
        await until(pilot, lambda: "written:" in top(app))
        text, lines = _written(tmp_path)
        assert "hunter2" not in text + lines
        assert json.loads(lines)["level"] == "ERROR"
        sent: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", sent.append)
        await pilot.press("y")
        found = re.search(r"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", "".join(sent))
        assert found is not None
        assert base64.b64decode(found[1]).decode().endswith("login password=*** failed")


def _written(folder: Path) -> tuple[str, str]:
    (text,) = folder.glob("cockpit-logs-production-2026*.txt")
    (lines,) = folder.glob("*.jsonl")
    return text.read_text(), lines.read_text()


# ---- with lines that a test tells


def told_lines(watch_clock: ManualClock, *texts: str, level: Level = Level.INFO, late: bool = False) -> LinesArrived:
    at = round(watch_clock.now().timestamp() * 1000)
    return LinesArrived(
        LineBatch(tuple(LogLine(at + n, "app", level, safe(text), f"{n}", "", late) for n, text in enumerate(texts)))
    )


async def _told(app: CockpitApp, told: Told, clock: ManualClock, pilot: Pilot[int], *texts: str) -> None:
    told.watches[0].post(told_lines(clock, *texts))
    await pilot.press("3")
    await until(pilot, lambda: texts[-1] in top(app))


@pytest.mark.runbook("R013")
async def test_held_still_it_counts_what_comes_and_space_follows_again(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, "one", "two")
        await pilot.press("space")
        clock.advance(5)
        told.watches[0].post(told_lines(clock, *(f"line {n}" for n in range(60))))
        await until(pilot, lambda: "▼ 60 new" in top(app))
        await pilot.press("space")
        await until(pilot, lambda: "line 59" in top(app) and "held" not in top(app))


async def test_a_key_typed_while_very_many_lines_come_is_answered_before_the_last_of_them(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, "one", "two")
        screen, ring, heard = app.screen, app.overview.ring, list[int]()
        assert isinstance(screen, LogsScreen)
        follow, hand_out = screen.do_follow, app.hand_out_lines

        def typed(batch: LineBatch) -> None:
            monkeypatch.setattr(app, "hand_out_lines", hand_out)  # a key comes with the first piece alone
            hand_out(batch)
            app.post_message(events.Key("space", " "))

        def followed() -> None:
            heard.append(len(ring))
            follow()

        monkeypatch.setattr(app, "hand_out_lines", typed)
        monkeypatch.setattr(screen, "do_follow", followed)
        clock.advance(5)
        told.watches[0].post(told_lines(clock, *(f"line {n}" for n in range(5 * PIECE))))
        await until(pilot, lambda: len(ring) == 5 * PIECE + 2)
        assert heard == [PIECE + 2]
        assert [ring.text(index) for index in range(2, len(ring))] == [f"line {n}" for n in range(5 * PIECE)]
        await until(pilot, lambda: re.search(r"held still · ▼ (8|10) 000 new", top(app)) is not None)


async def test_a_gap_is_a_row_with_its_times_and_a_late_line_stands_in_its_place(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, "before")
        at = round(clock.now().timestamp() * 1000)
        clock.advance(60)
        told.watches[0].post(told_lines(clock, "after"))
        gaps = (Gap(at + 10_000, at + 40_000, "throttled"),)
        claims = (GroupClaim("/app", "app", at, gaps), GroupClaim("/api", "api", at, gaps))
        status = TailStatus(("app", "api"), at, gaps * 2, 2, claims=claims)
        told.watches[0].post(FeedUpdate("tail", Reading(status, clock.now(), clock.now())))
        await until(pilot, lambda: "gap 03:07:10 to 03:07:40 · app: throttled" in top(app))
        assert "gap 03:07:10 to 03:07:40 · api: throttled" in top(app)
        late = msgspec.structs.replace(
            told_lines(clock, "x").batch.lines[0], at=at + 5, text=safe("late one"), late=True
        )
        told.watches[0].post(LinesArrived(LineBatch((late,))))
        await until(pilot, lambda: "late one" in top(app))
        order = [top(app).index(word) for word in ("before", "late one", "▲ gap", "after")]
        assert order == sorted(order)
        assert "03:07:00↺" in top(app)


async def test_marks_are_gone_to_in_turn(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, *(f"line {n:03d}" for n in range(200)))
        await pilot.press("m", "g", "m", "G", "apostrophe")
        await until(pilot, lambda: any(row.startswith("▸◆") and "line 000" in row for row in rows(app)))
        await pilot.press("apostrophe")
        await until(pilot, lambda: any(row.startswith("▸◆") and "line 199" in row for row in rows(app)))


async def test_times_are_told_as_ages_and_long_lines_are_wrapped(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, "word " * 60 + "the tail end", "short")
        assert "the tail end" not in top(app)
        await pilot.press("w", "u", "u")
        await until(pilot, lambda: "the tail end" in top(app) and " 0 s" in top(app))


async def test_switching_the_environment_leaves_no_line_behind(clock: ManualClock) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, "of production")
        await pilot.press("slash", *"of", "enter", "e")
        await until(pilot, lambda: "Environment" in top(app) or "staging" in top(app))
        await pilot.press("2")
        await until(pilot, lambda: "STAGING" in top(app) and "of production" not in top(app))


async def test_a_damaged_file_of_searches_is_told_and_kept_beside(clock: ManualClock, state_home: Path) -> None:
    app, told = told_app(clock)
    async with shown(app) as pilot:
        await _told(app, told, clock, pilot, "one")
        assert app.session is not None
        store = SearchStore.of(app.session.environment)
        store.write(Searches())
        file = store._home.path / store._name
        file.write_text("{ not json")
        await pilot.press("s")
        await until(pilot, lambda: any("damaged" in str(one.message) for one in app._notifications))
        assert file.with_name(f"{file.name}.damaged").read_text() == "{ not json"
