"""Faults on order, met by a real client: what it sees, and what was applied."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import boto, simulated

LIVE = {"FunctionName": "ec2-manager-function-prod", "Name": "LIVE"}


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated() as opened:
        yield opened


@pytest.mark.parametrize(
    ("service", "operation", "kind", "code", "status"),
    [
        ("cloudformation", "DescribeStacks", FaultKind.THROTTLE, "Throttling", 400),
        ("logs", "DescribeLogGroups", FaultKind.THROTTLE, "ThrottlingException", 400),
        ("lambda", "ListFunctions", FaultKind.THROTTLE, "TooManyRequestsException", 429),
        ("apigateway", "GetRestApis", FaultKind.THROTTLE, "TooManyRequestsException", 429),
        ("dynamodb", "ListTables", FaultKind.DENY, "AccessDeniedException", 403),
        ("cloudformation", "DescribeStacks", FaultKind.DENY, "AccessDenied", 403),
        ("sts", "GetCallerIdentity", FaultKind.EXPIRED, "ExpiredToken", 403),
        ("logs", "DescribeLogGroups", FaultKind.EXPIRED, "ExpiredTokenException", 400),
        ("cloudfront", "ListDistributions", FaultKind.SERVER_ERROR, "InternalFailure", 500),
        ("cloudwatch", "ListMetrics", FaultKind.UNAVAILABLE, "ServiceUnavailable", 503),
    ],
)
def test_an_error_on_order_has_the_services_own_form(
    account: SimulatedAccount, service: str, operation: str, kind: FaultKind, code: str, status: int
) -> None:
    account.faults.add(Fault(service, operation, kind))
    client = boto(account, service)
    ask = getattr(client, "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)[1:])
    with pytest.raises(ClientError) as caught:
        ask()
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    ask()
    assert [call.status for call in account.calls] == [status, 200]


def version(account: SimulatedAccount) -> int:
    state = account.state.controls.alias("production", account.clock.now())
    assert state is not None
    return state.version


def test_a_reset_before_applies_nothing_and_a_reset_after_applies_all(account: SimulatedAccount) -> None:
    client = boto(account, "lambda")
    account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.RESET_BEFORE))
    with pytest.raises((ConnectionClosedError, ConnectionError, HTTPClientError)):
        client.update_alias(**LIVE, FunctionVersion="40")
    assert version(account) == 41
    account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.RESET_AFTER))
    with pytest.raises((ConnectionClosedError, ConnectionError, HTTPClientError)):
        client.update_alias(**LIVE, FunctionVersion="40")
    assert version(account) == 40
    assert [call.status for call in account.calls if call.operation == "UpdateAlias"] == [0, 0]


def test_a_call_that_hangs_is_never_applied(account: SimulatedAccount) -> None:
    account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.HANG, seconds=3))
    with pytest.raises(ReadTimeoutError):
        boto(account, "lambda", read_timeout=0.2).update_alias(**LIVE, FunctionVersion="40")
    assert version(account) == 41


def test_a_dripping_body_outlasts_a_read_timeout(account: SimulatedAccount) -> None:
    account.faults.add(Fault("sts", "GetCallerIdentity", FaultKind.SLOW_BODY, seconds=0.002))
    began = time.monotonic()
    assert boto(account, "sts", read_timeout=0.2).get_caller_identity()["Account"] == "123456789012"
    assert time.monotonic() - began > 0.3


@pytest.mark.parametrize(("kind", "status"), [(FaultKind.HTML_200, 200), (FaultKind.HTML_502, 502)])
def test_a_portals_page_is_what_the_client_gets(account: SimulatedAccount, kind: FaultKind, status: int) -> None:
    account.faults.add(Fault("lambda", "GetAlias", kind))
    try:
        seen: dict[str, Any] = boto(account, "lambda").get_alias(**LIVE)
    except ClientError as error:
        seen = dict(error.response)
    assert seen["ResponseMetadata"]["HTTPStatusCode"] == status
    assert "RevisionId" not in seen
