"""Stacks and their resources as CloudFormation describes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.stack_events import Event, created
from services.simulated.platform.stack_history import StackHistory
from services.simulated.platform.stack_inquiries import StackInquiries
from services.simulated.platform.stack_resources import StackResource, alarm_names, api_url, web_url
from services.simulated.state import SimulatedState

HIDDEN = "****"
"""What is told of a parameter of NoEcho."""


class StackDescriptions:
    """What is told of each stack and resource at an instant."""

    def __init__(self, state: SimulatedState, history: StackHistory, inquiries: StackInquiries) -> None:
        self._state = state
        self._history = history
        self._inquiries = inquiries

    def stack(self, environment: EnvironmentEstate, now: datetime) -> dict[str, Any]:
        """As DescribeStacks tells of it."""
        book = self._history.book(environment)
        (status, updated), spec, reason = book.status(now), book.spec(now), book.reason(now)
        alarm = alarm_names(environment)["api-5xx"]
        watched = {
            "Arn": f"arn:aws:cloudwatch:{environment.region}:{self._state.estate.account}:alarm:{alarm}",
            "Type": "AWS::CloudWatch::Alarm",
        }
        description: dict[str, Any] = {
            "StackId": environment.stack_id,
            "StackName": environment.stack_name,
            "Description": str(spec.template.get("Description", "")),
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": HIDDEN if name in spec.hidden else value}
                for name, value in spec.parameters
            ],
            "CreationTime": created(self._state.started),
            "RollbackConfiguration": {"RollbackTriggers": [watched], "MonitoringTimeInMinutes": 0},
            "StackStatus": status,
            "DisableRollback": False,
            "NotificationARNs": list(spec.notifications),
            "Capabilities": list(spec.capabilities),
            "Outputs": [
                {"OutputKey": "ApiUrl", "OutputValue": api_url(environment)},
                {"OutputKey": "WebUrl", "OutputValue": web_url(environment)},
            ],
            "Tags": [{"Key": key, "Value": value} for key, value in spec.tags],
            "EnableTerminationProtection": environment.name == "production",
        } | self._inquiries.told_of_stack(environment, now)
        if updated is not None:
            description["LastUpdatedTime"] = updated
        if spec.role:
            description["RoleARN"] = spec.role
        if status.endswith("_FAILED") and reason:
            description["StackStatusReason"] = reason
        return description

    def row(self, environment: EnvironmentEstate, resource: StackResource, now: datetime) -> dict[str, Any]:
        event = self._history.newest_event(environment, resource.logical_id, now)
        row: dict[str, Any] = {
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.type,
            "LastUpdatedTimestamp": event.at if event is not None else created(self._state.started),
            "ResourceStatus": event.status if event is not None else "CREATE_COMPLETE",
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
        if event is not None and event.reason:
            row["ResourceStatusReason"] = event.reason
        return row

    def detail(self, environment: EnvironmentEstate, resource: StackResource, now: datetime) -> dict[str, Any]:
        row = self.row(environment, resource, now)
        row["Timestamp"] = row.pop("LastUpdatedTimestamp")
        return row | {"StackId": environment.stack_id, "StackName": environment.stack_name}


def shown_event(stack_id: str, stack_name: str, event: Event) -> dict[str, Any]:
    """As DescribeStackEvents tells of it."""
    shown: dict[str, Any] = {
        "StackId": stack_id,
        "EventId": event.id,
        "StackName": stack_name,
        "OperationId": event.operation,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "Timestamp": event.at,
        "ResourceStatus": event.status,
    }
    if event.reason:
        shown["ResourceStatusReason"] = event.reason
    if event.token:
        shown["ClientRequestToken"] = event.token
    return shown
