"""Questions of the deployments screen, each a coroutine on the watch's thread (on_demand.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.aws import change_sets, content, drift, function_facts, functions
from services.aws import methods as api_methods
from services.aws.session import Account
from services.model.apis import Api
from services.model.change_sets import ChangeSet
from services.model.content import ObjectEntry
from services.model.deploy_detail import Standing
from services.model.drift import DriftedResource
from services.model.function_facts import FunctionFacts
from services.model.functions import Provisioned
from services.model.methods import Method
from services.problems import AccountError, ProblemKind, problem
from services.watch.on_demand import Question

LOOK_S = 5.0
"""Seconds of the account's time between two looks at a drift detection."""

LOOKS = 360
"""Half an hour; a detection that takes longer is left to itself."""


def standing(names: Sequence[str]) -> Question[Standing]:
    """`$LATEST` and provisioned concurrency of each function."""

    async def question(account: Account) -> Standing:
        latest = await asyncio.gather(*(functions.latest(account, name) for name in names))
        warm: list[Provisioned] = []
        try:
            for name in names:
                warm += await functions.provisioned(account, name)
        except AccountError:
            return Standing(tuple(latest), None)  # one permission more: who has it not loses no hash by it
        return Standing(tuple(latest), tuple(warm))

    return question


def facts(function: str, alias: str, group: str) -> Question[FunctionFacts]:
    """One function looked into; `alias` empty: it has none."""

    async def question(account: Account) -> FunctionFacts:
        return await function_facts.facts(account, function, alias, group, account.clock.now())

    return question


def methods(apis: Sequence[Api]) -> Question[tuple[Method, ...]]:
    """What every method of these APIs calls."""

    async def question(account: Account) -> tuple[Method, ...]:
        found = await asyncio.gather(*(api_methods.methods(account, one) for one in apis))
        return tuple(one for several in found for one in several)

    return question


def waiting_change_sets(stack: str, executed: str) -> Question[tuple[ChangeSet, ...]]:
    """The change sets of the stack."""

    async def question(account: Account) -> tuple[ChangeSet, ...]:
        return await change_sets.change_sets(account, stack, executed)

    return question


def last_drift(stack: str) -> Question[tuple[DriftedResource, ...]]:
    """What the last detection found."""

    async def question(account: Account) -> tuple[DriftedResource, ...]:
        return await drift.drifted(account, stack)

    return question


def new_drift(stack: str) -> Question[tuple[DriftedResource, ...]]:
    """A detection from its beginning to its end, and what it found."""

    async def question(account: Account) -> tuple[DriftedResource, ...]:
        made = await drift.detect(account, stack)
        for _ in range(LOOKS):
            if not made.running:
                break
            await account.clock.sleep(LOOK_S)
            made = await drift.detection(account, made.id)
        if made.status != "DETECTION_COMPLETE":
            said = made.reason or made.status
            raise AccountError(problem(ProblemKind.FAILING, f"the drift detection did not end well: {said}"))
        return await drift.drifted(account, stack)

    return question


def objects(buckets: Sequence[str], count: int) -> Question[tuple[ObjectEntry, ...]]:
    """The first object versions of each bucket."""

    async def question(account: Account) -> tuple[ObjectEntry, ...]:
        found = await asyncio.gather(*(content.versions(account, name, count) for name in buckets))
        return tuple(one for several in found for one in several)

    return question
