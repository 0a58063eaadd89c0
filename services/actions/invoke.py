"""One call of a function, by hand (runbook lines 423-429, 975-980; decisions C15): never as part of anything else.

A function may do anything. So the call is made once: an answer that is lost is not known, and is never asked for again.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.actions.choosing import function_named
from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    operation_refusal,
    refuse,
    resource_of,
    unknown,
)
from services.model.functions import Function, Release
from services.model.plan import ActionKind, Call, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.rules.words import count
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.INVOKE

PRESETS = ('{"test": "data"}', '{"test": true}')
"""The runbook's two payloads."""

MOST_BYTES = 100_000
"""Lambda takes more; a plan that is read before it is confirmed does not."""

LATEST = "$LATEST"


def plan_invoke(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    function: str,
    payload: str,
) -> Plan | Refusal:
    """Call `function` with `payload`: by its alias, as its callers do, where there is one."""
    refusal = account_refusal(_KIND, situation, environment) or unknown(
        _KIND, "the function", situation.functions, environment, now
    )
    if refusal is not None:
        return refusal
    found = function_named(_KIND, situation, function)
    if isinstance(found, Refusal):
        return found
    refusal = _payload(payload) or operation_refusal(
        _KIND, situation.operations.value or (), resource_of({"FunctionName": str(found.name)})
    )
    release = next((one for one in situation.releases.value or () if one.function == found.name), None)
    return refusal or _plan(situation, environment, now, found, release, payload)


def _payload(payload: str) -> Refusal | None:
    if len(payload.encode()) > MOST_BYTES:
        return refuse(_KIND, f"the payload is longer than {count(MOST_BYTES)} bytes", "Use a shorter one.")
    try:
        msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError) as error:
        return refuse(_KIND, f"the payload is no JSON: {error}", f"Such as {PRESETS[0]}.")
    return None


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    function: Function,
    release: Release | None,
    payload: str,
) -> Plan:
    alias = release.alias if release is not None else None
    qualifier = str(alias.name) if alias is not None else LATEST
    version = str(alias.version) if alias is not None else LATEST
    notes = [
        f"WARNING   this runs {environment.name}'s own code as {function.name}'s role: it may write, send or delete",
        f"Answer    waited for as long as the function may take ({function.timeout_s} s); lost, it is never sent again",
        "Result    HTTP 200 says nothing: FunctionError tells whether the function failed",
    ]
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Call {function.name} once, by {qualifier}",
        steps=(_step(environment, function, qualifier, version, payload),),
        saved=(SafeText("which version is called; nothing of what the function changes can be saved"),),
        irreversible=(SafeText("whatever the function does when it is given this payload"),),
        notes=tuple(safe(note, 400) for note in notes),
    )


def _step(environment: Environment, function: Function, qualifier: str, version: str, payload: str) -> Step:
    runs = LATEST if qualifier == LATEST else f"{qualifier} (v{version})"
    call = Call(
        "lambda",
        "Invoke",
        environment.region,
        {
            "FunctionName": str(function.name),
            "Qualifier": qualifier,
            "InvocationType": "RequestResponse",
            "LogType": "Tail",
            "Payload": payload,
        },
    )
    return Step(
        kind="lambda.invoke",
        title=safe(f"Lambda  {function.name}  {runs}  called once with {payload}", 400),
        call=call,
        preconditions=(Precondition("invoke.version", version),),
        before={"version": version, "log_group": str(function.log_group)},
        after={"status": "answered"},
        waits_s=float(function.timeout_s),
    )
