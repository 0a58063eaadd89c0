"""API Gateway, REST: the API, the stage that serves, its deployments, what its methods call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from services.aws.reply import Reply, instant, need, need_text, pages, rows, table, text
from services.aws.session import Account
from services.model.apis import Api, ApiDeployment, Canary
from services.safe_text import SafeText, safe

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def describe(account: Account, api: str, stages: Collection[str] = ()) -> Api:
    """The API with id `api`. `stages`: names of the stack's stages, which choose among several. Raises AccountError."""
    about, there, deployed, integrations = await asyncio.gather(
        account.ask("apigateway", "GetRestApi", {"restApiId": api}),
        _stages(account, api),
        _deployments(account, api),
        _integrations(account, api),
    )
    name = need_text(about, "name")
    stage = serving(there, stages)
    return Api(
        id=safe(api),
        name=name,
        stage=text(stage, "stageName"),
        deployment=text(stage, "deploymentId"),
        deployed=instant(stage, "lastUpdatedDate"),
        canary=canary_of(stage),
        cached=stage.get("cacheClusterEnabled") is True,
        deployments=deployed,
        integrations=integrations,
        execution_log_group=_execution_group(api, stage),
        access_log_group=group_of(text(table(stage, "accessLogSettings"), "destinationArn")),
        isolated=_refuses_all(str(about.get("policy") or "")),
    )


def _refuses_all(policy: str) -> bool:
    """Whether a resource policy denies everybody without a condition. GetRestApi escapes the quotes in it."""
    for spelled in (policy, policy.replace('\\"', '"')):
        try:
            found = json.loads(spelled or "{}")
        except (ValueError, RecursionError):
            continue
        return isinstance(found, Mapping) and any(_denies(one) for one in rows(found, "Statement"))
    return False


def _denies(statement: Reply) -> bool:
    everybody = statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
    action = statement.get("Action")
    calls = {str(one).lower() for one in (action if isinstance(action, list) else [action])}
    closed = statement.get("Effect") == "Deny" and not statement.get("Condition")
    return closed and everybody and bool(calls & {"*", "execute-api:*", "execute-api:invoke"})


async def stage(account: Account, api: str, name: str) -> Reply:
    """GetStage whole, as it was answered. Raises AccountError."""
    found = await account.ask("apigateway", "GetStage", {"restApiId": api, "stageName": name})
    need_text(found, "deploymentId")
    return found


def canary_of(stage: Reply) -> Canary | None:
    """The stage's canary, if it has one."""
    settings = table(stage, "canarySettings")
    if not settings:
        return None
    percent = settings.get("percentTraffic")
    return Canary(
        deployment=text(settings, "deploymentId"),
        percent=float(percent) if isinstance(percent, int | float) else 0.0,
        text=safe(json.dumps(settings, sort_keys=True, default=str), 4000),
    )


async def _stages(account: Account, api: str) -> tuple[Reply, ...]:
    return rows(await account.ask("apigateway", "GetStages", {"restApiId": api}), "item")


async def _deployments(account: Account, api: str) -> tuple[ApiDeployment, ...]:
    found: list[ApiDeployment] = []
    async for page in pages(
        account,
        "apigateway",
        "GetDeployments",
        {"restApiId": api, "limit": 500},
        follow="position",
        limit=4,
    ):
        found.extend(
            ApiDeployment(need_text(row, "id"), instant(row, "createdDate"), text(row, "description"))
            for row in rows(page, "items")
        )
    return tuple(sorted(found, key=lambda one: one.created or _LONG_AGO, reverse=True))


async def _integrations(account: Account, api: str) -> tuple[SafeText, ...]:
    """The integration URIs of every method, each once. One question a page (aws.md 5.2.1)."""
    uris: dict[str, None] = {}
    parameters = {"restApiId": api, "limit": 500, "embed": ["methods"]}
    async for page in pages(account, "apigateway", "GetResources", parameters, follow="position"):
        need(page, "items", list)
        for row in rows(page, "items"):
            uris.update(dict.fromkeys(_uris(row)))
    return tuple(safe(uri) for uri in uris)


def _uris(resource: Reply) -> Iterator[str]:
    methods = table(resource, "resourceMethods")
    for method in methods:
        uri = table(table(methods, method), "methodIntegration").get("uri")
        if isinstance(uri, str) and uri:
            yield uri


def serving(stages: Sequence[Reply], preferred: Collection[str]) -> Reply:
    """The stack's own stage, else the one changed last: its name is the account's, never assumed (aws.md 1.1)."""
    own = [stage for stage in stages if stage.get("stageName") in preferred] or list(stages)
    return max(own, key=lambda stage: instant(stage, "lastUpdatedDate") or _LONG_AGO, default={})


def _execution_group(api: str, stage: Reply) -> SafeText:
    """The execution log group, which exists only where logging is on (aws.md 3.1)."""
    settings = table(stage, "methodSettings")
    if any(table(settings, key).get("loggingLevel") in ("INFO", "ERROR") for key in settings):
        return safe(f"API-Gateway-Execution-Logs_{api}/{text(stage, 'stageName')}")
    return SafeText("")


def group_of(arn: SafeText) -> SafeText:
    """`arn:aws:logs:…:log-group:NAME:*` without what is around the name; a Firehose destination has none."""
    _, found, name = arn.partition(":log-group:")
    return SafeText(name.removesuffix(":*")) if found else SafeText("")
