"""Screen 4, a function opened: how it stands, its figures beside what its lines say, its role, its log."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from textual.pilot import Pilot

from services.simulated.account import SimulatedAccount
from tests.simulated_support import boto, manual, simulated
from tests.stories.deployments_support import listed, passed, settled, still, to_section
from tests.stories.screen_support import shown, state_home, top, until
from tui.app import CockpitApp
from tui.screens.deployments_asking import LAMBDA
from tui.screens.line import LineScreen
from tui.screens.logs import LogsScreen
from widgets.deploy_list import DeployList

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

FUNCTION = "ec2-manager-function-prod"
GROUP = f"/aws/lambda/{FUNCTION}"
REQUEST = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}")
"""What the simulated world's own lines have, and ours have not."""


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


def written(account: SimulatedAccount, *lines: str, ago: timedelta = timedelta(minutes=10)) -> None:
    """Lines of the function's log group, a second apart."""
    logs = boto(account, "logs")
    stream = f"test/{account.clock.now():%H-%M-%S}/{len(account.calls)}"
    logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    begins = round((account.clock.now() - ago).timestamp() * 1000)
    events = [{"timestamp": begins + place * 1000, "message": line} for place, line in enumerate(lines)]
    logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


def asked(account: SimulatedAccount, operation: str) -> int:
    return sum(call.operation == operation for call in account.calls)


async def answered(
    app: CockpitApp, pilot: Pilot[int], account: SimulatedAccount, condition: Callable[[], bool]
) -> None:
    """Let the account's time go on, as the pace of log questions needs, until `condition` holds."""
    for _ in range(20):
        await passed(app, pilot, account, 1)
        if condition():
            return
    raise AssertionError(top(app))


async def opened(app: CockpitApp, pilot: Pilot[int], account: SimulatedAccount) -> Callable[[], str]:
    """The function's own row, opened; what the screen says then."""
    await pilot.press("4")
    await to_section(app, pilot, LAMBDA)
    await until(pilot, lambda: any(row.key == FUNCTION for row in listed(app)), 30)
    await settled(app, pilot)
    assert app.session is not None and app.session.situation is not None and app.session.situation.functions.value
    place = next(place for place, row in enumerate(listed(app)) if row.key == FUNCTION)
    app.screen.query_one(DeployList).to(place)
    await pilot.press("enter")
    await answered(app, pilot, account, lambda: "runtime" in top(app))
    return lambda: top(app)


@pytest.mark.runbook("R161", "R165", "R166", "R180", "R181", "R183")
async def test_an_opened_function_tells_its_figures_beside_what_its_lines_say(account: SimulatedAccount) -> None:
    written(account, *["2026-11-23T02:50:00Z 8d Task timed out after 30.03 seconds"] * 3)
    written(account, *["[ERROR] ClientError: AccessDeniedException when calling Query"] * 4)
    written(account, "REPORT RequestId: 8d Duration: 9 ms Memory Size: 512 MB Max Memory Used: 487 MB")
    app = still(account)
    async with shown(app, (120, 40)) as pilot:
        await pilot.press("4")
        await to_section(app, pilot, LAMBDA)
        await settled(app, pilot)
        assert not asked(account, "ListRolePolicies"), "nothing is asked before somebody opens a function"
        said = await opened(app, pilot, account)
        assert "Active, newest change Successful" in said()
        assert "python3.12" in said()
        assert "512 MB  487 MB used at most in the last hour, 95%" in said()
        assert "30 s  3 timed out in the last hour" in said()
        assert "ec2-manager-function-role-prod  4 AccessDenied lines in the last hour" in said()
        assert "ec2-manager-instances-prod" in said()
        assert "audit-table" in said()
        assert "LOG_LEVEL, TABLE_NAME" in said()
        assert "INFO" not in said(), "a variable's value is never shown"
        assert "not in a VPC" in said()
        assert not asked(account, "UpdateFunctionConfiguration")
        await pilot.press("C")
        await until(pilot, lambda: isinstance(app.screen, LineScreen) and f"{FUNCTION} memory=512" in top(app))
        await pilot.press("escape")
    assert asked(account, "ListRolePolicies") == 1


@pytest.mark.runbook("R161", "R183")
async def test_one_whose_change_failed_says_why_and_one_in_a_vpc_says_where(account: SimulatedAccount) -> None:
    network = {"SubnetIds": ["subnet-0a1", "subnet-0b2"], "SecurityGroupIds": ["sg-0c3"]}
    boto(account, "lambda").update_function_configuration(FunctionName=FUNCTION, VpcConfig=network, MemorySize=1024)
    account.functions["production"].update_failure = "The layer version 12 does not exist."
    app = still(account)
    async with shown(app, (120, 40)) as pilot:
        said = await opened(app, pilot, account)
        assert "FAIL the newest change Failed: The layer version 12 does not exist." in said()
        assert "v41 still has 512 MB, 30 s" in said()
        assert "subnet-0a1, subnet-0b2" in said()
        assert "sg-0c3" in said()


@pytest.mark.runbook("R164")
async def test_its_errors_of_the_last_hour_are_the_exceptions_and_timeouts_alone(account: SimulatedAccount) -> None:
    written(account, *[f"[INFO] 2026-11-23T02:50:00Z request {n} done" for n in range(50)])
    written(account, "8d Task timed out after 30.03 seconds", "[ERROR] KeyError\nTraceback (most recent call last):",
            "9e Task timed out after 30.03 seconds", ago=timedelta(minutes=20))  # fmt: skip
    app = still(account)
    async with shown(app, (120, 40)) as pilot:
        await opened(app, pilot, account)
        await pilot.press("x")
        await answered(app, pilot, account, lambda: " lines since " in top(app))
        screen = app.screen
        assert isinstance(screen, LogsScreen)
        texts = [line.text for line in screen._view.shown_lines()]
        world = [text for text in texts if REQUEST.search(text)]
        assert all("Traceback" in text or "Task timed out" in text for text in world), "its own bad requests"
        ours = [text for text in texts if text not in world]
        assert [text.partition(" ")[0] for text in ours] == ["8d", "[ERROR]", "9e"], "and none of the fifty"


@pytest.mark.runbook("R162")
async def test_its_log_is_followed_and_a_new_line_is_there_after_one_poll(account: SimulatedAccount) -> None:
    app = still(account)
    async with shown(app, (120, 40)) as pilot:
        await opened(app, pilot, account)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, LogsScreen) and f"only {GROUP}" in top(app), 30)
        written(account, "[INFO] here is a line of the function's own", ago=timedelta(0))
        there = account.clock.now()
        deadline = time.monotonic() + 60
        while not _polls(account, there):  # groups look at the same moments, in turns that take time too
            assert time.monotonic() < deadline
            manual(account).advance(0.5)
            await pilot.pause(0.05)
        await until(pilot, lambda: "here is a line of the function's own" in top(app), 30)
        screen = app.screen
        assert isinstance(screen, LogsScreen)
        assert {line.group for line in screen._view.shown_lines()} == {"lambda"}
        assert _polls(account, there) == 1


def _polls(account: SimulatedAccount, since: datetime) -> int:
    """How often the tail has asked for what is new in the function's log, later than `since`."""
    calls = [call for call in account.calls if call.operation == "FilterLogEvents" and call.at > since]
    asked = [call.parameters for call in calls]
    return sum(one["logGroupName"] == GROUP and "nextToken" not in one and "filterPattern" not in one for one in asked)
