"""A stack's events, resource by resource, with the instant each becomes visible (aws.md 4.2). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.platform.rollouts import CREATED_BEFORE, FIRST, Rollout
from services.simulated.platform.stack_resources import StackResource, deployment_id, nested_stack, resources
from services.simulated.world.scenarios import DeploymentStep

STACK = "AWS::CloudFormation::Stack"

INITIATED = "Resource creation Initiated"
REPLACED = "Requested update requires the creation of a new physical resource; hence creating one."

BACK_AFTER = 1.6
"""Seconds from a resource's failure until the stack begins to go back."""


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


class _Teller(msgspec.Struct, frozen=True):
    """Tells the events of one operation, which share its token."""

    seed: int
    token: str

    def __call__(self, at: datetime, resource: StackResource, status: str, reason: str = "") -> Event:
        identity = event_id(self.seed, resource, at, status)
        return Event(identity, at, resource.logical_id, resource.physical_id, resource.type, status, reason, self.token)


def _stack(environment: EnvironmentEstate) -> StackResource:
    return StackResource(environment.stack_name, STACK, environment.stack_id, 0)


def _creation(environment: EnvironmentEstate, began: datetime, seed: int) -> Iterator[Event]:
    version = FIRST[environment.name]
    tell = _Teller(seed, "deploy-" + stable_uuid(seed, f"{environment.name}/create"))
    stack = _stack(environment)
    yield tell(began, stack, "CREATE_IN_PROGRESS", "User Initiated")
    at = began + timedelta(seconds=4.2)
    for resource in resources(environment, seed, version, deployment_id(seed, environment.name, version)):
        yield tell(at, resource, "CREATE_IN_PROGRESS")
        yield tell(at + timedelta(seconds=0.9), resource, "CREATE_IN_PROGRESS", INITIATED)
        at += timedelta(seconds=resource.seconds)
        yield tell(at, resource, "CREATE_COMPLETE")
        at += timedelta(seconds=0.7)
    yield tell(at + timedelta(seconds=1.1), stack, "CREATE_COMPLETE")


def _update(environment: EnvironmentEstate, rollout: Rollout, seed: int) -> Iterator[Event]:
    tell, stack = _Teller(seed, rollout.token), _stack(environment)
    yield tell(rollout.began, stack, "UPDATE_IN_PROGRESS", "User Initiated")
    deployed = deployment_id(seed, environment.name, rollout.to_version)
    known = {one.logical_id: one for one in resources(environment, seed, rollout.to_version, deployed)}
    for step in rollout.steps:
        custom = StackResource(step.logical_id, "AWS::CloudFormation::CustomResource", "", 1)
        yield from _changed(tell, rollout, step, known.get(step.logical_id, custom))
    last = max((rollout.at(step.ends) for step in rollout.steps), default=rollout.began)
    cleanup = last + (rollout.ended - last) / 4
    yield tell(cleanup, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    for index, resource in enumerate(_retained(environment, rollout, seed), 1):
        at = cleanup + (rollout.ended - cleanup) * index / 4
        # DeletionPolicy Retain: the old version stays, so that one can go back to it.
        yield tell(at, resource, "DELETE_SKIPPED")
    yield tell(rollout.ended, stack, "UPDATE_COMPLETE")


def _changed(tell: _Teller, rollout: Rollout, step: DeploymentStep, resource: StackResource) -> Iterator[Event]:
    """One resource of an update, from its start to its end."""
    begins, ends = rollout.at(step.begins), rollout.at(step.ends)
    if resource.type not in ("AWS::Lambda::Version", "AWS::ApiGateway::Deployment"):
        yield tell(begins, resource, "UPDATE_IN_PROGRESS")
        yield tell(ends, resource, "UPDATE_COMPLETE")
        return
    before = msgspec.structs.replace(resource, physical_id="")
    yield tell(begins, before, "CREATE_IN_PROGRESS", REPLACED)
    yield tell(min(begins + timedelta(seconds=1.4), ends), resource, "CREATE_IN_PROGRESS", INITIATED)
    yield tell(ends, resource, "CREATE_COMPLETE")


def _retained(environment: EnvironmentEstate, rollout: Rollout, seed: int) -> tuple[StackResource, ...]:
    """What an update replaces and keeps."""
    old, number = deployment_id(seed, environment.name, rollout.from_version), rollout.from_version
    arn = f"{environment.function_arn}:{number}"
    return (
        StackResource(f"ManagerFunctionVersion{number}", "AWS::Lambda::Version", arn, 0),
        StackResource("ApiDeployment", "AWS::ApiGateway::Deployment", old, 0),
    )


def _rolled_back(environment: EnvironmentEstate, rollout: Rollout, seed: int) -> Iterator[Event]:
    """One resource fails, what is under way is cancelled, and everything touched goes back (aws.md 4.1, 4.2)."""
    assert rollout.failure is not None
    tell, stack = _Teller(seed, rollout.token), _stack(environment)
    fails = rollout.step(rollout.failure.logical_id).ends
    begun = sorted((step for step in rollout.steps if step.begins < fails), key=lambda step: step.begins)
    known = _before(environment, rollout, seed)
    yield tell(rollout.began, stack, "UPDATE_IN_PROGRESS", "User Initiated")
    yield from _failed(tell, rollout, begun, known)
    failed = ", ".join(step.logical_id for step in begun if step.ends >= fails)
    reason = f"The following resource(s) failed to update: [{failed}]. "
    yield tell(rollout.at(fails + BACK_AFTER), stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
    yield from _back(tell, rollout, fails + BACK_AFTER, [known[step.logical_id] for step in begun])
    if rollout.stuck is not None:
        reason = f"The following resource(s) failed to update: [{rollout.stuck.logical_id}]. "
        yield tell(rollout.ended, stack, "UPDATE_ROLLBACK_FAILED", reason)
        return
    yield tell(rollout.at(rollout.cleanup_ends - 4), stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    yield tell(rollout.ended, stack, "UPDATE_ROLLBACK_COMPLETE")


def _before(environment: EnvironmentEstate, rollout: Rollout, seed: int) -> dict[str, StackResource]:
    """The stack's resources as they were before the rollout, by logical id."""
    old = deployment_id(seed, environment.name, rollout.from_version)
    known = {one.logical_id: one for one in resources(environment, seed, rollout.from_version, old)}
    if rollout.nested is not None:
        held = nested_stack(environment, seed, rollout.nested.logical_id)
        known[held.logical_id] = held
    return known


def _failed(
    tell: _Teller, rollout: Rollout, begun: Sequence[DeploymentStep], known: Mapping[str, StackResource]
) -> Iterator[Event]:
    """Until the failure: what was through before it is complete, what was not is cancelled, one after the other."""
    failure = rollout.failure
    assert failure is not None
    fails, failed = rollout.step(failure.logical_id).ends, 0
    for step in begun:
        resource = known[step.logical_id]
        yield tell(rollout.at(step.begins), resource, "UPDATE_IN_PROGRESS")
        if step.ends < fails:
            yield tell(rollout.at(step.ends), resource, "UPDATE_COMPLETE")
            continue
        failed += 1
        cancelled = step.logical_id != failure.logical_id
        at = rollout.at(fails + (0.4 + 0.1 * failed if cancelled else 0.0))
        yield tell(at, resource, "UPDATE_FAILED", "Resource update cancelled" if cancelled else failure.reason)


def _back(tell: _Teller, rollout: Rollout, back: float, touched: Sequence[StackResource]) -> Iterator[Event]:
    """From `back` seconds on everything that was touched goes back, but for what is stuck."""
    slot = (rollout.cleanup_ends - back - 12) / len(touched)
    for index, resource in enumerate(touched):
        begins = back + 4 + index * slot
        yield tell(rollout.at(begins), resource, "UPDATE_IN_PROGRESS")
        over = rollout.at(begins + 0.8 * slot)
        if rollout.stuck is not None and resource.logical_id == rollout.stuck.logical_id:
            yield tell(over, resource, "UPDATE_FAILED", rollout.stuck.reason)
        else:
            yield tell(over, resource, "UPDATE_COMPLETE")
