"""The readers of the hardening checks over HTTP: every page, what may not be read, what AWS says in its own words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from services.aws import hardening as reading
from services.aws.session import Account
from services.model.checklists import Marks
from services.model.hardening import Finding, Hardening, Policies, Verdict
from services.problems import Problem, ProblemKind
from services.rules.hardening import findings, last_counted
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import environment_at
from tests.simulated_support import boto, simulated

T = TypeVar("T")

PREFIX, BUCKET = "ec2-manager-", "ec2-manager-web-prod-123456789012"


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated() as opened:
        yield opened


def ask(opened: SimulatedAccount, question: Callable[[Account], Coroutine[Any, Any, T]]) -> T:
    async def asked() -> T:
        account = Account(environment_at(opened), opened.clock, attempts=1)
        try:
            return await question(account)
        finally:
            await account.close()

    return asyncio.run(asked())


def look(opened: SimulatedAccount, prefix: str = PREFIX, buckets: tuple[str, ...] | None = (BUCKET,)) -> Hardening:
    return ask(opened, lambda account: reading.hardening(account, prefix, buckets))


def judged(found: Hardening) -> dict[str, Finding]:
    return {one.name: one for one in findings(found, last_counted(Marks()))}


@pytest.mark.runbook("R257", "R258", "R259", "R260")
def test_all_four_are_read_and_only_read(account: SimulatedAccount) -> None:
    before = len(account.calls)
    found = judged(look(account))
    assert {name: one.verdict for name, one in found.items()} == {
        "IAM policies": Verdict.FAIL,
        "IAM counts": Verdict.OK,
        "default group": Verdict.OK,
        "encryption": Verdict.OK,
    }
    marked = [str(one.text) for one in found["IAM policies"].lines if one.marked]
    assert marked == ["ec2-manager-deploy  overly permissive: allows every action on every resource"]
    assert found["IAM counts"].sentence == "Users 4, Roles 21, Policies 9, the first check"
    assert found["encryption"].sentence == f"{BUCKET}: AES256"
    asked = {f"{one.service}:{one.operation}" for one in account.calls[before:]}
    assert asked == {
        "iam:ListPolicies", "iam:GetPolicyVersion", "iam:GetAccountSummary", "ec2:DescribeSecurityGroups",
        "s3:GetBucketEncryption",
    }  # fmt: skip


@pytest.mark.runbook("R257")
def test_policies_are_listed_over_all_pages(account: SimulatedAccount) -> None:
    iam = boto(account, "iam")
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    wide = {"Effect": "Allow", "Action": ["s3:*", "*"], "Resource": ["*"]}
    for number in range(110):
        name = f"{'ec2-manager-x' if number % 50 == 9 else 'other'}-{number:03d}"
        statement = wide if number == 109 else allow
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        made = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_user_policy(UserName="ana", PolicyArn=made)
    zebra = iam.create_policy(PolicyName="EC2-Manager-zebra", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [allow]}))["Policy"]["Arn"]  # fmt: skip
    iam.attach_user_policy(UserName="ben", PolicyArn=zebra)
    found = look(account)
    assert [one.operation for one in account.calls].count("ListPolicies") == 2
    assert isinstance(found.policies, Policies)
    assert found.policies.attached == 119
    names = [str(one.name) for one in found.policies.named]
    assert {"ec2-manager-x-009", "ec2-manager-x-059", "ec2-manager-x-109", "EC2-Manager-zebra"} < set(names)
    assert len(names) == 10
    marked = [str(one.text).split()[0] for one in judged(found)["IAM policies"].lines if one.marked]
    assert marked == ["ec2-manager-deploy", "ec2-manager-x-109"]


@pytest.mark.parametrize(
    ("service", "operation", "check", "permission"),
    [
        ("iam", "ListPolicies", "IAM policies", "iam:ListPolicies"),
        ("iam", "GetAccountSummary", "IAM counts", "iam:GetAccountSummary"),
        ("ec2", "DescribeSecurityGroups", "default group", "ec2:DescribeSecurityGroups"),
        ("s3", "GetBucketEncryption", "encryption", "s3:GetEncryptionConfiguration"),
    ],
)
@pytest.mark.runbook("R257", "R258", "R259", "R260")
def test_what_may_not_be_read_is_not_read_and_costs_no_other_check(
    account: SimulatedAccount, service: str, operation: str, check: str, permission: str
) -> None:
    account.faults.add(Fault(service, operation, FaultKind.DENY))
    found = judged(look(account))
    assert found[check].verdict is Verdict.UNREAD
    assert f"not allowed: {permission}" in found[check].sentence
    assert [one.name for one in found.values() if one.verdict is Verdict.UNREAD] == [check]


def test_a_document_that_may_not_be_read_leaves_the_check_open_unless_another_fails(account: SimulatedAccount) -> None:
    account.faults.add(Fault("iam", "GetPolicyVersion", FaultKind.DENY, times=6))
    found = judged(look(account))["IAM policies"]
    assert found.verdict is Verdict.UNREAD
    assert "6 not read: not allowed: iam:GetPolicyVersion" in found.sentence
    account.faults.add(Fault("iam", "GetPolicyVersion", FaultKind.THROTTLE))
    again = judged(look(account))["IAM policies"]
    assert again.verdict in (Verdict.FAIL, Verdict.UNREAD)
    assert "1 not read: iam in us-west-2 asks for patience" in again.sentence


def test_a_list_that_breaks_off_is_not_taken_for_the_whole(account: SimulatedAccount) -> None:
    account.faults.add(Fault("iam", "ListPolicies", FaultKind.HTML_200))
    found = look(account)
    assert isinstance(found.policies, Problem)
    assert found.policies.kind is ProblemKind.GARBLED
    assert judged(found)["IAM policies"].verdict is Verdict.UNREAD


@pytest.mark.runbook("R259")
def test_a_group_that_is_open_is_marked_and_no_default_vpc_is_told_in_ec2s_words(account: SimulatedAccount) -> None:
    ec2 = boto(account, "ec2")
    (group,) = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    for protocol, first, last, source in (
        ("tcp", 22, 22, {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
        ("tcp", 443, 444, {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}),
        ("udp", 53, 53, {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}),
    ):
        rule = {"IpProtocol": protocol, "FromPort": first, "ToPort": last, **source}
        ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[rule])
    found = judged(look(account))["default group"]
    assert found.verdict is Verdict.FAIL
    assert found.sentence == "4 ingress rules, 2 open to everybody"
    told = {str(one.text): one.marked for one in found.lines}
    assert told == {
        f"{group['GroupId']} of {group['VpcId']}": False,
        "tcp 22 from 0.0.0.0/0  open to everybody": True,
        "udp 53 from ::/0  open to everybody": True,
        "tcp 443-444 from 10.0.0.0/8": False,
        "all traffic from the group itself": False,
    }
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=group["VpcId"])
    found = judged(look(account))["default group"]
    assert found.verdict is Verdict.UNREAD
    assert "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC" in (
        found.sentence
    )


@pytest.mark.runbook("R260")
def test_kms_is_ok_none_is_a_failure_and_a_bucket_that_is_gone_is_neither(account: SimulatedAccount) -> None:
    s3 = boto(account, "s3")
    for name in ("keyed-bucket", "bare-bucket"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="keyed-bucket", ServerSideEncryptionConfiguration={"Rules": [rule]})
    account.unencrypted.add("bare-bucket")
    one = judged(look(account, buckets=("keyed-bucket",)))["encryption"]
    assert (one.verdict, one.sentence) == (Verdict.OK, "keyed-bucket: aws:kms")
    none = judged(look(account, buckets=("keyed-bucket", "bare-bucket")))["encryption"]
    assert none.verdict is Verdict.FAIL
    assert "bare-bucket: no default encryption (ServerSideEncryptionConfigurationNotFoundError)" in none.sentence
    gone = judged(look(account, buckets=("keyed-bucket", "gone-bucket")))["encryption"]
    assert gone.verdict is Verdict.UNREAD
    assert judged(look(account, buckets=None))["encryption"].verdict is Verdict.UNREAD


def test_without_a_prefix_no_policy_is_judged_and_one_that_fits_none_is_no_ok(account: SimulatedAccount) -> None:
    unknown = judged(look(account, prefix=""))["IAM policies"]
    assert unknown.verdict is Verdict.UNREAD
    assert "policy_prefix" in unknown.sentence
    nobody = judged(look(account, prefix="nobody-"))["IAM policies"]
    assert nobody.verdict is Verdict.WARN
    assert "none of 8 attached policies begins with nobody-" in nobody.sentence
