"""Level and request id of log messages, in the formats that AWS and the application write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aws.log_lines import read
from services.model.logs import Level

ID = "7f3a9c1e-52d4-4b8a-9d3e-1f2a3b4c5d6e"


@pytest.mark.parametrize(
    ("message", "level", "request_id"),
    [
        (f"START RequestId: {ID} Version: 42", Level.DEBUG, ID),
        (f"END RequestId: {ID}", Level.DEBUG, ID),
        (f"REPORT RequestId: {ID}\tDuration: 1912.34 ms\tBilled Duration: 1913 ms", Level.REPORT, ID),
        (f"REPORT RequestId: {ID}\tDuration: 30000.00 ms\tStatus: timeout", Level.ERROR, ID),
        (f"2026-11-23T03:11:40.000Z {ID} Task timed out after 30.03 seconds", Level.ERROR, ID),
        ("INIT_START Runtime Version: python:3.12.v38", Level.DEBUG, ""),
        (f"[ERROR]\t2026-11-23T03:11:40.000Z\t{ID}\tKeyError: 'region'", Level.ERROR, ID),
        (f"[WARNING]\t2026-11-23T03:11:40.000Z\t{ID}\tslow", Level.WARN, ID),
        (f"[INFO]\t2026-11-23T03:11:40.000Z\t{ID}\tno ERROR in sight", Level.INFO, ID),
        (f"2026-11-23T03:11:40.000Z\t{ID}\tERROR\tInvoke Error", Level.ERROR, ID),
        (f"2026-11-23T03:11:40.000Z\t{ID}\tWARN\tslow", Level.WARN, ID),
        (f"2026-11-23T03:11:40.000Z\t{ID}\tDEBUG\tdetail", Level.DEBUG, ID),
        ("[ERROR] KeyError: 'region'\nTraceback (most recent call last):", Level.ERROR, ""),
        ("Traceback (most recent call last):", Level.ERROR, ""),
        ("KeyError: 'region'", Level.ERROR, ""),
        ("listed errorless terrors", Level.NONE, ""),
        (f"({ID}) Method completed with status: 502", Level.ERROR, ID),
        (f"({ID}) Method completed with status: 200", Level.INFO, ID),
        (f"({ID}) Method completed with status: 404", Level.INFO, ID),
        (f"({ID}) Lambda execution failed with status 200 due to customer function error: x", Level.ERROR, ID),
        (f"({ID}) Starting execution for request: {ID}", Level.DEBUG, ID),
        (f"({ID}) Received response. Status: 200, Integration latency: 81 ms", Level.DEBUG, ID),
        (f"({ID}) Something of its own", Level.NONE, ID),
        (f'{{"level":"ERROR","message":"x","request_id":"{ID}"}}', Level.ERROR, ID),
        ('{"level":"warning","message":"x"}', Level.WARN, ""),
        ('{"severity":"info"}', Level.INFO, ""),
        (f'{{"requestId":"{ID}","status":"502"}}', Level.ERROR, ID),
        (f'{{"requestId":"{ID}","status":200}}', Level.INFO, ID),
        (f'{{"type":"platform.report","record":{{"requestId":"{ID}"}}}}', Level.REPORT, ID),
        ('{"eventName":"UpdateAlias","errorCode":"AccessDenied"}', Level.ERROR, ""),
        ('{"level":3}', Level.NONE, ""),
        ('{"broken": ERROR', Level.ERROR, ""),
        ("", Level.NONE, ""),
    ],
)
def test_a_line_tells_its_level_and_its_request(message: str, level: Level, request_id: str) -> None:
    assert read(message) == (level, request_id)


@given(st.text(max_size=300))
def test_any_text_has_a_level(message: str) -> None:
    level, request_id = read(message)
    assert isinstance(level, Level)
    assert isinstance(request_id, str)


def test_deeply_nested_json_is_read_as_text() -> None:
    assert read('{"a":' + "[" * 100_000)[0] is Level.NONE
