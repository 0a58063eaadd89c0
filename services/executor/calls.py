"""The only place from which an account is changed. Each call leaves this machine once; nothing here tries again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.actions.stack_template import KEPT, key
from services.aws.session import Account
from services.journal.home import JournalHome
from services.journal.kept import template
from services.model.plan import Call

ALLOWED = frozenset(
    {
        ("lambda", "UpdateAlias"),
        ("lambda", "UpdateFunctionConfiguration"),
        ("lambda", "DeleteFunction"),
        ("lambda", "Invoke"),
        ("cognito-idp", "AdminUserGlobalSignOut"),
        ("dynamodb", "CreateBackup"),
        ("dynamodb", "UpdateTable"),
        ("dynamodb", "RestoreTableFromBackup"),
        ("dynamodb", "RestoreTableToPointInTime"),
        ("apigateway", "UpdateStage"),
        ("apigateway", "FlushStageCache"),
        ("apigatewayv2", "UpdateStage"),
        ("apigateway", "UpdateRestApi"),
        ("apigateway", "CreateDeployment"),
        ("s3", "CopyObject"),
        ("s3", "DeleteObject"),
        ("s3", "PutObject"),
        ("cloudfront", "CreateInvalidation"),
        ("logs", "PutRetentionPolicy"),
        ("logs", "DeleteRetentionPolicy"),
        ("logs", "CreateExportTask"),
        ("cloudformation", "UpdateStack"),
        ("cloudformation", "CancelUpdateStack"),
        ("cloudformation", "ContinueUpdateRollback"),
        ("cloudformation", "RollbackStack"),
    }
)
"""What the executor may send, whatever a plan says."""

LEASING = ("dynamodb", "UpdateItem")
"""The one change that no plan orders: rows of the table that the environment's own settings name."""

DEADLINE_S = 20.0
"""Machine seconds; when they are over the outcome is unknown."""


class NotAllowed(Exception):
    """A plan holds a call that the executor does not make."""


class Late(Exception):
    """A lease was not renewed in time, somebody else may hold it by now: the call was not sent."""


class Sender:
    """Sends the calls of plans, over an account of one attempt."""

    def __init__(
        self, account: Account, fresh: Callable[[], bool] = lambda: True, *, home: JournalHome | None = None
    ) -> None:
        """`fresh`: whether what the executor holds is certainly still its own, asked right before each call. `home`:
        the journal beside which kept templates lie; without one no template is sent."""
        self._account, self._fresh, self._home = account, fresh, home

    async def send(self, call: Call, waits_s: float = 0.0) -> Mapping[str, Any]:
        """One call, once. `waits_s`: machine seconds that its answer may take beyond the usual.

        Raises AccountError, NotAllowed, Late, JournalBroken (a kept template is not there).
        """
        if (call.service, call.operation) not in ALLOWED:
            raise NotAllowed(f"{call.service}:{call.operation} is not among the calls that the executor makes")
        if call.service == "s3" and call.operation != "PutObject":
            _harmless(call)
        if call.operation in ("UpdateRestApi", "CreateDeployment"):
            _closing(call)
        if call.operation == "DeleteFunction":
            _one_version(call)
        if call.service == "apigatewayv2":
            _of_the_stage(call)
        parameters = call.parameters
        if call.operation == "PutObject":
            parameters = _put(call, self._account.environment.template_bucket, self._home)
        if call.service == "cloudformation":
            _from_ours(call, self._account.environment.template_bucket)
            parameters = _whole(call, self._home)
        if not self._fresh():
            raise Late("the lease was not renewed in time, so the call was not sent")
        if waits_s:
            return await self._account.ask(
                call.service,
                call.operation,
                call.parameters,
                region=call.region,
                deadline=DEADLINE_S + waits_s,
                patient=True,
            )
        return await self._account.ask(
            call.service, call.operation, parameters, region=call.region, deadline=DEADLINE_S
        )

    async def lease(self, update: Mapping[str, Any], deadline: float) -> Mapping[str, Any]:
        """Change a row of the environment's own lease table, comparing what stands. Raises AccountError, NotAllowed."""
        table = self._account.environment.lease_table
        if not table or not update.get("ConditionExpression"):
            raise NotAllowed("a lease is written to the table of the settings alone, and under a condition")
        return await self._account.ask(*LEASING, {**update, "TableName": table}, deadline=deadline)


def _closing(call: Call) -> None:
    """Of an API its policy alone is changed, and what is deployed can be found again."""
    patches = call.parameters.get("patchOperations")
    if call.operation == "UpdateRestApi":
        if not isinstance(patches, list) or [one.get("path") for one in patches] != ["/policy"]:
            raise NotAllowed("UpdateRestApi of anything but the policy")
    elif not str(call.parameters.get("description", "")).startswith("ec2m-") or not call.parameters.get("stageName"):
        raise NotAllowed("CreateDeployment without a stage, or without a token of ours, could not be found again")


def _one_version(call: Call) -> None:
    """A published version goes, by its number; without one the whole function would."""
    function, number = call.parameters.get("FunctionName"), call.parameters.get("Qualifier")
    published = isinstance(number, str) and number.isascii() and number.isdigit() and not number.startswith("0")
    if not published or not isinstance(function, str) or ":" in function:
        raise NotAllowed(f"DeleteFunction without the number of a published version would delete {function or 'it'}")


def _of_the_stage(call: Call) -> None:
    """A stage is pointed at another deployment, or its limits are changed; nothing else of it is by us."""
    rest = set(call.parameters) - {"ApiId", "StageName"}
    if rest != {"DeploymentId"} and rest - {"RouteSettings"} != {"DefaultRouteSettings"}:
        raise NotAllowed(f"{call.operation} of an HTTP API with more than a deployment or limits, or with neither")


def _whole(call: Call, home: JournalHome | None) -> dict[str, object]:
    """The call with the kept template's text; a stack is changed under a token of ours or not at all."""
    given = call.parameters
    if not str(given.get("ClientRequestToken", "")).startswith("ec2m-"):
        raise NotAllowed(f"{call.operation} without a token of ours could not be found again")
    body = given.get("TemplateBody")
    if body is None:
        return given
    if home is None or not str(body).startswith(KEPT):
        raise NotAllowed(f"{call.operation} with another template than a kept one")
    return {**given, "TemplateBody": template(home, str(body).removeprefix(KEPT))}


def _put(call: Call, bucket: str, home: JournalHome | None) -> dict[str, object]:
    """The call with the kept template's text: nothing else is put into a bucket, and that under its own digest."""
    given = call.parameters
    digest = str(given.get("Body", "")).removeprefix(KEPT)
    if home is None or not bucket or (given.get("Bucket"), given.get("Key")) != (bucket, key(digest)):
        raise NotAllowed("PutObject of anything but a kept template, into the bucket of the settings, by its digest")
    return {**given, "Body": template(home, digest).encode()}


def _from_ours(call: Call, bucket: str) -> None:
    """A template is read from the bucket of the settings alone."""
    where = call.parameters.get("TemplateURL")
    if where is not None and not (
        bucket and str(where).startswith(f"https://{bucket}.s3.{call.region}.amazonaws.com/")
    ):
        raise NotAllowed(f"{call.operation} with a template from elsewhere")


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
