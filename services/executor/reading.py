"""Reading until the account answers: what a mutation did is found out by nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.executor.credentials import lasting
from services.executor.pace import Left
from services.executor.record import Work
from services.executor.standing import Found, Standing, kind_of
from services.model.entry import Phase
from services.problems import AccountError

T = TypeVar("T")


async def insist(work: Work, ask: Callable[[], Awaitable[T]], failing: Callable[[AccountError], None]) -> T:
    """The answer to a question, asked again while it fails. `failing` hears of the first failure of a kind.

    Credentials that have run out are waited for apart. Raises Left when asked to stop or after `read_tries` failures.
    """
    gap, told = work.pace.read_gap_s, ""
    for _ in range(work.pace.read_tries):
        try:
            return await lasting(work, ask)
        except AccountError as error:
            if error.problem.kind.value != told:
                told = error.problem.kind.value
                failing(error)
            last = error
        # Machine time: the network does not follow a simulated account's clock.
        if await work.stopping.during(asyncio.ensure_future(asyncio.sleep(gap))):
            raise Left("asked to stop") from None
        gap = min(30.0, gap * 2)
    raise Left(f"the account could not be read: {last.problem.message}")


async def settled_standing(work: Work, number: int, failing: Callable[[AccountError], None]) -> Found:
    """How a step stands after a lost reply. `not applied` counts only when read a while after we gave up."""
    step = work.plan.steps[number]
    given_up = work.newest(Phase.UNKNOWN, Phase.INTENT, step=number)
    since = given_up.at if given_up is not None else work.clock.now()

    async def look() -> Found:
        return await kind_of(step).look_up(work.reader, step, work.known(number))

    while True:
        asked = work.clock.now()
        found = await insist(work, look, failing)
        if found.standing is not Standing.NOT_APPLIED or (asked - since).total_seconds() >= work.pace.settle_s:
            return found
        await work.clock.sleep(work.pace.settle_gap_s)
