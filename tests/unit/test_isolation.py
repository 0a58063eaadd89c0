"""What is said of an API that is closed on purpose, and what closing and opening one sends."""

from __future__ import annotations

import json

import pytest

from services.actions.policy_text import DENY, canonical, whole
from services.actions.throttles import described, patches, shut
from services.model.apis import Api
from services.model.assessment import State
from services.model.witness import Probe, Probes
from services.rules import judge
from services.safe_text import safe
from tests.unit.rules_support import NOW, SETTINGS, at, calm, read

SHUT = Api(safe("a1"), safe("api"), safe("prod"), deployed=at(20), shut=True)
DENIED = Api(safe("a1"), safe("api"), safe("prod"), deployed=at(20), denied=True)
BEFORE = json.dumps({"*/*": [100, 200], "~1instances/GET": [0.5, 7]})


@pytest.mark.parametrize(
    ("api", "told"), [(SHUT, "stage prod lets nobody in (429)"), (DENIED, "the API's policy denies everybody (403)")]
)
def test_the_verdict_says_that_it_is_isolated_since_when_and_how(api: Api, told: str) -> None:
    verdict = judge(calm(apis=read((api,))), SETTINGS, NOW).verdict
    assert verdict.state is State.WARN
    assert verdict.sentence == f"ISOLATED on purpose since 02:52: {told}"
    assert (verdict.key, verdict.since) == ("", at(20))


def test_a_health_check_that_is_answered_long_after_proves_that_a_policy_was_never_deployed() -> None:
    probes = read(Probes((Probe(at(1), True, safe("HTTP 200"), 200),)))
    assert calm(apis=read((DENIED,)), probes=probes).witness.isolated_since is None
    assert calm(apis=read((SHUT,)), probes=probes).witness.isolated_since == at(20)
    soon = read(Probes((Probe(at(19.9), True, safe("HTTP 200"), 200),)))
    assert calm(apis=read((DENIED,)), probes=soon).witness.isolated_since == at(20)


def test_every_method_with_a_throttle_of_its_own_is_shut_too_and_put_back_exactly() -> None:
    closed = shut(BEFORE)
    assert json.loads(closed) == {"*/*": [0, 0], "~1instances/GET": [0, 0]}
    assert [(one["path"], one["value"]) for one in patches(BEFORE, closed)] == [
        ("/*/*/throttling/rateLimit", "0"),
        ("/*/*/throttling/burstLimit", "0"),
        ("/~1instances/GET/throttling/rateLimit", "0"),
        ("/~1instances/GET/throttling/burstLimit", "0"),
    ]
    assert [one["value"] for one in patches(closed, BEFORE)] == ["100", "200", "0.5", "7"]
    assert described(closed) == "nothing (1 method of its own too)"


def test_a_stage_without_a_throttle_of_its_own_has_none_again_afterwards() -> None:
    assert patches(shut("{}"), "{}") == [{"op": "remove", "path": "/*/*"}]
    assert described("{}") == "no limit of its own"


def test_a_policy_equals_itself_with_the_apis_own_arn_written_out() -> None:
    kept = DENY.replace("execute-api:/", "arn:aws:execute-api:us-west-2:123456789012:abc123/")
    assert canonical(kept) == canonical(DENY)
    assert canonical(kept.replace("Deny", "Allow")) != canonical(DENY)
    assert (whole(""), whole(DENY), whole(DENY[:40])) == (True, True, False)
