"""Management events: what a deployment or a call looks like to CloudTrail (aws.md 3.6). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.platform.rollouts import Rollout
from services.simulated.recording import RecordedCall
from services.simulated.state import SimulatedState
from services.simulated.world.scenarios import ConfigurationChange

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


_CLOUDFORMATION = "cloudformation.amazonaws.com"


def of_rollout(environment: EnvironmentEstate, rollout: Rollout, state: SimulatedState) -> Iterator[TrailEvent]:
    """What the pipeline changed in one deployment, by way of CloudFormation."""
    key = f"{environment.name}/{rollout.to_version}"

    def event(at: datetime, service: str, name: str, parameters: dict[str, Any], **more: Any) -> TrailEvent:
        return msgspec.structs.replace(
            TrailEvent(
                id=stable_uuid(state.seed, f"trail/{key}/{name}"),
                at=at,
                name=name,
                source=f"{service}.amazonaws.com",
                who=state.estate.deployer_arn,
                region=environment.region,
                parameters=parameters,
                resources=tuple(_resources(parameters)),
                invoked_by=_CLOUDFORMATION,
            ),
            **more,
        )

    stack = {"StackName": environment.stack_name, "ClientRequestToken": rollout.token}
    yield event(rollout.began, "cloudformation", "UpdateStack", stack, invoked_by="")
    if rollout.nested is not None:
        return
    if rollout.failure is not None:
        fails = rollout.at(rollout.step(rollout.failure.logical_id).ends)
        table = {"TableName": environment.table}
        yield event(fails, "dynamodb", "UpdateTable", table, error="ValidationException")
        return
    function = {"FunctionName": environment.function_arn}
    yield event(rollout.code_updated, "lambda", "UpdateFunctionCode20150331v2", function)
    published = function | {"Description": rollout.description}
    yield event(rollout.version_published, "lambda", "PublishVersion20150331", published)
    yield event(rollout.alias_moved, "lambda", "UpdateAlias20150331", function | _routing(environment, rollout))
    if rollout.api_deployed is not None:
        staged = {"restApiId": environment.api_id, "stageName": environment.stage}
        yield event(rollout.api_deployed, "apigateway", "UpdateStage", staged)


def _routing(environment: EnvironmentEstate, rollout: Rollout) -> dict[str, Any]:
    if rollout.weight >= 1:
        return {"Name": environment.alias, "FunctionVersion": str(rollout.to_version)}
    weights = {"AdditionalVersionWeights": {str(rollout.to_version): rollout.weight}}
    return {"Name": environment.alias, "FunctionVersion": str(rollout.from_version), "RoutingConfig": weights}


def of_past_invalidation(
    environment: EnvironmentEstate, reference: str, paths: tuple[str, ...], at: datetime, state: SimulatedState
) -> TrailEvent:
    """The pipeline's own invalidation after it had put new content."""
    batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}
    parameters = {"DistributionId": environment.distribution, "InvalidationBatch": batch}
    return TrailEvent(
        id=stable_uuid(state.seed, f"trail/{environment.name}/{reference}"),
        at=at,
        name="CreateInvalidation",
        source="cloudfront.amazonaws.com",
        who=state.estate.deployer_arn,
        region="us-east-1",
        parameters=parameters,
        resources=tuple(_resources(parameters)),
    )


def of_change(change: ConfigurationChange, parameters: dict[str, Any], state: SimulatedState) -> TrailEvent:
    """What the operator changed by hand in the course of the scenario; `parameters` with the real names."""
    global_service = change.service in ("cloudfront", "iam")
    return TrailEvent(
        id=stable_uuid(state.seed, f"trail/change/{change.environment}/{change.operation}/{change.begins}"),
        at=state.started + timedelta(seconds=change.begins),
        name=_NAMES.get(change.operation, change.operation),
        source=f"{_SOURCES.get(change.service, change.service)}.amazonaws.com",
        who=state.estate.caller_arn,
        region="us-east-1" if global_service else state.estate.region,
        parameters=parameters,
        resources=tuple(_resources(parameters)),
    )


def of_call(call: RecordedCall, state: SimulatedState) -> TrailEvent:
    """What an operator changed with one call."""
    region = "us-east-1" if call.service in ("cloudfront", "iam") else call.region
    return TrailEvent(
        id=call.id,
        at=call.at,
        name=_NAMES.get(call.operation, call.operation),
        source=f"{_SOURCES.get(call.service, call.service)}.amazonaws.com",
        who=state.estate.caller_arn,
        region=region,
        parameters=dict(call.parameters),
        resources=tuple(_resources(call.parameters)),
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


def _resources(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, kind in _RESOURCE_PARAMETERS.items():
        if name in parameters:
            # A function is called by its ARN too; its name tells the same.
            called = str(parameters[name]).rpartition(":")[2]
            yield kind, called.split("/")[1] if called.startswith("stack/") else called
    if "DistributionConfig" in parameters and "Id" in parameters:
        yield "AWS::CloudFront::Distribution", str(parameters["Id"])


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
