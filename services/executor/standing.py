"""How a step stands in the world, by reading. One answer shape for all kinds of steps, and the table of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from services.aws.session import Account
from services.model.plan import Step
from services.settings.values import Environment


class Standing(StrEnum):
    """What reading found of a step."""

    APPLIED = "applied"
    NOT_APPLIED = "not applied"
    UNKNOWN = "not known"
    """Nothing can be read of it. It may have happened, and is not tried again."""
    MISSED = "missed"
    """It did not come about and is not tried again; the steps beside it went on."""
    OTHER = "a third value"
    """Neither what stood before nor what the step makes of it: somebody else was here."""


class Found(msgspec.Struct, frozen=True):
    """A standing and what was read."""

    standing: Standing
    text: str
    """`LIVE is now v41 (was v42)`."""
    data: dict[str, Any]


def standing(now: str, before: str, after: str) -> Standing:
    """Of what one value tells whole."""
    if now == after:
        return Standing.APPLIED
    return Standing.NOT_APPLIED if now == before else Standing.OTHER


class StepKind(Protocol):
    """What the executor knows of one kind of step. All of it reads; only `calls.Sender` writes."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        """The preconditions' present values, by name. Raises AccountError."""
        ...

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        """What is recorded before the first call. Raises AccountError."""
        ...

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        """How the step stands now. `known` is what earlier records of the step say. Raises AccountError."""
        ...

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        """What of the call's reply is recorded. Total: an odd reply is an empty gist."""
        ...


def kind_of(step: Step) -> StepKind:
    """The way to read a step's part of the world. Raises KeyError for a kind this version does not know."""
    from services.executor.alias import AliasStep
    from services.executor.configuration import ConfigurationStep
    from services.executor.content_standing import ContentStep
    from services.executor.export import ExportStep
    from services.executor.http_stage import HttpStageStep
    from services.executor.http_throttle import HttpThrottleStep
    from services.executor.invalidation import InvalidationStep
    from services.executor.invoke import InvokeStep
    from services.executor.isolate import DeploymentStep, PolicyStep, ThrottleStep
    from services.executor.retention import RetentionStep
    from services.executor.script import ScriptStep
    from services.executor.sign_out import SignOutStep
    from services.executor.stack import StackStep
    from services.executor.stage import CacheStep, StageStep
    from services.executor.table_copies import BackupStep, RestoreStep
    from services.executor.table_index import IndexStep
    from services.executor.template import TemplateStep
    from services.executor.version import VersionStep

    kinds: dict[str, StepKind] = {
        "lambda.alias": AliasStep(),
        "api.stage": StageStep(),
        "api.http_stage": HttpStageStep(),
        "api.cache": CacheStep(),
        "api.throttle": ThrottleStep(),
        "api.http_throttle": HttpThrottleStep(),
        "api.policy": PolicyStep(),
        "api.deployment": DeploymentStep(),
        "content.restore": ContentStep(),
        "edge.invalidation": InvalidationStep(),
        "lambda.configuration": ConfigurationStep(),
        "lambda.version": VersionStep(),
        "lambda.invoke": InvokeStep(),
        "logs.retention": RetentionStep(),
        "logs.export": ExportStep(),
        "table.backup": BackupStep(),
        "table.restore": RestoreStep(),
        "table.index": IndexStep(),
        "template.put": TemplateStep(),
        "stack.cancel": StackStep(),
        "stack.continue": StackStep(),
        "stack.rollback": StackStep(),
        "stack.update": StackStep(),
        "users.sign_out": SignOutStep(),
        "script.run": ScriptStep(),
    }
    return kinds[step.kind]
