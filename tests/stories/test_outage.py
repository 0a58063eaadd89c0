"""A complete outage looked into: AWS, stack and tables by themselves, the direct call on a key, then the log."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import msgspec
import pytest

from services.clock import ScaledClock
from services.model.logs import Level
from services.model.outage import Facts
from services.model.reading import Reading
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import START, simulated
from tests.stories.screen_support import screen_text, state_home, until
from tests.stories.test_orders_by_name import SPEED, by_name, confirmed, opened
from tui.screens.app_log import AppLogScreen
from tui.screens.invoke import InvokeScreen
from tui.screens.outage import OutageScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm", clock=ScaledClock(START, SPEED)) as opened_account:
        yield opened_account


def told(text: str) -> str:
    """The words of a screen, frames left out."""
    return " ".join(text.replace("┃", " ").split())


def post(account: SimulatedAccount, rows: list[dict[str, str]]) -> None:
    """Have AWS say this of itself."""
    request = urllib.request.Request(f"{account.endpoint}/_simulated/events", json.dumps(rows).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.runbook("R264", "R265", "R266", "R267", "R268")
async def test_three_steps_look_by_themselves_the_call_is_asked_for_and_then_the_log(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        before = sum(call.operation == "Invoke" for call in account.calls)
        await by_name(pilot, app, "system outage")
        await until(pilot, lambda: isinstance(app.screen, OutageScreen) and "ACTIVE" in screen_text(app))
        shown = told(screen_text(app))
        assert "no trouble in us-west-2" in shown
        assert "UPDATE_COMPLETE" in shown
        assert "i calls the function directly" in shown
        assert sum(call.operation == "Invoke" for call in account.calls) == before, "nothing is called by itself"

        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, InvokeScreen))
        await until(pilot, lambda: '{"test": true}' in screen_text(app))
        await pilot.press("enter")
        await confirmed(pilot, app)
        await until(pilot, lambda: "COMPLETED" in screen_text(app), 30)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, OutageScreen))
        await until(pilot, lambda: "infrastructure healthy: look at the application" in told(screen_text(app)))
        assert sum(call.operation == "Invoke" for call in account.calls) == before + 1

        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AppLogScreen))
        screen = app.screen
        assert isinstance(screen, AppLogScreen)
        await until(pilot, lambda: screen._view.level is Level.ERROR)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, OutageScreen))


async def test_tables_that_nobody_could_list_are_never_taken_for_health(account: SimulatedAccount) -> None:
    async with opened(account) as (pilot, app):
        assert app.session is not None and app.session.situation is not None
        app.session.situation = msgspec.structs.replace(app.session.situation, parts=Reading())
        await by_name(pilot, app, "system outage")
        await until(pilot, lambda: "its resources have not been read" in told(screen_text(app)))
        assert "not known: Table of the stack could not be looked at" in told(screen_text(app))


async def test_trouble_of_aws_and_a_table_that_may_not_be_read_are_each_said(account: SimulatedAccount) -> None:
    post(account, [{"service": "dynamodb-us-west-2", "summary": "Increased API error rates"}])
    account.faults.add(Fault("dynamodb", "DescribeTable", FaultKind.DENY, times=None))
    try:
        async with opened(account) as (pilot, app):
            await by_name(pilot, app, "system outage")
            await until(pilot, lambda: "dynamodb:DescribeTable" in screen_text(app))
            shown = told(screen_text(app))
            assert "dynamodb (us-west-2): Increased API error rates since" in shown
            assert "not healthy: AWS itself" in shown
            account.faults.clear()
            post(account, [])
            looked = app.screen
            assert isinstance(looked, OutageScreen) and looked.facts.stack is not None
            looked.action_look()  # as `r` does: a pressed key would wait for the answers
            assert looked.facts == Facts("us-west-2"), "no old answer stays"
            await until(pilot, lambda: "ACTIVE" in screen_text(app) and "no trouble" in told(screen_text(app)))
    finally:
        account.faults.clear()
        post(account, [])
