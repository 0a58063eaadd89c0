"""Which log groups there are for an environment, found through its parts and never guessed (aws.md 3.1)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence

import msgspec

from services.aws import log_sources
from services.aws.logs import Asker, describe_groups
from services.model.apis import Api
from services.model.functions import Function
from services.model.log_sources import LogSource, LogSources, Origin
from services.model.logs import LogGroup
from services.model.parts import Parts
from services.problems import AccountError
from services.safe_text import SafeText, safe
from services.settings.values import LogGroup as NamedGroup

_WORDS = re.compile(r"[^-_.]+[-_.]*|[-_.]+")

TRAIL_LAG_MS = 900_000
"""CloudTrail delivers an event after about 5, up to 15 minutes."""

TRAIL_PREFIXES = ("/aws/cloudtrail/", "CloudTrail/")
"""Usual names of a trail's group, for when the trail itself may not be asked (decisions D2)."""


async def sources(
    account: Asker,
    configured: Sequence[NamedGroup],
    parts: Parts | None,
    functions: Sequence[Function],
    apis: Sequence[Api],
    *,
    everything: bool = True,
) -> LogSources:
    """Everything that can be followed. A question that fails is told in `problems`, and costs only its own groups.

    Without `everything` neither trails nor pools are asked.
    """
    problems: list[SafeText] = []

    async def tried(question: Awaitable[Sequence[object]]) -> Sequence[object] | None:
        try:
            return await question
        except AccountError as error:
            problems.append(error.problem.message)
            return None

    pools = parts.user_pools if parts is not None and everything else ()
    described, trails, *delivered = await asyncio.gather(
        tried(describe_groups(account)),
        tried(log_sources.of_trails(account) if everything else _nothing()),
        *[tried(log_sources.of_pool(account, pool)) for pool in pools],
    )
    groups = tuple(group for group in described or () if isinstance(group, LogGroup))
    known = {str(group.name): group for group in groups}
    found = _of_parts(configured, parts, functions, apis)
    found += [_trail(name) for name in _names(trails if trails is not None else _guessed(known))]
    found += [LogSource(name, "users", Origin.POOL) for names in delivered for name in _names(names or ())]
    return LogSources(_each_once(found, known), groups, described is not None, tuple(problems))


def _of_parts(
    configured: Sequence[NamedGroup], parts: Parts | None, functions: Sequence[Function], apis: Sequence[Api]
) -> list[LogSource]:
    found = [LogSource(safe(group.name), group.short, Origin.APPLICATION) for group in configured]
    for api in apis:
        short = "api" if len(apis) == 1 else str(api.name)
        if api.access_log_group:
            found.append(LogSource(api.access_log_group, short, Origin.ACCESS))
        if api.execution_log_group:
            found.append(LogSource(api.execution_log_group, f"{short}-exec", Origin.EXECUTION))
    shorts = shorts_of_functions(functions)
    found += [LogSource(one.log_group, shorts[one.name], Origin.FUNCTION) for one in functions if one.log_group]
    own = parts.log_groups if parts is not None else ()
    return [*found, *(LogSource(name, short_of(name), Origin.STACK) for name in own)]


async def _nothing() -> tuple[SafeText, ...]:
    return ()


def _trail(name: SafeText) -> LogSource:
    return LogSource(name, "trail", Origin.TRAIL, slow_ms=TRAIL_LAG_MS)


def _guessed(known: Mapping[str, LogGroup]) -> list[SafeText]:
    return [group.name for name, group in known.items() if name.startswith(TRAIL_PREFIXES)]


def _names(found: Iterable[object]) -> list[SafeText]:
    return [SafeText(name) for name in found if isinstance(name, str)]


def _each_once(found: Iterable[LogSource], known: Mapping[str, LogGroup]) -> tuple[LogSource, ...]:
    once: dict[str, LogSource] = {}
    for source in found:
        once.setdefault(source.name, msgspec.structs.replace(source, group=known.get(source.name)))
    return tuple(once.values())


def shorts_of_functions(functions: Sequence[Function]) -> Mapping[str, str]:
    """By name, what each function's lines are called: `lambda` where there is one, else what tells it apart."""
    names = [str(one.name) for one in functions]
    return {names[0]: "lambda"} if len(names) == 1 else told_apart(names)


def told_apart(names: Sequence[str]) -> Mapping[str, str]:
    """Each name without the words that all of them begin or end with: `shop-cart` and `shop-pay` are `cart` and `pay`.
    A name that would be nothing else leaves all as they are."""
    words = [_WORDS.findall(name) for name in names]
    least = min(map(len, words), default=0)
    head = next((at for at in range(least) if len({one[at] for one in words}) > 1), least)
    tail = next((at for at in range(least - head) if len({one[-1 - at] for one in words}) > 1), least - head)
    kept = ["".join(one[head : len(one) - tail]).strip("-_.") for one in words]
    return dict(zip(names, kept if all(kept) and len(set(kept)) == len(names) else names, strict=True))


def short_of(name: str) -> str:
    """The last part of a group's name: `/aws/lambda/thumbnails` is `thumbnails`."""
    return name.rstrip("/").rpartition("/")[2] or name
