"""Situations to plan from: production with LIVE at v42, three earlier versions, an API that calls the alias."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from services.model.apis import Api
from services.model.edge import Distribution
from services.model.entry import Actor, Entry, Operation, Outcome, Phase
from services.model.functions import Alias, FunctionVersion, Release, VersionEvidence
from services.model.identity import Identity
from services.model.plan import Plan
from services.model.reading import Reading
from services.model.series import MetricId, Metrics, Series, Signal
from services.model.situation import Situation
from services.model.stacks import Stack
from services.safe_text import SafeText
from services.settings.values import Environment, Settings

NOW = datetime(2026, 11, 23, 3, 11, 42, tzinfo=UTC)
FUNCTION = SafeText("fn-prod")
PRODUCTION = Environment(name="production", stack="EC2Manager-production", region="us-west-2", production=True)
STAGING = Environment(name="staging", stack="EC2Manager-staging", region="us-west-2")
SETTINGS = Settings(system="EC2 Manager", environments=(PRODUCTION, STAGING))


def version(number: int, sha: str = "", **more: Any) -> FunctionVersion:
    published = NOW - timedelta(days=43 - number)
    return FunctionVersion(number, SafeText(sha or f"sha-{number}"), published=published, **more)


ALIAS = Alias(FUNCTION, SafeText("LIVE"), 42, revision_id=SafeText("rev-42"))
RELEASE = Release(FUNCTION, ALIAS, tuple(version(number) for number in (42, 41, 40, 39)), called_by_api=True)


def evidence(number: int, errors: int, invocations: int = 1000) -> VersionEvidence:
    return VersionEvidence(
        FUNCTION, number, invocations, errors, NOW - timedelta(hours=3), NOW, NOW - timedelta(hours=1)
    )


def reading(value: Any, age_s: float = 5) -> Reading[Any]:
    at = NOW - timedelta(seconds=age_s)
    return Reading(value, at, at)


def situation(**feeds: Any) -> Situation:
    """Everything answered five seconds ago; `feeds` replaces readings, or values that become readings."""
    requests = MetricId("us-west-2", "AWS/ApiGateway", "Count", (("ApiName", "api-production"), ("Stage", "prod")))
    count = Signal("api.count", "api-production/prod", requests, ("SampleCount", "Sum"))
    found: dict[str, Any] = {
        "identity": Identity(SafeText("123456789012"), SafeText("arn:aws:sts::123456789012:assumed-role/oncall/x")),
        "stack": Stack(SafeText("EC2Manager-production"), SafeText("arn:stack"), SafeText("UPDATE_COMPLETE")),
        "releases": (RELEASE,),
        "apis": (Api(SafeText("a1"), SafeText("api-production"), SafeText("prod"), deployed=NOW - timedelta(days=9)),),
        "distributions": (Distribution(SafeText("E1"), SafeText("d1.cloudfront.net"), SafeText("Deployed"), True),),
        "metrics": Metrics({count.id: Series(count, {}, 0, 60)}),
    }
    found |= feeds
    readings = {name: value if isinstance(value, Reading) else reading(value) for name, value in found.items()}
    return replace(Situation("production", NOW), **readings)


def operation(
    plan: Plan, phase: Phase, *, outcome: Outcome | None = None, switched_s: float | None = None
) -> Operation:
    """An operation of ours; `switched_s` seconds ago it took effect."""
    ordered = NOW - timedelta(minutes=10)
    order = Entry("O" * 26, 0, ordered, Phase.ORDERED, SafeText(""), plan=plan, actor=Actor("alice", "bastion"))
    switched = None if switched_s is None else NOW - timedelta(seconds=switched_s)
    return Operation("O" * 26, plan, (order,), ordered, phase, SafeText(""), switched=switched, outcome=outcome)
