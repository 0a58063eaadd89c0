"""After a rollback that did not help: what has been tried, and the next candidate that has not. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from services.model.entry import Operation, Outcome
from services.model.plan import ActionKind, Layer, Plan, Step
from services.safe_text import SafeText, safe

WITHOUT_HELP = (Outcome.NOT_RECOVERED, Outcome.INCONCLUSIVE)
"""Outcomes after which something else may be tried."""

_LAYERS = {"lambda.alias": Layer.ALIAS, "api.stage": Layer.STAGE, "api.http_stage": Layer.STAGE}


def helpless(operation: Operation) -> bool:
    """Whether it is a rollback that took effect and is not known to have helped."""
    applied = operation.plan.kind is ActionKind.ROLLBACK and operation.switched is not None
    return applied and operation.outcome in WITHOUT_HELP


def untried(operation: Operation, operations: Sequence[Operation] = ()) -> tuple[Layer, str] | None:
    """The layer of `operation` and the next of its candidates that no rollback of `operations` has ended on.

    None when it moved several layers, when there is none left, or when it offered none.
    """
    layers = {_LAYERS[step.kind] for step in operation.plan.steps if step.kind in _LAYERS}
    if len(layers) != 1 or not helpless(operation):
        return None
    tried = {_goal(step) for one in (operation, *operations) if helpless(one) for step in one.plan.steps}
    left = [one.label for one in operation.plan.candidates if one.label not in tried]
    return (layers.pop(), left[0]) if left else None


def told(plan: Plan, operation: Operation, operations: Sequence[Operation] = ()) -> Plan:
    """The plan with what was tried before in its notes, newest first."""
    before = {one.id: one for one in (operation, *operations) if helpless(one)}
    return replace(plan, notes=(*(_note(one) for one in before.values()), *plan.notes))


def _note(operation: Operation) -> SafeText:
    goals = ", ".join(filter(None, map(_goal, operation.plan.steps))) or operation.plan.title
    ended = f" at {operation.ended:%H:%MZ}" if operation.ended is not None else ""
    return safe(f"Tried     {goals}: {operation.text}{ended}", 300)


def _goal(step: Step) -> str:
    """`v41`, `k3x9ab`: what a step moved to, as its candidate is called."""
    if step.kind == "lambda.alias":
        return f"v{step.after.get('version', '')}"
    return step.after.get("deployment", "") if step.kind in _LAYERS else ""
