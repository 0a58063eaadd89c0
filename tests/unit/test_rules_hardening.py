"""The four hardening checks as rules: what differs from the last one, what is open, what is never OK."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.checklists.store import CheckStore
from services.journal.home import JournalHome
from services.journal.who import actor
from services.model.checklists import MAINTENANCE, Doing, Mark, Marks
from services.model.hardening import (
    BucketEncryption,
    Counts,
    Finding,
    Hardening,
    Ingress,
    Policies,
    SecurityGroup,
    Verdict,
)
from services.model.parts import Parts
from services.problems import Problem, ProblemKind, problem
from services.rules.hardening import evidence, findings, is_open, last_counted, overall, policy_prefix
from services.safe_text import SafeText, safe

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DENIED = problem(ProblemKind.DENIED, "not allowed: iam:GetAccountSummary in us-west-2")


def mark(counts: Counts | None) -> Mark:
    return Mark(MAINTENANCE, "", "monthly/security-audit", Doing.DONE, NOW, SafeText("ana@bastion"), counts=counts)


def looked(counts: Counts | Problem, before: Mark | None = None) -> tuple[Finding, ...]:
    buckets = (BucketEncryption(safe("web"), (safe("AES256"),)),)
    group = SecurityGroup(safe("sg-1"), safe("vpc-1"), ())
    return findings(Hardening(NOW, Policies("app-", (), 3), counts, (group,), buckets), before)


@pytest.mark.runbook("R258")
def test_counts_are_compared_with_those_of_the_last_check() -> None:
    then = mark(Counts(4, 21, 9))
    assert looked(Counts(4, 21, 9))[1].sentence == "Users 4, Roles 21, Policies 9, the first check"
    one = looked(Counts(4, 22, 9), then)[1]
    assert (one.verdict, one.sentence) == (
        Verdict.WARN, "Users 4, Roles 22 (+1), Policies 9, since 2026-11-23 03:00Z"
    )  # fmt: skip
    assert "Users 3 (-1)" in looked(Counts(3, 21, 9), then)[1].sentence
    same = looked(Counts(4, 21, 9), then)[1]
    assert (same.verdict, same.sentence) == (
        Verdict.OK, "Users 4, Roles 21, Policies 9, as on 2026-11-23 03:00Z"
    )  # fmt: skip
    assert looked(DENIED, then)[1].verdict is Verdict.UNREAD


def test_the_newest_mark_with_counts_is_what_is_compared_with() -> None:
    marks = Marks((mark(Counts(1, 1, 1)), mark(Counts(2, 2, 2)), mark(None)))
    newest = last_counted(marks)
    assert newest is not None
    assert newest.counts == Counts(2, 2, 2)
    assert last_counted(Marks((mark(None),))) is None


def test_counts_come_back_from_the_disk(tmp_path: object) -> None:
    store = CheckStore(JournalHome(tmp_path / "checklists"), "production")  # type: ignore[operator]  # a Path
    store.add(mark(Counts(4, 21, 9)), actor())
    store.add(mark(None), actor())
    assert [one.counts for one in store.read().marks] == [Counts(4, 21, 9), None]


@pytest.mark.runbook("R259")
@pytest.mark.parametrize(
    ("source", "wide"),
    [
        ("0.0.0.0/0", True),
        ("::/0", True),
        ("0:0:0:0:0:0:0:0/0", True),
        ("0.0.0.0/1", False),
        ("0.0.0.0/32", False),
        ("10.0.0.0/8", False),
        ("sg-1", False),
        ("pl-63a5400a", False),
    ],
)
def test_open_is_what_everybody_may_come_in_by(source: str, wide: bool) -> None:
    rule = Ingress(safe("tcp"), 22, 22, safe(source))
    assert is_open(rule) is wide
    group = SecurityGroup(safe("sg-1"), safe("vpc-1"), (rule,))
    found = findings(Hardening(NOW, DENIED, DENIED, (group,), ()), None)[2]
    assert found.verdict is (Verdict.FAIL if wide else Verdict.OK)
    assert [line.marked for line in found.lines] == [False, wide]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Ingress(safe("-1"), None, None, safe("10.0.0.0/8")), "all traffic from 10.0.0.0/8"),
        (Ingress(safe("6"), 80, 443, safe("10.0.0.0/8")), "tcp 80-443 from 10.0.0.0/8"),
        (Ingress(safe("icmp"), 8, None, safe("10.0.0.0/8")), "icmp type 8 from 10.0.0.0/8"),
        (Ingress(safe("50"), None, None, safe("sg-2")), "50 from sg-2"),
        (Ingress(safe("tcp"), 22, 22, safe("sg-1"), True), "tcp 22 from the group itself"),
    ],
)
def test_a_rule_in_words(rule: Ingress, words: str) -> None:
    group = SecurityGroup(safe("sg-1"), safe(""), (rule,))
    lines = findings(Hardening(NOW, DENIED, DENIED, (group,), ()), None)[2].lines
    assert [str(line.text) for line in lines] == ["sg-1 of no VPC", words]


@pytest.mark.parametrize(
    ("algorithms", "verdict"),
    [
        (("AES256",), Verdict.OK),
        (("aws:kms",), Verdict.OK),
        (("aws:kms:dsse",), Verdict.OK),
        ((), Verdict.FAIL),
        (("ROT13",), Verdict.WARN),
        (DENIED, Verdict.UNREAD),
    ],
)
@pytest.mark.runbook("R260")
def test_encryption_by_its_algorithm(algorithms: tuple[str, ...] | Problem, verdict: Verdict) -> None:
    told = algorithms if isinstance(algorithms, Problem) else tuple(safe(one) for one in algorithms)
    buckets = (BucketEncryption(safe("web"), told),)
    assert findings(Hardening(NOW, DENIED, DENIED, (), buckets), None)[3].verdict is verdict


def test_the_worst_is_what_all_come_to_and_nothing_unread_is_ok() -> None:
    unread = findings(Hardening(NOW, DENIED, DENIED, DENIED, DENIED), None)
    assert [one.verdict for one in unread] == [Verdict.UNREAD] * 4
    assert overall(unread) is Verdict.UNREAD
    assert overall(looked(Counts(1, 1, 1))) is Verdict.WARN  # no policy has the prefix
    assert overall(looked(DENIED)) is Verdict.UNREAD
    assert overall(()) is Verdict.UNREAD
    assert findings(Hardening(NOW, DENIED, DENIED, (), ()), None)[2].verdict is Verdict.UNREAD
    told = evidence(looked(DENIED))
    assert told.startswith("IAM policies WARN, IAM counts NOT READ, default group OK, encryption OK; ")
    assert "iam:GetAccountSummary" in told


def test_the_prefix_is_the_configured_one_else_what_the_parts_names_have_in_common() -> None:
    parts = Parts(safe("s"), safe("id"), (), functions=(safe("app-one-get"), safe("app-one-put")),
                  tables=(safe("app-orders"),), buckets=(safe("app-web-1"),))  # fmt: skip
    assert policy_prefix("ec2-manager-", parts) == "ec2-manager-"
    assert policy_prefix("ec2-manager-*", None) == "ec2-manager-"
    assert policy_prefix("", parts) == "app-"
    assert policy_prefix("", None) == ""
    assert policy_prefix("", Parts(safe("s"), safe("id"), (), functions=(safe("app-one"),))) == ""
    assert policy_prefix("", Parts(safe("s"), safe("id"), (), functions=(safe("app"), safe("web")))) == ""
