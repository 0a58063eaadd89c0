"""X: the API closed to everybody from the keyboard, told on the screen, and opened again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from services.clock import ScaledClock
from services.model.apis import ApiKind
from services.model.reading import Reading
from services.safe_text import SafeText
from services.simulated.account import SimulatedAccount
from services.watch.updates import FeedUpdate
from tests.contract.executor_support import situation_of
from tests.simulated_support import START, simulated
from tests.stories.screen_support import screen_text, state_home, until
from tests.stories.test_orders_by_name import confirmed, opened
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.isolate import IsolateScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm", clock=ScaledClock(START, 120.0)) as opened:
        yield opened


async def read_again(app: CockpitApp, account: SimulatedAccount) -> None:
    """The watch has asked for the API once more."""
    session = app.session
    assert session is not None
    assert session.watch is not None
    found = await situation_of(session.environment, account.clock)
    session.watch.post(FeedUpdate("apis", found.apis))  # type: ignore[attr-defined]  # the told one


async def test_of_several_apis_x_asks_which_one(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        session = app.session
        assert session is not None
        assert session.watch is not None
        (rest,) = (await situation_of(session.environment, account.clock)).apis.value or ()
        http = msgspec.structs.replace(
            rest, id=SafeText("h77p"), name=SafeText("orders-api"), kind=ApiKind.HTTP, routes=SafeText("{}")
        )
        now = account.clock.now()
        session.watch.post(FeedUpdate("apis", Reading((rest, http), now, now)))  # type: ignore[attr-defined]  # told
        await until(pilot, lambda: session.situation is not None and session.situation.apis.value == (rest, http))
        await pilot.press("X")
        await until(pilot, lambda: "orders-api (HTTP, stage prod)" in screen_text(app))
        assert "Isolate which API" in screen_text(app)
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "Isolate orders-api" in screen_text(app)
        assert isinstance(app.screen, ConfirmScreen)
        (step,) = app.screen.plan.steps
        assert (step.call.service, step.call.parameters["ApiId"]) == ("apigatewayv2", "h77p")
        await pilot.press("escape")


@pytest.mark.runbook("R250")
async def test_x_closes_the_api_after_the_typed_name_the_verdict_says_so_and_x_opens_it_again(
    account: SimulatedAccount,
) -> None:
    async with opened(account) as (pilot, app):
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, IsolateScreen))
        await until(pilot, lambda: "throttle" in screen_text(app) and "policy" in screen_text(app))
        await pilot.press("enter")
        dialog = await confirmed(pilot, app)
        assert [step.call.operation for step in dialog.plan.steps] == ["UpdateStage"]
        await until(pilot, lambda: "health address is refused, HTTP 429" in " ".join(screen_text(app).split()), 30)
        await pilot.press("escape")
        await read_again(app, account)
        await until(pilot, lambda: "ISOLATED on purpose since" in screen_text(app), 30)
        assert "prepares to open it again" in " ".join(screen_text(app).split())

        await pilot.press("X")
        dialog = await confirmed(pilot, app)
        assert dialog.plan.undo_of
        await until(pilot, lambda: "health address is answered, HTTP 200" in " ".join(screen_text(app).split()), 30)
        await pilot.press("escape")
        await read_again(app, account)
        await until(pilot, lambda: "ISOLATED" not in screen_text(app), 30)
