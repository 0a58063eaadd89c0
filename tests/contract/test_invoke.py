"""One call of a function by hand: made once, its answer shown whole, and never made again for a lost answer."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.actions.invoke import PRESETS, plan_invoke
from services.clock import ScaledClock
from services.executor.crash import VARIABLE
from services.executor.invoke import InvokeStep
from services.executor.orders import executor_gone
from services.executor.record import Work
from services.model.entry import Entry, Operation, Outcome, Phase
from services.model.plan import Grade, Plan, Refusal
from services.safe_text import SafeText
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.contract.test_executor_process import SPEED, Bench
from tests.simulated_support import START, boto, manual, simulated
from widgets.answer import answer_rows
from widgets.spans import text_of as row_text

INVOKE = "Invoke"


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """Ten minutes into the bad deployment: LIVE is at v42, which fails every seventh call."""
    with simulated("bad-deploy") as opened:
        manual(opened).advance(600)
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    account.faults.clear()
    return Desk(account, tmp_path)


async def called(desk: Desk | Bench, payload: str = PRESETS[0], function: str = "") -> Plan | Refusal:
    situation = await situation_of(desk.environment, desk.clock)
    name = desk.account.state.estate.environment("production").function
    return plan_invoke(situation, desk.environment, SETTINGS, desk.clock.now(), function or name, payload)


def until_it(desk: Desk, fails: bool) -> None:
    """Move the clock to an instant at which a call of v42 fails, or does not."""
    while True:
        manual(desk.account).advance(1)
        drawn = hashlib.blake2b(f"1/{desk.clock.now().isoformat()}".encode(), digest_size=4).digest()
        if (int.from_bytes(drawn) / 2**32 < 0.15) is fails:
            return


def answer(operation: Operation) -> dict[str, Any]:
    return dict(next(entry.data for entry in operation.entries if entry.phase is Phase.REPLY))


@pytest.mark.runbook("R163")
async def test_a_call_is_made_once_with_its_payload_and_everything_of_the_answer_is_kept(desk: Desk) -> None:
    until_it(desk, fails=False)
    before = desk.sends(INVOKE)
    plan = planned(await called(desk, '{"test": "data", "mine": 7}'))
    assert plan.grade is Grade.TYPED
    assert plan.irreversible
    assert desk.sends(INVOKE) == before, "a plan calls nothing"
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends(INVOKE) == before + 1
    told = answer(desk.read(operation))
    assert (told["status"], told["error"], told["version"]) == (200, "", "42")
    assert json.loads(json.loads(told["body"])["body"])["status"] == "ok"
    assert told["log"][0].startswith("START RequestId:")
    assert any('{"test": "data", "mine": 7}' in line for line in told["log"]), "the payload reached the function"
    assert "executed v42, no FunctionError" in text_of(desk.read(operation), Phase.DONE)
    shown = "\n".join(row_text(row) for row in answer_rows(desk.read(operation), 100))
    for part in ("StatusCode", "200", "FunctionError  none", '"status', "START RequestId", "REPORT RequestId"):
        assert part in shown


async def test_a_function_that_fails_is_no_success_though_http_says_200(desk: Desk) -> None:
    until_it(desk, fails=True)
    operation = desk.order(planned(await called(desk)))
    assert await desk.carry_out(operation) is Outcome.FAILED
    told = answer(desk.read(operation))
    assert (told["status"], told["error"]) == (200, "Unhandled")
    assert json.loads(told["body"])["errorType"] == "KeyError"
    assert any(line.startswith("Traceback") for line in told["log"])
    assert "FunctionError Unhandled" in text_of(desk.read(operation), Phase.DONE)


@pytest.mark.parametrize("kind", [FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.SERVER_ERROR])
async def test_a_lost_answer_is_not_known_and_nothing_is_called_again(desk: Desk, kind: FaultKind) -> None:
    plan = planned(await called(desk))
    desk.account.faults.add(Fault("lambda", INVOKE, kind, times=1))
    before = desk.sends(INVOKE)
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.INCONCLUSIVE
    assert desk.sends(INVOKE) == before + 1
    assert "is not known, and it is not called again: look into /aws/lambda/" in text_of(
        desk.read(operation), Phase.DONE
    )


async def test_a_call_that_was_refused_was_not_made(desk: Desk) -> None:
    plan = planned(await called(desk))
    desk.account.faults.add(Fault("lambda", INVOKE, FaultKind.DENY, times=1))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.FAILED
    assert "the function was not called" in text_of(desk.read(operation), Phase.FAILED)


async def test_an_alias_that_moved_meanwhile_voids_the_call(desk: Desk) -> None:
    plan, before = planned(await called(desk)), desk.sends(INVOKE)
    client, name = boto(desk.account, "lambda"), desk.account.state.estate.environment("production").function
    client.update_alias(FunctionName=name, Name="LIVE", FunctionVersion="41")
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.VOID
    assert "invoke.version was 42, is 41" in text_of(desk.read(operation), Phase.VOID)
    assert desk.sends(INVOKE) == before
    client.update_alias(FunctionName=name, Name="LIVE", FunctionVersion="42")


async def test_what_is_no_json_or_no_function_is_refused(desk: Desk) -> None:
    for found, reason in (
        (await called(desk, "{test: 1}"), "the payload is no JSON"),
        (await called(desk, ""), "the payload is no JSON"),
        (await called(desk, '"' + "x" * 100_000 + '"'), "longer than"),
        (await called(desk, function="other"), "no function other"),
    ):
        assert isinstance(found, Refusal)
        assert reason in found.reason


async def test_a_call_whose_executor_was_killed_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with simulated("calm", clock=ScaledClock(START, SPEED)) as running:
        bench = Bench(running, tmp_path)
        plan = planned(await called(bench))
        monkeypatch.setenv(VARIABLE, "0:sent")
        operation = await bench.place(plan)
        monkeypatch.delenv(VARIABLE)
        await bench.until(lambda: executor_gone(bench.home, operation))
        await bench.resume(operation)
        assert (await bench.ended(operation)).outcome is Outcome.INCONCLUSIVE
        assert sum(call.operation == INVOKE for call in running.calls) == 1


def test_what_an_earlier_attempt_was_answered_says_nothing_of_the_newest() -> None:
    def entry(phase: Phase, data: dict[str, object]) -> Entry:
        return Entry("O" * 26, 1, START, phase, SafeText(""), step=0, data=data)

    refused = [entry(Phase.INTENT, {}), entry(Phase.REPLY, {"problem": "the session has ended"})]
    lost = [*refused, entry(Phase.INTENT, {}), entry(Phase.UNKNOWN, {})]
    for entries, known in ((refused, {"problem": "the session has ended"}), (lost, {})):
        assert cast(Any, Work).known(SimpleNamespace(entries=entries), 0) == known


def test_what_comes_back_is_made_safe_whatever_it_is() -> None:
    hostile = base64.b64encode("one \x1b]0;title\x07\nERROR \u202etwo\n".encode()).decode()
    told = InvokeStep().gist({"StatusCode": 200, "LogResult": hostile, "Payload": b"\xff\x1b[2J" + b"x" * 20_000})
    assert told["log"] == ["one ␛]0;title␇", "ERROR \\u{202e}two"]
    assert told["body"].startswith("�␛[2J")
    assert told["body"].endswith("chars")
    for odd in ({}, {"LogResult": "no base64!"}, {"LogResult": 7, "Payload": None}):
        assert InvokeStep().gist(odd)["log"] == []


def test_a_call_leaves_its_lines_in_the_functions_log_and_takes_json_alone(account: SimulatedAccount) -> None:
    estate, client = account.state.estate.environment("production"), boto(account, "lambda")
    client.invoke(FunctionName=estate.function, Payload=b'{"probe": 17}')
    manual(account).advance(5)
    since = int((account.clock.now() - timedelta(minutes=1)).timestamp() * 1000)
    found = boto(account, "logs").filter_log_events(
        logGroupName=estate.lambda_log_group, startTime=since, filterPattern='"no request of the API"'
    )
    assert any('{"probe": 17}' in event["message"] for event in found["events"])
    with pytest.raises(client.exceptions.InvalidRequestContentException):
        client.invoke(FunctionName=estate.function, Payload=b"{")
    assert "LogResult" not in client.invoke(FunctionName=estate.function, Payload=b"{}")
