"""Two executors of different machines, at one instant, with the same plan: round after round over HTTP."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec

from services.clock import Clock
from services.executor.orders import executor_gone, place
from services.executor.taking_up import take_up
from services.journal.who import actor
from services.model.entry import Outcome, Phase
from services.model.plan import Plan, Precondition
from services.safe_text import safe
from services.simulated.account import SimulatedAccount
from tests.contract.executor_support import Desk, rollback
from tests.contract.lease_support import LASTING, with_table
from tests.simulated_support import boto


class Tally(msgspec.Struct):
    """What came of the rounds."""

    rounds: int = 0
    one_winner: int = 0
    """Rounds that exactly one of the two won, by the journals."""
    calls: int = 0
    """UpdateAlias calls that reached the account."""
    fences: int = 0
    """Rounds whose winner had a higher fence than all before."""
    reasons: dict[str, int] = {}
    """Why the other's plan was void, in a word."""


class Side(Desk):
    """A desk on an account whose clock may run by itself."""

    @property
    def clock(self) -> Clock:  # type: ignore[override]  # nobody moves it
        return self.account.clock


class Race:
    """Two desks with journals of their own; all they share is the account and its lease table."""

    def __init__(self, account: SimulatedAccount, path: Path) -> None:
        self.desks = (with_table(Side(account, path / "alice")), with_table(Side(account, path / "bob")))
        self._client = boto(account, "lambda")
        self._function = account.state.estate.environment("production").function
        self._fence = 0

    async def run(self, rounds: int) -> Tally:
        tally = Tally()
        desk = self.desks[0]
        first = await rollback(desk.environment, desk.account.clock)
        before, sent = self._sent(), set[str]()
        for _ in range(rounds):
            await self._round(self._plan(first), tally)
            sent |= self._sent()  # each round: the account keeps the newest calls alone
        tally.calls = len(sent - before)
        return tally

    def _sent(self) -> set[str]:
        """Request ids of the UpdateAlias calls that the account still knows of."""
        return {call.id for call in self.desks[0].account.calls if call.operation == "UpdateAlias"}

    def _plan(self, pattern: Plan) -> Plan:
        """LIVE to the other of two versions, from what it is now; done when it stands."""
        alias = self._client.get_alias(FunctionName=self._function, Name="LIVE")
        version, revision = alias["FunctionVersion"], alias["RevisionId"]
        target = "41" if version != "41" else "42"
        step = pattern.steps[0]
        parameters = {**step.call.parameters, "FunctionVersion": target, "RevisionId": revision}
        step = msgspec.structs.replace(
            step,
            title=safe(f"LIVE v{version} → v{target}"),
            call=msgspec.structs.replace(step.call, parameters=parameters),
            preconditions=(Precondition("alias.version", version), Precondition("alias.revision", revision)),
            before={"version": version, "weights": "", "revision": revision},
            after={"version": target, "weights": ""},
        )
        now = self.desks[0].account.clock.now()
        lasts = pattern.expires - pattern.made
        return msgspec.structs.replace(pattern, steps=(step,), criterion=None, made=now, expires=now + lasts)

    async def _ended(self, plan: Plan) -> list[tuple[Desk, str]]:
        """Both have carried it out, each on its own account of the world."""
        placed = [(desk, desk.order(plan)) for desk in self.desks]
        await asyncio.gather(
            *(take_up(desk.home, operation, clock=desk.clock, pace=LASTING) for desk, operation in placed)
        )
        return placed

    async def _round(self, plan: Plan, tally: Tally) -> None:
        placed = await self._ended(plan)
        ended = [desk.read(operation) for desk, operation in placed]
        won = [one for one in ended if one.outcome is Outcome.COMPLETED]
        void = [one for one in ended if one.outcome is Outcome.VOID]
        tally.rounds += 1
        if (len(won), len(void)) != (1, 1):
            return
        tally.one_winner += 1
        intent = next(entry for entry in won[0].entries if entry.phase is Phase.INTENT)
        fence = max(dict(intent.data["fence"]).values())  # type: ignore[call-overload]  # JSON
        tally.fences += fence > self._fence
        self._fence = max(fence, self._fence)
        reason = "held" if "holds the lease" in void[0].text else "changed"
        tally.reasons[reason] = tally.reasons.get(reason, 0) + 1


def on_the_bad_version(account: SimulatedAccount) -> None:
    """LIVE at v42, as soon as it is there: the account publishes it by its own clock."""
    client = boto(account, "lambda")
    function = account.state.estate.environment("production").function
    while all(one["Version"] != "42" for one in client.list_versions_by_function(FunctionName=function)["Versions"]):
        time.sleep(0.02)
    client.update_alias(FunctionName=function, Name="LIVE", FunctionVersion="42")


class ProcessRace(Race):
    """The same by real executors: each order is placed and carried out by a process of its own."""

    async def _ended(self, plan: Plan) -> list[tuple[Desk, str]]:
        now = plan.made
        orders = [
            asyncio.to_thread(place, plan, desk.environment, actor(), "a race", desk.home, now) for desk in self.desks
        ]
        placed = list(zip(self.desks, await asyncio.gather(*orders), strict=True))
        async with asyncio.timeout(LIMIT_S):
            while any(desk.read(one).open or not executor_gone(desk.home, one) for desk, one in placed):
                await asyncio.sleep(0.02)
        return placed


LIMIT_S = 60.0
"""Machine seconds for both to have ended."""
