"""`cockpit logs` as a pipe meets it: every line once, a slow reader, one that goes away, an interrupt, wrong words."""

from __future__ import annotations

import json
import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from services.rules.words import count
from tests.contract.commands_support import LIMIT_S, Cockpit, simulated

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (api|lambda|app)\*? +\S")


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cockpit]:
    with simulated(tmp_path_factory.mktemp("logs"), "calm", 12.0) as cockpit:
        yield cockpit


@pytest.mark.runbook("R013", "R091")
def test_lines_come_on_stdout_in_order_and_the_claim_on_stderr(calm: Cockpit) -> None:
    found = calm.run("logs", "prod", "--since", "5m")
    assert found.code == 0, found
    lines = found.out.splitlines()
    assert lines
    assert all(LINE.match(line) for line in lines)
    assert [line[:24] for line in lines] == sorted(line[:24] for line in lines)
    assert {line.split()[1] for line in lines} == {"api", "lambda", "app"}
    assert re.search(rf"^{count(len(lines))} lines of 3 groups, complete to \d\d:\d\d:\d\d, 0 gaps$", found.err, re.M)


def test_json_lines_have_the_fields_that_the_help_lists(calm: Cockpit) -> None:
    found = calm.run("logs", "prod", "/aws/lambda/*prod", "users", "--since", "5m", "--json")
    assert found.code == 0, found
    lines = [json.loads(line) for line in found.out.splitlines()]
    help_ = calm.run("logs", "--help").out
    assert {field for field in lines[0] if field not in help_} == set()
    assert {line["name"] for line in lines} == {"lambda", "users"}
    assert {line["group"] for line in lines} >= {"/aws/lambda/ec2-manager-function-prod"}
    assert len({line["id"] for line in lines}) == len(lines)
    assert all(line["version"] == 1 and line["at_ms"] for line in lines)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("lamda",), "There is no log group 'lamda'. Did you mean lambda?"),
        (("/no/such/*",), "There is no log group '/no/such/*'."),
        (("--filter", "{ $.level = }"), "a value is missing at character 13"),
        (("--since", "yesterday"), "--since 'yesterday' is no time"),
        (("--since", "999999d"), "--since '999999d' is no time"),
        (("--since", "0001-01-01T00:00:00+14:00"), "is no time"),
        (("--since", "1m", "--until", "5m"), "is not before --until"),
        (("--since", "2099-01-01", "--until", "2100-01-01"), "--since 2099-01-01 is not before now"),
        (("--follow", "--until", "1m"), "--follow has no end"),
        (("--insights", "fields @message | filtr x"), "--insights: the query is not understood at characters 19 to 23"),
    ],
)
def test_a_wrong_word_is_a_sentence_and_ends_2(calm: Cockpit, words: tuple[str, ...], told: str) -> None:
    found = calm.run("logs", "prod", *words)
    assert (found.code, found.out) == (2, "")
    assert told in found.err


def test_of_what_is_still_to_come_nothing_is_asked_or_promised(calm: Cockpit) -> None:
    found = calm.run("logs", "prod", "app", "--since", "1m", "--until", "2099-12-31T23:59:59Z")
    assert found.code == 0, found
    assert re.search(r" lines of 1 group, complete to (?!23:59:59)\d\d:\d\d:\d\d, 0 gaps$", found.err, re.M)


def test_what_a_reading_waits_for_is_said_once_while_it_waits(calm: Cockpit) -> None:
    fault = {"service": "logs", "operation": "FilterLogEvents", "kind": "throttle", "times": 3}
    urllib.request.urlopen(f"{calm.endpoint}/_simulated/faults", json.dumps(fault).encode()).close()
    found = calm.run("logs", "prod", "app", "--since", "1m")
    assert found.code == 0, found
    waiting, claimed = found.err.splitlines()
    assert waiting == "waiting: logs in us-west-2 asks for patience: FilterLogEvents was throttled; it is asked again"
    assert "0 gaps" in claimed


def test_a_query_of_insights_is_priced_before_and_its_rows_come_as_a_table_or_as_json(calm: Cockpit) -> None:
    query = "filter level = 'INFO' | stats count(*) as lines by level"
    found = calm.run("logs", "prod", "app", "--since", "30m", "--insights", query)
    assert found.code == 0, found
    assert [line.split()[0] for line in found.out.splitlines()] == ["level", "INFO"]
    before, after = found.err.splitlines()
    assert re.match(r"about \S+ [kMG]?B to scan, .*an estimate", before)
    assert re.match(r"1 rows? of [\d ]+ lines; \S+ [kMG]?B scanned, ", after)
    row = calm.run("logs", "prod", "app", "--since", "30m", "--json", "--insights", query).json
    assert row["version"] == 1
    assert row["row"]["lines"] > 0


def test_a_slow_reader_loses_nothing(calm: Cockpit) -> None:
    with calm.start("logs", "prod", "--since", "30m", "--json") as process:
        assert process.stdout is not None and process.stderr is not None
        lines: list[str] = []
        while line := process.stdout.readline():
            lines.append(line)
            if len(lines) == 1:
                # The pipe holds 64 KB: everything behind it waits until somebody reads on.
                assert process.poll() is None
        said = process.stderr.read()
        assert process.wait(LIMIT_S) == 0
        assert f"{count(len(lines))} lines of 3 groups" in said
        assert len(lines) > 2_000
        assert len({json.loads(line)["id"] for line in lines}) == len(lines)


def test_a_reader_that_goes_away_ends_it_without_a_word_of_python(calm: Cockpit) -> None:
    with calm.start("logs", "prod", "--since", "10m", "--follow") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(LIMIT_S) == 0
        said = process.stderr.read()
        assert "Traceback" not in said and "Broken" not in said


@pytest.mark.runbook("R090")
def test_following_goes_on_with_what_comes_each_line_once_until_interrupted(calm: Cockpit) -> None:
    with calm.start("logs", "prod", "lambda", "--since", "1m", "--follow", "--json") as process:
        assert process.stdout is not None and process.stderr is not None
        told = process.stderr.readline()
        assert " lines of 1 group, complete to" in told
        history = int(told.partition(" lines")[0].replace(" ", ""))  # a thousand of them are `1 000`
        ids = [json.loads(process.stdout.readline())["id"] for _ in range(history + 50)]
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().splitlines()
        said = process.stderr.read()
        assert process.wait(LIMIT_S) == 130
        ids += [json.loads(line)["id"] for line in rest]
        assert len(set(ids)) == len(ids)
        assert "Traceback" not in said
        assert re.search(r"^complete to \d\d:\d\d:\d\d, 0 gaps$", said, re.M)


def test_a_group_that_appears_is_followed_from_then_on(calm: Cockpit) -> None:
    logs = boto3.client(
        "logs",
        region_name="us-west-2",
        endpoint_url=calm.endpoint,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="example-secret",
    )
    logs.create_log_group(logGroupName="/late/one")
    with calm.start("logs", "prod", "/late/*", "--follow") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stderr.readline().startswith("0 lines of 1 group")
        logs.create_log_group(logGroupName="/late/two")
        logs.create_log_stream(logGroupName="/late/two", logStreamName="s")
        assert process.stderr.readline() == "/late/two is followed from now on\n"
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        process.stderr.read()
    logs.close()


def test_an_account_that_does_not_answer_ends_3(tmp_path: Path) -> None:
    found = Cockpit(tmp_path, "http://127.0.0.1:9").run("logs", "prod")
    assert found.code == 3
    assert found.out == ""
