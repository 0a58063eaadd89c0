"""Who we are: sts:GetCallerIdentity, which needs no permission."""

from __future__ import annotations

from services.aws.reply import need_text
from services.aws.session import Account
from services.model.identity import Identity
from services.problems import Problem, ProblemKind
from services.safe_text import safe
from services.settings.values import Environment


async def whoami(account: Account) -> Identity:
    """The account and the principal that answers. Raises AccountError."""
    reply = await account.ask("sts", "GetCallerIdentity")
    return Identity(account=need_text(reply, "Account"), arn=need_text(reply, "Arn"))


def wrong_account(identity: Identity, environment: Environment) -> Problem | None:
    """The Problem if the credentials are of another account than the environment's (reliability B19, B23)."""
    if not environment.account or identity.account == environment.account:
        return None
    return Problem(
        ProblemKind.WRONG_ACCOUNT,
        safe(f"{environment.name} is account {environment.account}; these credentials are of {identity.account}"),
        operation="sts:GetCallerIdentity",
        remedy=f"Use a profile of account {environment.account}, or correct account in the settings.",
    )
