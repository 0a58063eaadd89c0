"""IAM, EC2 and S3: what the runbook's hardening checks read (lines 923-945). Asked on a person's key, by no poll.

Free of charge. Needs iam:ListPolicies, iam:GetPolicyVersion, iam:GetAccountSummary, ec2:DescribeSecurityGroups and
s3:GetEncryptionConfiguration; one that is missing costs its own check only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from services.aws.reply import Reply, garbled, need, need_text, pages, rows, table, text
from services.aws.session import Account
from services.model.hardening import (
    AttachedPolicy,
    BucketEncryption,
    Counts,
    Hardening,
    Ingress,
    Policies,
    SecurityGroup,
)
from services.problems import AccountError, Problem, ProblemKind, problem
from services.safe_text import SafeText, safe

T = TypeVar("T")

NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"

PAGES = 500
"""Most pages of policies: IAM may give fewer than it is asked for."""


async def hardening(account: Account, prefix: str, buckets: Sequence[str] | None) -> Hardening:
    """All four. `prefix` empty: the application's policies have no known name; `buckets` None: they are not known."""
    found, counted, groups, encrypted = await asyncio.gather(
        _or_problem(policies(account, prefix)),
        _or_problem(counts(account)),
        _or_problem(default_groups(account)),
        _or_problem(encryption(account, buckets)),
    )
    return Hardening(account.clock.now(), found, counted, groups, encrypted)


async def policies(account: Account, prefix: str) -> Policies:
    """Every attached policy is listed; of those whose names begin with `prefix` the document is read.

    Raises AccountError when the list cannot be read to its end. IAM's names differ by more than their case.
    """
    if not prefix:
        raise AccountError(
            problem(ProblemKind.REFUSED, "how the names of the application's policies begin is not known: set "
                    "policy_prefix in the environment's names", operation="iam:ListPolicies")
        )  # fmt: skip
    listed: list[Reply] = []
    page: Reply = {}
    async for page in pages(account, "iam", "ListPolicies", {"OnlyAttached": True}, follow="Marker", limit=PAGES):
        listed += need(page, "Policies", list)
    if page.get("IsTruncated"):
        raise garbled("the end of the list of policies")
    named = [one for one in listed if need_text(one, "PolicyName").casefold().startswith(prefix.casefold())]
    return Policies(prefix, tuple(await asyncio.gather(*(_policy(account, one) for one in named))), len(listed))


async def counts(account: Account) -> Counts:
    """Users, roles and policies of the account. Raises AccountError."""
    summary = need(await account.ask("iam", "GetAccountSummary"), "SummaryMap", dict)
    return Counts(need(summary, "Users", int), need(summary, "Roles", int), need(summary, "Policies", int))


async def default_groups(account: Account) -> tuple[SecurityGroup, ...]:
    """The default VPC's group `default`. Raises AccountError, with EC2's own text where there is no default VPC."""
    found: list[SecurityGroup] = []
    page: Reply = {}
    asked = {"GroupNames": ["default"]}
    async for page in pages(account, "ec2", "DescribeSecurityGroups", asked):
        found += [_group(one) for one in need(page, "SecurityGroups", list)]
    if page.get("NextToken"):
        raise garbled("the end of the list of groups")
    return tuple(found)


async def encryption(account: Account, buckets: Sequence[str] | None) -> tuple[BucketEncryption, ...]:
    """What each bucket encrypts new objects with. Raises AccountError while the buckets are not known."""
    if buckets is None:
        raise AccountError(problem(ProblemKind.NOT_FOUND, "the stack's buckets are not known yet"))
    return tuple(await asyncio.gather(*(_encryption(account, one) for one in buckets)))


async def _policy(account: Account, listed: Reply) -> AttachedPolicy:
    name, arn = need_text(listed, "PolicyName"), need_text(listed, "Arn")
    asked = {"PolicyArn": str(listed["Arn"]), "VersionId": str(need_text(listed, "DefaultVersionId"))}
    try:
        reply = await account.ask("iam", "GetPolicyVersion", asked)
        document = need(reply, "PolicyVersion", dict).get("Document")
        if not isinstance(document, str | Mapping):
            raise garbled("the policy's document")
    except AccountError as error:
        return AttachedPolicy(name, arn, error.problem)
    # botocore decodes most documents by itself, and leaves what it cannot as it came.
    return AttachedPolicy(name, arn, document if isinstance(document, str) else json.dumps(document))


def _group(reply: Reply) -> SecurityGroup:
    identity = need_text(reply, "GroupId")
    rules = tuple(rule for one in need(reply, "IpPermissions", list) for rule in _ingress(one, identity))
    return SecurityGroup(identity, text(reply, "VpcId"), rules)


def _ingress(reply: Reply, group: str) -> Iterator[Ingress]:
    protocol, first, last = need_text(reply, "IpProtocol"), _port(reply, "FromPort"), _port(reply, "ToPort")
    sources = (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId"),
        ("UserIdGroupPairs", "GroupId"),
    )
    for listed, field in sources:
        for one in rows(reply, listed):
            source = need_text(one, field)
            yield Ingress(protocol, first, last, source, field == "GroupId" and source == group)


def _port(reply: Reply, field: str) -> int | None:
    value = reply.get(field)
    return value if isinstance(value, int) and value >= 0 else None


async def _encryption(account: Account, bucket: str) -> BucketEncryption:
    name = safe(bucket)
    try:
        reply = await account.ask("s3", "GetBucketEncryption", {"Bucket": bucket})
        rules = need(need(reply, "ServerSideEncryptionConfiguration", dict), "Rules", list)
        return BucketEncryption(name, tuple(_algorithm(one) for one in rules))
    except AccountError as error:
        none = error.problem.code == NO_ENCRYPTION
        return BucketEncryption(name, () if none else error.problem)


def _algorithm(rule: Reply) -> SafeText:
    return need_text(table(rule, "ApplyServerSideEncryptionByDefault"), "SSEAlgorithm")


async def _or_problem(question: Coroutine[Any, Any, T]) -> T | Problem:
    """One permission less costs its own answer only."""
    try:
        return await question
    except AccountError as error:
        return error.problem
