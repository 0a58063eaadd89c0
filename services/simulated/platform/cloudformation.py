"""CloudFormation: stacks read from their rollouts on the clock. What would change a stack is refused, honestly."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.paging import page
from services.simulated.platform.rollouts import Rollout
from services.simulated.platform.stack_drift import Drifts
from services.simulated.platform.stack_events import Event, created
from services.simulated.platform.stack_history import StackHistory
from services.simulated.platform.stack_inquiries import StackInquiries
from services.simulated.platform.stack_resources import (
    StackResource,
    alarm_names,
    api_url,
    template,
    web_url,
)
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

EVENTS_A_PAGE = 100
"""AWS cuts pages at 1 MB; with events of ordinary length that is some hundreds."""

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


class CloudFormation:
    """The stacks of the account."""

    def __init__(self, state: SimulatedState, rollouts: dict[str, tuple[Rollout, ...]], drifts: Drifts) -> None:
        self._state = state
        self._history = StackHistory(state, rollouts)
        self._inquiries = StackInquiries(self._named, self._history, rollouts, drifts)

    def handlers(self) -> dict[str, Handler]:
        return self._inquiries.handlers() | {
            "DescribeStacks": self.describe_stacks,
            "ListStacks": self.list_stacks,
            "DescribeStackEvents": self.describe_stack_events,
            "ListStackResources": self.list_stack_resources,
            "DescribeStackResources": self.describe_stack_resources,
            "DescribeStackResource": self.describe_stack_resource,
            "GetTemplate": self.get_template,
            "GetTemplateSummary": self.get_template_summary,
            "GetStackPolicy": self.get_stack_policy,
            "CancelUpdateStack": self.cancel_update_stack,
            "RollbackStack": self.rollback_stack,
            "ContinueUpdateRollback": self.continue_update_rollback,
        }

    def describe_stacks(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters.get("StackName"):
            chosen = [self._stack(context, parameters["StackName"])]
        else:
            chosen = self._stacks(context)
        return {"Stacks": [self._description(environment, context.now) for environment in chosen]}

    def list_stacks(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        wanted = parameters.get("StackStatusFilter") or []
        summaries = []
        for environment in self._stacks(context):
            description = self._description(environment, context.now)
            if not wanted or description["StackStatus"] in wanted:
                kept = ("StackId", "StackName", "CreationTime", "LastUpdatedTime", "StackStatus", "DriftInformation")
                summary = {name: description[name] for name in kept if name in description}
                summaries.append(summary | {"TemplateDescription": description["Description"]})
        return {"StackSummaries": summaries}

    def describe_stack_events(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        nested = self._history.nested(parameters.get("StackName") or "", context.region)
        if nested is not None:
            visible = [event for event in nested.events if event.at <= context.now]
            identity, name = nested.id, nested.name
        else:
            environment = self._named(context, parameters)
            visible = self._history.visible(environment, context.now)
            identity, name = environment.stack_id, environment.stack_name
        # A page's token names the event it ended at, so that events that come meanwhile shift nothing.
        upto = len(visible)
        token = parameters.get("NextToken")
        if token:
            upto = next((index for index, event in enumerate(visible) if event.id == token), -1)
            if upto < 0:
                raise AwsError("ValidationError", "Invalid NextToken: it names no event of this stack")
        chosen = visible[max(0, upto - EVENTS_A_PAGE) : upto]
        shown = [_shown_event(identity, name, event) for event in reversed(chosen)]
        result: dict[str, Any] = {"StackEvents": shown}
        if upto > EVENTS_A_PAGE:
            result["NextToken"] = chosen[0].id
        return result

    def list_stack_resources(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        rows = [
            self._row(environment, resource, context.now)
            for resource in self._history.resources(environment, context.now)
        ]
        chosen, token = page(rows, parameters.get("NextToken"), 100)
        result: dict[str, Any] = {"StackResourceSummaries": chosen}
        if token:
            result["NextToken"] = token
        return result

    def describe_stack_resources(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        physical = parameters.get("PhysicalResourceId")
        if not parameters.get("StackName") and physical:
            environment = self._owner(context, physical)
        else:
            environment = self._named(context, parameters)
        logical = parameters.get("LogicalResourceId")
        rows = [
            self._detail(environment, resource, context.now)
            for resource in self._history.resources(environment, context.now)
            if logical in (None, resource.logical_id) and physical in (None, resource.physical_id)
        ]
        if logical and not rows:
            raise self._no_resource(environment, logical)
        return {"StackResources": rows[:100]}

    def describe_stack_resource(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        logical = parameters["LogicalResourceId"]
        for resource in self._history.resources(environment, context.now):
            if resource.logical_id == logical:
                detail = self._detail(environment, resource, context.now)
                detail["LastUpdatedTimestamp"] = detail.pop("Timestamp")
                return {"StackResourceDetail": detail | {"Metadata": "{}"}}
        raise self._no_resource(environment, logical)

    def get_template(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        body = template(environment, self._state.seed, self._history.version(environment, context.now))
        return {"TemplateBody": json.dumps(body, indent=2), "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        kinds = {resource.type for resource in self._history.resources(environment, context.now)}
        return {
            "Parameters": [
                {"ParameterKey": "Environment", "DefaultValue": environment.name, "ParameterType": "String"}
            ],
            "Description": f"EC2 Manager, {environment.name}",
            "Capabilities": _CAPABILITIES,
            "ResourceTypes": sorted(kinds),
            "Version": "2010-09-09",
        }

    def get_stack_policy(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._named(context, parameters)
        return {}

    def cancel_update_stack(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        status = self._history.status(self._named(context, parameters), context.now)[0]
        if status != "UPDATE_IN_PROGRESS":
            message = f"CancelUpdateStack cannot be called from current stack status: {status}"
            raise AwsError("ValidationError", message)
        raise self._unwilling("CancelUpdateStack")

    def rollback_stack(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        status = self._history.status(environment, context.now)[0]
        message = f"Stack:{environment.stack_id} is in {status} state and can not be rolled back."
        raise AwsError("ValidationError", message)

    def continue_update_rollback(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        status = self._history.status(environment, context.now)[0]
        message = f"Stack:{environment.stack_id} is in {status} state and can not continue a rollback."
        raise AwsError("ValidationError", message)

    # Reading the stacks

    def _stacks(self, context: Context) -> list[EnvironmentEstate]:
        return [environment for environment in self._state.estate.environments if environment.region == context.region]

    def _named(self, context: Context, parameters: dict[str, Any]) -> EnvironmentEstate:
        name = parameters.get("StackName")
        if not name:
            raise AwsError("ValidationError", "StackName must be specified")
        return self._stack(context, name)

    def _stack(self, context: Context, name: str) -> EnvironmentEstate:
        for environment in self._stacks(context):
            if name in (environment.stack_name, environment.stack_id):
                return environment
        if context.operation == "DescribeStackEvents":
            raise AwsError("ValidationError", f"Stack [{name}] does not exist")
        raise AwsError("ValidationError", f"Stack with id {name} does not exist")

    def _owner(self, context: Context, physical: str) -> EnvironmentEstate:
        for environment in self._stacks(context):
            if any(resource.physical_id == physical for resource in self._history.resources(environment, context.now)):
                return environment
        raise AwsError("ValidationError", f"Stack for {physical} does not exist")

    def _description(self, environment: EnvironmentEstate, now: datetime) -> dict[str, Any]:
        status, updated = self._history.status(environment, now)
        version = self._history.version(environment, now)
        alarm = alarm_names(environment)["api-5xx"]
        watched = {
            "Arn": f"arn:aws:cloudwatch:{environment.region}:{self._state.estate.account}:alarm:{alarm}",
            "Type": "AWS::CloudWatch::Alarm",
        }
        description: dict[str, Any] = {
            "StackId": environment.stack_id,
            "StackName": environment.stack_name,
            "Description": f"EC2 Manager, {environment.name}",
            "Parameters": [
                {"ParameterKey": "Environment", "ParameterValue": environment.name},
                {"ParameterKey": "Release", "ParameterValue": f"v{version}"},
            ],
            "CreationTime": created(self._state.started),
            "RollbackConfiguration": {"RollbackTriggers": [watched], "MonitoringTimeInMinutes": 0},
            "StackStatus": status,
            "DisableRollback": False,
            "NotificationARNs": [],
            "Capabilities": _CAPABILITIES,
            "Outputs": [
                {"OutputKey": "ApiUrl", "OutputValue": api_url(environment)},
                {"OutputKey": "WebUrl", "OutputValue": web_url(environment)},
            ],
            "Tags": [
                {"Key": "application", "Value": "ec2-manager"},
                {"Key": "environment", "Value": environment.name},
            ],
            "EnableTerminationProtection": environment.name == "production",
        } | self._inquiries.told_of_stack(environment, now)
        if updated is not None:
            description["LastUpdatedTime"] = updated
        return description

    def _row(self, environment: EnvironmentEstate, resource: StackResource, now: datetime) -> dict[str, Any]:
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

    def _detail(self, environment: EnvironmentEstate, resource: StackResource, now: datetime) -> dict[str, Any]:
        row = self._row(environment, resource, now)
        row["Timestamp"] = row.pop("LastUpdatedTimestamp")
        return row | {"StackId": environment.stack_id, "StackName": environment.stack_name}

    def _no_resource(self, environment: EnvironmentEstate, logical_id: str) -> AwsError:
        message = f"Resource {logical_id} does not exist for stack {environment.stack_name}"
        return AwsError("ValidationError", message)

    def _unwilling(self, operation: str) -> AwsError:
        caller = self._state.estate.caller_arn
        message = (
            f"User: {caller} is not authorized to perform: cloudformation:{operation} "
            "with an explicit deny: stacks of the simulated account are changed by its scenario alone"
        )
        return AwsError("AccessDenied", message, 403)


def _shown_event(stack_id: str, stack_name: str, event: Event) -> dict[str, Any]:
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
