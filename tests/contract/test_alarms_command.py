"""`cockpit alarms`: the account's alarms and the runbook's alerts, for a pipe and for a script's exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.commands_support import Ended
from tests.simulated_support import boto, manual, simulated
from tui.cli import run


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def bad() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as account:
        manual(account).advance(15 * 60)
        yield account


@pytest.fixture
def calm() -> Iterator[SimulatedAccount]:
    with simulated("calm") as account:
        manual(account).advance(60)
        yield account


def row(found: Ended, name: str) -> str:
    (told,) = (line for line in found.out.splitlines() if line.startswith(name))
    return " ".join(told.split())


def alarms(account: SimulatedAccount, capsys: pytest.CaptureFixture[str], *words: str) -> Ended:
    capsys.readouterr()
    code = run(["alarms", "prod", *words, "--endpoint-url", account.endpoint])
    told = capsys.readouterr()
    return Ended(code, told.out, told.err)


def test_what_rings_stands_first_with_whom_it_tells_and_the_runbooks_alert_with_its_clock(
    bad: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    found = alarms(bad, capsys)
    assert found.code == 1
    first = found.out.splitlines()[0]
    assert re.match(
        r"CRIT  Alarms: \d in alarm, \d OK; 1 notifies nobody\. Alerts of the runbook: \d of 13 firing\.", first
    )
    rung = row(found, "EC2Manager-production-api-5xx")
    assert re.search(r"ALARM 2026-11-23 03:\d\dZ us-west-2 metric tells ec2-manager-alerts-production Threshold", rung)
    assert " OK " in row(found, "EC2Manager-production-cloudfront-4xx")
    assert "notifies nobody" in row(found, "EC2Manager-production-lambda-duration")
    assert re.search(r"firing \d+ of 3 \d+ 5xx of [\d ]+ requests", row(found, "API Server Errors"))
    assert "Since " not in found.out
    assert found.err == ""


def test_with_since_the_history_is_told_oldest_first_the_change_before_what_it_led_to(
    bad: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    found = alarms(bad, capsys, "--since", "1h")
    told = re.split(r"\nSince 2026-11-23 02:1\d:\d\dZ:\n", found.out)[1]
    lines = [" ".join(line.split()) for line in told.splitlines() if "api-5xx " in line]
    assert "OK -> ALARM" in lines[0]
    assert "executed action sns:" in lines[1]


def test_as_data_every_alarm_has_its_condition_and_the_alert_beside_it(
    bad: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    found = alarms(bad, capsys, "--json", "--since", "12h")
    told = found.json
    assert (told["version"], told["environment"], told["exit"], found.code) == (1, "production", 1, 1)
    assert told["problems"] == []
    (rung,) = (one for one in told["alarms"] if one["name"] == "EC2Manager-production-api-5xx")
    assert rung["state"] == "ALARM"
    assert rung["condition"].startswith("Sum of 5XXError ≥ 3")
    assert rung["runbook"].startswith("API Server Errors (runbook line 131) firing")
    assert [one.rpartition(":")[2] for one in rung["tells"]] == ["ec2-manager-alerts-production"]
    (alert,) = (one for one in told["alerts"] if one["key"] == "alert.server_errors")
    assert alert["alarms"] == ["EC2Manager-production-api-5xx"]
    assert {one["alarm"] for one in told["history"]} >= {"EC2Manager-production-api-5xx"}
    assert alarms(bad, capsys, "--json").json["history"] is None


def test_words_choose_and_only_what_they_choose_counts(
    bad: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    found = alarms(bad, capsys, "Throttl", "!composite", "--json")
    assert found.code == 0
    assert [one["name"] for one in found.json["alarms"]] == ["EC2Manager-production-dynamodb-throttles"]
    assert [one["title"] for one in found.json["alerts"]] == ["DynamoDB Throttling"]
    assert alarms(bad, capsys, "5xx").code == 1


def test_on_a_calm_day_nothing_rings_and_the_code_is_0(
    calm: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    found = alarms(calm, capsys)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("OK  Alarms: 7 OK;")


def test_an_api_that_is_closed_on_purpose_is_known_to_be_before_its_health_check_is_judged(
    calm: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    api = calm.state.estate.environment("production").api_id
    client = boto(calm, "apigateway")
    deny = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}'
    client.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/policy", "value": deny}])
    client.create_deployment(restApiId=api, stageName="prod")
    found = alarms(calm, capsys, "health", "!metric")
    assert "not observable - suspended: the API is isolated on purpose" in row(found, "Health check")
    assert found.code == 0


def test_alarms_that_may_not_be_read_are_no_calm_and_the_alerts_are_told_all_the_same(
    calm: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    calm.faults.add(Fault("cloudwatch", "DescribeAlarms", FaultKind.DENY, times=None))
    found = alarms(calm, capsys)
    assert found.code == 3
    assert found.out.startswith("DENIED  The alarms could not be read. Alerts of the runbook: 0 of 13 firing.")
    assert "cloudwatch:DescribeAlarms" in found.err
    assert "quiet" in row(found, "API Server Errors")


def test_a_history_that_may_not_be_read_is_said_and_changes_nothing_else(
    calm: SimulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    calm.faults.add(Fault("cloudwatch", "DescribeAlarmHistory", FaultKind.DENY, times=None))
    found = alarms(calm, capsys, "--since", "2d")
    assert found.code == 0
    assert "What the alarms did: " in found.err
    assert "cloudwatch:DescribeAlarmHistory" in found.err


@pytest.mark.parametrize("words", [("--since", "yesterday"), ("--since", "999999w")])
def test_a_time_that_is_none_is_told_before_anybody_is_asked(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run(["alarms", "prod", *words, "--endpoint-url", "http://127.0.0.1:1"]) == 2
    assert "is no time" in capsys.readouterr().err
    assert run(["alarms", "prod", "--endpoint-url", "http://127.0.0.1:1"]) == 3
