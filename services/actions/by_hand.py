"""An operation handed over: the lines with which a person looks, finishes it or takes it back without the cockpit.

Looking comes first: which of the two others is right depends on what stands. The line that finishes is the plan's own
call with its compare-and-set, so that it is refused when somebody was there meanwhile. Pure.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

import msgspec

from services.actions import http_stage, http_throttle, stack_template, throttles
from services.actions.command_lines import command_line
from services.actions.stage_steps import patches
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
    return Line(safe(f"{step.title}: {state}"), _whole(step, environment))


def _whole(step: Step, environment: Environment | None) -> str:
    """The call's line; a kept template is read from its file, under the plan's token."""
    if "file" not in step.after:
        return command_line(step.call, environment)
    rest = {name: value for name, value in step.call.parameters.items() if name not in ("TemplateBody", "Body")}
    line = command_line(msgspec.structs.replace(step.call, parameters=rest), environment)
    if step.kind == stack_template.KIND:
        return f"{line} --body {shlex.quote(step.after['file'])}"
    return line if "TemplateURL" in rest else f"{line} --template-body {shlex.quote('file://' + step.after['file'])}"


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


def _stage_look(call: Call) -> Call:
    given = call.parameters
    names: dict[str, object] = {
        name: given[name] for name in ("restApiId", "stageName", "ApiId", "StageName") if name in given
    }
    return msgspec.structs.replace(call, operation="GetStage", parameters=names)


def _stage_undo(step: Step) -> Call:
    """The stage as it was, a REST API's with its canary."""
    given = step.call.parameters
    if step.kind == http_stage.KIND:
        back: dict[str, object] = {**given, "DeploymentId": step.before.get("deployment", "")}
    else:
        before = patches(step.before.get("deployment", ""), step.before.get("canary", ""), step.after.get("canary", ""))
        back = {**given, "patchOperations": before}
    return msgspec.structs.replace(step.call, parameters=back)


def _invalidation_look(call: Call) -> Call:
    distribution = {"DistributionId": call.parameters.get("DistributionId", "")}
    return msgspec.structs.replace(call, operation="ListInvalidations", parameters=distribution)


def _version_look(call: Call) -> Call:
    return msgspec.structs.replace(call, operation="GetFunctionConfiguration")


def _table_look(call: Call, operation: str, named: str) -> Call:
    return msgspec.structs.replace(call, operation=operation, parameters={"TableName": call.parameters[named]})


def _policy_look(call: Call) -> Call:
    return msgspec.structs.replace(call, operation="GetRestApi", parameters={"restApiId": call.parameters["restApiId"]})


def _throttle_undo(step: Step) -> Call:
    back = throttles.patches(step.after["throttle"], step.before["throttle"])
    return msgspec.structs.replace(step.call, parameters={**step.call.parameters, "patchOperations": back})


def _http_throttle_undo(step: Step) -> Call:
    """The limits as they were, the account's where there were none."""
    given = step.call.parameters
    back = http_throttle.parameters(step.call.api, str(given["StageName"]), step.before["back"])
    return msgspec.structs.replace(step.call, parameters=back)


def _policy_undo(step: Step) -> Call:
    """The policy as it was. A stage knows of it from its next deployment on, or as its earlier one has it."""
    kept = step.before["policy"]
    back = {"op": "replace", "path": "/policy", "value": kept} if kept else {"op": "remove", "path": "/policy"}
    return msgspec.structs.replace(step.call, parameters={**step.call.parameters, "patchOperations": [back]})


def _deployment_undo(step: Step) -> Call:
    """The stage serves the deployment of before, which has the policy of before."""
    named = {name: one for name, one in step.call.parameters.items() if name != "description"}
    patch = {"op": "replace", "path": "/deploymentId", "value": step.before["deployment"]}
    return msgspec.structs.replace(step.call, operation="UpdateStage", parameters={**named, "patchOperations": [patch]})


def _stack_look(call: Call) -> Call:
    named: dict[str, object] = {"StackName": call.parameters.get("StackName", "")}
    return msgspec.structs.replace(call, operation="DescribeStackEvents", parameters=named)


_STACK = ("stack.update", "stack.cancel", "stack.continue", "stack.rollback")

_LOOKS: Mapping[str, Callable[[Call], Call]] = {
    "lambda.alias": _alias_look,
    "api.stage": _stage_look,
    http_stage.KIND: _stage_look,
    http_throttle.KIND: _stage_look,
    "lambda.version": _version_look,
    "table.backup": lambda call: _table_look(call, "ListBackups", "TableName"),
    "table.index": lambda call: _table_look(call, "DescribeTable", "TableName"),
    "table.restore": lambda call: _table_look(call, "DescribeTable", "TargetTableName"),
    "edge.invalidation": _invalidation_look,
    "api.throttle": _stage_look,
    "api.policy": _policy_look,
    "api.deployment": _stage_look,
    **dict.fromkeys(_STACK, _stack_look),
    stack_template.KIND: lambda call: msgspec.structs.replace(
        call, operation="HeadObject", parameters={name: call.parameters[name] for name in ("Bucket", "Key")}
    ),
}
"""Kind of a step → the call that reads what it changes."""

_UNDOES: Mapping[str, Callable[[Step], Call]] = {
    "lambda.alias": _alias_undo,
    "api.stage": _stage_undo,
    http_stage.KIND: _stage_undo,
    http_throttle.KIND: _http_throttle_undo,
    "api.throttle": _throttle_undo,
    "api.policy": _policy_undo,
    "api.deployment": _deployment_undo,
}
"""Kind of a step → the call that takes it back."""

_NO_UNDO = {
    "api.cache": "a flushed cache needs no undo: it fills again from the integrations",
    "edge.invalidation": "an invalidation needs no undo: caches fill again from the origin",
    "lambda.invoke": "what a function did is taken back by no call",
    "users.sign_out": "the user signs in again",
    "script.run": "what the script did is its own: look which version is live, and move it by hand",
    "lambda.version": "a deleted version does not come back: publish its code anew",
    "table.backup": "a backup needs no undo; delete it in the console when it is not wanted",
    "table.restore": "the new table is used by nobody; delete it in the console when it is not wanted",
    stack_template.KIND: "what lies there under its digest does no harm; delete it when it is not wanted",
    "stack.cancel": "a cancelled update cannot be taken back: deploy it again from its pipeline",
    "stack.continue": "a rollback that was continued cannot be taken back: a later update mends what was skipped",
    "stack.rollback": "a rolled back stack cannot be taken forward again: deploy from the pipeline",
}
