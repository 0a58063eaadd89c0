"""A complete outage, step by step: what each answer means, and that what was not seen is never taken for health."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.assessment import State
from services.model.outage import AwsEvent, AwsStatus, Called, Checked, Facts
from services.probes.aws_status import events
from services.rules.outage import steps, verdict
from services.safe_text import safe

AT = datetime(2026, 11, 20, 3, 11, tzinfo=UTC)
WELL = Facts(
    "us-west-2",
    AwsStatus(AT),
    Checked(safe("EC2Manager-production"), safe("UPDATE_COMPLETE")),
    (Checked(safe("audit"), safe("ACTIVE")),),
    Called(False, True, safe("HTTP 200, executed v41, no FunctionError")),
)


def state(facts: Facts, number: int) -> State:
    return steps(facts)[number].state


def event(service: str, region: str = "us-west-2") -> AwsStatus:
    return AwsStatus(AT, (AwsEvent(safe(service), region, safe("Increased error rates"), AT),))


def having(**changed: object) -> Facts:
    return msgspec.structs.replace(WELL, **changed)


@pytest.mark.runbook("R268")
def test_with_every_step_well_the_application_is_what_is_left() -> None:
    said = verdict(steps(WELL))
    assert said.state is State.OK
    assert said.text.startswith("infrastructure healthy: look at the application")


@pytest.mark.runbook("R264")
@pytest.mark.parametrize(
    ("aws", "expected", "told"),
    [
        (AwsStatus(AT), State.OK, "no trouble in us-west-2"),
        (event("dynamodb"), State.CRIT, "dynamodb (us-west-2): Increased error rates since 2026-11-20 03:11Z"),
        (event("workspaces"), State.WARN, "workspaces"),
        (event("dynamodb", "eu-west-1"), State.OK, "no trouble"),
        (event("cloudfront", ""), State.CRIT, "worldwide"),
        (AwsStatus(AT, problem=safe("no connection")), State.STALE, "unknown: no connection"),
        (None, State.WAITING, "being read"),
    ],
)
def test_what_aws_says_of_itself_counts_in_our_region_and_worldwide(
    aws: AwsStatus | None, expected: State, told: str
) -> None:
    found = steps(having(aws=aws))[0]
    assert (found.state, told in found.text) == (expected, True), found


@pytest.mark.runbook("R265")
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UPDATE_COMPLETE", State.OK),
        ("CREATE_COMPLETE", State.OK),
        ("IMPORT_COMPLETE", State.OK),
        ("UPDATE_ROLLBACK_COMPLETE", State.CRIT),
        ("ROLLBACK_COMPLETE", State.CRIT),
        ("UPDATE_ROLLBACK_FAILED", State.CRIT),
        ("UPDATE_IN_PROGRESS", State.WARN),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", State.WARN),
        ("UPDATE_ROLLBACK_IN_PROGRESS", State.CRIT),
        ("DELETE_COMPLETE", State.CRIT),
        ("A_STATE_OF_LATER", State.CRIT),
    ],
)
def test_a_stack_is_well_only_after_an_operation_that_went_through(status: str, expected: State) -> None:
    assert state(having(stack=Checked(safe("s"), safe(status))), 1) is expected


@pytest.mark.runbook("R266")
@pytest.mark.parametrize(
    ("table", "expected", "told"),
    [
        (Checked(safe("audit"), safe("ACTIVE")), State.OK, "ACTIVE"),
        (Checked(safe("audit"), safe("ARCHIVING")), State.CRIT, "ARCHIVING"),
        (Checked(safe("audit"), safe("UPDATING")), State.WARN, "UPDATING"),
        (Checked(safe("audit"), problem=safe("there is no such table"), gone=True), State.CRIT, "no such table"),
        (Checked(safe("audit"), problem=safe("denied")), State.STALE, "unknown: denied"),
    ],
)
def test_a_table_serves_while_it_is_active_and_what_is_gone_has_failed(
    table: Checked, expected: State, told: str
) -> None:
    found = steps(having(tables=(table,)))[2]
    assert (found.state, told in found.text) == (expected, True), found


@pytest.mark.parametrize(
    ("facts", "expected", "told"),
    [
        (having(called=None), State.WAITING, "i calls the function"),
        (having(aws=AwsStatus(AT, problem=safe("no connection"))), State.STALE, "AWS itself could not be looked at"),
        (
            having(aws=event("workspaces"), stack=Checked(safe("s"), safe("UPDATE_ROLLBACK_FAILED"))),
            State.CRIT,
            "Stack s",
        ),
        (having(called=Called(False, False, safe("FunctionError Unhandled"))), State.CRIT, "Direct call"),
        (having(stack=None), State.WAITING, "being read"),
        (having(called=Called(True, False, safe("under way"))), State.WAITING, ""),
    ],
)
def test_the_verdict_is_the_worst_and_never_health_before_all_was_seen(
    facts: Facts, expected: State, told: str
) -> None:
    said = verdict(steps(facts))
    assert (said.state, told in said.text) == (expected, True), said


def test_the_list_is_read_by_its_mark_and_what_is_resolved_is_left_out() -> None:
    rows = [
        {"service": "dynamodb-us-west-2", "status": "1", "summary": "Increased errors", "date": "1763607600"},
        {"service": "s3-us-west-2", "status": "0", "summary": "[RESOLVED]"},
        {"service": "cloudfront", "status": 2, "summary": "Latency", "date": 1763607600},
        {"service": "lambda-us-gov-west-1", "status": "3", "date": "soon"},
    ]
    for body in (b"\xfe\xff" + json.dumps(rows).encode("utf-16-be"), json.dumps(rows).encode("utf-16"),
                 json.dumps(rows).encode()):  # fmt: skip
        first, second, third = events(body)
        assert (first.service, first.region, first.since) == (
            "dynamodb",
            "us-west-2",
            datetime(2025, 11, 20, 3, 0, tzinfo=UTC),
        )
        assert (second.service, second.region) == ("cloudfront", "")
        assert (third.region, third.since, third.summary) == ("us-gov-west-1", None, "no summary")


@given(st.binary(max_size=200))
def test_any_other_answer_is_refused_and_never_an_empty_list(body: bytes) -> None:
    try:
        found = events(body)
    except ValueError:
        return
    assert body.strip(b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n").startswith(b"["), found
