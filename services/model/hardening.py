"""The runbook's four checks of security hardening (lines 923-945): what was read, and what it comes to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.problems import Problem
from services.safe_text import SafeText


class Verdict(StrEnum):
    """What a check came to."""

    OK = "OK"
    WARN = "WARN"
    """Somebody should look at it."""
    FAIL = "FAIL"
    UNREAD = "NOT READ"
    """It could not be read, or not all of it: never OK."""


# ---- what was read


class AttachedPolicy(msgspec.Struct, frozen=True):
    """A managed policy that is attached to somebody."""

    name: SafeText
    arn: SafeText
    document: str | Problem
    """Its default version as IAM gives it: JSON, perhaps URL-encoded. Not safe to show."""


class Policies(msgspec.Struct, frozen=True):
    """iam:ListPolicies with OnlyAttached, every page."""

    prefix: str
    named: tuple[AttachedPolicy, ...]
    """Those whose names begin with `prefix`, in IAM's order."""
    attached: int
    """How many there are under any name."""


class Counts(msgspec.Struct, frozen=True):
    """iam:GetAccountSummary, of the whole account."""

    users: int
    roles: int
    policies: int
    """Managed policies of the account's own."""


class Ingress(msgspec.Struct, frozen=True):
    """Who may come in by one rule of a security group."""

    protocol: SafeText
    """`tcp`, a number, or `-1` for all."""
    first: int | None
    """The first port, or ICMP's type; None: all."""
    last: int | None
    source: SafeText
    """A CIDR block, a group's id or a prefix list's."""
    itself: bool = False
    """The source is the group: its members among themselves."""


class SecurityGroup(msgspec.Struct, frozen=True):
    """ec2:DescribeSecurityGroups."""

    id: SafeText
    vpc: SafeText
    ingress: tuple[Ingress, ...]


class BucketEncryption(msgspec.Struct, frozen=True):
    """s3:GetBucketEncryption."""

    bucket: SafeText
    algorithms: tuple[SafeText, ...] | Problem
    """`AES256`, `aws:kms`, `aws:kms:dsse`; empty: the bucket has no default encryption."""


class Hardening(msgspec.Struct, frozen=True):
    """One look. What could not be read has its Problem in the value's place."""

    at: datetime
    policies: Policies | Problem
    counts: Counts | Problem
    groups: tuple[SecurityGroup, ...] | Problem
    """Those called `default`: of the default VPC, for EC2 knows no other by its name."""
    buckets: tuple[BucketEncryption, ...] | Problem


# ---- what it comes to


class FindingLine(msgspec.Struct, frozen=True):
    """A policy, a rule: something that a finding is about."""

    text: SafeText
    marked: bool = False
    """It is what makes the finding what it is."""


class Finding(msgspec.Struct, frozen=True):
    """One check."""

    name: str
    verdict: Verdict
    sentence: SafeText
    lines: tuple[FindingLine, ...] = ()
