"""Tasks of maintenance that read the account: what they find is kept with the tick, and ticking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from services.clock import ScaledClock
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import START, boto, simulated
from tests.stories.screen_support import state_home, until
from tests.stories.test_orders_by_name import SPEED, opened
from tests.stories.test_runbook_screen import rows, say, screen, select, top
from tui.app import CockpitApp
from tui.runbook_tasks import Looked
from tui.screens.backups import BackupsScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.line import LineScreen
from tui.screens.runbook import MAINTENANCE, RunbookScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm", clock=ScaledClock(START, SPEED)) as opened:
        yield opened


async def to_maintenance(app: CockpitApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: app.runbook is not None)
    await pilot.press("6")
    await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and "Operations Runbook" in top(app))
    for _ in range(MAINTENANCE):
        await pilot.press("tab")
    await until(pilot, lambda: bool(rows(app)))


def changed(account: SimulatedAccount) -> list[Any]:
    return [one for one in account.calls if one.operation.startswith(("Delete", "Update", "Create", "Restore"))]


@pytest.mark.runbook("R203", "R204", "R205", "R210")
async def test_weekly_and_monthly_tasks_open_what_they_need_and_ticking_changes_nothing(
    account: SimulatedAccount,
) -> None:
    table = boto(account, "dynamodb")
    name = next(one for one in table.list_tables()["TableNames"] if "production" in one)
    table.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    table.create_backup(TableName=name, BackupName="nightly")
    async with opened(account) as (pilot, app):
        await to_maintenance(app, pilot)
        before = len(changed(account))

        task = "weekly/update-security-patches"
        await until(pilot, lambda: "python3" in rows(app)[task].told and "update Successful" in rows(app)[task].told)

        task = "weekly/review-backup-status"
        await select(app, pilot, task)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BackupsScreen))
        await pilot.press("escape")
        await pilot.press("t")
        await say(app, pilot, "asked for")
        await until(pilot, lambda: "FAIL" in rows(app)[task].told)
        assert name in top(app) or "DISABLED" in "".join(span.text for line in rows(app)[task].detail for span in line)

        task = "weekly/clean-up-old-resources"
        await select(app, pilot, task)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, (LineScreen, RunbookScreen)))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen))
        await pilot.press("t")
        await say(app, pilot, "none was old")
        await until(pilot, lambda: rows(app)[task].word != "DUE")

        await select(app, pilot, "monthly/dr-testing")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and "Restore backup nightly" in top(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen))
        await pilot.press("t")
        await say(app, pilot, "restored on Friday")
        await until(pilot, lambda: "restored on Friday" in rows(app)["monthly/dr-testing"].told)
        assert len(changed(account)) == before


@pytest.mark.runbook("R197")
async def test_the_daily_look_shows_the_status_and_is_ticked_with_what_it_finds(account: SimulatedAccount) -> None:
    account.functions["production"].update_failure = "The layer version 12 does not exist."
    async with opened(account) as (pilot, app):
        await to_maintenance(app, pilot)
        task = "daily/check-system-health"
        await select(app, pilot, task)
        await pilot.press("enter")
        await until(pilot, lambda: "FAIL" in rows(app)[task].told)
        assert rows(app)[task].word.startswith("due ")
        shown = "\n".join("".join(span.text for span in line) for line in screen(app)._preview._paragraphs)
        assert all(f" {name} " in shown for name in ("stack", "api", "lambda", "table", "cdn", "users"))
        assert "layer version 12" in shown


def below(app: CockpitApp) -> str:
    """What stands below the list, every word of it."""
    return "\n".join("".join(span.text for span in line) for line in screen(app)._preview._paragraphs)


def asked_costs(account: SimulatedAccount) -> list[Any]:
    return [call for call in account.calls if call.operation == "GetCostAndUsage"]


@pytest.mark.runbook("R199", "R202", "R211")
@pytest.mark.parametrize(
    ("task", "granularity", "days"),
    [
        ("daily/check-cost-metrics", "DAILY", 1),
        ("weekly/analyze-cost-optimization-opportunities", "DAILY", 7),
        ("monthly/cost-optimization-review", "MONTHLY", 31),
    ],
)
async def test_costs_are_asked_once_on_a_key_listed_by_service_and_kept_with_the_tick(
    account: SimulatedAccount, task: str, granularity: str, days: int
) -> None:
    async with opened(account) as (pilot, app):
        before = len(asked_costs(account))
        await to_maintenance(app, pilot)
        await select(app, pilot, task)
        await until(pilot, lambda: "one request, $0.01" in top(app))
        assert len(asked_costs(account)) == before, "nothing is paid before a key is pressed"

        await pilot.press("enter")
        await until(pilot, lambda: "Elastic Compute Cloud" in top(app))
        (call,) = asked_costs(account)[before:]
        window = call.parameters["TimePeriod"]
        first, last = (date.fromisoformat(window[name]) for name in ("Start", "End"))
        assert (call.parameters["Granularity"], (last - first).days) == (granularity, days)
        assert last == call.at.date() if granularity == "DAILY" else last == call.at.date().replace(day=1)
        shown = below(app)
        amounts = [float(found) for found in re.findall(r"^ *\$([0-9.]+)  \S", shown, re.M)]
        assert len(amounts) == 9 and amounts == sorted(amounts, reverse=True), "every service, the dearest first"
        assert "CloudFront" in shown and "$" in shown

        await pilot.press("t")
        await say(app, pilot, "as planned")
        await until(pilot, lambda: rows(app)[task].word.startswith("due "))
        assert "as planned" in rows(app)[task].told
        assert app.session is not None
        mark = app.session.marks.newest("maintenance", "", task)
        assert mark is not None and "Elastic Compute Cloud" in mark.evidence
        assert len(asked_costs(account)) == before + 1, "a tick asks nothing"


async def test_a_key_that_is_pressed_again_before_the_answer_pays_nothing(
    account: SimulatedAccount,
) -> None:
    account.faults.add(Fault("ce", "GetCostAndUsage", FaultKind.SLOW_BODY, seconds=0.001))
    async with opened(account) as (pilot, app):
        before = len(asked_costs(account))
        await to_maintenance(app, pilot)
        await select(app, pilot, "daily/check-cost-metrics")
        screen(app).do_open()  # as `enter` does: a pressed key would wait for the answer
        screen(app).do_open()
        await until(pilot, lambda: any("is on the way" in str(one.message) for one in app._notifications))
        await until(pilot, lambda: "Elastic Compute Cloud" in below(app))
        assert len(asked_costs(account)) == before + 1


async def test_a_look_of_yesterday_is_not_what_a_tick_of_today_keeps(account: SimulatedAccount) -> None:
    task = "daily/check-cost-metrics"
    async with opened(account) as (pilot, app):
        await to_maintenance(app, pilot)
        await select(app, pilot, task)
        chosen = screen(app).chosen
        assert chosen is not None
        screen(app).remember(chosen, Looked("", "the day before", at=account.clock.now() - timedelta(days=1)))
        await pilot.press("t")
        await say(app, pilot, "seen on the bill")
        await until(pilot, lambda: "seen on the bill" in rows(app)[task].told)
        assert app.session is not None
        mark = app.session.marks.newest("maintenance", "", task)
        assert mark is not None and not mark.evidence


async def test_costs_that_may_not_be_read_are_said_and_are_no_finding(account: SimulatedAccount) -> None:
    account.faults.add(Fault("ce", "GetCostAndUsage", FaultKind.DENY, times=None))
    try:
        async with opened(account) as (pilot, app):
            await to_maintenance(app, pilot)
            await select(app, pilot, "daily/check-cost-metrics")
            await pilot.press("enter")
            await until(pilot, lambda: "ce:GetCostAndUsage" in below(app))
            assert "Have Cost Explorer enabled" in below(app)
            await pilot.press("t")
            await say(app, pilot, "looked in the console")
            await until(pilot, lambda: "looked in the console" in rows(app)["daily/check-cost-metrics"].told)
            assert app.session is not None
            mark = app.session.marks.newest("maintenance", "", "daily/check-cost-metrics")
            assert mark is not None and not mark.evidence
    finally:
        account.faults.clear()
