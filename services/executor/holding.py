"""The lease around an operation: taken before the world is read again, and asked for before each call."""

from __future__ import annotations

import asyncio
from functools import partial

from services.aws.identity import whoami
from services.executor.leasing import Leases, Lost
from services.executor.pace import Left
from services.executor.reading import insist
from services.executor.record import Work
from services.journal.home import JournalBroken
from services.journal.ids import is_operation_id
from services.journal.leases import running
from services.journal.reading import read_operation
from services.model.entry import Phase
from services.model.lease import LeaseRow
from services.problems import AccountError, ProblemKind

_FINAL = frozenset({ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.DENIED, ProblemKind.UNSUPPORTED})
"""A table that is not there, has another shape or may not be used: trying on would not change that."""


async def leased(work: Work) -> str:
    """Take the lease on everything that the plan changes; why that cannot be, empty when it is held.

    Without a table the file locks that came with the order are all there is. Raises Left.
    """
    leases = work.leases
    if leases is None or work.environment.read_only:
        return ""
    try:
        who = await insist(work, lambda: whoami(work.reader), lambda error: _waits(work, error))
        if who.account != work.plan.account:
            return f"these credentials are for account {who.account}, the plan is for {work.plan.account}"
        other = await insist(work, lambda: _taken(work, leases), lambda error: _waits(work, error))
    except _Final as final:
        problem = final.error.problem
        return f"without a lease nothing is sent: {problem.message}. {problem.remedy}".rstrip(". ")
    if other is not None:
        return f"{other.told} holds the lease on {other.resource} and is alive. Follow that, then plan again"
    work.record(Phase.LEASED, f"holds the lease on {', '.join(leases.fences)}", data={"fences": leases.fences})
    return ""


async def lost(work: Work) -> str:
    """Asked right before something is sent: why it must not be, empty when the lease is still ours. Raises Left."""
    leases = work.leases
    if leases is None:
        return ""
    try:
        await insist(work, leases.assure, lambda error: _waits(work, error))
    except Lost as error:
        return str(error)
    return ""


class _Final(Exception):
    def __init__(self, error: AccountError) -> None:
        super().__init__(str(error))
        self.error = error


async def _taken(work: Work, leases: Leases) -> LeaseRow | None:
    try:
        return await leases.take(partial(_watched, work), partial(_gone, work), partial(_wait, work))
    except AccountError as error:
        if error.problem.kind in _FINAL:
            raise _Final(error) from error
        raise


def _watched(work: Work, row: LeaseRow) -> None:
    text = f"{row.told} holds the lease on {row.resource}: seeing whether that is alive"
    limit = f"it is taken over when it has not been renewed for {work.pace.lease_s:g} s of this machine's clock"
    work.record(Phase.PAUSED, f"{text}; {limit}", data={"holder": row.operation, "fence": row.fence})


def _gone(work: Work, row: LeaseRow) -> bool:
    """Whether it is one of our own journal whose executor is no more: the kernel has let go of its lock."""
    if not is_operation_id(row.operation):
        return False
    try:
        return read_operation(work.home, row.operation) is not None and not running(work.home, row.operation)
    except (FileNotFoundError, JournalBroken):
        return False


async def _wait(work: Work, seconds: float) -> None:
    if await work.stopping.during(asyncio.ensure_future(work.machine.sleep(seconds))):
        raise Left("asked to stop")


def _waits(work: Work, error: AccountError) -> None:
    """The table, or the account, does not answer: the first failure of a kind is told, and it is tried on."""
    text = f"waits for the lease: {error.problem.message}. {error.problem.remedy}".rstrip()
    work.record(Phase.PAUSED, text, data={"kind": error.problem.kind.value})
