"""The tables that the runbook's searches become."""

from __future__ import annotations

import json

import pytest

from services.model.logs import Level, LogLine
from services.safe_text import safe
from tui.log_report_tables import report


def line(text: str | dict[str, object]) -> LogLine:
    told = text if isinstance(text, str) else json.dumps(text)
    return LogLine(1_790_000_000_000, "x", Level.INFO, safe(told), "1")


def test_failed_sign_ins_stand_by_user_beside_those_by_address() -> None:
    tries = (("bob", "192.0.2.1"), ("bob", "192.0.2.2"), ("eve", "192.0.2.1"))
    lines = [line({"message": {"userName": user, "ipAddress": ip, "eventResponse": "Fail"}}) for user, ip in tries]
    found = report("sign-ins", [*lines, line("no JSON")])
    assert found is not None
    assert found.sentence == "3 failed sign-ins · 1 not parsed"
    assert [tuple(row) for row in found.rows] == [(2.0, "bob", 2.0, "192.0.2.1"), (1.0, "eve", 1.0, "192.0.2.2")]


def test_refusals_and_other_answers_stand_apart_by_address() -> None:
    told = [(401, "a"), (403, "a"), (404, "b"), (429, "c"), (404, "b"), (200, "d")]
    lines = [line({"status": status, "ip": ip}) for status, ip in told]
    found = report("unauthorised", [*lines, line("1.2.3.4 - 403")])
    assert found is not None
    assert found.sentence == "2 refused with 401 or 403, 3 other 4xx · 1 not parsed"
    assert [tuple(row) for row in found.rows] == [(2.0, "a", 2.0, "b"), (None, None, 1.0, "c")]


@pytest.mark.parametrize("preset", ["errors", "", "reports"])
def test_where_nothing_adds_up_there_is_no_table(preset: str) -> None:
    assert report(preset, [line("x")]) is None
    assert report("trail", []) is None
