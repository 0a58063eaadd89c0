"""Before anything is sent: the right account, the right to act, the world as the plan saw it, and what stands saved."""

from __future__ import annotations

from typing import Any

from services.aws.identity import whoami
from services.executor.blame import somebody
from services.executor.dumping import dump
from services.executor.record import Work
from services.executor.standing import kind_of
from services.model.entry import Outcome, Phase
from services.model.plan import Step
from services.problems import AccountError


async def admitted(work: Work) -> bool:
    """Whether the plan may go on; if not, a VOID record says what was expected and what is there."""
    try:
        reason, data = await _objection(work)
    except AccountError as error:
        reason, data = f"the world could not be read again: {error.problem.message}", {}
        if error.problem.remedy:
            data = {"remedy": error.problem.remedy}
    if reason:
        void(work, reason, data)
        return False
    return True


def void(work: Work, reason: str, data: dict[str, Any] | None = None, *, step: int | None = None) -> None:
    """The plan no longer holds; nothing of it was sent."""
    work.record(Phase.VOID, f"{reason}. Nothing was changed.", step=step, data=data, outcome=Outcome.VOID)


async def save(work: Work) -> bool:
    """Record what stands before the first call; whether that worked."""
    saved = {}
    try:
        for number, step in work.steps:
            saved[str(number)] = await kind_of(step).snapshot(work.reader, work.environment, step)
            if step.kind == "logs.export":
                saved[str(number)] |= await dump(work.reader, work.home, f"{work.operation}.{number}", step)
    except AccountError as error:
        void(work, f"what stands now could not be saved: {error.problem.message}")
        return False
    work.record(Phase.SNAPSHOT, "; ".join(work.plan.saved) or "saved", data={"saved": saved})
    return True


async def _objection(work: Work) -> tuple[str, dict[str, Any]]:
    if work.environment.read_only:
        return f"{work.environment.name} is read-only", {}
    if work.clock.now() > work.plan.expires:
        return f"the plan ran out at {work.plan.expires:%H:%M:%SZ}; plan again", {}
    identity = await whoami(work.reader)
    for wanted in (work.plan.account, work.environment.account):
        if wanted and wanted != identity.account:
            return f"these credentials are for account {identity.account}, the plan is for {wanted}", {}
    for _, step in work.steps:
        reason, data = await _difference(work, step)
        if reason:
            return reason, data
    return "", {"account": str(identity.account), "arn": str(identity.arn)}


async def _difference(work: Work, step: Step) -> tuple[str, dict[str, Any]]:
    found = await kind_of(step).observe(work.reader, work.environment, step)
    differing = [one for one in step.preconditions if found.get(one.what, "") != one.expected]
    if not differing:
        return "", {}
    told = "; ".join(
        f"{one.what} was {one.expected or 'none'}, is {found.get(one.what, '') or 'none'}" for one in differing
    )
    by = await somebody(work, step, work.plan.made)
    return f"changed since the plan was made{by}: {told}", {"found": found}
