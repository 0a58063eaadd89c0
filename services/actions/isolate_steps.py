"""The calls that close an API and open it again: the stage's throttle; the policy, and the deployment it needs."""

from __future__ import annotations

from services.actions import http_throttle
from services.actions.invalidation import REFERENCE
from services.actions.policy_text import canonical
from services.actions.throttles import change, patches, shut
from services.model.apis import Api, ApiKind, route_limits
from services.model.plan import Call, Precondition, Step
from services.safe_text import safe
from services.settings.values import Environment

THROTTLE, POLICY, DEPLOYMENT = "api.throttle", "api.policy", "api.deployment"
"""Kinds of steps."""

REFUSED, ANSWERED = "refused", "answered"
"""What the health address is expected to be when it stands (`Step.after["health"]`)."""


def shutting(environment: Environment, api: Api) -> Step:
    """Let nobody in, by the stage's throttle."""
    if api.kind is ApiKind.HTTP:
        return _http_throttle(environment, api, http_throttle.closed(api), REFUSED)
    return _throttle(environment, api, shut(api.throttle), REFUSED)


def back(environment: Environment, api: Api, step: Step, health: str) -> Step:
    """What stood before `step`."""
    if step.kind == http_throttle.KIND:
        return _http_throttle(environment, api, step.before["back"], health)
    if step.kind == THROTTLE:
        return _throttle(environment, api, step.before["throttle"], health)
    return policy(environment, api, step.before["policy"], health)


def _throttle(environment: Environment, api: Api, goal: str, health: str) -> Step:
    return Step(
        kind=THROTTLE,
        title=safe(f"API  stage {api.stage}  {change(api.throttle, goal)}"),
        call=Call(
            "apigateway",
            "UpdateStage",
            environment.region,
            {**names(api), "patchOperations": patches(api.throttle, goal)},
        ),
        preconditions=(Precondition("stage.throttle", str(api.throttle)),),
        before={"throttle": str(api.throttle)},
        after={"throttle": goal, "health": health},
    )


def _http_throttle(environment: Environment, api: Api, goal: str, health: str) -> Step:
    """The limits of all routes and of each that has its own, in one call."""
    limits = route_limits(goal)
    return Step(
        kind=http_throttle.KIND,
        title=safe(f"API  stage {api.stage}  {change(api.throttle, limits)}"),
        call=Call(
            "apigatewayv2",
            "UpdateStage",
            environment.region,
            http_throttle.parameters(str(api.id), str(api.stage), goal),
        ),
        preconditions=(Precondition("stage.routes", str(api.routes)),),
        before={"throttle": str(api.throttle), "back": http_throttle.reopened(api)},
        after={"throttle": limits, "health": health},
    )


def policy(environment: Environment, api: Api, goal: str, health: str) -> Step:
    """Give the API this resource policy; empty: none."""
    patch = {"op": "replace", "path": "/policy", "value": goal} if goal else {"op": "remove", "path": "/policy"}
    shown = "denies everybody" if health == REFUSED else "as it was" if goal else "none, as before"
    return Step(
        kind=POLICY,
        title=safe(f"API  policy of {api.name} → {shown}"),
        call=Call(
            "apigateway",
            "UpdateRestApi",
            environment.region,
            {"restApiId": str(api.id), "patchOperations": [patch]},
        ),
        preconditions=(Precondition("api.policy", canonical(api.policy)),),
        before={"policy": str(api.policy)},
        after={"policy": canonical(goal), "health": health},
    )


def deployment(environment: Environment, api: Api, health: str) -> Step:
    """The policy takes hold with it. Its description is the token by which it is found again."""
    return Step(
        kind=DEPLOYMENT,
        title=safe(f"API  stage {api.stage} is deployed anew, now {api.deployment}"),
        call=Call("apigateway", "CreateDeployment", environment.region, {**names(api), "description": REFERENCE}),
        preconditions=(Precondition("stage.deployment", str(api.deployment)),),
        before={"deployment": str(api.deployment)},
        after={"health": health},
    )


def names(api: Api) -> dict[str, object]:
    """What a call names the stage by."""
    if api.kind is ApiKind.HTTP:
        return {"ApiId": str(api.id), "StageName": str(api.stage)}
    return {"restApiId": str(api.id), "stageName": str(api.stage)}
