"""How far a policy's document reaches: every form in which IAM lets everything be said."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from services.model.hardening import Verdict
from services.rules.policy_reach import reach

ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
SOME: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def said(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", **elements}


@pytest.mark.runbook("R257")
@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (ALL, Verdict.FAIL),
        (allow(Action=["*"], Resource=["*"]), Verdict.FAIL),
        (allow(Action=["s3:*", "*"], Resource="*"), Verdict.FAIL),
        (allow(Action="*", Resource=["arn:aws:s3:::one", "*"]), Verdict.FAIL),
        (allow(Action="*:*", Resource="*"), Verdict.FAIL),
        (allow(Action="*", Resource="arn:aws:*"), Verdict.FAIL),
        (allow(Action="*", Resource="arn:*:*:*:*:*"), Verdict.FAIL),
        (ALL | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, Verdict.WARN),
        (allow(NotAction=["iam:*", "organizations:*"], Resource="*"), Verdict.WARN),
        (allow(NotAction="iam:*", Resource="*"), Verdict.WARN),
        (allow(Action="*", NotResource="arn:aws:s3:::secret/*"), Verdict.WARN),
        (allow(NotAction="*", Resource="*"), Verdict.OK),
        (allow(Action="*", NotResource=["*"]), Verdict.OK),
        (SOME, Verdict.OK),
        (allow(Action="s3:*", Resource="*"), Verdict.OK),
        (allow(Action="*", Resource="arn:aws:s3:::one/*"), Verdict.OK),
        (allow(Action="*", Resource="arn:aws:s3:::*"), Verdict.OK),
        (allow(NotAction="iam:*", Resource="arn:aws:s3:::one/*"), Verdict.OK),
        (ALL | {"Effect": "Deny"}, Verdict.OK),
        (allow(NotAction="iam:*", Resource="*") | {"Effect": "Deny"}, Verdict.OK),
        (ALL | {"Effect": "allow"}, Verdict.UNREAD),
        ({"Action": "*", "Resource": "*"}, Verdict.UNREAD),
        (allow(Action="*"), Verdict.UNREAD),
        (allow(Resource="*"), Verdict.UNREAD),
        (allow(Action="*", NotAction="iam:*", Resource="*"), Verdict.UNREAD),
        (allow(Action=3, Resource="*"), Verdict.UNREAD),
        (allow(Action=["s3:*", None], Resource="*"), Verdict.UNREAD),
        ("Allow", Verdict.UNREAD),
    ],
)
def test_of_a_statement(statement: Any, verdict: Verdict) -> None:
    assert reach(said(statement)).verdict is verdict
    assert reach(said(SOME, statement)).verdict is verdict
    assert reach(json.dumps({"Statement": statement})).verdict is verdict
    assert reach(quote(said(statement))).verdict is verdict
    assert reach(quote(said(statement), safe="")).verdict is verdict


@pytest.mark.parametrize(
    "document",
    ["", "%", "null", "[]", "{}", '{"Statement": null}', '{"Statement": ["*"]}', "%7B%22Statement%22", "[" * 100_000],
)
def test_what_is_no_policy_is_not_read(document: str) -> None:
    assert reach(document).verdict is Verdict.UNREAD


def test_the_widest_statement_counts_and_what_is_left_out_is_named() -> None:
    but = allow(NotAction=["iam:*", "account:*"], Resource="*")
    assert reach(said(but)).words == "allows every action but iam:*, account:* on every resource"
    assert reach(said(but, ALL)).verdict is Verdict.FAIL
    assert reach(said(ALL | {"Condition": {"x": {}}})).words.endswith("under a condition")
    assert reach(said()).verdict is Verdict.OK
