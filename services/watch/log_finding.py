"""An environment's log groups for somebody who has no watch: the parts are asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

import msgspec

from services import discovery
from services.aws import apis, functions
from services.aws.session import Account
from services.model.log_sources import LogSources
from services.model.parts import Parts
from services.problems import AccountError
from services.safe_text import SafeText
from services.watch.log_sources import sources

T = TypeVar("T")


async def find(account: Account) -> LogSources:
    """Every group that can be followed or searched. What could not be asked is told in `problems`."""
    problems: list[SafeText] = []
    parts: Parts | None = None
    try:
        parts = await discovery.discover(account, account.environment)
    except AccountError as error:
        problems.append(error.problem.message)
    stages = discovery.stages(parts) if parts is not None else ()
    found = await _answered(
        [functions.describe(account, name) for name in (parts.functions if parts is not None else ())], problems
    )
    served = await _answered(
        [apis.describe(account, api, stages) for api in (parts.rest_apis if parts is not None else ())], problems
    )
    there = await sources(account, account.environment.names.log_groups, parts, found, served)
    return msgspec.structs.replace(there, problems=(*problems, *there.problems))


async def _answered(questions: Sequence[Awaitable[T]], problems: list[SafeText]) -> list[T]:
    """The answers that came; what failed is added to `problems`."""

    async def tried(question: Awaitable[T]) -> T | None:
        try:
            return await question
        except AccountError as error:
            problems.append(error.problem.message)
            return None

    told = await asyncio.gather(*[tried(question) for question in questions])
    return [one for one in told if one is not None]
