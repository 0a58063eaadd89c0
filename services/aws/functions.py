"""Lambda: configuration, alias, published versions. Environment values are never kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.aws.reply import Reply, instant, need, need_text, number, pages, rows, table, text
from services.aws.session import Account
from services.model.functions import Alias, Function, FunctionVersion, LatestCode, Provisioned, Release
from services.problems import AccountError, ProblemKind
from services.safe_text import SafeText, safe

VERSION_PAGES = 40
"""Fifty versions a page: beyond two thousand the oldest are not listed."""

_CALLS = re.compile(r":function:(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[^/]+))?(?:/invocations)?\Z")
"""A REST API names the function inside an invocation's path; an HTTP API may name it by its plain ARN."""


async def describe(account: Account, name: str) -> Function:
    """The function's configuration. Raises AccountError."""
    reply = await account.ask("lambda", "GetFunctionConfiguration", {"FunctionName": name})
    logging = table(reply, "LoggingConfig")
    return Function(
        name=need_text(reply, "FunctionName"),
        arn=need_text(reply, "FunctionArn"),
        state=text(reply, "State"),
        update_status=text(reply, "LastUpdateStatus"),
        runtime=text(reply, "Runtime"),
        memory_mb=number(reply, "MemorySize"),
        timeout_s=number(reply, "Timeout"),
        log_group=text(logging, "LogGroup") or safe(f"/aws/lambda/{reply['FunctionName']}"),
        log_format=text(logging, "LogFormat") or SafeText("Text"),
        reason=text(reply, "StateReason") or text(reply, "LastUpdateStatusReason"),
        revision_id=text(reply, "RevisionId"),
    )


async def latest(account: Account, name: str) -> LatestCode:
    """The code of `$LATEST`. Raises AccountError."""
    reply = await account.ask("lambda", "GetFunctionConfiguration", {"FunctionName": name})
    return LatestCode(safe(name), text(reply, "CodeSha256"), instant(reply, "LastModified"))


async def provisioned(account: Account, name: str) -> tuple[Provisioned, ...]:
    """Every provisioned concurrency of the function. Raises AccountError."""
    found: list[Provisioned] = []
    async for page in pages(
        account,
        "lambda",
        "ListProvisionedConcurrencyConfigs",
        {"FunctionName": name},
        follow="NextMarker",
        send="Marker",
    ):
        found.extend(
            Provisioned(
                function=safe(name),
                qualifier=safe(str(row.get("FunctionArn", "")).rpartition(":")[2]),
                wanted=number(row, "RequestedProvisionedConcurrentExecutions"),
                ready=number(row, "AvailableProvisionedConcurrentExecutions"),
                status=text(row, "Status"),
            )
            for row in rows(page, "ProvisionedConcurrencyConfigs")
        )
    return tuple(found)


async def alias(account: Account, function: str, name: str) -> Alias | None:
    """Where the alias points; None when there is no such alias (decisions C3). Raises AccountError."""
    try:
        reply = await account.ask("lambda", "GetAlias", {"FunctionName": function, "Name": name})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return None
        raise
    return parse_alias(reply, function)


def parse_alias(reply: Reply, function: str) -> Alias:
    """The reply of GetAlias or UpdateAlias. Raises AccountError(GARBLED)."""
    weights = table(table(reply, "RoutingConfig"), "AdditionalVersionWeights")
    return Alias(
        function=safe(function),
        name=need_text(reply, "Name"),
        version=version_number(need(reply, "FunctionVersion", str)),
        weights=tuple(sorted((version_number(key), float(share)) for key, share in weights.items())),
        revision_id=text(reply, "RevisionId"),
        arn=text(reply, "AliasArn"),
        description=text(reply, "Description"),
    )


async def versions(account: Account, function: str) -> tuple[FunctionVersion, ...]:
    """Published versions, newest first by number; AWS documents no order (aws.md 5.1). Raises AccountError."""
    found: list[FunctionVersion] = []
    async for page in pages(
        account,
        "lambda",
        "ListVersionsByFunction",
        {"FunctionName": function},
        follow="NextMarker",
        send="Marker",
        limit=VERSION_PAGES,
    ):
        need(page, "Versions", list)
        found.extend(_version(row) for row in rows(page, "Versions") if row.get("Version") != "$LATEST")
    return tuple(sorted(found, key=lambda version: version.number, reverse=True))


def release(
    function: str, serving: Alias | None, published: Sequence[FunctionVersion], integrations: Sequence[str] | None
) -> Release:
    """Put together who serves. `integrations`: URIs of every API of the stack; None when they could not be read."""
    ours = () if integrations is None else tuple(safe(uri) for uri in integrations if _calls(uri, function))
    return Release(
        function=safe(function),
        alias=serving,
        versions=tuple(published),
        called_by_api=_called(ours, serving),
        integrations=ours,
    )


def version_number(word: str) -> int:
    """`42` as a number; `$LATEST` is 0: it has none and never equals a published version."""
    return int(word) if word.isascii() and word.isdigit() else 0


def _version(row: Reply) -> FunctionVersion:
    return FunctionVersion(
        number=version_number(need(row, "Version", str)),
        sha=text(row, "CodeSha256"),
        description=text(row, "Description"),
        published=instant(row, "LastModified"),
        state=text(row, "State"),
    )


def _calls(uri: str, function: str) -> bool:
    match = _CALLS.search(uri)
    return match is not None and match["name"] == function


def _called(ours: Sequence[str], serving: Alias | None) -> bool | None:
    """Whether every integration of the function goes through the alias; a stage variable cannot be told."""
    if not ours or serving is None:
        return None
    qualifiers = {match["qualifier"] for match in map(_CALLS.search, ours) if match is not None}
    if any(qualifier is not None and "$" in qualifier for qualifier in qualifiers):
        return None
    return qualifiers == {serving.name}
