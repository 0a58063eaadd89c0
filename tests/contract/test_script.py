"""The runbook's own rollback script: run once, with the runbook's words, its output kept, its exit status told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from services.actions.command_lines import command_line
from services.actions.script import PREVIOUS, plan_script, targets
from services.executor.crash import VARIABLE
from services.executor.orders import executor_gone, place
from services.journal.who import actor
from services.model.entry import Operation, Outcome, Phase
from services.model.plan import Grade, Plan, Refusal
from services.script_file import find_script
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Script
from services.simulated.account import SimulatedAccount
from tests.contract.executor_support import SETTINGS, Desk, environment_at, planned, situation_of
from tests.simulated_support import manual, simulated

RECORDER = """#!/bin/sh
echo "$0 $@" >> ran
echo "rolling back $1"
{body}
"""


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """Ten minutes into the bad deployment: LIVE is at v42."""
    with simulated("bad-deploy") as opened:
        manual(opened).advance(600)
        yield opened


def written(folder: Path, body: str, recorder: str = RECORDER) -> Script:
    """A script in `folder` that records how it was called."""
    place = folder / "scripts" / "rollback.sh"
    place.parent.mkdir(exist_ok=True)
    place.write_text(recorder.format(body=body))
    place.chmod(0o755)
    return Script(folder=str(folder))


def ran(folder: Path) -> list[str]:
    there = folder / "ran"
    return there.read_text().splitlines() if there.exists() else []


def with_script(environment: Environment, script: Script | None) -> Environment:
    return msgspec.structs.replace(environment, rollback_script=script)


def desk_of(account: SimulatedAccount, folder: Path, body: str, recorder: str = RECORDER) -> Desk:
    return Desk(account, folder, with_script(environment_at(account), written(folder, body, recorder)))


async def plan_of(desk: Desk, target: str = "") -> Plan | Refusal:
    script = find_script(desk.environment)
    assert script is not None
    situation = await situation_of(desk.environment, desk.clock)
    return plan_script(situation, desk.environment, SETTINGS, desk.clock.now(), script, target)


def output(operation: Operation) -> list[str]:
    told: list[str] = []
    for entry in operation.entries:
        lines = entry.data.get("output")
        if entry.phase is Phase.OUTPUT and isinstance(lines, list):
            told += [str(one) for one in lines]
    return told


@pytest.mark.runbook("R011", "R225")
@pytest.mark.parametrize(
    ("target", "line"), [("", "./scripts/rollback.sh prod"), (PREVIOUS, "./scripts/rollback.sh prod previous")]
)
async def test_it_is_run_once_with_the_runbooks_words_and_its_output_is_kept(
    account: SimulatedAccount, tmp_path: Path, target: str, line: str
) -> None:
    desk = desk_of(account, tmp_path, "echo done; exit 0")
    plan = planned(await plan_of(desk, target))
    assert (plan.grade, plan.word) == (Grade.TYPED, "EC2Manager-production")
    assert command_line(plan.steps[0].call) == f"cd {tmp_path} && {line}"
    operation = desk.order(plan)
    await desk.carry_out(operation, until=lambda one: one.switched is not None)
    done = desk.read(operation)
    assert ran(tmp_path) == [line]
    assert output(done) == ["rolling back prod", "done"]
    assert done.switched is not None
    assert done.outcome is None, "an exit status is no recovery: a fresh window is judged"


@pytest.mark.runbook("R224")
async def test_another_exit_status_is_a_failure_with_its_last_line(account: SimulatedAccount, tmp_path: Path) -> None:
    desk = desk_of(account, tmp_path, 'echo "no earlier release" >&2; exit 3')
    operation = desk.order(planned(await plan_of(desk)))
    assert await desk.carry_out(operation) is Outcome.FAILED
    done = desk.read(operation)
    assert "exit status 3: no earlier release" in done.text
    assert output(done)[-1] == "no earlier release"
    assert ran(tmp_path) == ["./scripts/rollback.sh prod"]
    assert not done.reversible


async def test_a_script_that_moves_the_alias_is_judged_recovered(account: SimulatedAccount, tmp_path: Path) -> None:
    moves = f"""#!{sys.executable}
import boto3
function = {account.state.estate.environment("production").function!r}
boto3.client("lambda", aws_access_key_id="t", aws_secret_access_key="t").update_alias(
    FunctionName=function, Name="LIVE", FunctionVersion="41")
print("LIVE is at 41")
"""
    desk = desk_of(account, tmp_path, "", moves.replace("{", "{{").replace("}", "}}"))
    operation = desk.order(planned(await plan_of(desk)))
    assert await desk.carry_out(operation) is Outcome.RECOVERED, desk.read(operation).text
    assert desk.live() == "41"


async def test_one_that_ran_while_its_executor_died_lives_on_and_is_not_run_again(
    account: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(account, tmp_path, "while [ ! -e go ]; do sleep 0.1; done; echo end >> ran")
    plan = planned(await plan_of(desk))
    monkeypatch.setenv(VARIABLE, "0:sent")
    operation = place(plan, desk.environment, actor(), "a test", desk.home, desk.clock.now())
    await _until(lambda: executor_gone(desk.home, operation) and bool(ran(tmp_path)))
    monkeypatch.delenv(VARIABLE)
    (tmp_path / "go").touch()
    assert await desk.carry_out(operation) is Outcome.INCONCLUSIVE
    assert "not run again" in desk.read(operation).text
    await _until(lambda: ran(tmp_path) == ["./scripts/rollback.sh prod", "end"])


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_script_that_was_changed_since_the_plan_is_not_run(account: SimulatedAccount, tmp_path: Path) -> None:
    desk = desk_of(account, tmp_path, "exit 0")
    operation = desk.order(planned(await plan_of(desk)))
    written(tmp_path, "exit 1")
    assert await desk.carry_out(operation) is Outcome.VOID
    assert ran(tmp_path) == []


async def test_its_output_is_safe_and_without_secrets(account: SimulatedAccount, tmp_path: Path) -> None:
    desk = desk_of(account, tmp_path, "printf '\\033[2Jkey AKIAIOSFODNN7EXAMPLE'; exit 1")
    operation = desk.order(planned(await plan_of(desk)))
    assert await desk.carry_out(operation) is Outcome.FAILED
    told = " ".join(output(desk.read(operation))) + desk.read(operation).text
    assert "\x1b" not in told
    assert "AKIAIOSFODNN7EXAMPLE" not in told


async def test_the_listed_versions_are_targets_and_an_option_is_none(account: SimulatedAccount, tmp_path: Path) -> None:
    desk = desk_of(account, tmp_path, "exit 0")
    situation = await situation_of(desk.environment, desk.clock)
    live = int(desk.live())
    assert live not in [one.version for one in targets(situation)]
    assert len(targets(situation)) >= 2
    assert isinstance(await plan_of(desk, "--force"), Refusal)


def test_where_there_is_no_script_that_may_be_run_there_is_none(tmp_path: Path) -> None:
    environment = find(load(), "prod")
    assert find_script(environment) is None
    assert find_script(with_script(environment, Script(folder=str(tmp_path)))) is None
    script = written(tmp_path, "exit 0")
    assert find_script(with_script(environment, script)) is not None
    (tmp_path / "scripts" / "rollback.sh").chmod(0o644)
    assert find_script(with_script(environment, script)) is None


def test_an_account_that_is_only_visited_never_runs_it(tmp_path: Path) -> None:
    environment = with_script(find(load(), "prod"), written(tmp_path, "exit 0"))
    assert at_endpoint(environment, "http://127.0.0.1:5000").rollback_script is None


def test_its_folder_is_meant_beside_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        'system = "Desk"\n[[environments]]\nname = "p"\nstack = "S"\nregion = "eu-central-1"\n'
        'rollback_script = { folder = "app" }\n'
    )
    (tmp_path / "app").mkdir()
    written(tmp_path / "app", "exit 0")
    found = find_script(load(tmp_path / "config.toml").environments[0])
    assert found is not None
    assert (found.path, found.folder, found.argument) == ("./scripts/rollback.sh", str(tmp_path / "app"), "p")
