"""Cognito user pools. Client secrets are never read."""

from __future__ import annotations

from services.aws.reply import need, need_text, number, text
from services.aws.session import Account
from services.model.users import UserPool


async def describe(account: Account, pool: str) -> UserPool:
    """The pool with id `pool`. Raises AccountError."""
    reply = await account.ask("cognito-idp", "DescribeUserPool", {"UserPoolId": pool})
    about = need(reply, "UserPool", dict)
    return UserPool(
        id=need_text(about, "Id"),
        name=need_text(about, "Name"),
        status=text(about, "Status"),
        users=number(about, "EstimatedNumberOfUsers"),
    )
