"""Carrying out an operation, from its order or from wherever its last durable record left it.

Each record is on disk before the next thing happens: intent, call, reply. A reply that never came is UNKNOWN and is
resolved by reading. What was sent is sent again only after reading has shown, several times, that it was not applied,
and only when a person resumes the operation; compare-and-set and the caller's reference stand behind that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.executor.blame import somebody
from services.executor.calls import Late, NotAllowed
from services.executor.checking import admitted, fail, save, unchanged, void
from services.executor.credentials import UNUSABLE, renewed
from services.executor.holding import leased, lost
from services.executor.pace import Left
from services.executor.reading import insist, settled_standing
from services.executor.record import Work
from services.executor.restoring import restore
from services.executor.script import run_script
from services.executor.standing import Found, Standing, kind_of
from services.executor.turns import TAKEN, queues, turn
from services.executor.verifying import verify
from services.model.entry import Entry, Outcome, Phase
from services.model.plan import Step
from services.problems import AccountError, Problem

_LATE = "late"

_UNSENT = frozenset({_LATE, *(kind.value for kind in UNUSABLE)})
"""Kinds of answers after which nothing can have been applied: not sent for want of a lease, or of credentials."""

NOTHING_TO_DO = "No updates are to be performed"
"""CloudFormation's refusal of an update that would change nothing: what was wanted stands (aws.md 4.1)."""

REPEATS = 3
"""How often a call is sent at most that may be sent again without asking."""


async def perform(work: Work) -> Outcome | None:
    """Do what is left to do; the outcome, or None when the operation stays open (asked to stop, nothing answers)."""
    try:
        if work.outcome is None and work.newest(Phase.APPLIED) is None:
            await _apply(work)
        if work.outcome is None and work.newest(Phase.APPLIED) is not None:
            await verify(work)
    except Left as left:
        _leave(work, str(left))
    return work.outcome


async def _apply(work: Work) -> None:
    reason = await leased(work)
    if reason and work.newest(Phase.INTENT) is not None:
        raise Left(reason)  # something of it may stand: that is for a resume to find out
    if reason:
        void(work, reason)
        return
    if work.newest(Phase.INTENT) is None:
        if not await admitted(work) or not await save(work):
            return
        if work.stopping.asked:
            void(work, "asked to stop before anything was sent")
            return
    read = []
    for number, step in work.steps:
        if step.apart and work.stopping.asked:
            raise Left("asked to stop")
        found = await _stands(work, number, step)
        if found is not None:
            read.append(found)
        elif work.outcome is not None:
            return
        if found is not None and len(work.plan.steps) > 1:
            _tell(work, number, found)
    if work.missed:
        _incomplete(work)
        return
    switched = work.switched or work.clock.now()
    data = {"switched": switched.isoformat(), "found": [found.data for found in read]}
    work.record(Phase.APPLIED, "; ".join(found.text for found in read), data=data)
    await work.let_go()
    work.crash(len(work.plan.steps) - 1, "applied")


def _incomplete(work: Work) -> None:
    """Some of the steps that do not rest on each other did not come about, each with its own reason."""
    told = "; ".join(f"{work.plan.steps[number].title}: {reason}" for number, reason in work.missed.items())
    fail(work, f"{len(work.missed)} of {len(work.plan.steps)} did not come about: {told}")


def _tell(work: Work, number: int, found: Found) -> None:
    """Of several steps each is said to stand when it does: what fails later must not hide it."""
    if number not in work.stands:
        data = {**found.data, "standing": Standing.APPLIED.value}
        work.record(Phase.RECONCILED, f"{Standing.APPLIED.value}: {found.text}", step=number, data=data)


async def _stands(work: Work, number: int, step: Step) -> Found | None:
    """Bring one step about, or find that it stands already: what was read then. None: the operation has ended."""
    if step.kind == "content.restore":
        return await restore(work, number, step)
    if step.kind == "script.run":
        return await run_script(work, number, step)
    if number in work.missed:
        return None
    intent = work.newest(Phase.INTENT, step=number)
    told = work.newest(Phase.REPLY, Phase.RECONCILED, step=number)
    if intent is None:
        return await _send(work, number, step)
    if told is None or told.sequence < intent.sequence or _unresolved(told):
        return await _reconcile(work, number, step, again=True)
    if told.phase is Phase.REPLY and told.data.get("kind") in _UNSENT:
        return await _again(work, number, step)
    if told.phase is Phase.REPLY and told.data.get("problem"):
        return await _refused(work, number, step, str(told.data.get("code", "")), str(told.data["problem"]))
    return await _confirm(work, number, step)


def _unresolved(told: Entry) -> bool:
    """Reading found the call not applied, and the executor died before it acted on that."""
    return told.phase is Phase.RECONCILED and told.data.get("standing") != Standing.APPLIED.value


async def _send(work: Work, number: int, step: Step) -> Found | None:
    """Intent, call, reply: the call leaves this machine once."""
    if not await turn(work, number, step):
        return None
    work.crash(number, "before-intent")
    if not await unchanged(work, number, step):
        return None
    if reason := await lost(work):
        void(work, reason, step=number)
        return None
    call = step.call
    exact = {"service": call.service, "operation": call.operation, "region": call.region, "parameters": call.parameters}
    data = {"call": exact, **work.fence}
    work.record(Phase.INTENT, f"{call.service}.{call.operation} is sent", step=number, data=data)
    work.crash(number, "intent")
    try:
        reply = await work.sender.send(call, step.waits_s)
    except NotAllowed as error:
        fail(work, str(error) + ("" if work.stands else ". Nothing was changed"), step=number)
        return None
    except Late as late:
        work.record(Phase.REPLY, str(late), step=number, data={"problem": str(late), "kind": _LATE})
        return await _again(work, number, step)
    except AccountError as error:
        work.crash(number, "sent")
        return await _failed(work, number, step, error.problem)
    work.crash(number, "sent")
    _answered(work, number, step, reply)
    work.crash(number, "reply")
    return await _confirm(work, number, step)


def _answered(work: Work, number: int, step: Step, reply: Mapping[str, Any]) -> None:
    """Record what the service answered."""
    metadata = reply.get("ResponseMetadata")
    request = str(metadata.get("RequestId", "")) if isinstance(metadata, Mapping) else ""
    data = {**kind_of(step).gist(reply), "request_id": request}
    work.record(Phase.REPLY, f"{step.call.operation} was accepted", step=number, data=data)


async def _failed(work: Work, number: int, step: Step, problem: Problem) -> Found | None:
    if problem.outcome_unknown:
        text = f"no answer that can be trusted: {problem.message}. Reading what came of it"
        work.record(Phase.UNKNOWN, text, step=number, data={"kind": problem.kind.value})
        return await _reconcile(work, number, step, again=False)
    data = {"problem": str(problem.message), "code": str(problem.code), "kind": problem.kind.value}
    work.record(Phase.REPLY, f"refused: {problem.message}", step=number, data=data)
    work.crash(number, "reply")
    if problem.kind in UNUSABLE:
        await renewed(work, problem, number)
        return await _again(work, number, step)
    return await _refused(work, number, step, str(problem.code), str(problem.message))


async def _again(work: Work, number: int, step: Step) -> Found | None:
    """What certainly was not applied is sent again, if the world still is as the plan saw it."""
    if work.stopping.asked:
        raise Left("asked to stop")
    return await _send(work, number, step) if await admitted(work, number) else None


async def _refused(work: Work, number: int, step: Step, code: str, message: str) -> Found | None:
    """The service said no. With a stale revision that may be our own earlier, lost success: reading tells."""
    found = await _look(work, number)
    if found.standing is Standing.APPLIED and work.newest(Phase.UNKNOWN, step=number) is not None:
        data = {**found.data, "standing": found.standing.value}
        work.record(Phase.RECONCILED, f"applied by the earlier call: {found.text}", step=number, data=data)
        return found
    if step.kind == "stack.update" and NOTHING_TO_DO in message:
        data = {**found.data, "standing": Standing.APPLIED.value, "nothing_to_do": True}
        text = f"{Standing.APPLIED.value}: the stack is deployed with it already ({message})"
        work.record(Phase.RECONCILED, text, step=number, data=data)
        return await _look(work, number)
    if code == TAKEN and queues(step):  # somebody else's task came between the look and the call: nothing was applied
        return await _send(work, number, step)
    if code in ("PreconditionFailedException", "PreconditionFailed"):
        by = await somebody(work, step, work.plan.made)
        void(work, f"changed between reading and sending{by}: {found.text}", {"found": found.data}, step=number)
        return None
    fail(work, f"{message}. Not applied: {found.text}", {"found": found.data}, step=number)
    return None


async def _reconcile(work: Work, number: int, step: Step, *, again: bool) -> Found | None:
    """Find out by reading what became of a call; `again`: a person resumed, so what was not applied may be sent."""
    if work.newest(Phase.UNKNOWN, step=number) is None:
        work.record(Phase.UNKNOWN, "the record ends before the reply. Reading what came of it", step=number)
    found = await settled_standing(work, number, lambda error: _unread(work, number, error))
    data = {**found.data, "standing": found.standing.value}
    work.record(Phase.RECONCILED, f"{found.standing.value}: {found.text}", step=number, data=data)
    if found.standing is Standing.APPLIED:
        return found
    if found.standing is Standing.UNKNOWN:
        work.record(Phase.DONE, f"INCONCLUSIVE: {found.text}", step=number, outcome=Outcome.INCONCLUSIVE)
        return None
    if found.standing is Standing.OTHER:
        by = await somebody(work, step, work.plan.made) or " by somebody else"
        fail(work, f"{found.text}: it was changed{by}. Left as it is", {"found": found.data}, step=number)
        return None
    sent = sum(entry.phase is Phase.INTENT and entry.step == number for entry in work.entries)
    if (again or (step.repeatable and sent < REPEATS)) and not work.stopping.asked:
        return await _again(work, number, step)
    rest = "" if work.stands else ". Nothing was changed; order it again"
    fail(work, f"the call was not applied ({found.text}){rest}", step=number)
    return None


async def _confirm(work: Work, number: int, step: Step) -> Found | None:
    """Read until the accepted call is seen to stand; reads may lag behind writes for a while."""
    deadline = work.clock.now().timestamp() + work.pace.confirm_s
    while True:
        found = await _look(work, number)
        if found.standing is Standing.APPLIED:
            return found
        if work.clock.now().timestamp() >= deadline:
            break
        await work.clock.sleep(work.pace.confirm_gap_s)
    fail(work, f"accepted, but reading finds {found.standing.value}: {found.text}", {"found": found.data}, step=number)
    return None


async def _look(work: Work, number: int) -> Found:
    step = work.plan.steps[number]
    return await insist(
        work,
        lambda: kind_of(step).look_up(work.reader, step, work.known(number)),
        lambda error: _unread(work, number, error),
    )


def _unread(work: Work, number: int, error: AccountError) -> None:
    text = f"cannot be read: {error.problem.message}. Trying on"
    work.record(Phase.UNKNOWN, text, step=number, data={"kind": error.problem.kind.value})


def _leave(work: Work, why: str) -> None:
    """The operation stays open; what is known of it is said in the phase it is in."""
    newest = work.newest(*(phase for phase in Phase if phase is not Phase.HEARTBEAT))
    phase = newest.phase if newest is not None else Phase.STARTED
    step = newest.step if newest is not None else None
    if phase in (Phase.APPLIED, Phase.VERIFYING):
        work.record(
            Phase.VERIFYING, f"the executor ended ({why}): applied, not verified. Resume it", data={"left": why}
        )
    elif phase is Phase.UNKNOWN:
        work.record(Phase.UNKNOWN, f"the executor ended ({why}): the outcome is not known. Resume it", step=step)
    else:
        work.record(Phase.PAUSED, f"the executor ended ({why}). Resume it", step=step)
