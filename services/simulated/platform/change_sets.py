"""Change sets: the pipeline makes one shortly before each of its updates and then executes it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate
from services.simulated.platform.rollouts import Rollout

BEFORE = timedelta(seconds=75)
"""So long a change set waits to be executed."""

_ADDED = ("ManagerFunctionVersion",)
_REPLACED = ("ApiDeployment",)


def change_set_id(environment: EnvironmentEstate, rollout: Rollout) -> str:
    """Its ARN: what DescribeStacks gives as ChangeSetId once it was executed."""
    identity = rollout.token.removeprefix("deploy-")
    return f"arn:aws:cloudformation:{environment.region}:{ACCOUNT_ID}:changeSet/{change_set_name(rollout)}/{identity}"


def change_set_name(rollout: Rollout) -> str:
    return f"deploy-v{rollout.to_version}"


def made(rollout: Rollout, now: datetime) -> bool:
    """Whether there is one by now."""
    return rollout.began - BEFORE <= now


def waits(rollout: Rollout, now: datetime) -> bool:
    """Whether it has been made and not been executed: only such are listed."""
    return made(rollout, now) and now < rollout.began


def summary(environment: EnvironmentEstate, rollout: Rollout, now: datetime) -> dict[str, Any]:
    """As ListChangeSets tells of it."""
    return {
        "StackId": environment.stack_id,
        "StackName": environment.stack_name,
        "ChangeSetId": change_set_id(environment, rollout),
        "ChangeSetName": change_set_name(rollout),
        "ExecutionStatus": _execution(rollout, now),
        "Status": "CREATE_COMPLETE",
        "CreationTime": rollout.began - BEFORE,
        "Description": rollout.description,
        "IncludeNestedStacks": False,
        "ImportExistingResources": False,
    }


def description(environment: EnvironmentEstate, rollout: Rollout, now: datetime) -> dict[str, Any]:
    """As DescribeChangeSet tells of it."""
    return summary(environment, rollout, now) | {"Changes": [_change(step.logical_id) for step in rollout.steps]}


def _execution(rollout: Rollout, now: datetime) -> str:
    if now < rollout.began:
        return "AVAILABLE"
    if now < rollout.ended:
        return "EXECUTE_IN_PROGRESS"
    return "EXECUTE_COMPLETE" if rollout.failure is None else "EXECUTE_FAILED"


def _change(logical_id: str) -> dict[str, Any]:
    added = logical_id.startswith(_ADDED)
    change: dict[str, Any] = {"Action": "Add" if added else "Modify", "LogicalResourceId": logical_id}
    if not added:
        change["Replacement"] = "True" if logical_id in _REPLACED else "False"
    return {
        "Type": "Resource",
        "ResourceChange": change | {"ResourceType": _TYPES.get(logical_id, "AWS::Lambda::Version")},
    }


_TYPES = {
    "ManagerFunction": "AWS::Lambda::Function",
    "ManagerFunctionAliasLIVE": "AWS::Lambda::Alias",
    "ManagerFunctionRole": "AWS::IAM::Role",
    "ApiDeployment": "AWS::ApiGateway::Deployment",
    "ApiStage": "AWS::ApiGateway::Stage",
    "AuditTable": "AWS::DynamoDB::Table",
    "WebBucket": "AWS::S3::Bucket",
    "NotificationsStack": "AWS::CloudFormation::Stack",
}
