"""Orders that the palette offers by name, as a person gives them: a line, the plan, the typed name, the outcome."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from services.aws.session import Account
from services.clock import Clock, ScaledClock
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import FeedUpdate, Update
from tests.contract.executor_support import situation_of
from tests.simulated_support import START, boto, simulated
from tests.stories.screen_support import ToldWatch, screen_text, shown, state_home, until
from tui.app import CockpitApp
from tui.screens.backups import BackupsScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.invoke import InvokeScreen
from tui.screens.line import LineScreen
from tui.screens.operation import OperationScreen
from tui.screens.point import PointScreen
from tui.session import Opened

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

SPEED = 120.0


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """A calm one, on a clock that runs."""
    with simulated("calm", clock=ScaledClock(START, SPEED)) as opened:
        yield opened


class Asking(ToldWatch):
    """Told what the screen shows, by one reading; what an order asks for is asked of the account."""

    def __init__(self, environment: Environment, post: Callable[[Update], None], clock: Clock) -> None:
        super().__init__(environment, post)
        self.account = Account(environment, clock)

    def ask(self, question: Callable[[Account], Coroutine[Any, Any, Any]]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(question(self.account), asyncio.get_running_loop())


@asynccontextmanager
async def opened(
    account: SimulatedAccount,
    size: tuple[int, int] = (80, 24),
    change: Callable[[Environment], Environment] = lambda one: one,
) -> AsyncIterator[tuple[Pilot[int], CockpitApp]]:
    """The app at 80x24, told everything that a plan needs."""
    settings = load()
    environment, watches = change(at_endpoint(find(settings, "prod"), account.endpoint)), []

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        watches.append(Asking(environment, post, account.clock))
        return Opened(account.clock, watches[-1])

    app = CockpitApp(settings, environment, opener=opener)
    told = await situation_of(environment, account.clock)
    async with AsyncExitStack() as stack, shown(app, size) as pilot:
        (watch,) = watches
        stack.push_async_callback(watch.account.close)
        for feed in ("identity", "stack", "functions", "releases", "apis", "distributions", "parts"):
            watch.post(FeedUpdate(feed, getattr(told, feed)))
        await until(pilot, lambda: _known(app))
        yield pilot, app


def _known(app: CockpitApp) -> bool:
    situation = app.session.situation if app.session is not None else None
    return situation is not None and situation.parts.value is not None and situation.releases.value is not None


async def by_name(pilot: Pilot[int], app: CockpitApp, name: str) -> None:
    """Find an action in the palette by its name and run it."""
    await pilot.press("ctrl+p", *name)
    await until(pilot, lambda: f"{name.capitalize()}" in screen_text(app))
    await pilot.pause(0.3)
    await pilot.press("enter")


async def line(pilot: Pilot[int], app: CockpitApp, text: str) -> None:
    """Give the line that an order asks for."""
    await until(pilot, lambda: asked(app))
    app.screen.query_one(Input).value = text
    await pilot.press("enter")


def asked(app: CockpitApp) -> bool:
    """Whether a line is waited for."""
    return isinstance(app.screen, LineScreen) and bool(app.screen.query(Input))


async def confirmed(pilot: Pilot[int], app: CockpitApp, word: str = "production") -> ConfirmScreen:
    """Wait for the plan, and type what it asks for."""
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen), 30)
    dialog = app.screen
    assert isinstance(dialog, ConfirmScreen)
    await until(pilot, lambda: dialog.armed)
    await pilot.press(*word, "enter")
    await until(pilot, lambda: isinstance(app.screen, OperationScreen))
    return dialog


@pytest.mark.runbook("R163")
async def test_a_function_is_called_once_by_name_and_its_answer_stands_there(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        await by_name(pilot, app, "test invoke")
        await until(pilot, lambda: isinstance(app.screen, InvokeScreen) and bool(app.screen.query("#payload")))
        field = app.screen.query_one("#payload", Input)
        assert field.value == '{"test": "data"}'
        await pilot.press("down")
        assert field.value == '{"test": true}'
        field.value = "{test"
        await pilot.press("enter")
        await until(pilot, lambda: "that is no JSON" in screen_text(app))
        await pilot.press("up")
        await pilot.press("enter")
        await confirmed(pilot, app)
        await until(pilot, lambda: "COMPLETED" in screen_text(app), 30)
        await until(pilot, lambda: "FunctionError  none" in screen_text(app) and "Body" in screen_text(app))
        await pilot.press("j", "j", "j", "j", "j", "j", "j", "j")
        await until(pilot, lambda: "REPORT RequestId" in screen_text(app))
    assert sum(call.operation == "Invoke" for call in account.calls) == 1


@pytest.mark.runbook("R244")
async def test_an_index_is_made_from_a_file_by_name_and_missing_types_are_asked_for(
    account: SimulatedAccount, tmp_path: Path
) -> None:
    file = tmp_path / "gsi.json"
    key = [{"AttributeName": "region", "KeyType": "HASH"}]
    create = {"IndexName": "by-region", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}
    file.write_text(json.dumps([{"Create": create}]))
    async with opened(account) as (pilot, app):
        await by_name(pilot, app, "index change")
        await line(pilot, app, f"ec2-manager-audit-production {tmp_path / 'none.json'}")
        await until(pilot, lambda: "cannot be read" in screen_text(app))
        await line(pilot, app, f"ec2-manager-audit-production {file}")
        await until(pilot, lambda: asked(app) and app.screen.query_one(Input).value == "region=S")
        await pilot.press("enter")
        dialog = await confirmed(pilot, app)
        assert "AttributeDefinitions" in dialog.plan.steps[0].call.parameters
        await until(pilot, lambda: "COMPLETED" in screen_text(app), 60)
    assert sum(call.operation == "UpdateTable" for call in account.calls) == 1


@pytest.mark.runbook("R252")
async def test_a_user_is_signed_out_by_name_and_the_tokens_that_stay_valid_are_said(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        await by_name(pilot, app, "sign out a user")
        await line(pilot, app, "user-99")
        await until(pilot, lambda: "UserNotFound" in screen_text(app))
        await pilot.press("escape")
        await by_name(pilot, app, "sign out a user")
        await line(pilot, app, "user-02")
        await confirmed(pilot, app)
        await until(pilot, lambda: "COMPLETED" in screen_text(app), 30)
        await until(pilot, lambda: "tokens issued before stay valid" in " ".join(screen_text(app).split()))
    assert sum(call.operation == "AdminUserGlobalSignOut" for call in account.calls) == 1


@pytest.mark.runbook("R212")
@pytest.mark.runbook("R213")
@pytest.mark.runbook("R274")
async def test_a_table_is_restored_as_of_an_hour_ago_by_name(account: SimulatedAccount) -> None:
    target = "ec2-manager-audit-recovery"
    async with opened(account) as (pilot, app):
        await by_name(pilot, app, "table backups")
        await until(pilot, lambda: isinstance(app.screen, BackupsScreen))
        await until(pilot, lambda: "PASS  ENABLED" in screen_text(app) and "USER" in screen_text(app))
        assert screen_text(app).index("-2026-11-22") < screen_text(app).index("-2026-11-16"), "newest first"
        before = account.clock.now().replace(microsecond=0)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, PointScreen) and bool(app.screen.query("#time")))
        field = app.screen.query_one("#time", Input)
        preset = datetime.fromisoformat(f"{field.value}Z")
        assert before <= preset + timedelta(hours=1) <= account.clock.now(), "an hour before it was asked for"
        await pilot.press("down", "pagedown")
        assert field.value == f"{preset - timedelta(minutes=61):%Y-%m-%d %H:%M:%S}"
        field.value = "2026-01-01 00:00:00"
        await pilot.press("enter")
        await until(pilot, lambda: "outside the window" in screen_text(app))
        assert isinstance(app.screen, PointScreen), "an instant that cannot be restored goes no further"
        field.value = f"{preset:%Y-%m-%d %H:%M:%S}"
        await pilot.press("enter")
        dialog = await confirmed(pilot, app, target)
        assert dialog.plan.steps[0].call.parameters["TargetTableName"] == target
        await until(pilot, lambda: "the application still" in screen_text(app), 60)
    (sent,) = [call for call in account.calls if call.operation == "RestoreTableToPointInTime"]
    assert sent.parameters["RestoreDateTime"] == preset


@pytest.mark.runbook("R336")
async def test_a_backup_is_picked_from_the_list_and_no_arn_is_typed(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        await by_name(pilot, app, "table backups")
        await until(pilot, lambda: isinstance(app.screen, BackupsScreen) and "USER" in screen_text(app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: asked(app))
        assert app.screen.query_one(Input).value == "ec2-manager-audit-test"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen), 30)
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        older = boto(account, "dynamodb").list_backups(TableName="ec2-manager-audit-production")["BackupSummaries"][0]
        assert dialog.plan.steps[0].call.parameters["BackupArn"] == older["BackupArn"]
        await until(pilot, lambda: dialog.armed)
        await pilot.press(*"production", "enter")
        await pilot.press("escape")
    assert not any(call.operation == "RestoreTableFromBackup" for call in account.calls), "the target's name is asked"


@pytest.mark.runbook("R220")
async def test_old_versions_are_deleted_by_name(account: SimulatedAccount) -> None:
    estate = account.state.estate.environment("production")
    client = boto(account, "lambda")
    async with opened(account) as (pilot, app):
        await by_name(pilot, app, "old versions")
        await until(pilot, lambda: asked(app))
        assert app.screen.query_one(Input).value == f"{estate.function} 30d"
        await line(pilot, app, f"{estate.function} 15d")
        dialog = await confirmed(pilot, app)
        assert [step.call.parameters["Qualifier"] for step in dialog.plan.steps] == ["38"]
        await until(pilot, lambda: "COMPLETED" in screen_text(app), 30)
    left = [one["Version"] for one in client.list_versions_by_function(FunctionName=estate.function)["Versions"]]
    assert "38" not in left
    assert sum(call.operation == "DeleteFunction" for call in account.calls) == 1
