"""An operation handed over: the lines with which a person looks, finishes it or takes it back without the cockpit.

Looking comes first: which of the two others is right depends on what stands. The line that finishes is the plan's own
call with its compare-and-set, so that it is refused when somebody was there meanwhile. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from services.actions.command_lines import command_line
from services.actions.weights import weights_parameter
from services.model.entry import Entry, Operation, Phase
from services.model.journal import ByHand, Line
from services.model.plan import Call, Step
from services.safe_text import SafeText, safe
from services.settings.values import Environment


def by_hand(operation: Operation) -> ByHand:
    """The lines for `operation`, in the order in which its steps are made; they are taken back in the opposite one."""
    environment = environment_of(operation)
    steps = tuple(enumerate(operation.plan.steps))
    return ByHand(
        look=tuple(_look(step, environment) for _, step in steps),
        finish=tuple(_finish(operation, number, step, environment) for number, step in steps),
        undo=tuple(_undo(step, environment) for _, step in reversed(steps)),
    )


def environment_of(operation: Operation) -> Environment | None:
    """The environment as it was configured when the order was placed; None when the order does not say."""
    try:
        return msgspec.convert(operation.entries[0].data.get("environment"), Environment)
    except (msgspec.ValidationError, IndexError):
        return None


def as_text(hand: ByHand) -> str:
    """The lines as a script to read: comments and commands, nothing that runs by itself when it is pasted whole
    being more than looking."""
    told = ["# 1. Look: what stands now?", *_lines(hand.look, "")]
    told += ["", "# 2. Either finish it: take away the # of", *_lines(hand.finish, "# ")]
    told += ["", "# 3. or take it back: take away the # of", *_lines(hand.undo, "# ")]
    return "\n".join(told) + "\n"


def _lines(lines: tuple[Line, ...], mark: str) -> list[str]:
    told = []
    for line in lines:
        told.append(f"#    {line.about}")
        if line.command:
            told.append(f"{mark}{line.command}")
    return told


def _finish(operation: Operation, number: int, step: Step, environment: Environment | None) -> Line:
    told = next((one for one in reversed(operation.entries) if _settles(one, number)), None)
    state = "it stands, by a read" if told is not None else "only if looking shows that it does not stand"
    return Line(safe(f"{step.title}: {state}"), command_line(step.call, environment))


def _settles(entry: Entry, number: int) -> bool:
    """Whether a record says that the step stands."""
    if entry.phase is Phase.APPLIED:
        return True
    return entry.step == number and entry.phase is Phase.RECONCILED and entry.data.get("standing") == "applied"


def _look(step: Step, environment: Environment | None) -> Line:
    reading = _LOOKS.get(step.kind)
    if reading is None:
        return Line(safe(f"{step.title}: look at it in the console"), "")
    return Line(safe(f"{step.title}: before {_told(step.before)}, after {_told(step.after)}"),
                command_line(reading(step.call), environment))  # fmt: skip


def _told(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value) or "nothing"


def _undo(step: Step, environment: Environment | None) -> Line:
    back = _UNDOES.get(step.kind)
    if back is None:
        return Line(SafeText(_NO_UNDO.get(step.kind) or safe(f"{step.title}: plan the opposite on the screen")), "")
    call = back(step)
    return Line(safe(f"{step.title}: back to {_told(step.before)}"), command_line(call, environment))


def _alias_look(call: Call) -> Call:
    names: dict[str, object] = {
        name: call.parameters[name] for name in ("FunctionName", "Name") if name in call.parameters
    }
    return msgspec.structs.replace(call, operation="GetAlias", parameters=names)


def _alias_undo(step: Step) -> Call:
    """The alias as it was. Without a revision: after the call it has one that the plan could not know."""
    kept: dict[str, object] = {
        name: step.call.parameters[name] for name in ("FunctionName", "Name") if name in step.call.parameters
    }
    weights: dict[str, object] = {"AdditionalVersionWeights": weights_parameter(step.before.get("weights", ""))}
    parameters: dict[str, object] = {
        **kept,
        "FunctionVersion": step.before.get("version", ""),
        "RoutingConfig": weights,
    }
    return msgspec.structs.replace(step.call, parameters=parameters)


def _invalidation_look(call: Call) -> Call:
    distribution = {"DistributionId": call.parameters.get("DistributionId", "")}
    return msgspec.structs.replace(call, operation="ListInvalidations", parameters=distribution)


_LOOKS: Mapping[str, Callable[[Call], Call]] = {"lambda.alias": _alias_look, "edge.invalidation": _invalidation_look}
"""Kind of a step → the call that reads what it changes."""

_UNDOES: Mapping[str, Callable[[Step], Call]] = {"lambda.alias": _alias_undo}
"""Kind of a step → the call that takes it back."""

_NO_UNDO = {"edge.invalidation": "an invalidation needs no undo: caches fill again from the origin"}
