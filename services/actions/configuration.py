"""Memory and timeout of a function (runbook lines 434, 512, 835-840): `$LATEST` alone, by compare-and-set."""

from __future__ import annotations

from datetime import datetime

from services.actions.choosing import function_named
from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
    unknown,
)
from services.model.functions import Function, Observed
from services.model.plan import ActionKind, Call, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.safe_text import safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.CONFIGURE

MEMORY_MB = (128, 10_240)
TIMEOUT_S = (1, 900)
"""What Lambda takes, both ends included."""


def plan_configuration(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    function: str,
    *,
    memory_mb: int,
    timeout_s: int,
    observed: Observed | None = None,
) -> Plan | Refusal:
    """Give `function` that memory and timeout. `observed`: what its lines of the last hour tell; None: not known."""
    refusal = (
        account_refusal(_KIND, situation, environment)
        or stack_refusal(_KIND, situation, environment, now)
        or unknown(_KIND, "the function", situation.functions, environment, now)
    )
    if refusal is not None:
        return refusal
    found = function_named(_KIND, situation, function)
    if isinstance(found, Refusal):
        return found
    refusal = _figures(found, memory_mb, timeout_s) or operation_refusal(
        _KIND, situation.operations.value or (), resource_of({"FunctionName": str(found.name)})
    )
    return refusal or _plan(situation, environment, now, found, memory_mb, timeout_s, observed)


def _figures(function: Function, memory_mb: int, timeout_s: int) -> Refusal | None:
    for name, value, (least, most), unit in (
        ("memory", memory_mb, MEMORY_MB, "MB"),
        ("timeout", timeout_s, TIMEOUT_S, "s"),
    ):
        if not least <= value <= most:
            return refuse(_KIND, f"{name} {value} {unit} is outside of what Lambda takes", f"{least} to {most} {unit}.")
    if (memory_mb, timeout_s) == (function.memory_mb, function.timeout_s):
        return refuse(_KIND, f"{function.name} has {memory_mb} MB and {timeout_s} s already", "Choose other figures.")
    if function.update_status == "InProgress" or not function.revision_id:
        return refuse(_KIND, f"{function.name} is being updated", "Wait until its LastUpdateStatus is Successful.")
    return None


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    function: Function,
    memory_mb: int,
    timeout_s: int,
    observed: Observed | None,
) -> Plan:
    stack = situation.stack.value
    before = {"MemorySize": function.memory_mb, "Timeout": function.timeout_s}
    wanted = {"MemorySize": memory_mb, "Timeout": timeout_s}
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    shown = "  ".join(f"{_LABEL[name]} {before[name]} → {value} {_UNIT[name]}" for name, value in changed.items())
    call = Call(
        "lambda",
        "UpdateFunctionConfiguration",
        environment.region,
        {"FunctionName": str(function.name), **changed, "RevisionId": str(function.revision_id)},
    )
    step = Step(
        kind="lambda.configuration",
        title=safe(f"Lambda  {function.name}  {shown}"),
        call=call,
        preconditions=(
            Precondition("function.revision", str(function.revision_id)),
            Precondition("stack.status", str(stack.status) if stack is not None else ""),
        ),
        before={"revision": str(function.revision_id), **{name: str(before[name]) for name in changed}},
        after={"status": "Successful", **{name: str(value) for name, value in changed.items()}},
    )
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Change {function.name}: {shown}",
        steps=(step,),
        saved=(safe(f"{function.name}: {function.memory_mb} MB, {function.timeout_s} s, {function.revision_id}"),),
        irreversible=(),
        notes=tuple(safe(note, 400) for note in _notes(situation, environment, function, wanted, observed)),
    )


_LABEL = {"MemorySize": "memory", "Timeout": "timeout"}
_UNIT = {"MemorySize": "MB", "Timeout": "s"}


def _notes(
    situation: Situation,
    environment: Environment,
    function: Function,
    wanted: dict[str, int],
    observed: Observed | None,
) -> list[str]:
    told = []
    release = next((one for one in situation.releases.value or () if one.function == function.name), None)
    if release is None or release.alias is not None:
        name = release.alias.name if release is not None and release.alias is not None else environment.names.alias
        serving = f" (now v{release.alias.version})" if release is not None and release.alias is not None else ""
        told.append(f"Takes effect with the next published version: {name}{serving} keeps its own memory and timeout")
    else:
        told.append("Takes effect at once: no alias stands between callers and $LATEST")
    told.append("Drift     until the stack's template says the same, its next deployment puts the old figures back")
    memory = wanted["MemorySize"]
    if memory < function.memory_mb:
        told.append(f"WARNING   {memory} MB is less than the {function.memory_mb} MB it has; CPU shrinks with it")
    if observed is None:
        told.append("Observed  memory and time-outs of the last hour could not be read")
        return told
    least = "" if observed.whole else "at least "
    if observed.max_memory_mb is not None:
        used = f"{least}{observed.max_memory_mb} MB were used at most in the last hour"
        low = observed.max_memory_mb > memory
        told.append(f"WARNING   {used}: {memory} MB would not do" if low else f"Observed  {used}")
    told.append(f"Observed  {least}{observed.timed_out} invocations ran out of time in the last hour")
    return told
