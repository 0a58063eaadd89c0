"""Rolling back by the API's stage: it serves an earlier deployment again (aws.md 5.3, runbook line 410).

API Gateway compares nothing when a stage is changed: what was read is read again right before, and a lost answer is
resolved by reading. `plan_stage_rollback` goes back, `plan_stage_forward` takes an operation of ours back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.actions import http_stage
from services.actions.choosing import only_api, staged_apis
from services.actions.criterion import criterion_of
from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    ago,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
    unknown,
    unread_since,
)
from services.actions.stage_steps import KIND, canary_settings, canary_text, described, flush_step, names, stage_step
from services.model.apis import Api, ApiDeployment, ApiKind
from services.model.entry import Operation
from services.model.plan import ActionKind, Candidate, Plan, Refusal
from services.model.situation import Situation
from services.rules.stages import api_of, disproved, live, proposed, targets
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
    step = next((one for one in applied if one.kind in (KIND, http_stage.KIND)), None)
    if step is None:
        return refuse(_KIND, f"operation {operation.id} did not move a stage", "Choose one that did.")
    api = _movable(situation, environment, now, api_of(step))
    if isinstance(api, Refusal):
        return api
    if str(api.deployment) != step.after.get("deployment") or canary_text(api) != step.after.get("canary", ""):
        stands = described(str(api.deployment), canary_text(api))
        return refuse(
            _KIND,
            f"stage {api.stage} serves {stands}, not {step.after.get('deployment')} where the operation left it: "
            "it was moved since",
            "Look at who moved it (Deployments); plan a rollback to the deployment that is wanted.",
        )
    goal, canary = step.before.get("deployment", ""), step.before.get("canary", "")
    named = [goal, str(canary_settings(canary).get("deploymentId", goal))]
    missing = [one for one in named if all(known.id != one for known in api.deployments)]
    if missing:
        return refuse(_KIND, f"deployment {missing[0]} does not exist any more", "Roll back to another deployment.")
    title = f"Move stage {api.stage} of {api.name} from {api.deployment} forward again to {described(goal, canary)}"
    return _plan(situation, environment, settings, now, api, goal, canary, title, undo_of=operation.id)


def _movable(situation: Situation, environment: Environment, now: datetime, wanted: str) -> Api | Refusal:
    """The one API whose stage can be moved, or why there is none."""
    refusal = account_refusal(_KIND, situation, environment) or unknown(
        _KIND, "the API's stage", situation.apis, environment, now
    )
    if refusal is not None:
        return refusal
    staged = staged_apis(_KIND, situation, wanted)
    if isinstance(staged, Refusal):
        return staged
    fixed = [http_stage.fixed(one, environment.region) for one in staged]
    if fixed[0] is not None and None not in fixed:
        return refuse(_KIND, *fixed[0])
    api = only_api(_KIND, [one for one, why in zip(staged, fixed, strict=True) if why is None])
    if isinstance(api, Refusal):
        return api
    return _unmovable(situation, environment, now, api) or api


def _unmovable(situation: Situation, environment: Environment, now: datetime, api: Api) -> Refusal | None:
    """Why this stage had better not be moved now."""
    if api.denied:
        return refuse(
            _KIND,
            f"{api.name} is isolated on purpose by its policy: an earlier deployment would let everybody in",
            "End the isolation first (X), then roll back.",
        )
    if api.deployed is None or not api.deployment:
        return refuse(
            _KIND, f"what stage {api.stage} serves is not known", "Refresh: without it nothing guards the move."
        )
    operations = situation.operations.value or ()
    refusal = operation_refusal(_KIND, operations, resource_of(names(api))) or stack_refusal(
        _KIND, situation, environment, now
    )
    if refusal is not None:
        return refusal
    ours = [one for one in operations if _about(one, api)]
    return unread_since(_KIND, "the stage has not been read since it was moved", situation.apis, ours)


def _about(operation: Operation, api: Api) -> bool:
    return any(api_of(step) == api.id for step in operation.plan.steps)


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
    steps = [stage_step(situation, environment, api, goal, canary)]
    if api.cached:
        steps.append(flush_step(environment, api))
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=title,
        steps=tuple(steps),
        saved=(safe(f"stage {api.stage} whole: serves {described(str(api.deployment), canary_text(api))}"),),
        irreversible=(SafeText("requests that have failed already"),),
        notes=_notes(api, goal),
        candidates=offered,
        criterion=criterion_of(api, situation, environment, settings),
        undo_of=undo_of,
    )


def _notes(api: Api, goal: str) -> list[SafeText]:
    held = "a deployment holds paths, methods and integrations: the stage's variables, throttling, cache and firewall"
    if api.kind is ApiKind.HTTP:
        held = "a deployment holds routes, integrations and authorizers: the stage's variables, throttling and log"
    told = [f"Kept      {held} stay as they are"]
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
