"""The account answers the runbook's hardening questions as AWS does, to any client (runbook lines 927-945)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import START, boto, simulated


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated() as opened:
        yield opened


def refused(ask: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        ask(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_attached_policies_come_in_pages_and_a_marker_nobody_gave_is_refused(account: SimulatedAccount) -> None:
    iam = boto(account, "iam")
    names, asked, pages = [], {"OnlyAttached": True, "MaxItems": 4}, 0
    while True:
        page = iam.list_policies(**asked)
        pages += 1
        names += [one["PolicyName"] for one in page["Policies"]]
        assert page["IsTruncated"] == ("Marker" in page)
        if not page["IsTruncated"]:
            break
        asked["Marker"] = page["Marker"]
    assert names == sorted(names)
    assert (len(names), pages) == (8, 2)  # a page that is just full is the last one all the same
    assert "ec2-manager-deploy" in names
    assert "ec2-manager-before-2024" not in names
    (all_,) = iam.get_paginator("list_policies").paginate(Scope="Local")
    assert len(all_["Policies"]) == 9
    assert all(one["CreateDate"] < START for one in all_["Policies"])
    assert refused(iam.list_policies, Marker="2")[0] == "ValidationError"


def test_a_policys_version_and_the_accounts_counts_follow_what_is_changed(account: SimulatedAccount) -> None:
    iam = boto(account, "iam")
    deploy = "arn:aws:iam::123456789012:policy/ec2-manager-deploy"
    document = iam.get_policy_version(PolicyArn=deploy, VersionId="v1")["PolicyVersion"]["Document"]
    assert document["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    assert refused(iam.get_policy_version, PolicyArn=deploy, VersionId="v9")[0] == "NoSuchEntity"
    counts = iam.get_account_summary()["SummaryMap"]
    assert (counts["Users"], counts["Roles"], counts["Policies"]) == (4, 21, 9)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="another", AssumeRolePolicyDocument=document)
    assert iam.get_account_summary()["SummaryMap"]["Roles"] == 22
    iam.delete_role(RoleName="another")


def test_a_groups_name_means_the_default_vpc_and_without_one_ec2_says_so(account: SimulatedAccount) -> None:
    ec2 = boto(account, "ec2", "eu-central-1")
    other = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    (group,) = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    assert group["VpcId"] != other
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["UserIdGroupPairs"][0]["GroupId"]) == ("-1", group["GroupId"])
    assert "FromPort" not in rule
    everybody = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    wanted = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **everybody}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[wanted])
    (group,) = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    opened = group["IpPermissions"][-1]
    assert {name: opened[name] for name in wanted} == wanted
    assert len(ec2.describe_security_groups()["SecurityGroups"]) == 2
    filtered = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [other]}])["SecurityGroups"]
    assert [one["VpcId"] for one in filtered] == [other]
    vpc = group["VpcId"]
    missing = f"The security group 'web' does not exist in default VPC '{vpc}'"
    assert refused(ec2.describe_security_groups, GroupNames=["web"]) == ("InvalidGroup.NotFound", missing)
    for subnet in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
    text = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC."
    assert refused(ec2.describe_security_groups, GroupNames=["default"]) == ("VPCIdNotSpecified", text)


def test_a_fresh_bucket_is_encrypted_and_one_whose_rule_was_deleted_as_well(account: SimulatedAccount) -> None:
    s3 = boto(account, "s3")
    name = "a-fresh-bucket"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})

    def told() -> Any:
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        return rule["ApplyServerSideEncryptionByDefault"], rule["BucketKeyEnabled"]

    assert told() == ({"SSEAlgorithm": "AES256"}, False)
    keyed = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:us-west-2:123456789012:key/1"}
    rule = {"ApplyServerSideEncryptionByDefault": keyed, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert told() == (keyed, True)
    s3.delete_bucket_encryption(Bucket=name)
    assert told() == ({"SSEAlgorithm": "AES256"}, False)
    account.unencrypted.add(name)
    assert refused(s3.get_bucket_encryption, Bucket=name)[0] == "ServerSideEncryptionConfigurationNotFoundError"
    assert refused(s3.get_bucket_encryption, Bucket="there-is-none")[0] == "NoSuchBucket"


@pytest.mark.parametrize(
    ("service", "operation", "kind", "code", "status"),
    [
        ("iam", "ListPolicies", FaultKind.DENY, "AccessDenied", 403),
        ("iam", "GetPolicyVersion", FaultKind.THROTTLE, "Throttling", 400),
        ("iam", "GetAccountSummary", FaultKind.THROTTLE, "Throttling", 400),
        ("ec2", "DescribeSecurityGroups", FaultKind.DENY, "UnauthorizedOperation", 403),
        ("ec2", "DescribeSecurityGroups", FaultKind.THROTTLE, "RequestLimitExceeded", 503),
        ("ec2", "DescribeSecurityGroups", FaultKind.EXPIRED, "RequestExpired", 400),
        ("s3", "GetBucketEncryption", FaultKind.DENY, "AccessDenied", 403),
        ("s3", "GetBucketEncryption", FaultKind.THROTTLE, "SlowDown", 503),
    ],
)
def test_faults_on_order_have_the_services_own_form_and_are_recorded(
    account: SimulatedAccount, service: str, operation: str, kind: FaultKind, code: str, status: int
) -> None:
    account.faults.add(Fault(service, operation, kind))
    policy = {"PolicyArn": "arn:aws:iam::123456789012:policy/ec2-manager-deploy", "VersionId": "v1"}
    needed = {"GetPolicyVersion": policy, "GetBucketEncryption": {"Bucket": "ec2-manager-web-prod-123456789012"}}
    ask = getattr(boto(account, service), "".join(f"_{x.lower()}" if x.isupper() else x for x in operation)[1:])
    got, _ = refused(ask, **needed.get(operation, {}))
    last = account.calls[-1]
    assert (got, last.service, last.operation, last.status, last.error) == (code, service, operation, status, code)
    ask(**needed.get(operation, {}))
    assert account.calls[-1].status == 200
