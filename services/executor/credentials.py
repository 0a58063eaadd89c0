"""Credentials that run out in the middle: the operation waits, says what renews them, and goes on by itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from services.aws.identity import whoami
from services.executor.pace import Left
from services.executor.record import Work
from services.model.entry import Phase
from services.problems import AccountError, Problem, ProblemKind
from services.settings.values import Environment, EnvironmentKind

T = TypeVar("T")

UNUSABLE = frozenset({ProblemKind.EXPIRED, ProblemKind.NO_CREDENTIALS})
"""Answered before a call is looked at: nothing was applied, and it may be sent once they are renewed."""


async def lasting(work: Work, ask: Callable[[], Awaitable[T]], step: int | None = None) -> T:
    """The answer to a question, after renewal where the credentials have run out. Raises AccountError, Left."""
    while True:
        try:
            return await ask()
        except AccountError as error:
            if error.problem.kind not in UNUSABLE:
                raise
            await renewed(work, error.problem, step)


async def renewed(work: Work, cause: Problem, step: int | None = None) -> None:
    """Wait until the account says again that it is us.

    Raises Left when asked to stop, when the credentials cannot change for this process, or after `pause_s` in all.
    """
    known = work.pauses
    async with work.pausing:
        if work.pauses != known:
            return  # several calls met it at once; one has waited for all
        work.pauses += 1
        work.record(Phase.PAUSED, _told(cause, ""), step=step, data={"kind": cause.kind.value, "remedy": cause.remedy})
        if not renewable(work.environment):
            raise Left("these credentials came with the command's own environment and cannot be renewed for it")
        work.crash(step or 0, "paused")
        who = await _again(work, cause, step)
        work.record(Phase.STARTED, f"goes on: the credentials are valid again ({who})", step=step)


def renewable(environment: Environment, variables: Mapping[str, str] = os.environ) -> bool:
    """Whether renewed credentials can reach this process. Keys in its own environment stay what they are."""
    own = environment.kind is EnvironmentKind.AWS and not environment.profile and "AWS_PROFILE" not in variables
    return not (own and variables.get("AWS_ACCESS_KEY_ID"))


async def _again(work: Work, cause: Problem, step: int | None) -> str:
    # Longer each time: where one service alone refuses what the others take, it is not asked without end.
    gap, told = min(30.0, work.pace.read_gap_s * 2 ** min(work.pauses - 1, 8)), ""
    began, before = work.machine.monotonic(), work.paused_s
    while True:
        # Machine time: a person logs in, whatever the account's clock says.
        if await work.stopping.during(asyncio.ensure_future(asyncio.sleep(gap))):
            raise Left("asked to stop")
        gap = min(30.0, gap * 2)
        work.paused_s = before + work.machine.monotonic() - began
        try:
            who = await whoami(work.reader)
        except AccountError as error:
            cause = error.problem
        else:
            if who.account == work.plan.account:
                return str(who.arn)
            other = f"these credentials are for account {who.account}, the plan is for {work.plan.account}"
            if other != told:
                told = other
                work.record(Phase.PAUSED, _told(cause, other), step=step)
        if work.paused_s >= work.pace.pause_s:
            raise Left(f"paused for {work.paused_s / 60:.0f} min: {cause.message}")


def _told(cause: Problem, other: str) -> str:
    remedy = cause.remedy or "Renew them; that is noticed by itself."
    return f"paused: {other or cause.message}. {remedy} Nothing is sent until then"
