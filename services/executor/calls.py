"""The only place from which an account is changed. Each call leaves this machine once; nothing here tries again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aws.session import Account
from services.model.plan import Call

ALLOWED = frozenset(
    {
        ("lambda", "UpdateAlias"),
        ("lambda", "UpdateFunctionConfiguration"),
        ("apigateway", "UpdateStage"),
        ("apigateway", "FlushStageCache"),
        ("s3", "CopyObject"),
        ("s3", "DeleteObject"),
        ("cloudfront", "CreateInvalidation"),
        ("logs", "PutRetentionPolicy"),
        ("logs", "DeleteRetentionPolicy"),
        ("logs", "CreateExportTask"),
    }
)
"""What the executor may send, whatever a plan says."""

DEADLINE_S = 20.0
"""Machine seconds; when they are over the outcome is unknown."""


class NotAllowed(Exception):
    """A plan holds a call that the executor does not make."""


class Sender:
    """Sends the calls of plans, over an account of one attempt."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def send(self, call: Call) -> Mapping[str, Any]:
        """One call, once. Raises AccountError, NotAllowed."""
        if (call.service, call.operation) not in ALLOWED:
            raise NotAllowed(f"{call.service}:{call.operation} is not among the calls that the executor makes")
        if call.service == "s3":
            _harmless(call)
        return await self._account.ask(
            call.service, call.operation, call.parameters, region=call.region, deadline=DEADLINE_S
        )


def _harmless(call: Call) -> None:
    """Objects are written comparing what stands, from a version of the same bucket, and never deleted for good."""
    given = call.parameters
    if "VersionId" in given:
        raise NotAllowed(f"{call.operation} with a VersionId deletes for good")
    if not given.get("IfMatch") and (call.operation != "CopyObject" or given.get("IfNoneMatch") != "*"):
        raise NotAllowed(f"{call.operation} does not compare what stands")
    source = given.get("CopySource")
    if call.operation == "CopyObject" and not (
        isinstance(source, Mapping) and source.get("Bucket") == given.get("Bucket") and source.get("VersionId")
    ):
        raise NotAllowed("CopyObject does not copy a version of the same bucket")
