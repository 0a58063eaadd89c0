"""One plan of layers: what has something to go back to, what the evidence points at, and several of them in one order.

Each layer keeps its own planner, snapshot, preconditions and undo; a step that fails stops what comes after it. The
order is the safe one of aws.md 5.6: the alias, then the stage, then the content; the stack goes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from services.actions.guards import refuse
from services.actions.rollback import plan_forward, plan_rollback
from services.actions.stage import plan_stage_forward, plan_stage_rollback
from services.model.entry import Operation
from services.model.plan import ActionKind, Layer, LayerChoice, Plan, Refusal
from services.model.situation import Situation
from services.rules.layers import indicated
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ROLLBACK

Planner = Callable[[Situation, Environment, Settings, datetime, str], "Plan | Refusal"]
"""The last argument is the target; empty: the layer's own proposal."""

Undoer = Callable[[Operation, Situation, Environment, Settings, datetime], "Plan | Refusal"]


class Surveyed(msgspec.Struct, frozen=True):
    """One layer: the plan for it, or why there is none."""

    layer: Layer
    found: Plan | Refusal
    indicated: bool = False
    """The evidence points at it."""


def _alias(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, target: str
) -> Plan | Refusal:
    if target and not target.removeprefix("v").isdecimal():
        return refuse(_KIND, f"{target} is no version of a function", "Write `previous` or a number such as 41.")
    return plan_rollback(situation, environment, settings, now, int(target.removeprefix("v")) if target else None)


PLANNERS: Mapping[Layer, Planner] = {Layer.ALIAS: _alias, Layer.STAGE: plan_stage_rollback}
"""In the order in which they are carried out."""

UNDO: Mapping[str, Undoer] = {"lambda.alias": plan_forward, "api.stage": plan_stage_forward}
"""By the kind of step that is taken back."""


def survey(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, key: str = "api."
) -> tuple[Surveyed, ...]:
    """Every layer with its own proposal. `key` is of the judgement in breach.

    None is indicated when the web content is: moving another layer must not pass for its remedy.
    """
    pointed = indicated(situation, key)
    if pointed is Layer.STACK:
        pointed = Layer.ALIAS  # whose planner knows what the stack's state permits
    return tuple(
        Surveyed(layer, planner(situation, environment, settings, now, ""), layer is pointed)
        for layer, planner in PLANNERS.items()
    )


def plan_layers(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    layers: Sequence[Layer] = (),
    *,
    target: str = "",
    key: str = "api.",
) -> Plan | Refusal:
    """One plan of `layers`, or of the one that is indicated. A `target` goes with exactly one layer."""
    surveyed = survey(situation, environment, settings, now, key)
    if not layers and not any(one.indicated for one in surveyed):
        return refuse(_KIND, "the edge's errors point at the web content", "Restore it: U, or --layer content.")
    chosen = tuple(one.layer for one in surveyed if (one.layer in layers if layers else one.indicated))
    missing = [layer for layer in layers if layer not in chosen]
    if missing:
        return refuse(_KIND, f"layer {missing[0]} cannot be rolled back from here", f"Choose of {_names(surveyed)}.")
    if target and len(chosen) != 1:
        return refuse(_KIND, f"{target} cannot be the target of several layers", "Choose one layer, or no target.")
    if target:
        found = [PLANNERS[chosen[0]](situation, environment, settings, now, target)]
    else:
        found = [one.found for one in surveyed if one.layer in chosen]
    plan = _together(found)
    return plan if isinstance(plan, Refusal) else replace(plan, layers=_choices(surveyed, chosen))


def plan_undo(
    operation: Operation, situation: Situation, environment: Environment, settings: Settings, now: datetime
) -> Plan | Refusal:
    """Take back what `operation` brought about, the last first: of a failed one, what stands of it."""
    kinds = [operation.plan.steps[number].kind for number in reversed(operation.standing)]
    back = [UNDO[kind] for kind in dict.fromkeys(kinds) if kind in UNDO]
    if not back:
        return plan_forward(operation, situation, environment, settings, now)
    return _together([one(operation, situation, environment, settings, now) for one in back])


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
        if subject == "API" and "api.stage" in touched:
            continue
        told.setdefault(subject if subject in ("Drift", "READ-ONLY") else line, line)
    return tuple(told.values())


def _choices(surveyed: Sequence[Surveyed], chosen: Sequence[Layer]) -> tuple[LayerChoice, ...]:
    return tuple(
        LayerChoice(
            one.layer,
            safe(one.found.steps[0].title if isinstance(one.found, Plan) else one.found.reason, 200),
            isinstance(one.found, Plan),
            one.layer in chosen,
            one.indicated,
        )
        for one in surveyed
    )


def choices(surveyed: Sequence[Surveyed]) -> tuple[LayerChoice, ...]:
    """What a person chooses from when nothing is planned yet."""
    return _choices(surveyed, [one.layer for one in surveyed if one.indicated and isinstance(one.found, Plan)])


def _names(surveyed: Sequence[Surveyed]) -> str:
    return ", ".join(one.layer.value for one in surveyed)
