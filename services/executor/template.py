"""`template.put`: a kept template in the bucket from which CloudFormation reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aws.reply import table, text
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.plan import Step
from services.problems import AccountError, ProblemKind
from services.settings.values import Environment


class TemplateStep:
    """Reads one object's metadata."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        return {}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        bucket, key = (str(step.call.parameters[name]) for name in ("Bucket", "Key"))
        try:
            reply = await account.ask("s3", "HeadObject", {"Bucket": bucket, "Key": key})
        except AccountError as error:
            if error.problem.kind is not ProblemKind.NOT_FOUND:
                raise
            return Found(Standing.NOT_APPLIED, f"{bucket} has no {key}", {})
        there = str(text(table(reply, "Metadata"), "sha256"))
        if there == step.after["sha256"]:
            return Found(Standing.APPLIED, f"{bucket} holds the template under {key}", {"sha256": there})
        return Found(Standing.OTHER, f"{bucket} holds something else under {key}", {"sha256": there})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"version": str(text(reply, "VersionId"))}
