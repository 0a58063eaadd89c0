"""Before anything is sent: the right account, the right to act, the world as the plan saw it, and what stands saved."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.aws.deployed import deployed
from services.aws.identity import whoami
from services.executor.blame import somebody
from services.executor.credentials import lasting
from services.executor.dumping import dump
from services.executor.record import Work
from services.executor.standing import Standing, kind_of
from services.journal.home import JournalBroken
from services.journal.kept import keep, template
from services.journal.manifests import read_manifest
from services.model.entry import Outcome, Phase
from services.model.plan import Step
from services.problems import AccountError

_COMPARED = frozenset({"lambda.alias", "edge.invalidation"})
"""Kinds of steps whose call is void by itself when somebody was there first, or harms nobody."""


async def admitted(work: Work, first: int = 0) -> bool:
    """Whether the plan may go on from step `first`; if not, a record says what was expected and what is there."""
    try:
        reason, data = await lasting(work, lambda: _objection(work, first))
    except AccountError as error:
        reason, data = f"the world could not be read again: {error.problem.message}", {}
        if error.problem.remedy:
            data = {"remedy": error.problem.remedy}
    if reason:
        void(work, reason, data)
        return False
    return True


async def unchanged(work: Work, number: int, step: Step) -> bool:
    """Whether a step may be sent, by a look right before: its service compares nothing, or other steps came between."""
    if number == 0 and step.kind in _COMPARED:
        return True
    try:
        reason, data = await lasting(work, lambda: _difference(work, step), number)
    except AccountError as error:
        reason, data = f"the world could not be read again: {error.problem.message}", {}
    if reason:
        void(work, reason, data, step=number)
    return not reason


def void(work: Work, reason: str, data: dict[str, Any] | None = None, *, step: int | None = None) -> None:
    """The plan no longer holds. Nothing of it was sent, unless earlier steps stand: then it has failed there."""
    if _apart(work, step):
        miss(work, reason, data, step)
        return
    if work.stands:
        fail(work, reason, data, step=step)
        return
    work.record(Phase.VOID, f"{reason}. Nothing was changed.", step=step, data=data, outcome=Outcome.VOID)


def fail(work: Work, reason: str, data: dict[str, Any] | None = None, *, step: int | None = None) -> None:
    """A step did not come about: the rest is not begun. What stands is said, so that nobody has to guess."""
    if _apart(work, step):
        miss(work, reason, data, step)
        return
    told = [reason.removesuffix(".")]
    if work.stands:
        told.append("Stands: " + "; ".join(work.stands.values()))
    left = [str(one.title) for number, one in work.steps if step is not None and number > step]
    if left:
        told.append("Not begun: " + "; ".join(left))
    work.record(Phase.FAILED, ". ".join(told), step=step, data=data, outcome=Outcome.FAILED)


def _apart(work: Work, step: int | None) -> bool:
    return step is not None and work.plan.steps[step].apart


def miss(work: Work, reason: str, data: Mapping[str, Any] | None, step: int | None) -> None:
    """One of several that do not rest on each other did not come about: it is said, and the others go on."""
    told = {**(data or {}), "standing": Standing.MISSED.value}
    work.record(Phase.RECONCILED, f"not done: {reason.removesuffix('.')}", step=step, data=told)


async def save(work: Work) -> bool:
    """Record what stands before the first call; whether that worked."""
    saved = {}
    try:
        for number, step in work.steps:
            saved[str(number)] = await lasting(work, partial(_saved, work, number, step), number)
    except AccountError as error:
        void(work, f"what stands now could not be saved: {error.problem.message}")
        return False
    except JournalBroken as error:
        void(work, f"what stands now is not saved: {str(error).removesuffix('.')}")
        return False
    work.record(Phase.SNAPSHOT, "; ".join(work.plan.saved) or "saved", data={"saved": saved})
    return True


async def _saved(work: Work, number: int, step: Step) -> dict[str, Any]:
    if "manifest" in step.after:
        read_manifest(work.home, step.after["manifest"])
    if "template" in step.after:
        template(work.home, step.after["template"])
    found = await kind_of(step).snapshot(work.reader, work.environment, step)
    if step.kind.startswith("stack."):
        found |= await _deployed(work, step)
    if step.kind == "logs.export":
        found |= await dump(work.reader, work.home, f"{work.operation}.{number}", step)
    return found


async def _deployed(work: Work, step: Step) -> dict[str, Any]:
    """What the stack is deployed with, kept before anything is sent: a state to go back to where it is one."""
    one = keep(work.home, await deployed(work.reader, str(step.call.parameters["StackName"])))
    return {"deployed": one.digest} if one is not None else {}


async def _objection(work: Work, first: int) -> tuple[str, dict[str, Any]]:
    if work.environment.read_only:
        return f"{work.environment.name} is read-only", {}
    # Once admitted in time it does not run out: whatever waits, or is resumed, is held against the world again.
    begun = work.pauses or work.newest(Phase.INTENT) is not None
    if not begun and work.clock.now() > work.plan.expires:
        return f"the plan ran out at {work.plan.expires:%H:%M:%SZ}; plan again", {}
    identity = await whoami(work.reader)
    for wanted in (work.plan.account, work.environment.account):
        if wanted and wanted != identity.account:
            return f"these credentials are for account {identity.account}, the plan is for {wanted}", {}
    for _, step in work.steps[first:]:
        if first and step.apart:
            continue  # each is looked at right before it is sent
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
