"""Closing the API to everybody, and opening it again (runbook lines 893-897; aws.md 6.1; decisions C10, C14, E5).

The stage's throttle at 0 is the default: it holds at once, publishes nothing and is put back by one call. The runbook's
own way, a Deny policy, takes effect with a deployment only, and that publishes every pending edit of the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from services.actions import http_throttle
from services.actions.choosing import only_api, staged_apis
from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    operation_refusal,
    refuse,
    resource_of,
    unknown,
    unread_since,
)
from services.actions.isolate_steps import (
    ANSWERED,
    DEPLOYMENT,
    POLICY,
    REFUSED,
    THROTTLE,
    back,
    deployment,
    names,
    policy,
    shutting,
)
from services.actions.policy_text import DENY, canonical, whole
from services.actions.throttles import described
from services.model.apis import Api, ApiKind
from services.model.entry import Operation
from services.model.plan import ActionKind, Plan, Refusal, Step
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ISOLATE


class Way(StrEnum):
    """How an API is closed, the least drastic first."""

    THROTTLE = "throttle"
    POLICY = "policy"


def ways(apis: Sequence[Api]) -> tuple[tuple[Api, Way], ...]:
    """Which of these can be closed, and how: an HTTP API has no policy, a WebSocket API is left alone."""
    return tuple(
        (api, way)
        for api in apis
        if api.stage and not api.isolated and api.kind is not ApiKind.WEBSOCKET
        for way in (Way if api.kind is ApiKind.REST else (Way.THROTTLE,))
    )


def plan_isolation(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    way: Way = Way.THROTTLE,
    *,
    api: str = "",
) -> Plan | Refusal:
    """Let nobody in, by `way`. `api` chooses among several."""
    found = _closable(situation, environment, now, api)
    if isinstance(found, Refusal):
        return found
    if found.isolated:
        return refuse(
            _KIND,
            f"{found.name} is isolated already",
            "z takes it back where it was done from here; else whoever closed it knows what stood before.",
        )
    if way is Way.POLICY:
        refusal = _undeployable(found)
        if refusal is not None:
            return refusal
        steps: tuple[Step, ...] = (policy(environment, found, DENY, REFUSED), deployment(environment, found, REFUSED))
    else:
        steps = (shutting(environment, found),)
    title = f"Isolate {found.name}: stage {found.stage} lets nobody in"
    return _plan(situation, environment, now, found, title, steps, _closing(situation, found, way))


def plan_isolation_end(
    operation: Operation, situation: Situation, environment: Environment, settings: Settings, now: datetime
) -> Plan | Refusal:
    """Take `operation` back: throttle or policy as they were saved."""
    stood = [operation.plan.steps[number] for number in operation.standing]
    ours = [step for step in stood if step.kind in (THROTTLE, POLICY, http_throttle.KIND)]
    if not ours:
        return refuse(_KIND, f"operation {operation.id} isolated nothing", "Choose one that did.")
    api = _closable(situation, environment, now, ours[0].call.api)
    if isinstance(api, Refusal):
        return api
    moved = next((told for step in ours if (told := _moved(step, api))), "")
    if moved:
        return refuse(_KIND, moved, "Look at who changed it (CloudTrail); put it right where that was done.")
    again = ours[0].after.get("health") == ANSWERED
    health = REFUSED if again else ANSWERED
    steps = [back(environment, api, step, health) for step in ours]
    if any(step.kind == DEPLOYMENT for step in stood):
        refusal = _undeployable(api)
        if refusal is not None:
            return refusal
        steps.append(deployment(environment, api, health))
    title = f"Isolate {api.name} again" if again else f"End the isolation of {api.name}"
    return _plan(situation, environment, now, api, title, tuple(steps), _opening(steps), operation.id)


def _closable(situation: Situation, environment: Environment, now: datetime, wanted: str) -> Api | Refusal:
    """The one API that can be closed or opened, or why there is none."""
    refusal = account_refusal(_KIND, situation, environment) or unknown(
        _KIND, "the API's stage", situation.apis, environment, now
    )
    if refusal is not None:
        return refusal
    staged = staged_apis(_KIND, situation, wanted)
    api = staged if isinstance(staged, Refusal) else only_api(_KIND, staged)
    if isinstance(api, Refusal):
        return api
    return _kind_refusal(api, environment) or _busy(situation, api) or api


def _kind_refusal(api: Api, environment: Environment) -> Refusal | None:
    if api.kind is not ApiKind.WEBSOCKET:
        return None
    limits = "ThrottlingBurstLimit=0,ThrottlingRateLimit=0"
    return refuse(
        _KIND,
        f"{api.name} is a {api.kind.value} API: it has no resource policy, and its throttles are not changed from here",
        f"By hand, after noting what stands: aws apigatewayv2 update-stage --region {environment.region} --api-id "
        f"{api.id} --stage-name '{api.stage}' --default-route-settings {limits} (routes with their own: "
        "--route-settings).",
    )


def _busy(situation: Situation, api: Api) -> Refusal | None:
    """Something of ours is at work on the stage, or what is known of it is from before that."""
    operations = situation.operations.value or ()
    refusal = operation_refusal(_KIND, operations, resource_of(names(api)))
    if refusal is not None:
        return refusal
    ours = [one for one in operations if any(step.call.api == api.id for step in one.plan.steps)]
    return unread_since(_KIND, "the API has not been read since it was changed", situation.apis, ours)


def _undeployable(api: Api) -> Refusal | None:
    """Why a policy is not the way."""
    if api.kind is ApiKind.HTTP:
        return refuse(_KIND, f"{api.name} is an HTTP API, which has no resource policy", "Isolate by throttle.")
    if api.canary is not None:
        return refuse(
            _KIND,
            f"stage {api.stage} has a canary: a deployment would reach {api.canary.percent:g} % of the requests",
            "Isolate by throttle, or end the canary first (R).",
        )
    if not whole(api.policy) or not api.deployment:
        return refuse(
            _KIND, f"the policy of {api.name} cannot be read whole, so that it could not be put back",
            "Isolate by throttle.",
        )  # fmt: skip
    return None


def _moved(step: Step, api: Api) -> str:
    """What is there now instead of what the operation left."""
    if step.kind in (THROTTLE, http_throttle.KIND) and api.throttle != step.after["throttle"]:
        return f"stage {api.stage} lets in {described(api.throttle)}, not what the operation left: changed since"
    if step.kind == POLICY and canonical(api.policy) != step.after["policy"]:
        return f"the policy of {api.name} is not the one that the operation left: changed since"
    return ""


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    api: Api,
    title: str,
    steps: tuple[Step, ...],
    notes: list[str],
    undo_of: str = "",
) -> Plan:
    lost = (SafeText("requests that are refused meanwhile"),)
    held = f"policy: {len(api.policy)} characters" if api.policy else "no policy"
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=title,
        steps=steps,
        saved=(safe(f"stage {api.stage} lets in {described(api.throttle)}; {held}"),),
        irreversible=lost if any(step.after["health"] == REFUSED for step in steps) else (),
        notes=tuple(safe(note, 400) for note in notes),
        undo_of=undo_of,
    )


def _closing(situation: Situation, api: Api, way: Way) -> list[str]:
    status = "429" if way is Way.THROTTLE else "403"
    told = [f"WARNING   every client of {api.name} is refused with {status}, until this is taken back (z)"]
    if way is Way.POLICY:
        told.append("WARNING   the deployment publishes every pending edit of the API with it")
    stack = situation.stack.value
    if stack is not None and stack.in_progress:
        told.append(f"WARNING   the stack is {stack.status}: its deployment may open the API again")
    if api.kind is ApiKind.HTTP and http_throttle.unlimited(api.routes):
        rate, burst = api.account_limits
        told.append(
            f"WARNING   the stage has no limit of its own, and API Gateway takes none away again: opened it will have "
            f"the account's, {rate:g}/s, burst {burst:g}"
        )
    return [
        *told,
        f"Proved    by our own health check, which must then be answered {status}; meanwhile it asks for no rollback",
        "Not done  functions can be called by others, the web content is served, and no token or key is withdrawn",
        "Drift     the stack does not know of this: its next deployment may open the API again",
    ]


def _opening(steps: list[Step]) -> list[str]:
    told = ["Proved    by our own health check, which must be answered again"]
    if any(step.kind == DEPLOYMENT for step in steps):
        told.insert(0, "WARNING   the deployment publishes every pending edit of the API with it")
    return told
