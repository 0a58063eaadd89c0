"""The stack's way back: exactly what its state permits (aws.md 4.1, 5.6), alone, and never what would delete it.

An update under way is cancelled; a rollback that failed is continued, without the resources that a person chose to
skip; a failed update that was left as it is is rolled back; out of a completed one leads only an earlier template that
was kept (`stack_redeploy.py`). While anything else runs nothing can be called, and the refusal says what to wait for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.actions.criterion import criterion, criterion_of
from services.actions.drafting import draft
from services.actions.guards import account_refusal, operation_refusal, refuse, unknown
from services.actions.stack_marks import REFERENCE, begun, newest_event, stuck
from services.actions.stack_redeploy import plan_redeploy, plan_stack_forward
from services.model.entry import Operation
from services.model.plan import ActionKind, Call, Criterion, Grade, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.model.stacks import Stack, StackEvent
from services.redact import redact
from services.rules.stack_states import Way, permitted
from services.rules.stacks import stack_meaning
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ROLLBACK

BACK = "UPDATE_ROLLBACK_COMPLETE"
"""Where every way but a new update ends."""


def plan_stack(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    target: str = "",
    *,
    skips: Sequence[str] = (),
) -> Plan | Refusal:
    """What the stack's state permits. `target`: the kept deployment to go back to, by its name; empty: the one before.

    `skips`: resources that a continued rollback leaves as they are.
    """
    stack = _readable(situation, environment, now)
    if isinstance(stack, Refusal):
        return stack
    ways = permitted(stack.status)
    if ways.deletes:
        return refuse(
            _KIND,
            f"the stack {stack.name} is {stack.status}: it has no stable state, RollbackStack would DELETE it",
            "Never roll it back. Deploy a mended template on it, keeping what failed (DisableRollback).",
        )
    if skips and Way.CONTINUE not in ways.ways:
        return refuse(_KIND, f"nothing can be skipped while the stack is {stack.status}", "Leave --skip out.")
    for way, plan in ((Way.CANCEL, _cancel), (Way.ROLL_BACK, _roll_back)):
        if way in ways.ways and not target:
            return plan(situation, environment, settings, now, stack)
    if Way.CONTINUE in ways.ways:
        return _continue(situation, environment, settings, now, stack, tuple(skips))
    if Way.REDEPLOY in ways.ways:
        return plan_redeploy(situation, environment, now, stack, target, _criterion(situation, environment, settings),
                             keep_failed=ways.keep_failed)  # fmt: skip
    return _nothing(situation, now, stack)


def plan_stack_undo(
    operation: Operation, situation: Situation, environment: Environment, settings: Settings, now: datetime
) -> Plan | Refusal:
    """Take a redeployment back: what stood before it is deployed again."""
    found = _readable(situation, environment, now)
    if isinstance(found, Refusal):
        return found
    return plan_stack_forward(operation, situation, environment, now, _criterion(situation, environment, settings))


def _readable(situation: Situation, environment: Environment, now: datetime) -> Stack | Refusal:
    """The stack, read lately and nobody of ours at work on it."""
    refusal = account_refusal(_KIND, situation, environment) or unknown(
        _KIND, "the stack", situation.stack, environment, now
    )
    if refusal is not None:
        return refusal
    stack = situation.stack.value
    assert stack is not None  # unknown
    if situation.events.value is None:
        missing = unknown(_KIND, "the stack's history", situation.events, environment, now)
        assert missing is not None
        return missing
    return operation_refusal(_KIND, situation.operations.value or (), f"stack {stack.id}") or stack


def _nothing(situation: Situation, now: datetime, stack: Stack) -> Refusal:
    """No way of its own: what is awaited, or what is left to do."""
    meaning = stack_meaning(stack.status)
    if stack.in_progress:
        since = f" since {stack.updated:%H:%M:%SZ}" if stack.updated else ""
        return refuse(
            _KIND,
            f"the stack {stack.name} is {stack.status}{since}: {meaning}",
            f"Wait until it has ended ({_awaited(stack.status)}); screen 4 follows it. Nothing can be called before.",
        )
    return refuse(
        _KIND,
        f"the stack {stack.name} is {stack.status}: {meaning}",
        f"CloudFormation has no way back from there: {permitted(stack.status).text}.",
    )


def _awaited(status: str) -> str:
    """The states in which an operation under way can end."""
    done = status.replace("_CLEANUP_IN_PROGRESS", "").replace("_IN_PROGRESS", "_COMPLETE")
    return done if "CLEANUP" in status else f"{done} or {done.replace('_COMPLETE', '_FAILED')}"


def _cancel(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, stack: Stack
) -> Plan | Refusal:
    events = situation.events.value or ()
    moving = sorted({str(event.logical_id) for event in _of_update(events) if event.status.endswith("_IN_PROGRESS")})
    step = _step(
        "stack.cancel", f"Stack  {stack.status} → {BACK}: cancel the update", stack,
        Call("cloudformation", "CancelUpdateStack", environment.region, _given(stack)),
        (("stack.operation", begun(events)),), begun(events),
    )  # fmt: skip
    told = [
        "Cancel    what the update has changed so far goes back, resource by resource: minutes, not seconds",
        "Late      an update that completes first cannot be cancelled any more: it is said, and nothing is done",
    ]
    if moving:
        told.insert(1, f"Moving    {', '.join(moving[:8])}{' …' if len(moving) > 8 else ''}: interrupted")
    title = f"Cancel the update of {stack.name} that began at {_time(stack.updated)}"
    return _plan(situation, environment, settings, now, title, step, told)


def _roll_back(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, stack: Stack
) -> Plan | Refusal:
    mark = newest_event(situation.events.value or ())
    step = _step(
        "stack.rollback", f"Stack  {stack.status} → {BACK}: back to the last stable state", stack,
        Call("cloudformation", "RollbackStack", environment.region, _given(stack)),
        (("stack.event", mark), ("stack.stable", "yes")), mark,
    )  # fmt: skip
    told = ["Back      everything that the failed update touched goes back to the last stable state"]
    title = f"Roll {stack.name} back to its last stable state"
    return _plan(situation, environment, settings, now, title, step, told)


def _continue(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    stack: Stack,
    skips: tuple[str, ...],
) -> Plan | Refusal:
    events = situation.events.value or ()
    offered = dict(stuck(events))
    wrong = [name for name in skips if name not in offered]
    if wrong:
        there = ", ".join(offered) or "none"
        return refuse(
            _KIND,
            f"{wrong[0]} cannot be skipped: only what failed because its rollback failed can be",
            f"There are: {there}.",
        )
    title = f"Continue the rollback of {stack.name}" + (f" without {', '.join(skips)}" if skips else "")
    step = _step(
        "stack.continue", f"Stack  {stack.status} → {BACK}: {_how(skips)}", stack,
        Call("cloudformation", "ContinueUpdateRollback", environment.region, _given(stack, skips)),
        (("stack.event", newest_event(events)),), newest_event(events),
    )  # fmt: skip
    told = [f"Failed    {name}: {event.reason}" for name, event in offered.items()]
    for name, event in offered.items():
        told.append(f"{'Skip     ' if name in skips else 'Or skip  '} {name}: {skipping(event)}")
    if offered and not skips:
        told.append("Again     nothing is skipped: what failed is tried again, and fails while its cause holds")
    irreversible = tuple(f"{name} stays as it is now and counts as restored" for name in skips)
    return _plan(situation, environment, settings, now, title, step, told, irreversible)


def skippable(situation: Situation) -> tuple[tuple[str, SafeText, SafeText], ...]:
    """Resources that a continued rollback can leave out: name, why it failed, what leaving it means. Else empty."""
    stack = situation.stack.value
    if stack is None or Way.CONTINUE not in permitted(stack.status).ways:
        return ()
    found = stuck(situation.events.value or ())
    return tuple((name, event.reason, safe(skipping(event), 300)) for name, event in found)


def _how(skips: Sequence[str]) -> str:
    return f"continue without {', '.join(skips)}" if skips else "continue the rollback"


def skipping(event: StackEvent) -> str:
    """What leaving this resource out of the rollback means, as a part of a sentence."""
    what = f"{event.type.removeprefix('AWS::').replace('::', ' ')} {event.physical_id or event.logical_id}"
    return (
        f"{what} stays as the failed update left it, CloudFormation takes it for restored, and template and account "
        "differ until a later update mends it"
    )


def _of_update(events: Sequence[StackEvent]) -> list[StackEvent]:
    """The newest event of each resource of the operation under way."""
    newest: dict[str, StackEvent] = {}
    for event in events:
        if event.about_the_stack and event.status == "UPDATE_IN_PROGRESS":
            break
        if not event.about_its_stack and not event.nested:
            newest.setdefault(event.logical_id, event)
    return list(newest.values())


def _step(
    kind: str,
    title: str,
    stack: Stack,
    call: Call,
    marks: tuple[tuple[str, str], ...],
    mark: str,
) -> Step:
    return Step(
        kind=kind,
        title=safe(title, 200),
        call=call,
        preconditions=(
            Precondition("stack.status", str(stack.status)),
            *(Precondition(what, expected) for what, expected in marks),
        ),
        before={"status": str(stack.status), "event": mark},
        after={"status": BACK},
    )


def _given(stack: Stack, skips: Sequence[str] = ()) -> dict[str, object]:
    """By its id: another stack of the same name would be another stack."""
    skipped: dict[str, object] = {"ResourcesToSkip": list(skips)} if skips else {}
    return {"StackName": str(stack.id), **skipped, "ClientRequestToken": REFERENCE}


def _plan(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    title: str,
    step: Step,
    told: Sequence[str],
    irreversible: Sequence[str] = (),
) -> Plan:
    # Reasons of failures name tokens of requests, and a plan is written down.
    notes = [safe(redact(line), 600) for line in told]
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=str(safe(title, 300)),
        asks=Grade.TYPED,
        steps=(step,),
        saved=(SafeText("what the stack is deployed with: template, parameters, tags, role"),),
        irreversible=tuple(safe(line, 300) for line in (*irreversible, "this cannot be taken back")),
        notes=tuple(notes),
        criterion=_criterion(situation, environment, settings),
    )


def _criterion(situation: Situation, environment: Environment, settings: Settings) -> Criterion | None:
    """By the API whose function has an alias, else by any API; None where there is neither."""
    releases = situation.releases.value or ()
    release = next((one for one in releases if one.alias is not None), next(iter(releases), None))
    if release is not None:
        return criterion(situation, release, environment, settings)
    api = next((one for one in situation.apis.value or () if one.stage), None)
    return criterion_of(api, situation, environment, settings) if api is not None else None


def _time(at: datetime | None) -> str:
    return f"{at:%H:%M:%SZ}" if at is not None else "an unknown time"
