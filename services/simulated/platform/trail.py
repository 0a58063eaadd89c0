"""CloudTrail: who changed what, told from the deployments and from the calls that were made (aws.md 3.6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.platform.paging import page
from services.simulated.platform.rollouts import Rollout
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.recording import RecordedCall
from services.simulated.state import SimulatedState

DELIVERY_S = 300
"""How long an event takes to arrive; AWS says about 5 minutes, up to 15."""

KEPT = timedelta(days=90)

_READING = ("Get", "List", "Describe", "Head", "Search", "Lookup", "Filter", "Query", "Scan", "Batch", "Select", "Test")
# Data events, and calls that ask without a reading name; neither is a management event of LookupEvents.
_NOT_MANAGEMENT = frozenset(
    {"PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "PutItem", "UpdateItem", "DeleteItem", "PutLogEvents",
     "PutMetricData", "Invoke", "StartQuery", "StopQuery", "InitiateAuth", "AssumeRole"}
)  # fmt: skip
_SOURCES = {"cloudwatch": "monitoring"}
# CloudTrail's names of Lambda's operations carry their API version.
_NAMES = {
    "UpdateAlias": "UpdateAlias20150331",
    "CreateAlias": "CreateAlias20150331",
    "DeleteAlias": "DeleteAlias20150331",
    "PublishVersion": "PublishVersion20150331",
    "UpdateFunctionCode": "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
    "DeleteFunction": "DeleteFunction20150331",
}


class TrailEvent(msgspec.Struct, frozen=True):
    """One management event."""

    id: str
    at: datetime
    name: str
    source: str
    who: str
    """ARN of the caller."""
    region: str
    parameters: dict[str, Any]
    resources: tuple[tuple[str, str], ...] = ()
    """(type, name)."""
    error: str = ""
    invoked_by: str = ""


class Trail:
    """Handlers of CloudTrail. `calls` gives what was asked of the account so far."""

    def __init__(
        self,
        state: SimulatedState,
        rollouts: dict[str, tuple[Rollout, ...]],
        calls: Callable[[], list[RecordedCall]],
    ) -> None:
        self._state = state
        self._calls = calls
        self._history = [
            event
            for environment in state.estate.environments
            for rollout in rollouts[environment.name]
            for event in _of_rollout(environment, rollout, state)
        ]

    def handlers(self) -> dict[str, Handler]:
        return {
            "LookupEvents": self.lookup_events,
            "DescribeTrails": self.describe_trails,
            "ListTrails": self.list_trails,
            "GetTrailStatus": self.get_trail_status,
        }

    def events(self, now: datetime) -> list[TrailEvent]:
        """Everything that has been delivered by `now`, newest first."""
        made = [_of_call(call, self._state) for call in self._calls() if is_management_write(call)]
        delivered = now - timedelta(seconds=DELIVERY_S)
        kept = [event for event in (*self._history, *made) if now - KEPT <= event.at <= delivered]
        return sorted(kept, key=lambda event: event.at, reverse=True)

    def lookup_events(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        start, end = parameters.get("StartTime"), parameters.get("EndTime")
        if start and end and start > end:
            raise AwsError("InvalidTimeRangeException", "The start time must come before the end time.")
        attributes = parameters.get("LookupAttributes") or []
        if len(attributes) > 1:
            raise AwsError("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
        size = int(parameters.get("MaxResults") or 50)
        if not 1 <= size <= 50:
            raise AwsError("InvalidMaxResultsException", "MaxResults must be between 1 and 50.")
        found = [
            event
            for event in self.events(context.now)
            if event.region == context.region
            and (start is None or event.at >= start)
            and (end is None or event.at <= end)
            and all(_matches(event, one["AttributeKey"], one["AttributeValue"]) for one in attributes)
        ]
        chosen, token = page(found, parameters.get("NextToken"), size, "InvalidNextTokenException")
        shown = [self._shown(event) for event in chosen]
        return {"Events": shown} | ({"NextToken": token} if token else {})

    def describe_trails(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        wanted = parameters.get("trailNameList") or []
        estate = self._state.estate
        if wanted and estate.trail not in wanted and self._arn not in wanted:
            return {"trailList": []}
        return {
            "trailList": [
                {
                    "Name": estate.trail,
                    "S3BucketName": estate.trail_bucket,
                    "IncludeGlobalServiceEvents": True,
                    "IsMultiRegionTrail": True,
                    "HomeRegion": estate.region,
                    "TrailARN": self._arn,
                    "LogFileValidationEnabled": True,
                    "CloudWatchLogsLogGroupArn": (
                        f"arn:aws:logs:{estate.region}:{estate.account}:log-group:{estate.trail_log_group}:*"
                    ),
                    "CloudWatchLogsRoleArn": f"arn:aws:iam::{estate.account}:role/cloudtrail-logs",
                    "HasCustomEventSelectors": False,
                    "HasInsightSelectors": False,
                    "IsOrganizationTrail": False,
                }
            ]
        }

    def list_trails(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        estate = self._state.estate
        return {"Trails": [{"TrailARN": self._arn, "Name": estate.trail, "HomeRegion": estate.region}]}

    def get_trail_status(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters["Name"] not in (self._state.estate.trail, self._arn):
            raise AwsError("TrailNotFoundException", f"Unknown trail: {self._arn} for the user: {context.account}")
        delivered = context.now - timedelta(seconds=DELIVERY_S)
        return {
            "IsLogging": True,
            "LatestDeliveryTime": delivered,
            "LatestCloudWatchLogsDeliveryTime": delivered,
            "StartLoggingTime": self._state.started - timedelta(days=60),
        }

    @property
    def _arn(self) -> str:
        estate = self._state.estate
        return f"arn:aws:cloudtrail:{estate.region}:{estate.account}:trail/{estate.trail}"

    def _shown(self, event: TrailEvent) -> dict[str, Any]:
        return {
            "EventId": event.id,
            "EventName": event.name,
            "ReadOnly": "false",
            "EventTime": event.at,
            "EventSource": event.source,
            "Username": event.who.rpartition("/")[2],
            "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in event.resources],
            "CloudTrailEvent": json.dumps(record(event, self._state.estate.account)),
        }


def is_management_write(call: RecordedCall) -> bool:
    """Whether CloudTrail's LookupEvents would know the call as a change."""
    return bool(
        call.operation
        and call.status
        and not call.operation.startswith(_READING)
        and call.operation not in _NOT_MANAGEMENT
    )


def record(event: TrailEvent, account: str) -> dict[str, Any]:
    """The event as CloudTrail writes it into its log."""
    role, _, session = event.who.rpartition("assumed-role/")[2].partition("/")
    told: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": event.who,
            "accountId": account,
            "sessionContext": {"sessionIssuer": {"type": "Role", "userName": role}},
            "principalId": f"AROA3XFRBF535PLBIFPI4:{session}",
        },
        "eventTime": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": event.invoked_by or "198.51.100.24",
        "requestParameters": {_lower_first(name): _plain(value) for name, value in event.parameters.items()},
        "eventID": event.id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
    }
    if event.invoked_by:
        told["userIdentity"]["invokedBy"] = event.invoked_by
    return told | ({"errorCode": event.error} if event.error else {})


def _of_rollout(environment: EnvironmentEstate, rollout: Rollout, state: SimulatedState) -> Iterator[TrailEvent]:
    key = f"{environment.name}/{rollout.to_version}"

    def event(
        at: datetime, source: str, name: str, parameters: dict[str, Any], kind: str, of: str, by: str
    ) -> TrailEvent:
        identity = stable_uuid(state.seed, f"trail/{key}/{name}")
        who = state.estate.deployer_arn
        return TrailEvent(identity, at, name, source, who, environment.region, parameters, ((kind, of),), "", by)

    by = "cloudformation.amazonaws.com"
    stack = {"stackName": environment.stack_name, "clientRequestToken": rollout.token}
    function = {"functionName": environment.function_arn}
    name = environment.function
    yield event(rollout.began, by, "UpdateStack", stack, "AWS::CloudFormation::Stack", environment.stack_name, "")
    source = "lambda.amazonaws.com"
    published = function | {"description": rollout.description}
    yield event(
        rollout.version_published, source, "PublishVersion20150331", published, "AWS::Lambda::Function", name, by
    )
    moved = function | {"name": environment.alias, "functionVersion": str(rollout.to_version)}
    yield event(rollout.alias_moved, source, "UpdateAlias20150331", moved, "AWS::Lambda::Function", name, by)
    if rollout.api_deployed is not None:
        staged = {"restApiId": environment.api_id, "stageName": environment.stage}
        kind = "AWS::ApiGateway::Stage"
        yield event(
            rollout.api_deployed, "apigateway.amazonaws.com", "UpdateStage", staged, kind, environment.stage, by
        )


def _of_call(call: RecordedCall, state: SimulatedState) -> TrailEvent:
    region = "us-east-1" if call.service in ("cloudfront", "iam") else call.region
    return TrailEvent(
        id=call.id,
        at=call.at,
        name=_NAMES.get(call.operation, call.operation),
        source=f"{_SOURCES.get(call.service, call.service)}.amazonaws.com",
        who=state.estate.caller_arn,
        region=region,
        parameters=dict(call.parameters),
        resources=tuple(_resources(call)),
        error=call.error or ("" if call.status < 400 else "ServiceError"),
    )


_RESOURCE_PARAMETERS = {
    "FunctionName": "AWS::Lambda::Function",
    "StackName": "AWS::CloudFormation::Stack",
    "DistributionId": "AWS::CloudFront::Distribution",
    "restApiId": "AWS::ApiGateway::RestApi",
    "TableName": "AWS::DynamoDB::Table",
    "Bucket": "AWS::S3::Bucket",
    "UserPoolId": "AWS::Cognito::UserPool",
    "AlarmName": "AWS::CloudWatch::Alarm",
}


def _resources(call: RecordedCall) -> Iterator[tuple[str, str]]:
    for name, kind in _RESOURCE_PARAMETERS.items():
        if name in call.parameters:
            yield kind, str(call.parameters[name])


def _matches(event: TrailEvent, key: str, value: str) -> bool:
    if key == "EventName":
        return event.name == value
    if key == "EventId":
        return event.id == value
    if key == "EventSource":
        return event.source == value
    if key == "Username":
        return event.who.rpartition("/")[2] == value
    if key == "ResourceName":
        return any(name == value for _, name in event.resources)
    if key == "ResourceType":
        return any(kind == value for kind, _ in event.resources)
    if key == "ReadOnly":
        return value == "false"
    return False


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _plain(value: Any) -> Any:
    """What JSON can hold; dates as CloudTrail writes them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dict):
        return {_lower_first(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
