"""What readiness asks beyond the polls: permissions, provisioned concurrency, the clock. Reads only.

Each answer that cannot be had is `not known`, never a no: many operators may not simulate policies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

from services.aws.lease_table import held
from services.aws.reply import rows, text
from services.aws.session import Account
from services.model.identity import Identity
from services.model.readiness import Footing
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import SafeText, safe
from services.settings.values import EnvironmentKind


async def footing(
    account: Account, identity: Identity | None, actions: Mapping[str, Sequence[str]], function: str, alias: str
) -> Footing:
    """`actions`: IAM action → ARNs it would be used on. `function` empty: there is none to ask of. Total."""
    allowed, why = await _allowed(account, identity, actions)
    holders, problem = await _leases(account)
    return Footing(
        at=account.clock.now(),
        allowed=allowed,
        why_not_known=why,
        provisioned=await _provisioned(account, function, alias) if function else None,
        lease_holders=holders,
        lease_problem=problem,
        skew_s=await _skew(account),
    )


def principal(arn: str) -> str:
    """The ARN whose policies count: a session's role. Empty for root and for what has no policies of its own.

    A role's path is not in its session's ARN; the simulation of a role with a path fails, and is not known.
    """
    head, _, resource = arn.rpartition(":")
    if resource.startswith("assumed-role/"):
        name = resource.split("/")[1]
        return f"{head.replace(':sts:', ':iam:')}:role/{name}"
    return arn if resource.startswith(("user/", "role/")) else ""


async def _allowed(
    account: Account, identity: Identity | None, actions: Mapping[str, Sequence[str]]
) -> tuple[dict[str, bool], str]:
    source = principal(identity.arn) if identity is not None else ""
    if not source:
        return (
            {},
            "the identity has no policies that can be simulated" if identity is not None else "who we are is not known",
        )
    found: dict[str, bool] = {}
    for action, resources in actions.items():
        parameters = {"PolicySourceArn": source, "ActionNames": [action], "ResourceArns": list(resources)}
        try:
            reply = await account.ask("iam", "SimulatePrincipalPolicy", parameters)
        except AccountError as error:
            return found, safe(f"policies could not be simulated ({error.problem.message})", 200)
        decisions = [text(row, "EvalDecision") for row in rows(reply, "EvaluationResults")]
        if decisions:
            found[action] = all(one == "allowed" for one in decisions)
    return found, ""


async def _provisioned(account: Account, function: str, alias: str) -> int | None:
    parameters = {"FunctionName": function, "Qualifier": alias}
    try:
        reply = await account.ask("lambda", "GetProvisionedConcurrencyConfig", parameters)
    except AccountError as error:
        none = error.problem.kind is ProblemKind.NOT_FOUND or error.problem.code.startswith("ProvisionedConcurrency")
        return 0 if none else None
    wanted = reply.get("RequestedProvisionedConcurrentExecutions")
    return wanted if isinstance(wanted, int) else None


async def _leases(account: Account) -> tuple[tuple[SafeText, ...], Problem | None]:
    """Who holds what in the lease table; nobody, and nothing wrong, where none is configured."""
    if not account.environment.lease_table:
        return (), None
    try:
        rows = await held(account, account.environment.lease_table)
    except AccountError as error:
        return (), error.problem
    return tuple(safe(f"{row.told} holds {row.resource}", 400) for row in rows), None


async def _skew(account: Account) -> float | None:
    """This machine's clock less AWS's, to a second or two; a sandbox has a time of its own and is not compared."""
    if account.environment.kind is EnvironmentKind.SANDBOX:
        return None
    try:
        reply = await account.ask("sts", "GetCallerIdentity")
    except AccountError:
        return None
    metadata = reply.get("ResponseMetadata")
    headers = metadata.get("HTTPHeaders") if isinstance(metadata, Mapping) else None
    told = headers.get("date") if isinstance(headers, Mapping) else None
    try:
        return (account.clock.now() - parsedate_to_datetime(str(told))).total_seconds()
    except (ValueError, TypeError):
        return None
