"""Screen 6 as an operator has it at night: the text without any account; lists and tasks ticked, kept, due again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from services.clock import ManualClock
from services.journal.chain import read_chain
from services.journal.ids import new_operation_id
from services.journal.who import actor
from services.journal.writing import JournalWriter
from services.model.entry import Outcome, Phase
from services.model.functions import Function
from services.model.reading import Reading
from services.safe_text import safe
from services.settings.loading import load, runbook_file
from services.settings.values import Environment, Settings
from services.watch.updates import FeedUpdate
from tests.stories.screen_support import a_plan, clock, shown, state_home, told_app, until
from tui.app import CockpitApp
from tui.screens.alarms import AlarmsScreen
from tui.screens.help import HelpScreen
from tui.screens.line import LineScreen
from tui.screens.operation import OperationScreen
from tui.screens.runbook import LISTS, MAINTENANCE, RunbookScreen
from tui.session import Opened
from widgets.check_list import CheckRow

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


ORDERS = Function(safe("orders"), safe("arn:orders"), safe("Active"), safe("Successful"), safe("python3.11"))


def top(app: CockpitApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def said(app: CockpitApp) -> str:
    """What is told beside the screen."""
    return "\n".join(str(one.message) for one in app._notifications)


def screen(app: CockpitApp) -> RunbookScreen:
    found = app.screen
    assert isinstance(found, RunbookScreen)
    return found


def rows(app: CockpitApp) -> dict[str, CheckRow]:
    return {one.key: one for one in screen(app)._table.entries}


@asynccontextmanager
async def at(app: CockpitApp, part: int = 0, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[int]]:
    """The screen, at one of its parts."""
    async with shown(app, size) as pilot:
        await until(pilot, lambda: app.runbook is not None)
        await pilot.press("6")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and "Operations Runbook" in top(app))
        for _ in range(part):
            await pilot.press("tab")
        if part:
            await until(pilot, lambda: bool(rows(app)))
        yield pilot


async def select(app: CockpitApp, pilot: Pilot[int], key: str) -> None:
    keys = [*rows(app)]
    screen(app)._table.to(keys.index(key))
    await until(pilot, lambda: screen(app).chosen is not None and screen(app).chosen.key == key)  # type: ignore[union-attr]  # asked twice


async def say(app: CockpitApp, pilot: Pilot[int], text: str) -> None:
    await until(pilot, lambda: isinstance(app.screen, LineScreen))
    await pilot.press(*text, "enter")


# ---- the text


@pytest.mark.runbook("R005")
async def test_every_part_is_listed_and_enter_scrolls_to_its_heading(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with at(app) as pilot:
        parts = [one for one in screen(app)._sections.entries if one.level == 2][1:]
        assert len(parts) == 13
        document, scroll = screen(app)._document, screen(app)._scroll
        for part in parts:
            screen(app)._sections.to(screen(app)._sections.entries.index(part))
            await pilot.press("enter")
            await until(pilot, lambda: bool(document.size))
            wanted = min(document.row_of(part.line), document.size.height - scroll.size.height)
            await until(pilot, partial(_stands_at, scroll, wanted))
            assert str(part.title) in top(app)
            await pilot.press("escape")


def _stands_at(scroll: VerticalScroll, row: int) -> bool:
    return scroll.scroll_y == row


class Unreachable:
    """An account at which nothing answers."""

    def __call__(self, environment: Environment, settings: Settings, post: object) -> Opened:
        from services.problems import AccountError, ProblemKind, problem

        raise AccountError(problem(ProblemKind.UNREACHABLE, "connection refused"))


@pytest.mark.runbook("R004")
async def test_without_any_account_help_leads_to_the_whole_text_from_every_screen(clock: ManualClock) -> None:
    settings = load()
    app = CockpitApp(settings, settings.environments[0], opener=Unreachable(), machine=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session is not None and app.session.problem is not None)
        await until(pilot, lambda: app.runbook is not None)
        for key in "148":
            await pilot.press(key)
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await pilot.press("6")
            await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and "Quick Reference" in top(app))
        await pilot.press("slash", *"point-in-time", "enter")
        await until(pilot, lambda: "1 of 3 lines" in top(app))
        assert "point-in-time" in top(app)
        await pilot.press("n")
        await until(pilot, lambda: "2 of 3 lines" in top(app))
        await pilot.press("N")
        await until(pilot, lambda: "1 of 3 lines" in top(app))


@pytest.mark.runbook("R001", "R002", "R327", "R328")
async def test_help_tells_the_loaded_documents_version_and_what_header_and_footer_say_differently(
    clock: ManualClock, tmp_path: Path
) -> None:
    path = runbook_file(load())
    assert path is not None
    app, _ = told_app(clock)
    async with shown(app, (120, 40)) as pilot:
        await until(pilot, lambda: app.runbook is not None)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Operations Runbook  version 1.0  last updated 2025-09-14" in top(app))
        assert "footer" not in top(app).split("Act")[0]
    edited = path.read_text("utf-8").replace("**Document Version:** 1.0", "**Document Version:** 1.1")
    edited = edited.replace("_Last Updated: 2025-09-14_", "_Last Updated: 2025-09-01_")
    (tmp_path / "edited.md").write_text(edited, "utf-8")
    settings = msgspec.structs.replace(load(), runbook=str(tmp_path / "edited.md"))
    app, _ = told_app(clock)
    app.settings = settings
    async with shown(app, (120, 40)) as pilot:
        await until(pilot, lambda: app.runbook is not None)
        await pilot.press("question_mark")
        await until(pilot, lambda: "version 1.1" in top(app))
        assert "Document Version: header 1.1, footer 1.0" in top(app)
        assert "Last Updated: header 2025-09-14, footer 2025-09-01" in top(app)


@pytest.mark.runbook("R003", "R329")
@pytest.mark.parametrize(
    ("day", "mark", "word"), [(15, "review overdue by 1 day", "OVERDUE"), (10, "review due in 4 days", "due 14 Oct")]
)
async def test_the_documents_own_review_is_due_by_the_clock(day: int, mark: str, word: str) -> None:
    app, _ = told_app(ManualClock(datetime(2025, 10, day, 3, tzinfo=UTC)))
    async with at(app, MAINTENANCE, (120, 40)) as pilot:
        assert rows(app)["monthly/the-runbook"].word == word
        assert mark in rows(app)["monthly/the-runbook"].told
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and mark in top(app))


async def test_without_a_document_the_screen_says_which_setting_names_it(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    app.settings = msgspec.structs.replace(load(), runbook="")
    async with shown(app, (80, 24)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "No runbook is configured" in top(app))
        await pilot.press("tab", "t", "w", "enter", "b", "c", "u")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


# ---- maintenance


@pytest.mark.runbook("R207")
async def test_a_tick_keeps_note_user_and_time_over_a_restart_and_is_due_again_by_the_clock(clock: ManualClock) -> None:
    app, told = told_app(clock)
    task = "weekly/update-security-patches"
    async with at(app, MAINTENANCE, (120, 40)) as pilot:
        now = clock.now()
        told.watches[0].post(FeedUpdate("functions", Reading((ORDERS,), now, now)))
        await until(pilot, lambda: "orders python3.11, update Successful" in rows(app)[task].told)
        await select(app, pilot, task)
        await pilot.press("t")
        await say(app, pilot, "3.12 next week")
        await until(pilot, lambda: rows(app)[task].word == "due 30 Nov")
        await select(app, pilot, "monthly/capacity-planning-review")
        await pilot.press("t")
        await say(app, pilot, "room for a year")
        await until(pilot, lambda: rows(app)["monthly/capacity-planning-review"].word == "due 23 Dec")
    clock.advance(timedelta(days=7).total_seconds())
    again, _ = told_app(clock)
    async with at(again, MAINTENANCE, (120, 40)) as pilot:
        await until(pilot, lambda: "3.12 next week" in rows(again)[task].told)
        assert rows(again)[task].word == "DUE"
        assert f"{now:%Y-%m-%d %H:%M}" in rows(again)[task].told
        assert "@" in rows(again)[task].told
        assert rows(again)["monthly/capacity-planning-review"].word == "due 23 Dec"


async def test_a_tick_of_another_screen_is_seen_and_a_tick_is_taken_back(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    other, _ = told_app(clock)
    task = "monthly/capacity-planning-review"
    async with at(app, MAINTENANCE) as pilot, at(other, MAINTENANCE) as beside:
        await select(other, beside, task)
        await beside.press("t")
        await say(other, beside, "seen")
        await until(pilot, lambda: rows(app)[task].word == "due 23 Dec")
        await select(app, pilot, task)
        await pilot.press("u")
        await until(beside, lambda: rows(other)[task].word == "DUE")


@pytest.mark.runbook("R201")
async def test_the_trends_are_a_week_beside_the_week_before(clock: ManualClock) -> None:
    from tui.screens.metrics import MetricsScreen

    app, _ = told_app(clock)
    async with at(app, MAINTENANCE) as pilot:
        await select(app, pilot, "weekly/review-performance-trends")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MetricsScreen))
        metrics = app.screen
        assert isinstance(metrics, MetricsScreen)
        await until(pilot, lambda: metrics._window.stretch.label == "1 week")
        assert metrics._window.compared.label == "same time last week"


async def test_what_the_night_did_is_one_key_away_and_what_is_paid_says_its_price_first(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with at(app, MAINTENANCE) as pilot:
        await select(app, pilot, "daily/check-cost-metrics")
        await until(pilot, lambda: "one request, $0.01" in top(app))
        await select(app, pilot, "daily/review-overnight-alerts")
        await pilot.press("b")
        await until(pilot, lambda: "daily tasks begin by themselves" in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AlarmsScreen) and app.screen.has_class("-overnight"))


# ---- checklists


async def test_a_list_is_begun_ticked_in_parts_waived_and_closed(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with at(app, LISTS, (120, 40)) as pilot:
        await select(app, pilot, "security-incident-checklist/")
        await pilot.press("t")
        await pilot.press("b")
        await until(pilot, lambda: "security-incident-checklist/preserve-evidence-and-logs" in rows(app))
        await pilot.press("b")
        await until(pilot, lambda: "open already; c closes it" in said(app))
        await select(app, pilot, "security-incident-checklist/isolate-affected-systems-immediately")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        await pilot.press("enter")
        await until(pilot, lambda: "has to be said" in top(app))
        await say(app, pilot, "read only leak")
        key = "security-incident-checklist/isolate-affected-systems-immediately"
        await until(pilot, lambda: rows(app)[key].word == "WAIVED")
        assert "read only leak" in rows(app)[key].told
        key = "security-incident-checklist/reset-compromised-credentials"
        await select(app, pilot, key)
        await pilot.press("t")
        await say(app, pilot, "by the directory")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and "key rotation" in top(app))
        await pilot.press("minus", "enter")
        await until(pilot, lambda: rows(app)[key].word == "HALF DONE")
        await select(app, pilot, "security-incident-checklist/")
        await pilot.press("c")
        await until(pilot, lambda: "security-incident-checklist/preserve-evidence-and-logs" not in rows(app))


# ---- the rollback's own list


async def _rollback_under_way(app: CockpitApp, pilot: Pilot[int], clock: ManualClock, reason: str) -> str:
    """A rollback on disk that nobody carries out, followed on its screen."""
    from services.executor.orders import write_order

    assert app.session is not None
    environment, home = app.session.environment, app.session.home
    operation = new_operation_id(clock.now())
    write_order(home, operation, a_plan(clock), environment, actor(), reason, clock.now())
    await until(pilot, lambda: app.key_context().running)
    await pilot.press("o")
    await until(pilot, lambda: isinstance(app.screen, OperationScreen) and app.screen._checklist is not None)
    return operation


def _end(app: CockpitApp, operation: str, clock: ManualClock) -> None:
    """What an executor would write at the end."""
    assert app.session is not None
    home = app.session.home
    head = read_chain(home.read(f"{operation}.order.jsonl")).head
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    writer.append(Phase.REPLY, "UpdateAlias was accepted", clock.now(), step=0)
    writer.append(Phase.DONE, "RECOVERED: well", clock.now(), outcome=Outcome.RECOVERED)
    writer.close()


@pytest.mark.runbook("R306")
async def test_a_rollback_is_monitored_by_its_open_screen_and_not_complete_without_an_outcome(
    clock: ManualClock,
) -> None:
    app, _ = told_app(clock)
    async with shown(app, (120, 60)) as pilot:
        await until(pilot, lambda: app.runbook is not None)
        operation = await _rollback_under_way(app, pilot, clock, "v42 errs")
        await until(pilot, lambda: "Rollback Checklist  1 of 7" in top(app))
        await pilot.press("c")
        await until(pilot, lambda: any("no outcome yet" in str(one.message) for one in app._notifications))
        _end(app, operation, clock)
        await until(pilot, lambda: "RECOVERED was reached with its screen open" in top(app))
        await until(pilot, lambda: "v42 errs: RECOVERED" in top(app))
        await pilot.press("c")
        await until(pilot, lambda: any("of 7 are open" in str(one.message) for one in app._notifications))
        assert "closed as complete" not in top(app)


@pytest.mark.runbook("R109")
async def test_an_exposed_vulnerability_as_the_reason_offers_the_security_checklist(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app, (80, 24)) as pilot:
        await until(pilot, lambda: app.runbook is not None)
        operation = await _rollback_under_way(app, pilot, clock, "Security vulnerability exposed")
        await until(pilot, lambda: "Security Incident Checklist" in " ".join(top(app).split()))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen))
        await until(pilot, lambda: "security-incident-checklist/isolate-affected-systems-immediately" in rows(app))
        await until(pilot, lambda: screen(app).chosen is not None)
        assert screen(app).chosen == rows(app)["security-incident-checklist/"]
        assert app.session is not None
        begun = app.session.marks.open_occasion("security-incident-checklist")
        assert begun is not None
        assert operation in begun.note
