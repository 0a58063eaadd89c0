"""`stack.cancel`, `stack.continue`, `stack.rollback`, `stack.update`: one operation of a stack, found by its token.

CloudFormation stamps the token of a call on every event that comes of it: an answer that was lost is resolved by
looking for that, and never by calling again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.actions.stack_marks import begun, newest_event, of_token
from services.aws import stacks
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.plan import Step
from services.model.stacks import Stack, StackEvent
from services.rules.operations import USER_INITIATED, operations
from services.settings.values import Environment

PAGES = 3
"""Of the newest events: some hundreds, more than one operation of a large stack makes between two looks."""


class StackStep:
    """Reads one stack and its newest events."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        stack, events = await _look(account, step)
        return {
            "stack.status": str(stack.status),
            "stack.event": newest_event(events),
            "stack.operation": begun(events),
            "stack.stable": "yes" if stack.status.startswith("UPDATE") else "",
        }

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        stack = await stacks.describe(account, _name(step))
        return {"status": str(stack.status), "updated": stack.updated.isoformat() if stack.updated else ""}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        stack, events = await _look(account, step)
        ours = of_token(events, str(step.call.parameters.get("ClientRequestToken", "")))
        data = _told(stack, step)
        if known.get("nothing_to_do"):
            return Found(Standing.APPLIED, f"{stack.name} has it already: {stack.status}", data)
        if not ours:
            return _absent(stack, events, step, data)
        later = next(
            (event for event in _began(events) if event.token != ours[0].token and event.at > ours[0].at), None
        )
        if later is not None:
            text = f"{stack.name} is {stack.status}: another operation began at {later.at:%H:%M:%SZ}"
            return Found(Standing.OTHER, text, data)
        if data.get("failed"):
            return Found(Standing.APPLIED, _failure(stack, events, step), data)
        own = next((event for event in ours if event.about_the_stack), None)
        if own is not None and not own.status.endswith("_IN_PROGRESS"):
            data["ended"] = own.at.isoformat()
        return Found(Standing.APPLIED, f"stack {stack.name} is {stack.status}{_progress(ours)}", data)

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"stack": str(reply.get("StackId", ""))}


def _name(step: Step) -> str:
    return str(step.call.parameters["StackName"])


async def _look(account: Account, step: Step) -> tuple[Stack, tuple[StackEvent, ...]]:
    """The status first: whatever ended it is among the events then."""
    stack = await stacks.describe(account, _name(step))
    return stack, await stacks.events(account, _name(step), limit=PAGES)


def _told(stack: Stack, step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {"status": str(stack.status)}
    if not stack.in_progress and stack.status != step.after.get("status"):
        data["failed"] = str(stack.status)
    return data


def _absent(stack: Stack, events: Sequence[StackEvent], step: Step, data: dict[str, Any]) -> Found:
    """No event has our token: nothing of ours has begun."""
    text = f"stack {stack.name} is {stack.status}, none of its events is of this call"
    mark = begun(events) if step.kind == "stack.cancel" else newest_event(events)
    same = stack.status == step.before.get("status") and mark == step.before.get("event")
    if step.kind == "stack.cancel" and not same:
        text = f"too late to cancel: stack {stack.name} is {stack.status}"
    return Found(Standing.NOT_APPLIED if same else Standing.OTHER, text, data)


def _began(events: Sequence[StackEvent]) -> list[StackEvent]:
    return [event for event in events if event.about_the_stack and event.reason == USER_INITIATED]


def _failure(stack: Stack, events: Sequence[StackEvent], step: Step) -> str:
    """Where it ended instead, and the first that failed."""
    history = operations(tuple(events))
    cause = history[0].root_cause if history else None
    why = f": {cause.logical_id} failed, {cause.reason}" if cause is not None else ""
    return f"stack {stack.name} is {stack.status}, not {step.after.get('status')}{why}"


def _progress(ours: Sequence[StackEvent]) -> str:
    """How far it has come, by its own events."""
    newest: dict[str, StackEvent] = {}
    for event in ours:
        if not event.about_its_stack:
            newest.setdefault(event.logical_id, event)
    done = sum(not event.status.endswith("_IN_PROGRESS") for event in newest.values())
    return f", {done} of {len(newest)} touched so far done" if newest else ""
