"""What is typed for an order means one thing, or says why it means nothing; what a bucket policy lacks."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from services.actions.retention import DAYS
from services.aws.log_exports import NEEDED, lacking
from services.simulated.logs.writing import RETENTIONS
from services.simulated.platform.bucket_access import logs_policy
from tui.order_lines import (
    Clearing,
    Figures,
    Keeping,
    Leaving,
    read_clearing,
    read_figures,
    read_keeping,
    read_leaving,
)

SERVICE = "logs.us-west-2.amazonaws.com"


def test_lines_that_mean_something() -> None:
    assert read_figures(" fn memory=512  timeout=30 ") == Figures("fn", 512, 30)
    assert read_keeping("/a/b 30") == Keeping("/a/b", 30)
    assert read_keeping("/a/b never") == Keeping("/a/b", None)
    assert read_leaving("/a/b s3://bucket/ 24h") == Leaving(("/a/b",), "bucket", timedelta(hours=24))
    assert read_leaving("/a,/b b 7d queue") == Leaving(("/a", "/b"), "b", timedelta(days=7), True)


@pytest.mark.parametrize(
    "line", ["", "fn", "fn memory=x timeout=3", "fn timeout=3 memory=512", "fn memory=-1 timeout=3"]
)
def test_figures_that_mean_nothing(line: str) -> None:
    with pytest.raises(ValueError, match="memory="):
        read_figures(line)


def test_old_is_an_age_or_a_day() -> None:
    now = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)
    assert read_clearing("fn 30d") == Clearing("fn", timedelta(days=30))
    assert read_clearing("fn 30d").before(now) == now - timedelta(days=30)
    named = read_clearing("fn 2026-08-01 keep=5")
    assert named == Clearing("fn", None, date(2026, 8, 1), 5)
    assert named.before(now) == datetime(2026, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("line", ["", "fn", "fn 30", "fn 2026-13-01", "fn 30d 5", "fn 30d keep=x", "fn ٣d"])
def test_what_is_neither_an_age_nor_a_day(line: str) -> None:
    with pytest.raises(ValueError, match=r"30d|keep="):
        read_clearing(line)


@pytest.mark.parametrize("line", ["", "/a", "/a ten", "/a -1", "/a 30 40", "/a ٣", "/a 99999999999"])
def test_a_retention_that_means_nothing(line: str) -> None:
    with pytest.raises(ValueError, match="never"):
        read_keeping(line)


@pytest.mark.parametrize("line", ["", "/a b", "/a b 24", ", b 24h", "/a b 0h", "/a b 99999d", "/a b ٣h"])
def test_an_export_that_means_nothing(line: str) -> None:
    with pytest.raises(ValueError, match=r"h|years"):
        read_leaving(line)


def test_the_days_are_those_the_service_takes() -> None:
    assert set(DAYS) == RETENTIONS


def test_what_a_bucket_policy_lacks() -> None:
    whole = json.loads(logs_policy("b", "us-west-2", "123456789012"))
    half = whole | {"Statement": whole["Statement"][:1]}
    denying = {"Statement": [one | {"Effect": "Deny"} for one in whole["Statement"]]}
    assert lacking(json.dumps(whole), SERVICE) == ()
    assert lacking(json.dumps(half), SERVICE) == ("s3:PutObject",)
    for policy in (
        "",
        "no json",
        "[]",
        "{}",
        json.dumps(denying),
        '{"Statement": {"Effect": "Allow", "Principal": "x"}}',
    ):
        assert lacking(policy, SERVICE) == NEEDED
    assert lacking(json.dumps(whole), "logs.eu-central-1.amazonaws.com") == NEEDED
    wide = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}}
    assert lacking(json.dumps(wide), SERVICE) == ()
