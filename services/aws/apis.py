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

_THROTTLING = ("throttlingRateLimit", "throttlingBurstLimit")

_POLICY = 20_000
"""Characters of a policy: twice what one may have."""


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
        throttle=throttle_of(stage),
        shut=_lets_nothing_in(stage),
        policy=policy_of(about),
        denied=_refuses_all(policy_of(about)),
    )


async def policy(account: Account, api: str) -> SafeText:
    """The API's resource policy now; empty for none. Raises AccountError."""
    about = await account.ask("apigateway", "GetRestApi", {"restApiId": api})
    need_text(about, "name")
    return policy_of(about)


async def deployment(account: Account, api: str, identity: str) -> ApiDeployment:
    """One deployment. Raises AccountError."""
    row = await account.ask("apigateway", "GetDeployment", {"restApiId": api, "deploymentId": identity})
    return ApiDeployment(need_text(row, "id"), instant(row, "createdDate"), text(row, "description"))


def policy_of(about: Reply) -> SafeText:
    """The policy in a GetRestApi as JSON; the service escapes the quotes in it."""
    found = str(about.get("policy") or "")
    for spelled in (found, found.replace('\\"', '"').replace("\\/", "/")):
        try:
            json.loads(spelled)
        except (ValueError, RecursionError):
            continue
        return safe(spelled, _POLICY)
    return safe(found, _POLICY)


def throttle_of(stage: Reply) -> SafeText:
    """What a stage lets in, as `Api.throttle` has it."""
    settings = table(stage, "methodSettings")
    held = {key: [limit(table(settings, key), name) for name in _THROTTLING] for key in settings}
    return safe(json.dumps(held, sort_keys=True), 100_000)


def limit(method: Reply, name: str) -> float | int:
    """A limit by its name; -1, the service's own word, where the method has none of its own."""
    value = method.get(name)
    return (int(value) if float(value).is_integer() else float(value)) if isinstance(value, int | float) else -1


def _lets_nothing_in(stage: Reply) -> bool:
    """Whether the throttle is 0 for every method; a method's own wins over the stage's."""
    settings = table(stage, "methodSettings")
    return "*/*" in settings and all(
        0 in [limit(table(settings, key), name) for name in _THROTTLING] for key in settings
    )


def _refuses_all(policy: str) -> bool:
    """Whether a resource policy denies everybody without a condition."""
    try:
        found = json.loads(policy or "{}")
    except (ValueError, RecursionError):
        return False
    return isinstance(found, Mapping) and any(_denies(one) for one in rows(found, "Statement"))


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
