"""Cognito: one user of a pool, and how long tokens that were issued stay good. Client secrets are never kept."""

from __future__ import annotations

from collections.abc import Sequence

from services.aws.reply import Reply, need, rows, table, text
from services.aws.session import Account
from services.model.users import PoolUser, SignOutGround
from services.problems import AccountError, ProblemKind
from services.safe_text import SafeText, safe

_MINUTES = {"seconds": 1 / 60, "minutes": 1.0, "hours": 60.0, "days": 1440.0}

DEFAULT_MINUTES = 60
"""Of a client that says nothing of it."""


async def ground(account: Account, pool: str, clients: Sequence[str], name: str) -> SignOutGround:
    """The user called `name` (or with that e-mail address) and the pool's token validity. Raises AccountError."""
    return SignOutGround(safe(pool), await user(account, pool, name), await _longest(account, pool, clients))


async def user(account: Account, pool: str, name: str) -> PoolUser | None:
    """The user of that name, else of that e-mail address; None when there is none. Raises AccountError."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    for attribute in ("username", *(("email",) if "@" in name else ())):
        asked = {"UserPoolId": pool, "Filter": f'{attribute} = "{quoted}"', "Limit": 2}
        reply = await account.ask("cognito-idp", "ListUsers", asked)
        need(reply, "Users", list)
        for row in rows(reply, "Users"):
            status = text(row, "UserStatus") if row.get("Enabled") is not False else SafeText("disabled")
            return PoolUser(text(row, "Username"), status)
    return None


async def _longest(account: Account, pool: str, clients: Sequence[str]) -> int | None:
    """Minutes. A client of another pool is passed over; one that may not be read makes it unknown."""
    longest = 0.0
    for client in clients:
        asked = {"UserPoolId": pool, "ClientId": client}
        try:
            about = need(await account.ask("cognito-idp", "DescribeUserPoolClient", asked), "UserPoolClient", dict)
        except AccountError as error:
            if error.problem.kind is ProblemKind.NOT_FOUND:
                continue
            if error.problem.kind is ProblemKind.DENIED:
                return None
            raise
        longest = max(longest, *(_minutes(about, kind) for kind in ("Access", "Id")))
    return round(longest) or None


def _minutes(client: Reply, kind: str) -> float:
    value = client.get(f"{kind}TokenValidity")
    unit = str(table(client, "TokenValidityUnits").get(f"{kind}Token") or "hours")
    return value * _MINUTES.get(unit, 60.0) if isinstance(value, int) and value else float(DEFAULT_MINUTES)
