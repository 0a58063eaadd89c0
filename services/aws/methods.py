"""The methods of an API with their integrations, on demand (runbook line 436). Reads only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

from services.aws.reply import Reply, need, number, pages, rows, table, text
from services.aws.session import Account
from services.model.apis import Api, ApiKind
from services.model.methods import Method
from services.safe_text import SafeText, safe

_CALLED = re.compile(r":function:(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[^/]+))?(?:/invocations)?\Z")

_HTTP_PAGE = "100"
"""Rows a page; HTTP APIs take the number as text."""


async def methods(account: Account, api: Api) -> tuple[Method, ...]:
    """Every method of the API, by path. Raises AccountError."""
    found = await (_of_rest(account, api.id) if api.kind is ApiKind.REST else _of_http(account, api.id))
    return tuple(sorted(found, key=lambda one: (one.path, one.method)))


async def _of_rest(account: Account, api: SafeText) -> list[Method]:
    found: list[Method] = []
    parameters = {"restApiId": api, "limit": 500, "embed": ["methods"]}
    async for page in pages(account, "apigateway", "GetResources", parameters, follow="position"):
        need(page, "items", list)
        for row in rows(page, "items"):
            found += _of_resource(api, row)
    return found


def _of_resource(api: SafeText, resource: Reply) -> Iterator[Method]:
    there = table(resource, "resourceMethods")
    for name in there:
        integration = table(table(there, name), "methodIntegration")
        kind, uri, timeout = text(integration, "type"), text(integration, "uri"), number(integration, "timeoutInMillis")
        yield _method(api, safe(name), text(resource, "path"), kind, uri, timeout)


async def _of_http(account: Account, api: SafeText) -> list[Method]:
    asked = {"ApiId": api, "MaxResults": _HTTP_PAGE}
    routes, integrations = await asyncio.gather(
        _items(pages(account, "apigatewayv2", "GetRoutes", asked)),
        _items(pages(account, "apigatewayv2", "GetIntegrations", asked)),
    )
    known = {f"integrations/{text(row, 'IntegrationId')}": row for row in integrations}
    found = []
    for route in routes:
        method, _, path = str(text(route, "RouteKey")).rpartition(" ")
        row = known.get(text(route, "Target"), {})
        kind, uri, timeout = text(row, "IntegrationType"), text(row, "IntegrationUri"), number(row, "TimeoutInMillis")
        found.append(_method(api, safe(method), safe(path), kind, uri, timeout))
    return found


async def _items(answered: AsyncIterator[Reply]) -> list[Reply]:
    found: list[Reply] = []
    async for page in answered:
        need(page, "Items", list)
        found += rows(page, "Items")
    return found


def _method(api: SafeText, name: SafeText, path: SafeText, kind: SafeText, uri: SafeText, timeout_ms: int) -> Method:
    called = _CALLED.search(uri)
    if called is None:
        return Method(api, name, path, kind, target=uri, timeout_ms=timeout_ms)
    function, qualifier = safe(called["name"]), safe(called["qualifier"] or "")
    return Method(api, name, path, kind, function, qualifier, timeout_ms=timeout_ms)
