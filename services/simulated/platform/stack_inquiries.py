"""What is asked about a stack besides itself: operations by their ids, change sets, drift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform import change_sets
from services.simulated.platform.paging import page
from services.simulated.platform.stack_drift import Detection, Drifts, shown
from services.simulated.platform.stack_events import STACK, Event
from services.simulated.platform.stack_history import StackHistory
from services.simulated.protocol import AwsError, Context, Handler

EVENTS_A_PAGE = 100

Named = Callable[[Context, dict[str, Any]], EnvironmentEstate]


class StackInquiries:
    """Handlers of those operations, for one CloudFormation."""

    def __init__(self, named: Named, history: StackHistory, drifts: Drifts) -> None:
        self._named = named
        self._history = history
        self._drifts = drifts

    def handlers(self) -> dict[str, Handler]:
        return {
            "DescribeEvents": self.describe_events,
            "ListChangeSets": self.list_change_sets,
            "DescribeChangeSet": self.describe_change_set,
            "DetectStackDrift": self.detect_stack_drift,
            "DescribeStackDriftDetectionStatus": self.describe_stack_drift_detection_status,
            "DescribeStackResourceDrifts": self.describe_stack_resource_drifts,
        }

    def describe_events(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment, visible = self._of_operation(context, parameters)
        if (parameters.get("Filters") or {}).get("FailedEvents"):
            visible = [event for event in visible if event.status.endswith("_FAILED")]
        rows = [_operation_event(environment, event, visible) for event in reversed(visible)]
        chosen, token = page(rows, parameters.get("NextToken"), EVENTS_A_PAGE)
        return {"OperationEvents": chosen} | ({"NextToken": token} if token else {})

    def _of_operation(self, context: Context, parameters: dict[str, Any]) -> tuple[EnvironmentEstate, list[Event]]:
        wanted = parameters.get("OperationId")
        if not wanted:
            environment = self._named(context, parameters)
            return environment, self._history.visible(environment, context.now)
        for environment in self._history.environments:
            found = [one for one in self._history.visible(environment, context.now) if one.operation == wanted]
            if found and environment.region == context.region:
                return environment, found
        raise AwsError("ValidationError", f"Operation with id {wanted} does not exist")

    def list_change_sets(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        waiting = [one for one in self._history.rollouts(environment) if change_sets.waits(one, context.now)]
        return {"Summaries": [change_sets.summary(environment, one, context.now) for one in waiting]}

    def describe_change_set(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        wanted = parameters["ChangeSetName"]
        for environment in self._history.environments:
            if environment.region != context.region or not self._may_be(environment, wanted, parameters):
                continue
            for one in self._history.rollouts(environment):
                names = (change_sets.change_set_id(environment, one), change_sets.change_set_name(one))
                if wanted in names and change_sets.made(one, context.now):
                    return change_sets.description(environment, one, context.now)
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{wanted}] does not exist", 404)

    @staticmethod
    def _may_be(environment: EnvironmentEstate, wanted: str, parameters: dict[str, Any]) -> bool:
        """By its ARN a change set needs no stack; by its name it does."""
        if wanted.startswith("arn:"):
            return True
        if not parameters.get("StackName"):
            raise AwsError(
                "ValidationError", "StackName must be specified if ChangeSetName is not specified as an ARN."
            )
        return parameters["StackName"] in (environment.stack_name, environment.stack_id)

    def detect_stack_drift(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"StackDriftDetectionId": self._drifts.detect(self._named(context, parameters), context.now).id}

    def describe_stack_drift_detection_status(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        made = self._drifts.by_id(parameters["StackDriftDetectionId"])
        environment = next(one for one in self._history.environments if one.name == made.environment)
        told: dict[str, Any] = {
            "StackId": environment.stack_id,
            "StackDriftDetectionId": made.id,
            "DetectionStatus": "DETECTION_IN_PROGRESS",
            "Timestamp": made.began,
        }
        if made.complete(context.now):
            told |= {"DetectionStatus": "DETECTION_COMPLETE", "StackDriftStatus": made.status}
            told["DriftedStackResourceCount"] = made.drifted
        return told

    def describe_stack_resource_drifts(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        last = self._drifts.last(environment, context.now)
        wanted = parameters.get("StackResourceDriftStatusFilters") or ("IN_SYNC", "MODIFIED", "DELETED")
        found = last.resources if last is not None else ()
        rows = [shown(one, environment, last.began) for one in found if last is not None and one.status in wanted]
        chosen, token = page(rows, parameters.get("NextToken"), int(parameters.get("MaxResults") or 100))
        return {"StackResourceDrifts": chosen} | ({"NextToken": token} if token else {})

    def told_of_stack(self, environment: EnvironmentEstate, now: datetime) -> dict[str, Any]:
        """What DescribeStacks tells of all this."""
        last = self._drifts.last(environment, now)
        told: dict[str, Any] = {
            "DriftInformation": _drift_information(last),
            "LastOperations": _last_operations(self._history.visible(environment, now)),
        }
        executed = [one for one in self._history.rollouts(environment) if one.began <= now]
        # An update that somebody makes without a change set leaves none.
        newest = self._history.visible(environment, now)[-1].token
        if executed and newest == executed[-1].token:
            told["ChangeSetId"] = change_sets.change_set_id(environment, executed[-1])
        return told


def _drift_information(last: Detection | None) -> dict[str, Any]:
    if last is None:
        return {"StackDriftStatus": "NOT_CHECKED"}
    return {"StackDriftStatus": last.status, "LastCheckTimestamp": last.began}


def _operation_type(event: Event, first: Event) -> str:
    if "ROLLBACK" in first.status:
        return "ROLLBACK"
    return {"CREATE": "CREATE_STACK", "DELETE": "DELETE_STACK"}.get(first.status.partition("_")[0], "UPDATE_STACK")


def _last_operations(visible: list[Event]) -> list[dict[str, str]]:
    """The newest operation, with the rollback that followed it first."""
    if not visible:
        return []
    token = visible[-1].token
    firsts: dict[str, Event] = {}
    for event in visible:
        if event.token == token and event.type == STACK:
            firsts.setdefault(event.operation, event)
    return [
        {"OperationType": _operation_type(first, first), "OperationId": id} for id, first in reversed(firsts.items())
    ]


def _operation_event(environment: EnvironmentEstate, event: Event, visible: list[Event]) -> dict[str, Any]:
    same = [one for one in visible if one.operation == event.operation]
    first = next((one for one in same if one.type == STACK), same[0])
    last = next((one for one in reversed(same) if one.type == STACK and not one.status.endswith("_IN_PROGRESS")), None)
    status = "IN_PROGRESS" if last is None else "FAILED" if last.status.endswith("_FAILED") else "SUCCEEDED"
    told: dict[str, Any] = {
        "EventId": event.id,
        "StackId": environment.stack_id,
        "OperationId": event.operation,
        "OperationType": _operation_type(event, first),
        "OperationStatus": status,
        "EventType": "PROVISIONING_ERROR" if event.status.endswith("_FAILED") else "STACK_EVENT",
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "Timestamp": event.at,
        "StartTime": first.at,
        "ResourceStatus": event.status,
        "ClientRequestToken": event.token,
    }
    if last is not None:
        told["EndTime"] = last.at
    return told | ({"ResourceStatusReason": event.reason} if event.reason else {})
