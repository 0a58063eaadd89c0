"""A stack's events, resource by resource, with the instant each becomes visible (aws.md 4.2). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.platform.rollouts import CREATED_BEFORE, FIRST, Rollout
from services.simulated.platform.stack_resources import StackResource, deployment_id, nested_stack, resources

STACK = "AWS::CloudFormation::Stack"


class Event(msgspec.Struct, frozen=True):
    """One event, visible from `at` on."""

    id: str
    at: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""
    token: str = ""
    operation: str = ""
    """OperationId: a rollback that follows a failure has one of its own."""


def created(started: datetime) -> datetime:
    """When the stacks were created."""
    return started - timedelta(seconds=CREATED_BEFORE)


def events(environment: EnvironmentEstate, rollouts: tuple[Rollout, ...], started: datetime, seed: int) -> list[Event]:
    """Every event there was and will be, ascending by time."""
    drafts: list[Event] = list(_creation(environment, created(started), seed))
    for rollout in rollouts:
        update = _update if rollout.failure is None else _rolled_back
        drafts.extend(update(environment, rollout, seed))
    drafts.sort(key=lambda event: event.at)
    return list(identified(drafts, seed))


def identified(drafts: list[Event], seed: int) -> Iterator[Event]:
    """Each event with the id of its operation: one for each token, and one for the rollback that follows it."""
    token, back = "", False
    for event in drafts:
        if event.token != token:
            token, back = event.token, False
        back = back or (event.type == STACK and "ROLLBACK" in event.status)
        what = "rollback" if back else "operation"
        yield msgspec.structs.replace(event, operation=stable_uuid(seed, f"{what}/{event.token}"))


def event_id(seed: int, resource: StackResource, at: datetime, status: str) -> str:
    """Ids are as AWS's: a UUID for the stack's own, `LogicalId-STATUS-instant` for a resource's."""
    if resource.type == STACK:
        return stable_uuid(seed, f"{resource.physical_id}/event/{at.isoformat()}/{status}")
    return f"{resource.logical_id}-{status}-{at.strftime('%Y-%m-%dT%H:%M:%S.')}{at.microsecond // 1000:03d}Z"


def _event(
    environment: EnvironmentEstate, seed: int, at: datetime, resource: StackResource, status: str, **more: str
) -> Event:
    identity = event_id(seed, resource, at, status)
    return Event(identity, at, resource.logical_id, resource.physical_id, resource.type, status, **more)


def _stack(environment: EnvironmentEstate) -> StackResource:
    return StackResource(environment.stack_name, STACK, environment.stack_id, 0)


def _creation(environment: EnvironmentEstate, began: datetime, seed: int) -> Iterator[Event]:
    version = FIRST[environment.name]
    token = "deploy-" + stable_uuid(seed, f"{environment.name}/create")
    stack = _stack(environment)
    yield _event(environment, seed, began, stack, "CREATE_IN_PROGRESS", reason="User Initiated", token=token)
    at = began + timedelta(seconds=4.2)
    for resource in resources(environment, seed, version, deployment_id(seed, environment.name, version)):
        yield _event(environment, seed, at, resource, "CREATE_IN_PROGRESS", token=token)
        initiated = at + timedelta(seconds=0.9)
        yield _event(
            environment,
            seed,
            initiated,
            resource,
            "CREATE_IN_PROGRESS",
            reason="Resource creation Initiated",
            token=token,
        )
        at += timedelta(seconds=resource.seconds)
        yield _event(environment, seed, at, resource, "CREATE_COMPLETE", token=token)
        at += timedelta(seconds=0.7)
    yield _event(environment, seed, at + timedelta(seconds=1.1), stack, "CREATE_COMPLETE", token=token)


def _update(environment: EnvironmentEstate, rollout: Rollout, seed: int) -> Iterator[Event]:
    token = rollout.token
    stack = _stack(environment)
    known = {
        resource.logical_id: resource
        for resource in resources(
            environment, seed, rollout.to_version, deployment_id(seed, environment.name, rollout.to_version)
        )
    }
    yield _event(environment, seed, rollout.began, stack, "UPDATE_IN_PROGRESS", reason="User Initiated", token=token)
    last = rollout.began
    for step in rollout.steps:
        resource = known.get(
            step.logical_id, StackResource(step.logical_id, "AWS::CloudFormation::CustomResource", "", 1)
        )
        begins, ends = rollout.at(step.begins), rollout.at(step.ends)
        new = resource.type in ("AWS::Lambda::Version", "AWS::ApiGateway::Deployment")
        verb = "CREATE" if new else "UPDATE"
        reason = "Requested update requires the creation of a new physical resource; hence creating one." if new else ""
        before = msgspec.structs.replace(resource, physical_id="") if new else resource
        yield _event(environment, seed, begins, before, f"{verb}_IN_PROGRESS", reason=reason, token=token)
        if new:
            initiated = min(begins + timedelta(seconds=1.4), ends)
            yield _event(
                environment,
                seed,
                initiated,
                resource,
                "CREATE_IN_PROGRESS",
                reason="Resource creation Initiated",
                token=token,
            )
        yield _event(environment, seed, ends, resource, f"{verb}_COMPLETE", token=token)
        last = max(last, ends)
    cleanup = last + (rollout.ended - last) / 4
    yield _event(environment, seed, cleanup, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", token=token)
    old_deployment = deployment_id(seed, environment.name, rollout.from_version)
    retained = (
        StackResource(
            f"ManagerFunctionVersion{rollout.from_version}",
            "AWS::Lambda::Version",
            f"{environment.function_arn}:{rollout.from_version}",
            0,
        ),
        StackResource("ApiDeployment", "AWS::ApiGateway::Deployment", old_deployment, 0),
    )
    for index, resource in enumerate(retained, 1):
        at = cleanup + (rollout.ended - cleanup) * index / 4
        # DeletionPolicy Retain: the old version stays, so that one can go back to it.
        yield _event(environment, seed, at, resource, "DELETE_SKIPPED", token=token)
    yield _event(environment, seed, rollout.ended, stack, "UPDATE_COMPLETE", token=token)


def _rolled_back(environment: EnvironmentEstate, rollout: Rollout, seed: int) -> Iterator[Event]:
    """One resource fails, what is under way is cancelled, and everything touched goes back (aws.md 4.1, 4.2)."""
    assert rollout.failure is not None
    token, stack, failure = rollout.token, _stack(environment), rollout.failure
    old = deployment_id(seed, environment.name, rollout.from_version)
    known = {one.logical_id: one for one in resources(environment, seed, rollout.from_version, old)}
    if rollout.nested is not None:
        held = nested_stack(environment, seed, rollout.nested.logical_id)
        known[held.logical_id] = held
    fails = rollout.step(failure.logical_id).ends
    yield _event(environment, seed, rollout.began, stack, "UPDATE_IN_PROGRESS", reason="User Initiated", token=token)
    touched, failed = [], []
    for step in sorted(rollout.steps, key=lambda step: step.begins):
        if step.begins >= fails:
            continue
        resource, ended = known[step.logical_id], min(step.ends, fails)
        touched.append(resource)
        yield _event(environment, seed, rollout.at(step.begins), resource, "UPDATE_IN_PROGRESS", token=token)
        if step.ends < fails:
            yield _event(environment, seed, rollout.at(ended), resource, "UPDATE_COMPLETE", token=token)
            continue
        failed.append(step.logical_id)
        cancelled = step.logical_id != failure.logical_id
        at = rollout.at(fails + (0.4 + 0.1 * len(failed) if cancelled else 0.0))
        reason = "Resource update cancelled" if cancelled else failure.reason
        yield _event(environment, seed, at, resource, "UPDATE_FAILED", reason=reason, token=token)
    reason = f"The following resource(s) failed to update: [{', '.join(failed)}]. "
    back = fails + 1.6
    yield _event(environment, seed, rollout.at(back), stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason=reason, token=token)
    slot = (rollout.cleanup_ends - back - 12) / len(touched)
    for index, resource in enumerate(touched):
        begins = back + 4 + index * slot
        yield _event(environment, seed, rollout.at(begins), resource, "UPDATE_IN_PROGRESS", token=token)
        yield _event(environment, seed, rollout.at(begins + 0.8 * slot), resource, "UPDATE_COMPLETE", token=token)
    cleanup = rollout.at(rollout.cleanup_ends - 4)
    yield _event(environment, seed, cleanup, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", token=token)
    yield _event(environment, seed, rollout.ended, stack, "UPDATE_ROLLBACK_COMPLETE", token=token)
