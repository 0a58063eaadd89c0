"""CloudFormation's word on the Order Desk: one stack, created once, its resources, its events."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from services.simulated.desk.estate import ALIAS, TABLES, Desk
from services.simulated.estate import ACCOUNT_ID, stable_id
from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler

Row = tuple[str, str, str]
"""Logical id, type, physical id."""


def rows(desk: Desk) -> list[Row]:
    """Every resource, in order of creation."""
    found: list[Row] = [(f"{table.title()}Table", "AWS::DynamoDB::Table", desk.table(table)) for table, _ in TABLES]
    found += [("Customers", "AWS::Cognito::UserPool", desk.pool)]
    found += [
        (f"{title}Client", "AWS::Cognito::UserPoolClient", client)
        for title, client in zip(("Web", "App"), desk.clients, strict=True)
    ]
    for function in desk.functions:
        logical = _logical(function.name)
        arn = f"arn:aws:lambda:{desk.region}:{ACCOUNT_ID}:function:{function.name}"
        found.append((logical, "AWS::Lambda::Function", function.name))
        if function.route:
            found.append((f"{logical}Version", "AWS::Lambda::Version", f"{arn}:{function.version}"))
            found.append((f"{logical}Alias", "AWS::Lambda::Alias", f"{arn}:{ALIAS}"))
    found.append(("Api", "AWS::ApiGatewayV2::Api", desk.api))
    found += [
        (f"{_logical(one.name)}Route", "AWS::ApiGatewayV2::Route", stable_id(desk.seed, f"desk/route/{one.name}", 7))
        for one in desk.routed
    ]
    found.append(("Stage", "AWS::ApiGatewayV2::Stage", desk.stage))
    found.append(("AccessLog", "AWS::Logs::LogGroup", desk.access_log_group))
    return found


class DeskStack:
    """Handlers of the region's one stack."""

    def __init__(self, desk: Desk, started: datetime) -> None:
        self._desk = desk
        self._created = started - timedelta(days=40)
        self._updated = started - timedelta(days=6, hours=2)
        self._rows = rows(desk)

    def handlers(self) -> dict[str, Handler]:
        return {
            "DescribeStacks": self.describe_stacks,
            "ListStacks": self.list_stacks,
            "DescribeStackEvents": self.describe_stack_events,
            "ListStackResources": self.list_stack_resources,
            "GetTemplate": self.get_template,
        }

    def describe_stacks(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters.get("StackName"):
            self._ours(parameters)
        described = self._summary() | {
            "Description": "Order Desk",
            "Parameters": [],
            "DisableRollback": False,
            "NotificationARNs": [],
            "Capabilities": ["CAPABILITY_IAM"],
            "Outputs": [],
            "Tags": [{"Key": "application", "Value": "order-desk"}],
            "EnableTerminationProtection": True,
        }
        return {"Stacks": [described]}

    def get_template(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """The names and types of everything, and nothing of how it is set up."""
        self._ours(parameters)
        body = {"Resources": {logical: {"Type": kind} for logical, kind, _ in self._rows}}
        return {"TemplateBody": json.dumps(body), "StagesAvailable": ["Original", "Processed"]}

    def list_stacks(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        wanted = parameters.get("StackStatusFilter") or ["UPDATE_COMPLETE"]
        return {"StackSummaries": [self._summary()] if "UPDATE_COMPLETE" in wanted else []}

    def describe_stack_events(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """The last update: the stack itself and nothing that it changed but one function."""
        self._ours(parameters)
        own = (self._desk.stack, "AWS::CloudFormation::Stack", self._desk.stack_id)
        changed = self._desk.functions[0].name
        function = (_logical(changed), "AWS::Lambda::Function", changed)
        told = (
            (own, "UPDATE_COMPLETE", 64, ""),
            (own, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", 62, ""),
            (function, "UPDATE_COMPLETE", 41, ""),
            (function, "UPDATE_IN_PROGRESS", 12, ""),
            (own, "UPDATE_IN_PROGRESS", 0, "User Initiated"),
        )
        return {"StackEvents": [self._event(*one) for one in told]}

    def list_stack_resources(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._ours(parameters)
        found = [
            {
                "LogicalResourceId": logical,
                "PhysicalResourceId": physical,
                "ResourceType": kind,
                "LastUpdatedTimestamp": self._updated,
                "ResourceStatus": "CREATE_COMPLETE",
                "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
            }
            for logical, kind, physical in self._rows
        ]
        chosen, token = page(found, parameters.get("NextToken"), 100)
        return {"StackResourceSummaries": chosen} | ({"NextToken": token} if token else {})

    def _event(self, of: tuple[str, str, str], status: str, seconds: float, reason: str) -> dict[str, Any]:
        logical, kind, physical = of
        told: dict[str, Any] = {
            "StackId": self._desk.stack_id,
            "StackName": self._desk.stack,
            "EventId": f"{logical}-{status}-{seconds}",
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "Timestamp": self._updated + timedelta(seconds=seconds),
            "ResourceStatus": status,
        }
        return told | ({"ResourceStatusReason": reason} if reason else {})

    def _summary(self) -> dict[str, Any]:
        return {
            "StackId": self._desk.stack_id,
            "StackName": self._desk.stack,
            "CreationTime": self._created,
            "LastUpdatedTime": self._updated,
            "StackStatus": "UPDATE_COMPLETE",
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }

    def _ours(self, parameters: dict[str, Any]) -> None:
        named = parameters.get("StackName", "")
        if named not in (self._desk.stack, self._desk.stack_id):
            raise AwsError("ValidationError", f"Stack with id {named} does not exist")


def _logical(name: str) -> str:
    """`orderdesk-place-order` → `PlaceOrder`."""
    return "".join(word.title() for word in name.removeprefix("orderdesk-").split("-"))
