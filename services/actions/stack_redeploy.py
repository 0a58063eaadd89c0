"""Deploying an earlier template again: the only way back out of a completed operation (aws.md 4.1).

AWS keeps no earlier template; what the cockpit kept of each completed operation is sent again as it was. The plan names
the template by its digest: the executor puts the text there, and into no record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.actions.drafting import draft
from services.actions.guards import refuse, unknown
from services.actions.stack_diff import difference
from services.actions.stack_marks import REFERENCE, newest_event
from services.actions.stack_telling import KIND, NAMES, candidates, irreversible, left_behind, notes, release_told
from services.actions.stack_template import KEPT, MOST_BODY, MOST_URL, put, too_long, url
from services.model.entry import Operation
from services.model.kept import KeptStack, Setting
from services.model.plan import ActionKind, Call, Criterion, Grade, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.model.stacks import Stack
from services.redact import redact, redact_value
from services.rules.words import count
from services.safe_text import SafeText, safe
from services.settings.values import Environment

_KIND = ActionKind.ROLLBACK


def plan_redeploy(
    situation: Situation,
    environment: Environment,
    now: datetime,
    stack: Stack,
    target: str,
    criterion: Criterion | None,
    *,
    keep_failed: bool = False,
    undo_of: str = "",
) -> Plan | Refusal:
    """`target`: what is to be deployed, by the beginning of its digest; empty: the newest that is another one."""
    missing = unknown(_KIND, "what the stack is deployed with", situation.deployed, environment, now)
    if missing is not None and situation.deployed.value is None:
        return missing
    kept = situation.kept.value
    if kept is None:
        why = situation.kept.problem
        said = f"the kept templates cannot be read: {why.message}" if why is not None else "nothing is kept yet"
        return refuse(_KIND, said, "Without a kept template there is none to go back to.")
    current = next((one for one in kept if situation.deployed.value is not None and _is(one, situation)), None)
    goal = _goal(stack, kept, current, situation.operations.value or (), target)
    if isinstance(goal, Refusal):
        return goal
    refusal = _unsendable(goal, current, environment)
    if refusal is not None:
        return refusal
    plan = _plan(situation, environment, now, stack, current, goal, criterion, keep_failed, undo_of)
    written: object = msgspec.json.decode(msgspec.json.encode(plan))
    if redact_value(written) == written:
        return plan
    return refuse(
        _KIND,
        f"something that {goal.name} is deployed with, a tag perhaps, looks like a secret, and orders are written down",
        f"Update the stack by hand with {goal.file}.",
    )


def plan_stack_forward(
    operation: Operation, situation: Situation, environment: Environment, now: datetime, criterion: Criterion | None
) -> Plan | Refusal:
    """Take a redeployment back: what stood before it is deployed again."""
    applied = [operation.plan.steps[number] for number in operation.standing]
    step = next((one for one in applied if one.kind == KIND), None)
    stack = situation.stack.value
    if step is None or stack is None:
        return refuse(_KIND, f"operation {operation.id} deployed no template", "Choose one that did.")
    if not stack.status.endswith("_COMPLETE"):
        return refuse(
            _KIND, f"the stack {stack.name} is {stack.status}", "Wait until it has ended, or roll it back as it is."
        )
    before = step.before.get("deployed", "")
    return plan_redeploy(situation, environment, now, stack, before, criterion, undo_of=operation.id)


def _is(one: KeptStack, situation: Situation) -> bool:
    """Whether this is what the stack is deployed with now."""
    now = situation.deployed.value
    return (
        now is not None
        and one.body == now.original
        and (one.parameters, one.tags, one.role, one.notifications)
        == (now.parameters, now.tags, now.role, now.notifications)
        and one.capabilities == now.capabilities
    )


def _goal(
    stack: Stack, kept: Sequence[KeptStack], current: KeptStack | None, operations: Sequence[Operation], target: str
) -> KeptStack | Refusal:
    if target:
        named = [one for one in kept if one.digest.startswith(target.removeprefix("kept ").lower())]
        if len(named) != 1:
            there = ", ".join(one.name for one in kept[:NAMES]) or "none"
            return refuse(_KIND, f"no one deployment of {stack.name} is kept as {target}", f"There are: {there}.")
        if named[0] == current:
            return refuse(_KIND, f"{stack.name} is deployed with {named[0].name} already", "Choose another.")
        return named[0]
    useless = left_behind(operations)
    others = [one for one in kept if one != current and one.digest not in useless]
    older = [one for one in others if current is None or one.at < current.at] or others
    if older:
        return older[0]
    return refuse(
        _KIND,
        f"no earlier template of {stack.name} has been kept: AWS has none, and no other was seen from here",
        "Deploy the earlier release from its pipeline. From now on every completed deployment that the cockpit sees is "
        "kept, so that there is one to go back to.",
    )


def _unsendable(goal: KeptStack, current: KeptStack | None, environment: Environment) -> Refusal | None:
    """What cannot be sent from here, each with what a person does instead."""
    if not goal.body:
        return refuse(_KIND, f"the kept template {goal.name} is missing or damaged", "Choose another deployment.")
    if goal.size > MOST_URL:
        return refuse(
            _KIND,
            f"the kept template {goal.name} has {count(goal.size)} bytes; CloudFormation takes {count(MOST_URL)}",
            "Deploy the earlier release from its pipeline.",
        )
    if too_long(goal) and not environment.template_bucket:
        return refuse(
            _KIND,
            f"the kept template {goal.name} has {count(goal.size)} bytes; a call takes {count(MOST_BODY)}, and no "
            "bucket is configured for longer ones",
            f"Name a bucket of {environment.region} in template_bucket of this environment; or put {goal.file} into "
            "one and update the stack with --template-url.",
        )
    secret = next((one for one in _explicit(current, goal) if redact_value({"": one.value}) != {"": one.value}), None)
    if secret is not None:
        return refuse(
            _KIND,
            f"the value that parameter {safe(secret.name, 80)} had looks like a secret, and orders are written down",
            f"Update the stack by hand with {goal.file}, or make the parameter NoEcho.",
        )
    known = {one.name for one in current.parameters} if current is not None else set()
    untold = [one.name for one in goal.parameters if one.hidden and current is not None and one.name not in known]
    if untold:
        return refuse(
            _KIND,
            f"parameter {safe(untold[0], 80)} is NoEcho: its value was never told, and the stack has none now",
            f"Update the stack by hand with {goal.file} and that parameter's value.",
        )
    return None


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    stack: Stack,
    current: KeptStack | None,
    goal: KeptStack,
    criterion: Criterion | None,
    keep_failed: bool,
    undo_of: str,
) -> Plan:
    changed = difference(current, goal) if current is not None else None
    told = notes(current, goal, changed, stack)
    release = release_told(goal)
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=str(safe(redact(f"Deploy the kept template {goal.name}{release} of {stack.name} again"), 300)),
        asks=Grade.TYPED,
        steps=(
            *((put(environment, goal, _file(goal)),) if too_long(goal) else ()),
            _step(situation, environment, stack, current, goal, keep_failed),
        ),
        saved=(SafeText("what the stack is deployed with: template, parameters, tags, role"),),
        irreversible=tuple(safe(line, 300) for line in irreversible(changed)),
        notes=tuple(safe(redact(line), 600) for line in told),
        candidates=candidates(situation, current, goal, now),
        criterion=criterion,
        undo_of=undo_of,
    )


def _step(
    situation: Situation,
    environment: Environment,
    stack: Stack,
    current: KeptStack | None,
    goal: KeptStack,
    keep_failed: bool,
) -> Step:
    mark = newest_event(situation.events.value or ())
    shown = f"{current.name} → {goal.name}" if current is not None else goal.name
    return Step(
        kind=KIND,
        title=safe(f"Stack  {shown}: deploy the kept template again", 200),
        call=Call(
            "cloudformation",
            "UpdateStack",
            environment.region,
            _call(environment, stack, current, goal, keep_failed),
        ),
        preconditions=(
            Precondition("stack.status", str(stack.status)),
            Precondition("stack.event", mark),
        ),
        before={
            "status": str(stack.status),
            "event": mark,
            "deployed": current.digest if current is not None else "",
        },
        after={"status": "UPDATE_COMPLETE", "deployed": goal.digest, "template": goal.original, "file": _file(goal)},
    )


def _file(goal: KeptStack) -> str:
    """For a person's command line; the mere name where the folder's reads like a secret."""
    return goal.file if redact(goal.file) == goal.file else goal.file.rpartition("/")[2]


def _call(
    environment: Environment, stack: Stack, current: KeptStack | None, goal: KeptStack, keep_failed: bool
) -> dict[str, object]:
    """What stays as it is, is said to stay: nothing that need not be is written down, a secret above all."""
    told = {one.name for one in _explicit(current, goal)}
    values: list[dict[str, object]] = [
        {"ParameterKey": one.name, "ParameterValue": one.value}
        if one.name in told
        else {"ParameterKey": one.name, "UsePreviousValue": True}
        for one in goal.parameters
    ]
    call: dict[str, object] = {
        "StackName": str(stack.id),
        **_template(environment, goal),
        "Parameters": values,
        "Capabilities": list(goal.capabilities),
        "Tags": [{"Key": key, "Value": value} for key, value in goal.tags],
        "NotificationARNs": list(goal.notifications),
        "ClientRequestToken": REFERENCE,
    }
    if goal.role and (current is None or goal.role != current.role):
        call["RoleARN"] = goal.role
    if keep_failed:
        call["DisableRollback"] = True
    return call


def _template(environment: Environment, goal: KeptStack) -> dict[str, object]:
    """Its digest, for which the executor puts the text; or where it lies once it has been put there."""
    if too_long(goal):
        return {"TemplateURL": url(environment, goal.original)}
    return {"TemplateBody": f"{KEPT}{goal.original}"}


def _explicit(current: KeptStack | None, goal: KeptStack) -> list[Setting]:
    """The parameters whose values have to be sent: those that are others now."""
    here = {one.name: one for one in current.parameters} if current is not None else {}
    return [one for one in goal.parameters if not one.hidden and here.get(one.name) != one]
