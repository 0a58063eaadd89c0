"""What must not be written down never gets past the door."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.redact import HIDDEN, redact, redact_value

SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"

CANARIES = [
    ("AKIAIOSFODNN7CANARYX", "AKIAIOSFODNN7CAN"),
    ("key ASIAQWERTYUIOPCANARY used", "ASIAQWERTYUIOPCA"),
    (f"aws_secret_access_key = {SECRET}", SECRET),
    (f"stray {SECRET} in the middle", SECRET),
    ('{"SecretAccessKey": "short-canary"}', "short-canary"),
    ('"{\\"password\\": \\"canary in json in json\\"}"', "canary in json"),
    ("password=canary123&user=x", "canary123"),
    ("db_password: 'canary with spaces'", "canary with"),
    ("token=canary-token", "canary-token"),
    ("x-api-key: canary-key", "canary-key"),
    ("aws_session_token=IQoJb3JpZ2luX2VjE" + "canary" * 20, "canarycanary"),
    ("FwoGZXIvYXdzE" + "canary" * 20, "canarycanary"),
    (f"got {JWT} back", "c2lnbmF0dXJl"),
    (f"Authorization: Bearer {JWT}", "eyJ"),
    ("authorization: Basic Y2FuYXJ5OmNhbmFyeQ==", "Y2FuYXJ5"),
    ("Authorization: AWS4-HMAC-SHA256 Credential=AKIDcanary/20261123, Signature=abcdefcanary", "abcdefcanary"),
    ("sent bearer canary-bearer-1", "canary-bearer"),
    ("https://hooks.slack.com/services/T000/B000/canary", "B000"),
    ("https://discord.com/api/webhooks/1/canary", "/1/"),
    ("https://x.s3.amazonaws.com/k?X-Amz-Signature=canary0&X-Amz-Expires=600", "canary0"),
    ("https://x/?X-Amz-Security-Token=canary%2Bmore", "canary"),
    ("postgres://admin:canarypw@db.example:5432/x", "canarypw"),
    ("-----BEGIN RSA PRIVATE KEY-----\ncanary\nlines\n-----END RSA PRIVATE KEY-----", "canary"),
    ("-----BEGIN PRIVATE KEY-----␊canary cut off", "canary"),
]


@pytest.mark.parametrize(("text", "secret"), CANARIES)
def test_a_planted_secret_is_gone(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redact(text)
    assert secret not in json.dumps(redact_value({"outer": [text]}))


@pytest.mark.parametrize(
    "text",
    [
        "lambda.UpdateAlias(LIVE, FunctionVersion=41, RevisionId=8c1f3a52-9c1d-4d5e-8f6a-0a1b2c3d4e5f)",
        "arn:aws:lambda:us-west-2:123456789012:function:ec2-manager-function-prod:LIVE",
        "CodeSha256 n4bQgYhMfWWaL28IoEbM8Qb0vQzQ3F5G2b8m7m2q0xY=",
        "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
        "ec2m-01KAR4W5S2M6Q7Z8X9Y0ABCDEF",
        "stack UPDATE_COMPLETE, /index.html /app.js, 12.1 % of 1 412",
        '{"ClientRequestToken": "deploy-7"}',
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_key_ids_can_still_be_told_apart() -> None:
    assert redact("AKIAIOSFODNN7CANARYX") == "AKIA…ARYX"


def test_environment_of_a_function_keeps_names_and_loses_values() -> None:
    value = {"Environment": {"Variables": {"STAGE": "canary-value", "TABLE": "audit"}}, "MemorySize": 512}
    assert redact_value(value) == {
        "Environment": {"Variables": {"STAGE": HIDDEN, "TABLE": HIDDEN}},
        "MemorySize": 512,
    }


def test_fields_named_like_secrets_are_hidden_whatever_they_look_like() -> None:
    assert redact_value({"Password": "plain", "NextToken": "page-2", "count": 3}) == {
        "Password": HIDDEN,
        "NextToken": "page-2",
        "count": 3,
    }


@given(st.lists(st.sampled_from([*(text for text, _ in CANARIES), "\n", " ", '"', "\\", "'", "=", "x"]), max_size=8))
def test_redacting_twice_changes_nothing_more(pieces: list[str]) -> None:
    once = redact("".join(pieces))
    assert redact(once) == once


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(redact(text), str)
