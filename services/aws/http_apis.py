"""API Gateway, HTTP and WebSocket (`apigatewayv2`): the API, the stage that serves, its deployments, what it calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime

from services.aws.apis import group_of, limit, serving
from services.aws.reply import Reply, instant, need, need_text, pages, rows, table, text
from services.aws.session import Account
from services.model.apis import ACCOUNT_LIMITS, Api, ApiDeployment, ApiKind, route_limits
from services.problems import AccountError
from services.safe_text import SafeText, safe

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = "100"
"""Rows a page; this API takes the number as text."""

_PAGES = 10


async def describe(account: Account, api: str, stages: Collection[str] = ()) -> Api:
    """The API with id `api`. `stages`: names of the stack's stages, which choose among several. Raises AccountError.

    There is no execution log: an HTTP API has an access log or none.
    """
    asked = {"ApiId": api, "MaxResults": _PAGE}
    about, there, made, integrations = await asyncio.gather(
        account.ask("apigatewayv2", "GetApi", {"ApiId": api}),
        _items(pages(account, "apigatewayv2", "GetStages", asked, limit=_PAGES)),
        _items(pages(account, "apigatewayv2", "GetDeployments", asked, limit=_PAGES)),
        _items(pages(account, "apigatewayv2", "GetIntegrations", asked, limit=_PAGES)),
    )
    stage = serving([_staged(row) for row in there], stages)
    routes = routes_of(stage)
    throttle = safe(route_limits(routes), 100_000)
    return Api(
        id=safe(api),
        name=need_text(about, "Name"),
        stage=text(stage, "stageName"),
        deployment=text(stage, "DeploymentId"),
        deployed=instant(stage, "lastUpdatedDate"),
        deployments=_deployments(made),
        integrations=tuple(dict.fromkeys(filter(None, (text(row, "IntegrationUri") for row in integrations)))),
        access_log_group=group_of(text(table(stage, "AccessLogSettings"), "DestinationArn")),
        kind=_kind(text(about, "ProtocolType")),
        auto_deploy=stage.get("AutoDeploy") is True,
        throttle=throttle,
        routes=routes,
        shut=all(0 in limits for limits in json.loads(throttle).values()),
        account_limits=await _account_limits(account) if "-1" in throttle else ACCOUNT_LIMITS,
    )


async def stage(account: Account, api: str, name: str) -> Reply:
    """GetStage whole, as it was answered. Raises AccountError."""
    found = await account.ask("apigatewayv2", "GetStage", {"ApiId": api, "StageName": name})
    need_text(found, "StageName")
    return found


def routes_of(stage: Reply) -> SafeText:
    """A stage's settings of its routes, as `Api.routes` has them."""
    found = {name: table(stage, name) for name in ("DefaultRouteSettings", "RouteSettings")}
    return safe(json.dumps(found, sort_keys=True, default=str), 100_000)


async def _account_limits(account: Account) -> tuple[float, float]:
    """What the whole account lets in; AWS's own defaults where that may not be asked."""
    try:
        found = table(await account.ask("apigateway", "GetAccount"), "throttleSettings")
    except AccountError:
        return ACCOUNT_LIMITS
    rate, burst = (limit(found, name) for name in ("rateLimit", "burstLimit"))
    return (rate, burst) if rate >= 0 and burst >= 0 else ACCOUNT_LIMITS


async def _items(found: AsyncIterator[Reply]) -> list[Reply]:
    every: list[Reply] = []
    async for page in found:
        need(page, "Items", list)
        every.extend(rows(page, "Items"))
    return every


def _staged(row: Reply) -> Reply:
    """A stage under the names that a REST API's has, so that one rule chooses among either kind's."""
    return {**row, "stageName": row.get("StageName"), "lastUpdatedDate": row.get("LastUpdatedDate")}


def _deployments(found: list[Reply]) -> tuple[ApiDeployment, ...]:
    made = [
        ApiDeployment(need_text(row, "DeploymentId"), instant(row, "CreatedDate"), text(row, "Description"))
        for row in found
    ]
    return tuple(sorted(made, key=lambda one: one.created or _LONG_AGO, reverse=True))


def _kind(protocol: SafeText) -> ApiKind:
    return ApiKind.WEBSOCKET if protocol == "WEBSOCKET" else ApiKind.HTTP
