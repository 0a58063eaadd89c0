"""One function looked into on demand: configuration, its role's policies, its lines of the last hour. Reads only.

Four questions and the pages of one search; never asked for every function, never by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from services.aws.function_use import observed
from services.aws.reply import Reply, need_text, number, pages, rows, table, text, texts
from services.aws.session import Account
from services.model.function_facts import FunctionFacts, RolePolicies, Setup
from services.problems import AccountError, Problem
from services.safe_text import SafeText, safe

T = TypeVar("T")


async def facts(account: Account, function: str, alias: str, group: str, now: datetime) -> FunctionFacts:
    """Everything of one function. `alias` empty: it has none. Raises AccountError when its configuration is refused."""
    latest = await setup(account, function)
    serving, policies, use = await asyncio.gather(
        _or_problem(setup(account, function, alias)) if alias else _nothing(),
        _or_problem(role_policies(account, latest.role.rpartition("/")[2])),
        _or_problem(observed(account, group, now, paced=True)),
    )
    return FunctionFacts(latest, serving if isinstance(serving, Setup) else None, policies, use)


async def setup(account: Account, function: str, qualifier: str = "") -> Setup:
    """How a function is set up. Raises AccountError."""
    parameters = {"FunctionName": function} | ({"Qualifier": qualifier} if qualifier else {})
    return parse_setup(await account.ask("lambda", "GetFunctionConfiguration", parameters))


def parse_setup(reply: Reply) -> Setup:
    """The reply of GetFunctionConfiguration. Raises AccountError(GARBLED)."""
    vpc = table(reply, "VpcConfig")
    return Setup(
        function=need_text(reply, "FunctionName"),
        version=text(reply, "Version"),
        state=text(reply, "State"),
        state_reason=text(reply, "StateReason"),
        update=text(reply, "LastUpdateStatus"),
        update_reason=text(reply, "LastUpdateStatusReason"),
        runtime=text(reply, "Runtime"),
        memory_mb=number(reply, "MemorySize"),
        timeout_s=number(reply, "Timeout"),
        role=text(reply, "Role"),
        sha=text(reply, "CodeSha256"),
        variables=tuple(sorted(safe(name) for name in table(table(reply, "Environment"), "Variables"))),
        subnets=texts(vpc, "SubnetIds"),
        security_groups=texts(vpc, "SecurityGroupIds"),
    )


async def role_policies(account: Account, role: str) -> RolePolicies:
    """The names of a role's policies, in IAM's order. Raises AccountError."""
    attached: list[SafeText] = []
    inline: list[SafeText] = []
    asked = {"RoleName": role}
    async for page in pages(account, "iam", "ListAttachedRolePolicies", asked, follow="Marker"):
        attached += [need_text(row, "PolicyName") for row in rows(page, "AttachedPolicies")]
    async for page in pages(account, "iam", "ListRolePolicies", asked, follow="Marker"):
        inline += texts(page, "PolicyNames")
    return RolePolicies(tuple(attached), tuple(inline))


async def _or_problem(question: Coroutine[Any, Any, T]) -> T | Problem:
    """One permission less costs its own answer only."""
    try:
        return await question
    except AccountError as error:
        return error.problem


async def _nothing() -> None:
    return None
