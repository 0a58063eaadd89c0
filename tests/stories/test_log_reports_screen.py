"""What the runbook's searches add up to stands above their lines on screen 3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

import pytest

from services.simulated.account import SimulatedAccount
from tests.simulated_support import manual, simulated
from tests.stories.screen_support import clock, state_home, top, until
from tests.stories.test_insights_screen import logs
from tests.stories.test_logs_screen import MINUTES, screen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        manual(opened).advance(MINUTES * 60)
        yield opened


def plant(account: SimulatedAccount, group: str, documents: Sequence[Mapping[str, object]]) -> None:
    at = int(manual(account).now().timestamp() * 1000) - 600_000
    texts = [json.dumps(one) for one in documents]
    account.state.logs.plant(group, [("by-hand", at + n, at + n, text) for n, text in enumerate(texts)])


@pytest.mark.runbook("R241", "R245", "R247")
async def test_memory_trail_errors_and_refused_requests_are_a_table_above_their_lines(
    account: SimulatedAccount,
) -> None:
    async with logs(account) as (app, pilot):
        found = screen(app)
        await pilot.press("s")
        await until(pilot, lambda: found._there is not None, 30)
        trail = next(name for name, _ in found.groups().trail)
        who = {"arn": "arn:aws:sts::123456789012:assumed-role/ops/alice"}
        event = {"eventName": "DeleteTable", "userIdentity": who, "sourceIPAddress": "192.0.2.9"}
        plant(account, trail, [event | {"errorCode": "AccessDenied"}, event])
        await pilot.press(*["down"] * 6, "enter")
        await until(pilot, lambda: "calls with an error" in top(app), 40)
        assert re.search(r"time +error +event +address +who", top(app))
        assert re.search(r"AccessDenied +DeleteTable +192\.0\.2\.9 +arn:aws:sts.*alice", top(app))
        await pilot.press("escape")
        await until(pilot, lambda: "calls with an error" not in top(app))

        await pilot.press("s", *["down"] * 7, "enter")
        await until(pilot, lambda: "memory used: median" in top(app), 60)
        assert re.search(r"reports +MB set +most used +median +ms billed +longest +cold starts +longest init", top(app))
        await pilot.press("escape")
        await until(pilot, lambda: "memory used" not in top(app))

        access = next(name for name, _ in found.groups().access)
        refused = [{"status": status, "ip": "100.64.0.7"} for status in (401, 403, 403)]
        plant(account, access, [*refused, {"status": 404, "ip": "100.64.0.8"}])
        await pilot.press("s", *["down"] * 3, "enter")
        await until(pilot, lambda: "refused with 401 or 403" in top(app), 60)
        assert re.search(r"3 +100\.64\.0\.7 +\d+ +\S+", top(app))
