"""CloudFormation: stacks read on the clock. What changes a stack is `stack_operations.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.paging import page
from services.simulated.platform.stack_descriptions import StackDescriptions, shown_event
from services.simulated.platform.stack_drift import Drifts
from services.simulated.platform.stack_history import StackHistory
from services.simulated.platform.stack_inquiries import StackInquiries
from services.simulated.platform.stack_operations import StackOperations
from services.simulated.platform.stack_specs import CAPABILITIES
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

EVENTS_A_PAGE = 100
"""AWS cuts pages at 1 MB; with events of ordinary length that is some hundreds."""


class CloudFormation:
    """The stacks of the account."""

    def __init__(
        self,
        state: SimulatedState,
        history: StackHistory,
        drifts: Drifts,
        operations: Callable[[Callable[[Context, dict[str, Any]], EnvironmentEstate]], StackOperations],
    ) -> None:
        """`operations` makes the handlers of what changes a stack, given how a stack is found by its name."""
        self._state = state
        self._history = history
        self._inquiries = StackInquiries(self._named, history, drifts)
        self._told = StackDescriptions(state, history, self._inquiries)
        self.operations = operations(self._named)

    def handlers(self) -> dict[str, Handler]:
        ours = self._inquiries.handlers() | self.operations.handlers() | self._readers()
        return {name: self._locked(handler) for name, handler in ours.items()}

    def _readers(self) -> dict[str, Handler]:
        return {
            "DescribeStacks": self.describe_stacks,
            "ListStacks": self.list_stacks,
            "DescribeStackEvents": self.describe_stack_events,
            "ListStackResources": self.list_stack_resources,
            "DescribeStackResources": self.describe_stack_resources,
            "DescribeStackResource": self.describe_stack_resource,
            "GetTemplate": self.get_template,
            "GetTemplateSummary": self.get_template_summary,
            "GetStackPolicy": self.get_stack_policy,
        }

    def _locked(self, handler: Handler) -> Handler:
        def handle(context: Context, parameters: dict[str, Any]) -> dict[str, Any] | None:
            with self._state.lock:
                return handler(context, parameters)

        return handle

    def describe_stacks(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters.get("StackName"):
            chosen = [self._stack(context, parameters["StackName"])]
        else:
            chosen = self._stacks(context)
        return {"Stacks": [self._told.stack(environment, context.now) for environment in chosen]}

    def list_stacks(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        wanted = parameters.get("StackStatusFilter") or []
        summaries = []
        for environment in self._stacks(context):
            description = self._told.stack(environment, context.now)
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
        shown = [shown_event(identity, name, event) for event in reversed(chosen)]
        result: dict[str, Any] = {"StackEvents": shown}
        if upto > EVENTS_A_PAGE:
            result["NextToken"] = chosen[0].id
        return result

    def list_stack_resources(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        rows = [
            self._told.row(environment, resource, context.now)
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
            self._told.detail(environment, resource, context.now)
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
                detail = self._told.detail(environment, resource, context.now)
                detail["LastUpdatedTimestamp"] = detail.pop("Timestamp")
                return {"StackResourceDetail": detail | {"Metadata": "{}"}}
        raise self._no_resource(environment, logical)

    def get_template(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        spec = self._history.book(self._named(context, parameters)).spec(context.now)
        whole = parameters.get("TemplateStage") == "Original"
        return {"TemplateBody": spec.body if whole else spec.processed, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = self._named(context, parameters)
        kinds = {resource.type for resource in self._history.resources(environment, context.now)}
        spec = self._history.book(environment).spec(context.now)
        declared = spec.template.get("Parameters") or {}
        return {
            "Parameters": [
                {"ParameterKey": name, "ParameterType": "String", "NoEcho": name in spec.hidden}
                | ({"DefaultValue": str(one["Default"])} if "Default" in one else {})
                for name, one in declared.items()
            ],
            "Description": str(spec.template.get("Description", "")),
            "Capabilities": list(CAPABILITIES),
            "ResourceTypes": sorted(kinds),
            "Version": "2010-09-09",
        }

    def get_stack_policy(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._named(context, parameters)
        return {}

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

    def _no_resource(self, environment: EnvironmentEstate, logical_id: str) -> AwsError:
        message = f"Resource {logical_id} does not exist for stack {environment.stack_name}"
        return AwsError("ValidationError", message)
