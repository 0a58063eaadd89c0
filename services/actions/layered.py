"""One plan of layers: what has something to go back to, what the evidence points at, and several of them in one order.

Each layer keeps its own planner, snapshot, preconditions and undo; a step that fails stops what comes after it. The
order is the safe one of aws.md 5.6: the alias, then the stage, then the content and its copies at the edge; the stack
goes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from services.actions.content import unread
from services.actions.guards import refuse
from services.actions.isolate import plan_isolation_end
from services.actions.rollback import plan_forward, plan_rollback
from services.actions.stack import plan_stack, plan_stack_undo
from services.actions.stage import plan_stage_forward, plan_stage_rollback
from services.model.entry import Operation
from services.model.plan import ActionKind, Layer, LayerChoice, Plan, Refusal, Unread
from services.model.situation import Situation
from services.rules.layers import indicated
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ROLLBACK
_RESTORE = "content.restore"

Planner = Callable[[Situation, Environment, Settings, datetime, str], "Plan | Refusal"]
"""The last argument is the target; empty: the layer's own proposal."""

Undoer = Callable[[Operation, Situation, Environment, Settings, datetime], "Plan | Refusal"]


class Surveyed(msgspec.Struct, frozen=True):
    """One layer: the plan for it, why there is none, or what it would be made of once more was read."""

    layer: Layer
    found: Plan | Refusal | Unread
    indicated: bool = False
    """The evidence points at it."""


def _alias(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, target: str
) -> Plan | Refusal:
    if target and not target.removeprefix("v").isdecimal():
        return refuse(_KIND, f"{target} is no version of a function", "Write `previous` or a number such as 41.")
    return plan_rollback(situation, environment, settings, now, int(target.removeprefix("v")) if target else None)


PLANNERS: Mapping[Layer, Planner] = {
    Layer.ALIAS: _alias,
    Layer.STAGE: plan_stage_rollback,
    Layer.STACK: plan_stack,
}
"""In the order in which they are carried out."""

UNDO: Mapping[str, Undoer] = {
    "lambda.alias": plan_forward,
    "api.stage": plan_stage_forward,
    "api.http_stage": plan_stage_forward,
    "api.throttle": plan_isolation_end,
    "api.http_throttle": plan_isolation_end,
    "api.policy": plan_isolation_end,
    "stack.update": plan_stack_undo,
}
"""By the kind of step that is taken back."""


def survey(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, key: str = "api."
) -> tuple[Surveyed, ...]:
    """Every layer with its own proposal. `key` is of the judgement in breach.

    The web content is only promised: what differs in the bucket is read when it is chosen.
    """
    pointed = indicated(situation, key)
    planned = [
        Surveyed(layer, planner(situation, environment, settings, now, ""), layer is pointed)
        for layer, planner in PLANNERS.items()
    ]
    return (*planned, Surveyed(Layer.CONTENT, unread(situation, environment, now), pointed is Layer.CONTENT))


def plan_layers(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    layers: Sequence[Layer] = (),
    *,
    target: str = "",
    key: str = "api.",
    content: Plan | Refusal | None = None,
) -> Plan | Refusal:
    """One plan of `layers`, or of the one that is indicated. A `target` goes with exactly one layer.

    `content`: what reading the bucket came to, where the web content is one of the layers.
    """
    surveyed = survey(situation, environment, settings, now, key)
    if content is not None:
        surveyed = tuple(replace(one, found=content) if one.layer is Layer.CONTENT else one for one in surveyed)
    if not layers and any(one.indicated and isinstance(one.found, Unread) for one in surveyed):
        return refuse(_KIND, "the edge's errors point at the web content", "Restore it: U, or --layer content.")
    chosen = tuple(one.layer for one in surveyed if (one.layer in layers if layers else one.indicated))
    missing = [layer for layer in layers if layer not in chosen]
    if missing:
        return refuse(_KIND, f"layer {missing[0]} cannot be rolled back from here", f"Choose of {_names(surveyed)}.")
    if Layer.STACK in chosen and len(chosen) > 1:
        return refuse(_KIND, "the stack goes alone: its operation moves the other layers itself", "Choose it alone.")
    if target and len(chosen) != 1:
        return refuse(_KIND, f"{target} cannot be the target of several layers", "Choose one layer, or no target.")
    if target:
        found = [PLANNERS[chosen[0]](situation, environment, settings, now, target)]
    else:
        found = [_planned(one) for one in surveyed if one.layer in chosen]
    plan = _together(found)
    return plan if isinstance(plan, Refusal) else replace(plan, layers=_choices(surveyed, chosen))


def restores_content(operation: Operation) -> bool:
    """Whether it began to write to a bucket, so that the bucket has to be read before it can be taken back."""
    numbers = [number for number, step in enumerate(operation.plan.steps) if step.kind == _RESTORE]
    return any(entry.step in numbers for entry in operation.entries)


def plan_undo(
    operation: Operation,
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    content: Plan | Refusal | None = None,
) -> Plan | Refusal:
    """Take back what `operation` brought about, the last first: of a failed one, what stands of it.

    `content`: the plan that restores what the bucket held before, where it wrote to one.
    """
    kinds = [operation.plan.steps[number].kind for number in reversed(operation.standing)]
    back: list[Plan | Refusal] = [content] if content is not None else []
    back += [
        UNDO[kind](operation, situation, environment, settings, now) for kind in dict.fromkeys(kinds) if kind in UNDO
    ]
    if not back:
        return plan_forward(operation, situation, environment, settings, now)
    return _together(back)


def _planned(one: Surveyed) -> Plan | Refusal:
    if isinstance(one.found, Unread):
        return refuse(_KIND, "the web content has not been read yet", "Choose it by R and space, by U, or by --layer.")
    return one.found


def _together(found: Sequence[Plan | Refusal]) -> Plan | Refusal:
    """Several plans as one; the first refusal when there is any, for half of what was asked is not what was asked."""
    plans = [one for one in found if isinstance(one, Plan)]
    refused = [one for one in found if isinstance(one, Refusal)]
    if refused:
        return refused[0]
    if len(plans) == 1:
        return plans[0]
    steps = tuple(step for plan in plans for step in plan.steps)
    return replace(
        plans[0],
        title="; ".join(plan.title for plan in plans),
        expires=min(plan.expires for plan in plans),
        steps=steps,
        saved=tuple(line for plan in plans for line in plan.saved),
        irreversible=tuple(dict.fromkeys(line for plan in plans for line in plan.irreversible)),
        notes=_notes(plans),
        candidates=tuple(one for plan in plans for one in plan.candidates),
        criterion=next((plan.criterion for plan in plans if plan.criterion is not None), None),
    )


def _notes(plans: Sequence[Plan]) -> tuple[SafeText, ...]:
    """Each once; what a layer's plan says of another that is moved too is left out, and drift is said once."""
    touched = {step.kind for plan in plans for step in plan.steps}
    told: dict[str, SafeText] = {}
    for line in (line for plan in plans for line in plan.notes):
        subject = line.partition("  ")[0]
        if subject == "API" and touched & {"api.stage", "api.http_stage"}:
            continue
        told.setdefault(subject if subject in ("Drift", "READ-ONLY") else line, line)
    return tuple(told.values())


def _choices(surveyed: Sequence[Surveyed], chosen: Sequence[Layer]) -> tuple[LayerChoice, ...]:
    return tuple(
        LayerChoice(
            one.layer,
            _told(one.found),
            not isinstance(one.found, Refusal),
            one.layer in chosen,
            one.indicated,
        )
        for one in surveyed
    )


def _told(found: Plan | Refusal | Unread) -> SafeText:
    if isinstance(found, Plan):
        return safe(found.steps[0].title, 200)
    return safe(found.reason, 200) if isinstance(found, Refusal) else found.title


def choices(surveyed: Sequence[Surveyed]) -> tuple[LayerChoice, ...]:
    """What a person chooses from when nothing is planned yet."""
    return _choices(surveyed, [one.layer for one in surveyed if one.indicated and not isinstance(one.found, Refusal)])


def _names(surveyed: Sequence[Surveyed]) -> str:
    return ", ".join(one.layer.value for one in surveyed)
