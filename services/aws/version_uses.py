"""Who holds on to a function's versions: aliases, provisioned concurrency, event source mappings."""

from __future__ import annotations

import asyncio

from services.aws.functions import parse_alias, provisioned, versions
from services.aws.reply import Reply, pages, rows, text
from services.aws.session import Account
from services.model.functions import Alias, FunctionVersion
from services.model.version_uses import VersionUses
from services.problems import AccountError, ProblemKind
from services.safe_text import SafeText, safe


async def read(account: Account, function: str) -> VersionUses:
    """All of a function's versions and what names them. Raises AccountError."""
    published, holding = await asyncio.gather(versions(account, function), holders(account, function))
    return VersionUses(safe(function), published, holding.aliases, holding.provisioned, holding.sources)


async def holders(account: Account, function: str) -> VersionUses:
    """What names a version, without the versions themselves. Raises AccountError."""
    aliases, kept_warm, sources = await asyncio.gather(
        _aliases(account, function), provisioned(account, function), _sources(account, function)
    )
    return VersionUses(safe(function), (), aliases, kept_warm, sources)


async def version(account: Account, function: str, number: int) -> FunctionVersion | None:
    """One published version; None when it is there no more. Raises AccountError."""
    parameters = {"FunctionName": function, "Qualifier": str(number)}
    try:
        reply = await account.ask("lambda", "GetFunctionConfiguration", parameters)
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return None
        raise
    return FunctionVersion(number, text(reply, "CodeSha256"), state=text(reply, "State"))


async def _aliases(account: Account, function: str) -> tuple[Alias, ...]:
    found: list[Alias] = []
    async for page in pages(
        account, "lambda", "ListAliases", {"FunctionName": function}, follow="NextMarker", send="Marker"
    ):
        found.extend(parse_alias(row, function) for row in rows(page, "Aliases"))
    return tuple(found)


async def _sources(account: Account, function: str) -> tuple[tuple[SafeText, SafeText], ...]:
    """Asked for by its plain name, Lambda tells the mappings of every qualifier."""
    found: list[tuple[SafeText, SafeText]] = []
    async for page in pages(
        account, "lambda", "ListEventSourceMappings", {"FunctionName": function}, follow="NextMarker", send="Marker"
    ):
        found.extend(_source(row) for row in rows(page, "EventSourceMappings"))
    return tuple(found)


def _source(row: Reply) -> tuple[SafeText, SafeText]:
    """(qualifier, what it reads from); an unqualified mapping has none."""
    _, _, rest = str(row.get("FunctionArn", "")).partition(":function:")
    source = str(row.get("EventSourceArn", "")) or "an event source"
    return safe(rest.partition(":")[2]), safe(source.rpartition(":")[2])
