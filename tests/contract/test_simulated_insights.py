"""Logs Insights of the simulated account: worked examples on lines put there, and the life of a query."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from services.simulated.account import SimulatedAccount
from services.simulated.logs.insights.commands import compile_query
from services.simulated.protocol import AwsError
from tests.contract.test_simulated_logs import APP, BASE, PROD, everything
from tests.simulated_support import boto, manual, simulated

OWN = "/own/group"

LINES = (
    (0, '{"level":"INFO","status":200,"user":{"name":"ann","tags":["a","b"]},"ms":12.5}'),
    (10, '{"level":"ERROR","status":503,"user":{"name":"bob"},"ms":1000}'),
    (70, '{"level":"ERROR","status":500,"user":{"name":"ann"},"ms":400}'),
    (80, "plain text user=carol, method:GET, latency := 250"),
    (130, '{"level":"WARN","status":"404","user":{"name":"bob"},"ms":30,"a-b":1}'),
)
"""Seconds, message."""


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        manual(opened).advance(600)
        lines = [("one", BASE + at * 1000, BASE + at * 1000, message) for at, message in LINES]
        opened.state.logs.plant(OWN, lines)
        yield opened


@pytest.fixture(scope="module")
def logs(account: SimulatedAccount) -> Any:
    return boto(account, "logs")


def start(logs: Any, query: str, group: str = OWN, **asked: Any) -> str:
    named = {} if "logGroupNames" in asked and not group else {"logGroupName": group}
    given = named | {"startTime": BASE // 1000 - 60, "endTime": BASE // 1000 + 600} | asked
    return str(logs.start_query(queryString=query, **given)["queryId"])


def finish(account: SimulatedAccount, logs: Any, query: str, **asked: Any) -> dict[str, Any]:
    """The answer once the query is complete."""
    deadline = time.monotonic() + 30
    while True:
        answer: dict[str, Any] = logs.get_query_results(queryId=query, **asked)
        if answer["status"] not in ("Scheduled", "Running"):
            return answer
        assert time.monotonic() < deadline, "the query does not end"
        manual(account).advance(1)


def rows(account: SimulatedAccount, logs: Any, query: str, group: str = OWN, **asked: Any) -> list[dict[str, str]]:
    answer = finish(account, logs, start(logs, query, group, **asked))
    assert answer["status"] == "Complete"
    return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in answer["results"]]


EXAMPLES: tuple[tuple[str, list[dict[str, str]]], ...] = (
    (
        "fields @timestamp, level | filter status >= 500 | sort @timestamp asc",
        [
            {"@timestamp": "2026-11-23 03:00:10.000", "level": "ERROR"},
            {"@timestamp": "2026-11-23 03:01:10.000", "level": "ERROR"},
        ],
    ),
    ('filter level = "ERROR" and user.name = "ann" | display status', [{"status": "500"}]),
    ("filter status = 404 | display level", [{"level": "WARN"}]),
    (
        "filter ispresent(user.tags.0) | display user.tags.1, user.tags",
        [{"user.tags.1": "b", "user.tags": '["a","b"]'}],
    ),
    ("filter not ispresent(level) | display @logStream, @log", [{"@logStream": "one", "@log": f"123456789012:{OWN}"}]),
    ("filter @message like /(?i)CAROL/ | display strlen(@logStream) as n", [{"n": "3"}]),
    ('filter @message like "ERROR" | stats count(*) as errors', [{"errors": "2"}]),
    ('filter @message not like "level" | stats count() by @logStream', [{"@logStream": "one", "count()": "1"}]),
    ("filter level in ['WARN', 'INFO'] | sort status desc | display status", [{"status": "404"}, {"status": "200"}]),
    ("filter level not in ['ERROR'] | stats count(level) as n", [{"n": "2"}]),
    ("filter (status > 499 or level != 'ERROR') and ms / 2 < 300 | stats sum(ms)", [{"sum(ms)": "442.5"}]),
    (
        'parse @message "user=*, method:*, latency := *" as name, method, latency | filter ispresent(name) '
        "| display name, method, latency + 1 as more",
        [{"name": "carol", "method": "GET", "more": "251"}],
    ),
    (
        r"parse @message /user=(?<name>[a-z]+), method:(?<method>\w+)/ | filter method = 'GET' | display name",
        [{"name": "carol"}],
    ),
    (
        "stats count(*) as n, avg(ms) as mean, max(status) as worst by bin(1m) as minute | sort minute",
        [
            {"minute": "2026-11-23 03:00:00.000", "n": "2", "mean": "506.25", "worst": "503"},
            {"minute": "2026-11-23 03:01:00.000", "n": "2", "mean": "400", "worst": "500"},
            {"minute": "2026-11-23 03:02:00.000", "n": "1", "mean": "30", "worst": "404"},
        ],
    ),
    (
        "stats count_distinct(user.name) as n, min(ms), pct(ms, 50), earliest(level) as one, latest(level) as last",
        [{"n": "2", "min(ms)": "12.5", "pct(ms, 50)": "215", "one": "INFO", "last": "WARN"}],
    ),
    (
        "filter ispresent(level) | dedup user.name | display user.name, status",
        [
            {"user.name": "bob", "status": "404"},
            {"user.name": "ann", "status": "500"},
        ],
    ),
    (
        "fields `a-b` as dashed # a comment | with a pipe\n| filter dashed = 1 | limit 1 | display dashed",
        [{"dashed": "1"}],
    ),
    ("stats sum(ms) as total by level | sort total desc | limit 1", [{"level": "ERROR", "total": "1400"}]),
    ("stats count(*) as n by level | stats max(n) as most", [{"most": "2"}]),
    ("filter status > 1000 | stats count(*) as n, avg(ms) as mean", [{"n": "0"}]),
    (
        "filter status like /50/ | display if(status = 503, 'full', 'broken') as what",
        [{"what": "broken"}, {"what": "full"}],
    ),
)


@pytest.mark.parametrize(("query", "expected"), EXAMPLES, ids=[query[:50] for query, _ in EXAMPLES])
def test_worked_examples(account: SimulatedAccount, logs: Any, query: str, expected: list[dict[str, str]]) -> None:
    assert rows(account, logs, query) == expected


def test_without_fields_an_answer_has_time_message_and_pointer_newest_first(
    account: SimulatedAccount, logs: Any
) -> None:
    answer = finish(account, logs, start(logs, "limit 2"))
    assert [[cell["field"] for cell in row] for row in answer["results"]] == [["@timestamp", "@message", "@ptr"]] * 2
    assert [row[1]["value"] for row in answer["results"]] == [LINES[4][1], LINES[3][1]]
    assert answer["statistics"]["recordsScanned"] == len(LINES)
    assert answer["statistics"]["bytesScanned"] == sum(len(message) + 26 for _, message in LINES)
    record = logs.get_log_record(logRecordPointer=answer["results"][0][2]["value"])["logRecord"]
    assert record["user.name"] == "bob"
    assert record["@message"] == LINES[4][1]


def test_lambdas_fields_are_discovered_and_agree_with_the_lines(account: SimulatedAccount, logs: Any) -> None:
    query = 'filter @type = "REPORT" | stats count(*) as n, avg(@duration) as mean, max(@maxMemoryUsed) as used'
    (found,) = rows(account, logs, query, PROD, startTime=BASE // 1000, endTime=BASE // 1000 + 119)
    events, _ = everything(logs, PROD, startTime=BASE, endTime=BASE + 119_999, filterPattern='"REPORT RequestId"')
    durations = [float(re.search(r"\tDuration: ([\d.]+)", event["message"])[1]) for event in events]  # type: ignore[index]  # every REPORT has one
    used = [int(re.search(r"Used: (\d+)", event["message"])[1]) for event in events]  # type: ignore[index]  # every REPORT has one
    assert int(found["n"]) == len(events) > 100
    assert float(found["mean"]) == pytest.approx(statistics.fmean(durations), abs=1e-3)
    assert float(found["used"]) == max(used) * 1_000_000


def test_several_groups_are_asked_at_once(account: SimulatedAccount, logs: Any) -> None:
    query = start(logs, "stats count(*) as n by @log", "", logGroupNames=[APP, OWN])
    answer = finish(account, logs, query)
    counts = {row[0]["value"]: int(row[1]["value"]) for row in answer["results"]}
    assert counts[f"123456789012:{OWN}"] == len(LINES)
    assert counts[f"123456789012:{APP}"] > 1_000
    assert answer["statistics"]["logGroupsScanned"] == 2


def test_an_answer_comes_in_pages(account: SimulatedAccount, logs: Any) -> None:
    query = start(logs, "fields @message")
    whole = finish(account, logs, query)["results"]
    first = logs.get_query_results(queryId=query, maxItems=3)
    second = logs.get_query_results(queryId=query, maxItems=3, nextToken=first["nextToken"])
    assert [*first["results"], *second["results"]] == whole
    assert "nextToken" not in second


def test_a_query_is_scheduled_then_runs_and_can_be_stopped(account: SimulatedAccount, logs: Any) -> None:
    query = start(logs, "stats count(*) by bin(1h)", APP, startTime=BASE // 1000 - 86_400)
    assert logs.get_query_results(queryId=query)["status"] == "Scheduled"
    manual(account).advance(0.5)
    assert logs.get_query_results(queryId=query)["status"] == "Running"
    assert logs.stop_query(queryId=query)["success"] is True
    assert logs.get_query_results(queryId=query)["status"] == "Cancelled"
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.stop_query(queryId=query)
    described = logs.describe_queries(logGroupName=APP, status="Cancelled")["queries"]
    assert [one["queryId"] for one in described] == [query]


def test_so_many_run_at_one_time() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")
        begun = [start(client, "limit 1", APP) for _ in range(100)]
        with pytest.raises(client.exceptions.LimitExceededException):
            start(client, "limit 1", APP)
        client.stop_query(queryId=begun[0])
        start(client, "limit 1", APP)


@pytest.mark.parametrize(
    ("query", "begin", "end"),
    [
        ("", 0, 0),
        ("fields @timestamp | count()", 20, 25),
        ("fields @timestamp |", 19, 19),
        ("filter status >", 15, 15),
        ("filter @message like /(/", 21, 24),
        ("stats average(ms)", 6, 13),
        ("filter nosuch(ms)", 7, 13),
        ('parse @message "a * b *" as one', 15, 24),
        ("sort @timestamp sideways", 16, 24),
        ("limit many", 6, 10),
        ("pattern @message", 0, 7),
        ("filter " + "(" * 4_000, 0, 4_007),
    ],
)
def test_a_malformed_query_is_refused_with_the_place(logs: Any, query: str, begin: int, end: int) -> None:
    with pytest.raises(logs.exceptions.MalformedQueryException) as caught:
        start(logs, query)
    location = caught.value.response["queryCompileError"]["location"]
    assert (location["startCharOffset"], location["endCharOffset"]) == (begin, end)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"logGroupName": "/no/such"}, "ResourceNotFoundException"),
        ({"logGroupNames": [OWN]}, "InvalidParameterException"),
        ({"startTime": BASE // 1000 + 601}, "InvalidParameterException"),
        ({"limit": 100_001}, "InvalidParameterException"),
        ({"logGroupName": APP, "startTime": 0, "endTime": 1_000}, "MalformedQueryException"),
    ],
)
def test_a_wrong_question_is_refused(logs: Any, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        start(logs, "limit 1", **asked)
    assert caught.value.response["Error"]["Code"] == code


def test_a_rare_group_answers_insights_and_nothing_else(account: SimulatedAccount, logs: Any) -> None:
    logs.create_log_group(logGroupName="/own/rare", logGroupClass="INFREQUENT_ACCESS")
    with pytest.raises(logs.exceptions.InvalidParameterException, match="INFREQUENT_ACCESS"):
        logs.filter_log_events(logGroupName="/own/rare")
    now = int(account.clock.now().timestamp())
    assert rows(account, logs, "limit 1", "/own/rare", endTime=now + 60) == []


_PIECES = [*"ab|@.,()[]=<>!/*+-`'\"# \n0159", "filter ", "stats ", "by ", "like ", "bin(5m)", "parse "]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_any_text_is_a_query_or_is_refused(query: str) -> None:
    try:
        compile_query(query)
    except AwsError as error:
        assert error.code == "MalformedQueryException"
        location = error.members["queryCompileError"]["location"]
        assert 0 <= location["startCharOffset"] <= location["endCharOffset"] <= len(query)
