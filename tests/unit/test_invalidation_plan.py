"""Paths as CloudFront wants them, and what an invalidation would do and cost."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.actions.invalidation import REFERENCE, plan_invalidation
from services.actions.paths import BadPath, encoded
from services.executor.orders import with_reference
from services.model.edge import Distribution, Invalidation
from services.model.entry import Phase
from services.model.plan import ActionKind, Grade, Plan, Refusal
from services.model.reading import Reading
from services.safe_text import SafeText
from tests.unit.actions_support import NOW, PRODUCTION, SETTINGS, STAGING, operation, situation


def plan(*paths: str, **feeds: Any) -> Plan:
    found = plan_invalidation(situation(**feeds), PRODUCTION, SETTINGS, NOW, paths)
    assert isinstance(found, Plan), found
    return found


def refusal(*paths: str, **feeds: Any) -> Refusal:
    found = plan_invalidation(situation(**feeds), PRODUCTION, SETTINGS, NOW, paths)
    assert isinstance(found, Refusal), found
    return found


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/*", "/*"),
        ("/index.html", "/index.html"),
        ("/a b", "/a%20b"),
        ("/größe", "/gr%C3%B6%C3%9Fe"),
        ("/a%20b", "/a%20b"),
        ("/100%", "/100%25"),
        ("/a?x=1&y=2", "/a?x=1&y=2"),
        ("/(a)!$',;:@=+", "/(a)!$',;:@=+"),
        ('/<a>#"{}|\\^~[]`', "/%3Ca%3E%23%22%7B%7D%7C%5C%5E%7E%5B%5D%60"),
        ("/images/*", "/images/*"),
    ],
)
def test_only_what_must_be_encoded_is(path: str, sent: str) -> None:
    assert encoded([path]) == (sent,)


@pytest.mark.runbook("R189")
@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (["index.html"], "does not begin with /"),
        ([""], "does not begin with /"),
        (["/a*b"], "not its last character"),
        (["/**"], "not its last character"),
        (["/a\nb"], "control character"),
        (["/\udc80"], "not text that can be encoded"),
        (["/" + "a" * 4000], "longer than 4000"),
        (["/" + "ö" * 700], "longer than 4000"),
        ([], "no path was given"),
        ([f"/{n}/*" for n in range(16)], "16 wildcard paths"),
        ([f"/{n}" for n in range(3001)], "3001 paths"),
    ],
)
def test_what_cloudfront_would_refuse_is_refused_before(paths: list[str], reason: str) -> None:
    with pytest.raises(BadPath, match=reason):
        encoded(paths)
    assert "Paths begin with /" in refusal(*paths).remedy


def test_a_path_is_sent_once() -> None:
    assert encoded(["/a", "/b", "/a"]) == ("/a", "/b")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*%"), max_size=60))
def test_encoding_loses_nothing(tail: str) -> None:
    (sent,) = encoded(["/" + tail])
    assert sent.isascii()
    assert unquote(sent) == "/" + tail
    assert encoded([sent]) == (sent,)


@pytest.mark.runbook("R231")
def test_the_plan_holds_one_call_with_a_reference_that_the_order_fills() -> None:
    found = plan("/*")
    (step,) = found.steps
    assert (step.call.service, step.call.operation, step.call.region) == (
        "cloudfront",
        "CreateInvalidation",
        "us-east-1",
    )
    assert step.call.parameters == {
        "DistributionId": "E1",
        "InvalidationBatch": {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": REFERENCE},
    }
    assert (found.kind, found.grade, found.criterion) == (ActionKind.INVALIDATE, Grade.TYPED, None)
    assert found.notes[0] == "Cost      1 path: free within the account's 1000 of the month, else $0.005"
    assert "cannot be cancelled" in found.irreversible[0]
    filled = with_reference(found, "01ABC")
    batch = filled.steps[0].call.parameters["InvalidationBatch"]
    assert isinstance(batch, dict)
    assert batch["CallerReference"] == "ec2m-01ABC"
    assert REFERENCE not in str(filled)


def test_elsewhere_than_in_production_a_key_is_enough() -> None:
    found = plan_invalidation(situation(), STAGING, SETTINGS, NOW, ["/*"])
    assert isinstance(found, Plan)
    assert found.grade is Grade.KEY


E1 = Distribution(SafeText("E1"), SafeText("d1.cloudfront.net"), SafeText("Deployed"), True)
RUNNING = tuple(
    Invalidation(SafeText(f"I{n}"), SafeText("InProgress"), paths=(SafeText(f"/{n}/*"),)) for n in range(15)
)


@pytest.mark.parametrize(
    ("feeds", "reason"),
    [
        ({"distributions": ()}, "no CloudFront distribution"),
        ({"distributions": (E1, replace(E1, id=SafeText("E2")))}, "several distributions: E1 (d1.cloudfront.net), E2"),
        ({"distributions": (replace(E1, enabled=False),)}, "disabled"),
        ({"distributions": Reading()}, "has not been read yet"),
        ({"identity": Reading()}, "account is not known"),
        ({"invalidations": RUNNING}, "15 wildcard paths are in progress"),
    ],
    ids=["none", "several", "disabled", "not read", "account", "full"],
)
def test_why_there_is_no_plan(feeds: dict[str, Any], reason: str) -> None:
    found = refusal("/*", **feeds)
    assert reason in found.reason
    assert found.remedy


def test_a_full_row_of_wildcards_does_not_keep_a_single_file_out() -> None:
    assert plan("/index.html", invalidations=RUNNING).steps


def test_an_order_of_ours_on_the_same_distribution_is_waited_for() -> None:
    assert "is at work on distribution E1" in refusal("/*", operations=(operation(plan("/*"), Phase.INTENT),)).reason
    assert plan("/*", operations=(operation(plan("/*"), Phase.VERIFYING, switched_s=9),)).steps


def test_encoded_paths_are_pointed_out() -> None:
    assert any(note.startswith("Encoded") for note in plan("/größe").notes)
    assert not any(note.startswith("Encoded") for note in plan("/a").notes)
