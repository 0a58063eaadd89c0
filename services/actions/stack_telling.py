"""What a plan to deploy a kept template again says: what changes, what is replaced or lost, what else is kept. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.actions.guards import ago
from services.actions.stack_diff import Difference, parts
from services.model.entry import Operation, Outcome
from services.model.kept import KeptStack
from services.model.plan import Candidate
from services.model.situation import Situation
from services.model.stacks import Stack
from services.redact import redact
from services.rules.words import count
from services.safe_text import SafeText, safe

KIND = "stack.update"

OFFERED = 5
NAMES = 8
"""Deployments, and names of resources, that are shown."""


def left_behind(operations: Sequence[Operation]) -> frozenset[str]:
    """Digests of deployments from which we went back with success: nobody wants to go there by proposal."""
    return frozenset(
        step.before.get("deployed", "")
        for operation in operations
        if operation.outcome is Outcome.RECOVERED and not operation.plan.undo_of
        for step in operation.plan.steps
        if step.kind == KIND
    )


def notes(current: KeptStack | None, goal: KeptStack, changed: Difference | None, stack: Stack) -> list[str]:
    """One line for each thing that a person has to know before it is confirmed."""
    if changed is None or current is None:
        told = ["Compare   what the stack is deployed with now is not kept: nothing can be said of what changes"]
    elif changed.unread:
        told = ["Compare   the templates could not be taken apart: nothing is known of the resources that change"]
    else:
        told = [f"Template  {_names('changed', changed.changed)}, {_names('added', changed.added)}, "
                f"{_names('removed', changed.removed)}"]  # fmt: skip
    for name, here, there in changed.parameters if changed is not None else ():
        told.append(f"Parameter {name}: {here} → {there}")
    hidden = [one.name for one in goal.parameters if one.hidden]
    if hidden:
        told.append(f"NoEcho    the value that the stack has now is used, whichever that is, for {', '.join(hidden)}")
    if changed is not None and changed.others:
        told.append(f"Also      {', '.join(changed.others)} as they were")
    told.append(_replacements(current, changed))
    if current is not None and goal.role and goal.role != current.role:
        told.append(f"Role      {goal.role} becomes the stack's role, for good")
    told.append("Code      artefacts the template names must still be there; a version it publishes has a new number")
    if stack.drift == "DRIFTED":
        told.append("Drift     the stack has drifted: what was changed by hand and the template has not, may stay so")
    return told


def _replacements(current: KeptStack | None, changed: Difference | None) -> str:
    """What will be replaced can be told where the change set of the way here told it."""
    before = current.replaced if current is not None else ()
    # A parameter reaches resources whose text in the template is the same.
    every = changed is None or changed.unread or bool(changed.parameters)
    replaced = [name for name in before if every or (changed is not None and name in changed.changed)]
    if replaced:
        names = ", ".join(replaced[:NAMES])
        return f"WARNING   {names}: replaced by the deployment before, going back replaces again, with what they hold"
    if current is not None and current.replaced:
        return "Replaced  nothing that the deployment before replaced differs"
    return "Replaced  not known: no change set tells it; resources whose name or key changes are made anew"


def _names(what: str, names: Sequence[str]) -> str:
    if not names:
        return f"nothing {what}"
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return f"{count(len(names))} {what}: {', '.join(names[:NAMES])}{more}"


def irreversible(changed: Difference | None) -> list[str]:
    """What is gone for good."""
    told = ["requests that have failed already"]
    if changed is not None and changed.lost:
        told.insert(0, f"{', '.join(changed.lost)} leave the stack and are DELETED with what they hold")
    return told


def release_told(goal: KeptStack) -> str:
    """` (v41)`, where a parameter says so."""
    named = next((one.value for one in goal.parameters if one.name.lower() in ("release", "version", "tag")), "")
    return f" ({safe(named, 40)})" if named else ""


def candidates(
    situation: Situation, current: KeptStack | None, goal: KeptStack, now: datetime
) -> tuple[Candidate, ...]:
    """What else is kept, the goal among it."""
    kept = [one for one in situation.kept.value or () if one != current]
    useless = left_behind(situation.operations.value or ())
    shown = kept[:OFFERED] if goal in kept[:OFFERED] else [goal, *kept[: OFFERED - 1]]
    return tuple(_candidate(one, one.digest in useless, one == goal, now) for one in shown)


def _candidate(one: KeptStack, useless: bool, chosen: bool, now: datetime) -> Candidate:
    told = [f"deployed {one.at:%Y-%m-%d %H:%MZ}, {ago(one.at, now)}{release_told(one)}"]
    told.append(f"{count(len(parts(one.body)))} resources")
    if useless:
        told.append("we went back from it, and that helped")
    return Candidate(0, SafeText(""), one.at, None, 0, safe(redact(", ".join(told)), 200), chosen, safe(one.name))
