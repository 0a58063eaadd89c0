"""The calls that move a stage of a REST API, and its canary as the text that snapshots and plans keep of it."""

from __future__ import annotations

import json
from datetime import datetime

from services.actions import http_stage
from services.model.apis import Api, ApiKind
from services.model.plan import Call, Precondition, Step
from services.model.situation import Situation
from services.safe_text import safe
from services.settings.values import Environment

KIND = "api.stage"


def stage_step(situation: Situation, environment: Environment, api: Api, goal: str, canary: str) -> Step:
    """Point the stage at deployment `goal`, its canary gone, or as `canary` tells (canarySettings as text)."""
    stack = situation.stack.value
    status = str(stack.status) if stack is not None else ""
    if api.kind is ApiKind.HTTP:
        return http_stage.step(environment, api, goal, instant_text(api.deployed), status)
    before = canary_text(api)
    shown = described(str(api.deployment), before), described(goal, canary)
    return Step(
        kind=KIND,
        title=safe(f"API  stage {api.stage}  {shown[0]} → {shown[1]}"),
        call=Call(
            "apigateway",
            "UpdateStage",
            environment.region,
            {**names(api), "patchOperations": patches(goal, canary, canary_text(api))},
        ),
        preconditions=(
            Precondition("stage.deployment", str(api.deployment)),
            Precondition("stage.updated", instant_text(api.deployed)),
            Precondition("stage.canary", before),
            Precondition("stack.status", status),
        ),
        before={"deployment": str(api.deployment), "canary": before, "updated": instant_text(api.deployed)},
        after={"deployment": goal, "canary": canary},
    )


def flush_step(environment: Environment, api: Api) -> Step:
    """Empty the stage's cache, which holds answers of the deployment that is left."""
    return Step(
        kind="api.cache",
        title=safe(f"API  stage {api.stage}  flush the cache"),
        call=Call("apigateway", "FlushStageCache", environment.region, dict(names(api))),
        repeatable=True,
    )


def names(api: Api) -> dict[str, object]:
    """What a call names the stage by."""
    return {"restApiId": str(api.id), "stageName": str(api.stage)}


def patches(goal: str, canary: str, stands: str = "") -> list[dict[str, str]]:
    """What UpdateStage is sent: the deployment, and the canary gone or as it was. `stands`: the canary of now."""
    told = [{"op": "replace", "path": "/deploymentId", "value": goal}]
    if not canary:
        return [*told, {"op": "remove", "path": "/canarySettings"}] if stands else told
    for name, value in canary_settings(canary).items():
        if isinstance(value, dict):
            overrides = {f"{name}/{key}": str(one) for key, one in value.items()}
        else:
            overrides = {name: json.dumps(value) if isinstance(value, bool) else str(value)}
        told += [{"op": "replace", "path": f"/canarySettings/{at}", "value": one} for at, one in overrides.items()]
    return told


def canary_text(api: Api) -> str:
    """canarySettings as text; empty for none."""
    return str(api.canary.text) if api.canary is not None else ""


def canary_settings(canary: str) -> dict[str, object]:
    """canarySettings of its text; empty for none."""
    found = json.loads(canary) if canary else {}
    return found if isinstance(found, dict) else {}


def described(deployment: str, canary: str) -> str:
    """`d2 with 10.0 % to d3`."""
    settings = canary_settings(canary)
    if not settings:
        return deployment
    return f"{deployment} with {settings.get('percentTraffic', 0)} % to {settings.get('deploymentId', '?')}"


def instant_text(at: datetime | None) -> str:
    """As preconditions name an instant; empty for none."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else ""
