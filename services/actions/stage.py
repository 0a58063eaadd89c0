"""Rolling back by the API's stage: it serves an earlier deployment again (aws.md 5.3, runbook line 410).

API Gateway compares nothing when a stage is changed: what was read is read again right before, and a lost answer is
resolved by reading. `plan_stage_rollback` goes back, `plan_stage_forward` takes an operation of ours back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from services.actions.criterion import criterion_of
from services.actions.guards import (
    account_refusal,
    ago,
    grade,
    lifetime,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
    unknown,
)
from services.model.apis import Api, ApiDeployment, ApiKind
from services.model.entry import Operation
from services.model.plan import ActionKind, Call, Candidate, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.rules.stages import disproved, live, proposed, targets
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ROLLBACK

OFFERED = 5
"""Deployments that are shown to choose from."""


def plan_stage_rollback(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    target: str = "",
    *,
    api: str = "",
) -> Plan | Refusal:
    """Back to deployment `target`, or to the newest one made before the live one. `api` chooses among several."""
    found = _movable(situation, environment, now, api)
    if isinstance(found, Refusal):
        return found
    operations = situation.operations.value or ()
    goal = _goal(found, operations, target)
    if isinstance(goal, Refusal):
        return goal
    offered = _candidates(found, operations, goal, now)
    title = f"Roll back stage {found.stage} of {found.name} from deployment {found.deployment} to {goal.id}"
    if goal.id == found.deployment:
        title = f"End the canary of stage {found.stage} of {found.name}: everything to deployment {goal.id}"
    return _plan(situation, environment, settings, now, found, str(goal.id), "", title, offered)


def plan_stage_forward(
    operation: Operation, situation: Situation, environment: Environment, settings: Settings, now: datetime
) -> Plan | Refusal:
    """Take `operation` back: the stage as it was before it, canary included."""
    applied = [operation.plan.steps[number] for number in operation.standing]
    step = next((one for one in applied if one.kind == KIND), None)
    if step is None:
        return refuse(_KIND, f"operation {operation.id} did not move a stage", "Choose one that did.")
    api = _movable(situation, environment, now, str(step.call.parameters.get("restApiId", "")))
    if isinstance(api, Refusal):
        return api
    if str(api.deployment) != step.after.get("deployment") or _canary(api) != step.after.get("canary", ""):
        stands = _described(str(api.deployment), _canary(api))
        return refuse(
            _KIND,
            f"stage {api.stage} serves {stands}, not {step.after.get('deployment')} where the operation left it: "
            "it was moved since",
            "Look at who moved it (Deployments); plan a rollback to the deployment that is wanted.",
        )
    goal, canary = step.before.get("deployment", ""), step.before.get("canary", "")
    named = [goal, str(_settings(canary).get("deploymentId", goal))]
    missing = [one for one in named if all(known.id != one for known in api.deployments)]
    if missing:
        return refuse(_KIND, f"deployment {missing[0]} does not exist any more", "Roll back to another deployment.")
    title = f"Move stage {api.stage} of {api.name} from {api.deployment} forward again to {_described(goal, canary)}"
    return _plan(situation, environment, settings, now, api, goal, canary, title, undo_of=operation.id)


KIND = "api.stage"


def _movable(situation: Situation, environment: Environment, now: datetime, wanted: str) -> Api | Refusal:
    """The one API whose stage can be moved, or why there is none."""
    refusal = account_refusal(_KIND, situation, environment) or unknown(
        _KIND, "the API's stage", situation.apis, environment, now
    )
    if refusal is not None:
        return refusal
    staged = [one for one in situation.apis.value or () if wanted in ("", str(one.id)) and one.stage]
    if not staged:
        named = f" {wanted}" if wanted else ""
        return refuse(_KIND, f"the stack has no API{named} with a stage", "Name an API of this stack.")
    rest = [one for one in staged if one.kind is ApiKind.REST]
    if not rest:
        kind = staged[0].kind.value
        return refuse(
            _KIND,
            f"{staged[0].name} is a {kind} API: its stage is not moved from here",
            "Deploy the earlier API again, or move its stage in the console (off, if it deploys by itself).",
        )
    staged = rest
    if len(staged) > 1:
        names = ", ".join(f"{one.name} ({one.id})" for one in staged)
        return refuse(_KIND, f"the stack has several APIs: {names}", "Choose one.")
    api = staged[0]
    if api.deployed is None or not api.deployment:
        return refuse(
            _KIND, f"what stage {api.stage} serves is not known", "Refresh: without it nothing guards the move."
        )
    operations = situation.operations.value or ()
    refusal = operation_refusal(_KIND, operations, resource_of(_names(api))) or stack_refusal(
        _KIND, situation, environment, now
    )
    if refusal is not None:
        return refusal
    moved = max((one.switched for one in operations if one.switched and _about(one, api)), default=None)
    if moved is not None and situation.apis.taken is not None and situation.apis.taken < moved:
        return refuse(_KIND, "the stage has not been read since it was moved", "Wait a moment: it is being asked for.")
    return api


def _about(operation: Operation, api: Api) -> bool:
    return any(step.call.parameters.get("restApiId") == api.id for step in operation.plan.steps)


def _goal(api: Api, operations: Sequence[Operation], target: str) -> ApiDeployment | Refusal:
    """The deployment to serve; a given target must exist and differ from what is served."""
    if not target:
        found = proposed(api, operations)
        if found is not None:
            return found
        if live(api) is None:
            return refuse(
                _KIND,
                f"deployment {api.deployment} of stage {api.stage} is not in the API's list: what came before it is "
                "not known",
                "Name a deployment.",
            )
        return refuse(
            _KIND,
            f"there is no deployment of {api.name} older than {api.deployment} to go back to",
            "Deploy the earlier API again. Keep deployments (retain policy) from now on.",
        )
    named = next((one for one in api.deployments if one.id == target), None)
    if named is None:
        there = ", ".join(str(one.id) for one in api.deployments[:8]) or "none"
        return refuse(_KIND, f"{api.name} has no deployment {target}", f"There are: {there}.")
    if named.id == api.deployment and api.canary is None:
        return refuse(_KIND, f"stage {api.stage} serves {target} already", "Choose another deployment.")
    return named


def _candidates(api: Api, operations: Sequence[Operation], goal: ApiDeployment, now: datetime) -> tuple[Candidate, ...]:
    """What the stage could go back to, newest first, and a goal that is none of these."""
    useless = disproved(api, operations)
    offered = targets(api)[:OFFERED]
    offered = offered if goal in offered else (goal, *offered)
    return tuple(_candidate(one, api, one.id in useless, one == goal, now) for one in offered)


def _candidate(one: ApiDeployment, api: Api, useless: bool, chosen: bool, now: datetime) -> Candidate:
    told = ["live: the canary ends"] if one.id == api.deployment else []
    if one.created is not None:
        told.append(f"made {one.created:%Y-%m-%d %H:%MZ}, {ago(one.created, now)}")
    if one.description:
        told.append(str(one.description))
    if useless:
        told.append("an earlier rollback to it did not help")
    return Candidate(0, SafeText(""), one.created, None, 0, safe(", ".join(told)), chosen, one.id)


def _plan(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    api: Api,
    goal: str,
    canary: str,
    title: str,
    offered: tuple[Candidate, ...] = (),
    undo_of: str = "",
) -> Plan:
    identity = situation.identity.value
    assert identity is not None  # account_refusal
    steps = [_step(situation, environment, api, goal, canary)]
    if api.cached:
        steps.append(_flush(environment, api))
    told = [SafeText(line) for line in _notes(api, goal)]
    if environment.read_only:
        told.insert(0, SafeText("READ-ONLY this environment is read-only: the plan can be read, not carried out"))
    return Plan(
        kind=_KIND,
        environment=environment.name,
        account=identity.account,
        title=title,
        made=now,
        expires=now + lifetime(environment),
        grade=grade(environment),
        steps=tuple(steps),
        saved=(safe(f"stage {api.stage} whole: serves {_described(str(api.deployment), _canary(api))}"),),
        irreversible=(SafeText("requests that have failed already"),),
        notes=tuple(told),
        candidates=offered,
        criterion=criterion_of(api, situation, environment, settings),
        undo_of=undo_of,
    )


def _notes(api: Api, goal: str) -> list[SafeText]:
    told = [
        "Kept      a deployment holds paths, methods and integrations: the stage's variables, throttling, cache and "
        "firewall stay as they are"
    ]
    if api.canary is not None:
        told.append(
            f"Canary    {api.canary.percent:g} % go to deployment {api.canary.deployment}: ended, everything goes to "
            f"{goal}"
        )
    if api.cached:
        told.append("Cache     flushed: until it has filled again, more reaches the integrations")
    told.append(
        "Drift     the stack does not know of this: its next deployment moves the stage again, or leaves it if the "
        "template has not changed"
    )
    return [safe(line, 400) for line in told]


def _step(situation: Situation, environment: Environment, api: Api, goal: str, canary: str) -> Step:
    stack = situation.stack.value
    before = _canary(api)
    shown = _described(str(api.deployment), before), _described(goal, canary)
    return Step(
        kind=KIND,
        title=safe(f"API  stage {api.stage}  {shown[0]} → {shown[1]}"),
        call=Call(
            "apigateway",
            "UpdateStage",
            environment.region,
            {**_names(api), "patchOperations": _patches(api, goal, canary)},
        ),
        preconditions=(
            Precondition("stage.deployment", str(api.deployment)),
            Precondition("stage.updated", instant_text(api.deployed)),
            Precondition("stage.canary", before),
            Precondition("stack.status", str(stack.status) if stack is not None else ""),
        ),
        before={"deployment": str(api.deployment), "canary": before, "updated": instant_text(api.deployed)},
        after={"deployment": goal, "canary": canary},
    )


def _flush(environment: Environment, api: Api) -> Step:
    return Step(
        kind="api.cache",
        title=safe(f"API  stage {api.stage}  flush the cache"),
        call=Call("apigateway", "FlushStageCache", environment.region, dict(_names(api))),
        repeatable=True,
    )


def _names(api: Api) -> dict[str, object]:
    return {"restApiId": str(api.id), "stageName": str(api.stage)}


def _patches(api: Api, goal: str, canary: str) -> list[dict[str, str]]:
    """What UpdateStage is sent: the deployment, and the canary gone or as it was."""
    patches = [{"op": "replace", "path": "/deploymentId", "value": goal}]
    if not canary:
        return [*patches, {"op": "remove", "path": "/canarySettings"}] if api.canary is not None else patches
    for name, value in _settings(canary).items():
        if isinstance(value, dict):
            overrides = {f"{name}/{key}": str(one) for key, one in value.items()}
        else:
            overrides = {name: json.dumps(value) if isinstance(value, bool) else str(value)}
        patches += [{"op": "replace", "path": f"/canarySettings/{at}", "value": one} for at, one in overrides.items()]
    return patches


def _canary(api: Api) -> str:
    return str(api.canary.text) if api.canary is not None else ""


def _settings(canary: str) -> dict[str, object]:
    """canarySettings of its text; empty for none."""
    found = json.loads(canary) if canary else {}
    return found if isinstance(found, dict) else {}


def _described(deployment: str, canary: str) -> str:
    settings = _settings(canary)
    if not settings:
        return deployment
    return f"{deployment} with {settings.get('percentTraffic', 0)} % to {settings.get('deploymentId', '?')}"


def instant_text(at: datetime | None) -> str:
    """As preconditions name an instant; empty for none."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else ""
