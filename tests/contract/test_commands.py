"""`cockpit status`, `rollback` and `invalidate` as other programs meet them: exit codes, streams, the journal."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.commands_support import ROOT, Cockpit, Ended, simulated

SPEED = 60.0
"""Seconds of the bad account's time per second: the deployment, the red and the recovery in half a minute."""


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cockpit]:
    with simulated(tmp_path_factory.mktemp("calm"), "calm", 1.0) as cockpit:
        yield cockpit


@pytest.fixture
def bad(tmp_path: Path) -> Iterator[Cockpit]:
    with simulated(tmp_path, "bad-deploy", SPEED) as cockpit:
        yield cockpit


def until_critical(cockpit: Cockpit) -> Ended:
    """The first report that is critical. The deployment begins two minutes after the account did."""
    limit = time.monotonic() + 60
    while (found := cockpit.run("status", "prod", "--json")).code != 1:
        assert time.monotonic() < limit, found
    return found


@pytest.mark.runbook("R012")
def test_a_calm_account_is_reported_whole_and_ends_0(calm: Cockpit) -> None:
    found = calm.run("status", "prod")
    assert found.code == 0, found
    assert found.out.startswith("OK  All five key metrics normal; ")
    assert found.err == ""
    assert "\x1b" not in found.out
    for name in ("stack", "api", "lambda", "table", "cdn", "users", "bucket", "alarms", "Throttling", "Cache hit rate"):
        assert f"\n{name} " in found.out


def test_each_environment_answers_with_its_own_stack_alone(calm: Cockpit) -> None:
    for word, stack in (
        ("production", "EC2Manager-production"),
        ("staging", "EC2Manager-staging"),
        ("dev", "EC2Manager-dev"),
    ):
        found = calm.run("status", word, "stack", "--json")
        assert (found.code, found.json["stack"]) == (0, stack)
        assert [row["name"] for row in found.json["components"]] == ["stack"]
        assert found.json["components"][0]["detail"].endswith(stack)
        assert found.json["metrics"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status", "prdo"), "Did you mean prod?"),
        (("status", "prod", "tabel"), "Did you mean table?"),
        (("rollback", "prod", "latest", "--plan"), "write `previous` or a number"),
        (("rollback", "prod"), "--yes"),
        (("rollback", "prod", "--yes", "--reason", "Customer impact severity assessment"), "needs severity"),
        (("invalidate", "prod", "/*"), "--yes"),
        (("rollback", "prod", "--yes", "--read-only"), "read-only"),
        (("invalidate", "prod", "/*", "--yes", "--read-only"), "read-only"),
        (("rollback", "prod", "--layer", "table"), "write one of alias, stage, stack"),
        (("rollback", "prod", "--skip", "AuditTable", "--plan"), "write it with --layer stack"),
        (("invalidate", "prod"), "PATH"),
    ],
)
def test_wrong_usage_is_a_sentence_and_ends_2(calm: Cockpit, words: tuple[str, ...], said: str) -> None:
    found = calm.run(*words)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
    assert not list(calm.home.rglob("*.order.jsonl"))


def test_a_port_where_nobody_listens_ends_3(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    nobody = Cockpit(tmp_path, f"http://127.0.0.1:{port}")
    for words in (("status", "prod"), ("rollback", "prod", "--yes")):
        found = nobody.run(*words)
        assert (found.code, found.out) == (3, ""), found
        assert f"nothing answers at http://127.0.0.1:{port}" in found.err


def test_a_plan_that_is_refused_ends_1_with_its_reason_and_what_would_lift_it(calm: Cockpit) -> None:
    found = calm.run("rollback", "prod", "999", "--plan", "--json")
    assert found.code == 1
    assert "no version 999" in found.json["refusal"]["reason"]
    assert "v41" in found.err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('stack = "Nope"\n', "no stack Nope"),
        ('stack = "EC2Manager-production"\naccount = "999999999999"\n', "account 999999999999"),
    ],
)
def test_a_stack_or_an_account_that_is_not_there_is_a_wrong_configuration(
    calm: Cockpit, tmp_path: Path, table: str, said: str
) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text(f'system = "X"\n[[environments]]\nname = "production"\nregion = "us-west-2"\n{table}')
    for words in (("status", "production"), ("rollback", "production", "--plan")):
        found = calm.run(*words, "--config", str(settings))
        assert (found.code, found.out) == (2, "")
        assert said in found.err


@pytest.mark.parametrize(("early", "answer"), [("", "prod"), ("", "y"), ("", ""), ("production\nwhy\n", "no")])
def test_on_a_terminal_only_the_environments_name_typed_after_the_plan_goes_ahead(
    calm: Cockpit, early: str, answer: str
) -> None:
    code, shown = calm.typed(early, answer, "rollback", "prod", "40")
    assert code == 1
    assert "v41 → v40" in shown
    assert "Type production to go ahead" in shown
    assert "nothing was done" in shown
    assert "v41" in calm.run("status", "prod", "lambda").out


def test_an_invalidation_is_followed_to_its_completion(calm: Cockpit) -> None:
    planned = calm.run("invalidate", "prod", "/index.html", "--plan")
    assert planned.code == 0
    assert "cloudfront:CreateInvalidation" in planned.out
    with simulated(calm.home, "calm", SPEED) as faster:
        found = faster.run("invalidate", "prod", "/index.html", "/assets/*", "--yes", "--json")
    assert (found.code, found.json["outcome"]) == (0, "COMPLETED"), found


def test_a_watched_status_reports_again_until_it_is_interrupted(tmp_path: Path) -> None:
    with simulated(tmp_path, "calm", SPEED) as cockpit:
        process = cockpit.start("status", "prod", "--watch", "--json")
        assert process.stdout is not None
        seen = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    times = [report["at"] for report in seen]
    assert times == sorted(set(times))


@pytest.mark.runbook("R011")
@pytest.mark.runbook("R320")
def test_a_bad_deployment_is_found_rolled_back_and_proved_recovered(bad: Cockpit) -> None:
    found = until_critical(bad)
    verdict = found.json["verdict"]
    assert verdict["state"] == "CRIT"
    assert "v42 went live" in verdict["sentence"]
    assert verdict["remedy"] == {"text": "rolls LIVE back to v41", "command": "cockpit rollback production"}

    planned = bad.run("rollback", "prod", "--plan")
    assert planned.code == 0
    assert "v42 → v41" in planned.out
    assert "v42" in bad.run("status", "prod", "lambda").out, "looking at a plan moves nothing"

    done = bad.run("rollback", "prod", "previous", "--yes", "--reason", "v42 fails", "--json")
    assert (done.code, done.json["outcome"]) == (0, "RECOVERED"), done
    phases = [line.split()[1] for line in done.err.splitlines() if line[2:3] == ":"]
    assert phases[:3] == ["ordered", "started", "snapshot"]
    assert phases[-1] == "done"
    assert phases.index("intent") < phases.index("reply") < phases.index("applied")

    after = bad.run("status", "prod", "--json")
    assert (after.code, after.json["verdict"]["state"]) == (0, "OK"), after
    assert after.json["verdict"]["sentence"].startswith("RECOVERED: LIVE v42 → v41")


def test_an_interrupted_rollback_goes_on_without_its_command(bad: Cockpit) -> None:
    until_critical(bad)
    process = bad.start("rollback", "prod", "--yes", "--reason", "v42 fails")
    assert process.stderr is not None
    for line in process.stderr:
        if "applied" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "goes on without this command" in err
    limit = time.monotonic() + 60
    while not (found := bad.run("status", "prod", "--json")).json["verdict"]["sentence"].startswith("RECOVERED"):
        assert time.monotonic() < limit, found
        assert found.json["verdict"]["sentence"].startswith("Rolling back LIVE v42 → v41: ")


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Cockpit]:
    with simulated(tmp_path, "calm", SPEED) as cockpit:
        yield cockpit


def deploy_something(cockpit: Cockpit) -> None:
    """Somebody else's update of production's stack, until it has gone through."""
    import boto3

    session = boto3.Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="example-secret")
    client: Any = session.client("cloudformation", region_name="us-west-2", endpoint_url=cockpit.endpoint)
    named = {"StackName": "EC2Manager-production"}
    values = [
        {"ParameterKey": "Release", "ParameterValue": "v41b"},
        {"ParameterKey": "SignInSecret", "UsePreviousValue": True},
    ]
    client.update_stack(**named, UsePreviousTemplate=True, Parameters=values, Capabilities=["CAPABILITY_NAMED_IAM"])
    limit = time.monotonic() + 60
    while client.describe_stacks(**named)["Stacks"][0]["StackStatus"] != "UPDATE_COMPLETE":
        assert time.monotonic() < limit
        time.sleep(0.1)  # another process's clock
    client.close()


def test_the_stack_goes_back_to_a_kept_template_through_a_killed_executor_with_one_call(quick: Cockpit) -> None:
    assert quick.run("status", "prod").code == 0, "somebody looked before: what was deployed is kept"
    deploy_something(quick)
    planned = quick.run("rollback", "prod", "--layer", "stack", "--plan", "--json")
    assert planned.code == 0, planned
    named = next(one["name"] for one in planned.json["plan"]["candidates"] if one["chosen"])
    words = ("rollback", "prod", named, "--layer", "stack", "--yes", "--reason", "v41b fails")
    killed = quick.run_with({"CRASH_AT": "0:sent"}, *words)
    assert killed.code == 1, killed
    assert "Carry it on with" in killed.err, killed
    by_hand = quick.run("resume", "prod", "--by-hand")
    assert "--template-body file://" in by_hand.out
    done = quick.run("resume", "prod", "--yes", "--json")
    assert (done.code, done.json["outcome"]) == (0, "RECOVERED"), done
    phases = [line.split()[1] for line in done.err.splitlines() if line[2:3] == ":"]
    assert phases.count("intent") == 1, "what had been sent was not sent again"


def test_a_rollback_whose_executor_was_killed_is_carried_on_by_the_command(bad: Cockpit) -> None:
    until_critical(bad)
    killed = bad.run_with({"CRASH_AT": "0:sent"}, "rollback", "prod", "--yes", "--reason", "v42 fails")
    assert killed.code == 1, killed
    assert "Carry it on with `cockpit resume production" in killed.err

    listed = bad.alone("journal", "list", "--json")
    (one,) = listed.json["operations"]
    assert (one["gone"], one["outcome"], one["reason"]) == (True, None, "v42 fails")
    left = bad.run("status", "prod", "--json").json["verdict"]
    assert "stands still, its executor is gone" in left["sentence"]
    assert left["remedy"]["command"] == "cockpit resume production"
    by_hand = bad.run("resume", "prod", "--by-hand")
    assert by_hand.code == 0
    commands = [line for line in by_hand.out.splitlines() if line and not line.startswith("#")]
    assert [line.split()[:3] for line in commands] == [["aws", "lambda", "get-alias"]], "pasted whole it only looks"
    assert "# aws lambda update-alias" in by_hand.out

    refused = bad.run("resume", "prod")
    assert (refused.code, refused.out) == (2, "")
    assert "--yes" in refused.err
    assert bad.run("resume", "prod", "--yes", "--read-only").code == 2
    done = bad.run("resume", "prod", "--yes", "--json")
    assert (done.code, done.json["outcome"], done.json["operation"]) == (0, "RECOVERED", one["id"]), done
    phases = [line.split()[1] for line in done.err.splitlines() if line[2:3] == ":"]
    assert phases.count("intent") == 1, "what had been sent was not sent again"
    assert bad.run("resume", "prod", "--yes").code == 1
    assert bad.run("resume", "prod", one["id"], "--yes").code == 2

    shown = bad.alone("journal", "show", one["id"][:12])
    assert shown.code == 0
    assert "v42 fails" in shown.out
    assert "RECOVERED" in shown.out
    assert "aws lambda update-alias" in shown.out
    assert bad.alone("journal", "export", one["id"], "--format", "markdown").out.startswith("## Roll back LIVE")
    assert bad.alone("journal", "verify").code == 0
    (path,) = bad.home.rglob(f"{one['id']}.jsonl")
    path.write_bytes(path.read_bytes().replace(b"RECOVERED:", b"RECOVERY: "))
    verified = bad.alone("journal", "verify")
    assert verified.code == 1
    assert f"{one['id']}.jsonl: record" in verified.out
    assert bad.alone("journal", "show", "nonsense").code == 2


def test_the_doctor_says_whether_a_rollback_would_work_and_changes_nothing(calm: Cockpit) -> None:
    found = calm.run("doctor", "prod")
    assert found.code == 0, found
    assert found.err == "Nothing known is in the way.\n"
    for text in ("LIVE is at v41", "v41 → v40", "versioning is on", "nobody is deploying", "can be written"):
        assert text in found.out
    assert "could not be simulated" in found.out, "what may not be asked is not known, and no blocker"
    refused = calm.run("doctor", "prod", "--read-only", "--json")
    assert (refused.code, refused.json["exit"], refused.json["version"]) == (1, 1, 1)
    hands = next(layer for layer in refused.json["layers"] if layer["name"] == "Hands")
    blocked = [check for check in hands["checks"] if check["answer"] == "BLOCKED"]
    assert [check["name"] for check in blocked] == ["policy"]
    assert blocked[0]["remedy"]


def test_the_doctor_cannot_examine_what_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, not listening: nobody else can answer there
        alone = Cockpit(tmp_path, f"http://127.0.0.1:{held.getsockname()[1]}")
        assert alone.run("doctor", "prod").code == 3


def test_a_disk_that_takes_nothing_stops_an_order_before_anything_is_sent(calm: Cockpit, tmp_path: Path) -> None:
    """The limit is the kernel's own: every write to a file fails, as it does on a full disk."""
    full = Cockpit(tmp_path, calm.endpoint)
    words = full.command("rollback", "prod", "--yes", "--reason", "a full disk")
    limited = (
        "import os, sys; from resource import *; setrlimit(RLIMIT_FSIZE, (0, 0)); os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, *words],
        cwd=ROOT,
        env=full.variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, ""), done
    assert "Not ordered: Cannot use the journal" in done.stderr
    assert "Traceback" not in done.stderr
    (alias,) = calm.run("status", "prod", "lambda", "--json").json["components"]
    assert "v41" in alias["detail"], "nothing was moved"
    assert full.alone("journal", "list", "--json").json["operations"] == []
