"""CloudFormation's drift. A detection changes no resource; it reads them all as the caller, and takes minutes."""

from __future__ import annotations

from services.aws.reply import Reply, instant, need_text, pages, rows, text
from services.aws.session import Account
from services.model.drift import Detection, Difference, DriftedResource


async def detect(account: Account, stack: str) -> Detection:
    """Have CloudFormation begin a detection. Raises AccountError, also while another is in progress."""
    reply = await account.ask("cloudformation", "DetectStackDrift", {"StackName": stack})
    return await detection(account, need_text(reply, "StackDriftDetectionId"))


async def detection(account: Account, id: str) -> Detection:
    """How a detection stands. Raises AccountError."""
    reply = await account.ask("cloudformation", "DescribeStackDriftDetectionStatus", {"StackDriftDetectionId": id})
    return Detection(
        id=need_text(reply, "StackDriftDetectionId"),
        status=need_text(reply, "DetectionStatus"),
        result=text(reply, "StackDriftStatus"),
        reason=text(reply, "DetectionStatusReason"),
    )


async def drifted(account: Account, stack: str) -> tuple[DriftedResource, ...]:
    """Every resource that the last detection looked at, those that differ first. Raises AccountError."""
    found: list[DriftedResource] = []
    async for page in pages(account, "cloudformation", "DescribeStackResourceDrifts", {"StackName": stack}):
        found.extend(_resource(row) for row in rows(page, "StackResourceDrifts"))
    return tuple(sorted(found, key=lambda one: (one.status == "IN_SYNC", one.logical_id)))


def _resource(row: Reply) -> DriftedResource:
    return DriftedResource(
        logical_id=need_text(row, "LogicalResourceId"),
        type=text(row, "ResourceType"),
        status=text(row, "StackResourceDriftStatus"),
        at=instant(row, "Timestamp"),
        differences=tuple(
            Difference(text(one, "PropertyPath"), text(one, "ExpectedValue"), text(one, "ActualValue"))
            for one in rows(row, "PropertyDifferences")
        ),
    )
