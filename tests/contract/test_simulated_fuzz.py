"""Whatever is sent, the account answers in a protocol of AWS, blames the caller, and lives on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from services.simulated import cbor
from services.simulated.account import SimulatedAccount
from tests.simulated_support import simulated

SERVICES = ("cloudformation", "lambda", "apigateway", "cloudfront", "monitoring", "logs", "cloudtrail", "sts")
PATHS = (
    "/",
    "/2015-03-31/functions/ec2-manager-function-prod/aliases/LIVE",
    "/2015-03-31/functions/%00/aliases",
    "/restapis/x/stages/prod",
    "/2020-05-31/distribution/E/invalidation",
    "/service/GraniteServiceVersion20100801/operation/GetMetricData",
    "/_site/production/../../etc/passwd",
    "/_simulated/calls",
    "//",
)
TARGETS = ("", "Logs_20140328.FilterLogEvents", "Logs_20140328.", "GraniteServiceVersion20100801.GetMetricData", ".")
TYPES = ("", "application/json", "application/x-amz-json-1.1", "application/cbor", "application/xml")
FORM = "application/x-www-form-urlencoded"

leaves = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=8)
keys = st.sampled_from(["MetricDataQueries", "StartTime", "EndTime", "logGroupName", "limit", "Id", "x"])
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))
forms = st.sampled_from(
    [
        b"Action=DescribeStacks",
        b"Action=DescribeStackEvents&StackName=%00",
        b"Action=&Version=2010-05-15",
        b"=&=&&",
        b"%",
    ]
)
bodies = st.binary(max_size=60) | trees.map(lambda tree: json.dumps(tree).encode()) | trees.map(cbor.encode) | forms


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated() as opened:
        yield opened


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(SERVICES),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
    st.sampled_from(PATHS),
    st.sampled_from(TARGETS),
    st.sampled_from([*TYPES, FORM]),
    st.booleans(),
    bodies,
)
def test_nothing_that_is_sent_brings_html_or_a_fault_of_ours(
    account: SimulatedAccount, service: str, method: str, path: str, target: str, kind: str, rpc: bool, body: bytes
) -> None:
    scope = f"AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-west-2/{service}/aws4_request, Signature=0"
    headers: dict[str, Any] = {"Authorization": scope, "X-Amz-Target": target, "Content-Type": kind}
    if rpc:
        headers["smithy-protocol"] = "rpc-v2-cbor"
    answer = Client(account._opened).open(path, method=method, headers=headers, data=body)
    assert "html" not in answer.headers.get("Content-Type", "")
    assert answer.status_code < 500, (answer.status_code, answer.data)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PATHS), st.text(max_size=30), st.binary(max_size=40))
def test_a_request_that_names_nobody_is_refused(
    account: SimulatedAccount, path: str, authorization: str, body: bytes
) -> None:
    headers = {"Authorization": authorization.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "")}
    answer = Client(account._opened).open(path, method="POST", headers=headers, data=body)
    assert answer.status_code < 500
    assert "html" not in answer.headers.get("Content-Type", "")
