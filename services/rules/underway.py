"""What the verdict says while one of our operations runs, and for a while after it has ended.

An outcome that leaves things as they were hides nothing: what is broken is told beside it, with the key that helps.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from services.model.assessment import STACK, Judgement, State, Verdict
from services.model.entry import Operation, Outcome, Phase
from services.model.plan import ActionKind
from services.model.situation import Situation
from services.rules.recovery import fresh_start
from services.rules.windows import instant
from services.rules.words import clock
from services.safe_text import safe

TOLD_FOR = timedelta(minutes=10)
"""How long an outcome stays in the verdict, unless something new breaks."""

LIFELESS_AFTER = timedelta(minutes=10)
"""The account's time without a sign of life; long enough for one that runs sixty times as fast as this machine."""

_STATES = {
    Outcome.RECOVERED: State.OK,
    Outcome.COMPLETED: State.OK,
    Outcome.INCONCLUSIVE: State.WARN,
    Outcome.VOID: State.WARN,
    Outcome.NOT_RECOVERED: State.CRIT,
    Outcome.FAILED: State.CRIT,
}

_UNHELPED = (Outcome.INCONCLUSIVE, Outcome.FAILED, Outcome.VOID)
"""Outcomes that say nothing of the system: what is broken may be as broken as before."""


def verdict(
    situation: Situation, judgements: Iterable[Judgement], worst: State, now: datetime, broken: Verdict | None = None
) -> Verdict | None:
    """The verdict of the newest rollback that runs or has just ended; None when there is none to tell of.

    `broken`: what would be said without it.
    """
    rollbacks = [
        operation
        for operation in situation.operations.value or ()
        if operation.plan.kind is ActionKind.ROLLBACK and operation.plan.environment == situation.environment
    ]
    running = next((operation for operation in rollbacks if operation.open), None)
    if running is not None and running.id in situation.orphans:
        return _orphaned(running, worst, now)
    if running is not None:
        sentence = f"{_doing(running)}: {_progress(running, now)}"
        if running.beat is not None and now - running.beat > LIFELESS_AFTER:
            sentence += f". Its executor has shown no sign of life since {clock(running.beat, now)}"
        return Verdict(worst, safe(sentence), since=running.ordered)
    newest = max(rollbacks, key=lambda operation: operation.ended or operation.ordered, default=None)
    if newest is None or newest.outcome is None or newest.ended is None or now - newest.ended > TOLD_FOR:
        return None
    if _broken_since(judgements, newest):
        return None
    told = _ended(newest, newest.outcome, now)
    return _beside(told, broken, newest, situation) if broken and newest.outcome in _UNHELPED else told


def _beside(told: Verdict, broken: Verdict, operation: Operation, situation: Situation) -> Verdict:
    """The outcome with what is broken: as bad as the worse of both. The key is offered where the operation has left
    nothing that stands; of what stands `z` and the next candidate are the operation's own."""
    stack = situation.stack.value
    known = broken.about == STACK and stack is not None and stack.status in told.sentence
    return msgspec.structs.replace(
        told,
        state=max(told.state, broken.state, key=lambda state: state.severity),
        sentence=told.sentence if known else safe(f"{told.sentence}. {broken.sentence}", 600),
        since=broken.since,
        suspect=broken.suspect,
        key=told.key if _stands(operation, situation) else broken.key,
        remedy=told.remedy if _stands(operation, situation) else broken.remedy,
    )


def _stands(operation: Operation, situation: Situation) -> bool:
    """Whether what an alias or a stage was moved to is still what serves."""
    versions = {str(one.alias.version) for one in situation.releases.value or () if one.alias is not None}
    deployments = {str(one.deployment) for one in situation.apis.value or ()}
    after = [operation.plan.steps[number].after for number in operation.standing]
    return any(one.get("version") in versions or one.get("deployment") in deployments for one in after)


def moved(operation: Operation) -> str:
    """`LIVE v42 → v41`, from the plan's own step."""
    for step in operation.plan.steps:
        before, after = step.before.get("version", ""), step.after.get("version", "")
        if before and after:
            alias = str(step.call.parameters.get("Name", "alias"))
            return f"{alias} v{before} → v{after}"
        before, after = step.before.get("deployment", ""), step.after.get("deployment", "")
        if before and after:
            stage = f"stage {step.call.parameters.get('stageName', '')}"
            return f"{stage} {before} → {after}" if before != after else f"{stage}: canary ended"
    return operation.plan.title


def takes_back(operation: Operation) -> str:
    """What `z` does with it."""
    for step in operation.plan.steps:
        if "version" in step.before:
            return f"goes back to v{step.before['version']}"
        if "deployment" in step.before:
            return f"goes back to deployment {step.before['deployment']}"
    return "takes it back"


def _doing(operation: Operation) -> str:
    return f"Going forward again, {moved(operation)}" if operation.plan.undo_of else f"Rolling back {moved(operation)}"


def _reached(operation: Operation) -> str:
    """The newest record; that of an order says what the plan is called, which has been said."""
    return "ordered, not begun yet" if operation.phase is Phase.ORDERED else operation.text


def _progress(operation: Operation, now: datetime) -> str:
    criterion = operation.plan.criterion
    if operation.switched is None or criterion is None:
        return _reached(operation)
    judge_at = instant(fresh_start(operation.switched) + criterion.window_s + criterion.settle_s)
    if now >= judge_at:
        return f"switched at {clock(operation.switched, now)}, {operation.text}"
    settled, needed = operation.progress
    needed = needed or criterion.window_s // 60
    awaited = f"{settled} of {needed} settled minutes" if settled else f"waiting for {needed} settled minutes"
    return f"{awaited}, judged at {clock(judge_at, now)}"


def _orphaned(operation: Operation, worst: State, now: datetime) -> Verdict:
    """Nobody carries it on: no verdict of it will come, and what it has not done yet stays undone."""
    reached = _reached(operation)
    if operation.switched is not None:
        reached = f"switched at {clock(operation.switched, now)}, judged by nobody"
    sentence = f"{_doing(operation)} stands still, its executor is gone: {reached}"
    state = max(worst, State.WARN, key=lambda state: state.severity)
    return Verdict(
        state, safe(sentence), since=operation.ordered, key="o", remedy=safe("opens it, r there carries it on")
    )


def _broken_since(judgements: Iterable[Judgement], operation: Operation) -> bool:
    """Whether a breach began after the operation took effect."""
    if operation.switched is None or operation.outcome is not Outcome.RECOVERED:
        return False
    switched = operation.switched
    return any(
        judgement.state in (State.CRIT, State.WARN) and judgement.since is not None and judgement.since > switched
        for judgement in judgements
    )


def _ended(operation: Operation, outcome: Outcome, now: datetime) -> Verdict:
    at = f" at {clock(operation.switched, now)}" if operation.switched else ""
    sentence = f"{outcome}: {moved(operation)}{at}; {operation.text.removeprefix(f'{outcome}: ')}"
    key = remedy = ""
    if outcome is Outcome.NOT_RECOVERED and operation.reversible:
        key, remedy = "z", takes_back(operation)
    return Verdict(_STATES[outcome], safe(sentence), since=operation.switched, key=key, remedy=safe(remedy))
