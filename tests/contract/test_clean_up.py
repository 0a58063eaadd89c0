"""Old versions of a function: which may go, each deleted by itself, what is refused reported and the rest gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.actions.clean_up import deletion, plan_clean_up
from services.actions.version_holders import holders_of, unclear
from services.aws import version_uses
from services.aws.session import Account
from services.clock import ScaledClock
from services.executor.calls import NotAllowed, Sender
from services.executor.crash import VARIABLE
from services.executor.orders import executor_gone
from services.model.entry import Outcome, Phase
from services.model.plan import Call, Grade, Plan, Refusal
from services.model.version_uses import VersionUses
from services.safe_text import SafeText
from services.settings.values import Environment
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.contract.test_executor_process import SPEED, Bench
from tests.simulated_support import START, boto, manual, simulated

DELETE = "DeleteFunction"


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """On a clock that tests move; production's LIVE is at v41, v38 to v40 are older."""
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    account.faults.clear()
    return Desk(account, tmp_path)


def function_of(account: SimulatedAccount) -> str:
    return account.state.estate.environment("production").function


def publish(account: SimulatedAccount, count: int) -> list[int]:
    """So many further versions, each of its own code."""
    client, name = boto(account, "lambda"), function_of(account)
    made = []
    for _ in range(count):
        code = f"code after v{there(account)[-1]}".encode()
        made.append(int(client.update_function_code(FunctionName=name, ZipFile=code, Publish=True)["Version"]))
    return made


def there(account: SimulatedAccount) -> list[int]:
    """The published versions, by the account's own word."""
    found = boto(account, "lambda").list_versions_by_function(FunctionName=function_of(account))["Versions"]
    return sorted(int(one["Version"]) for one in found if one["Version"] != "$LATEST")


async def cleared(desk: Desk | Bench, before: datetime | None = None, keep: int = 3) -> Plan | Refusal:
    """The plan; by default every version is old enough."""
    environment, clock = desk.environment, desk.clock
    situation, account = await situation_of(environment, clock), Account(environment, clock)
    try:
        uses = await version_uses.read(account, function_of(desk.account))
    finally:
        await account.close()
    now = clock.now()
    return plan_clean_up(situation, environment, SETTINGS, now, uses, before or now + timedelta(minutes=1), keep)


def numbers(plan: Plan) -> list[int]:
    return [int(str(step.call.parameters["Qualifier"])) for step in plan.steps]


@pytest.mark.runbook("R219")
async def test_the_preview_holds_old_versions_and_none_that_anything_points_at(desk: Desk) -> None:
    plan = planned(await cleared(desk, desk.clock.now() - timedelta(days=30)))
    assert numbers(plan) == [38], "of v38 to v41 one is older than thirty days"
    client, name = boto(desk.account, "lambda"), function_of(desk.account)
    made = publish(desk.account, 7)
    weights = {"AdditionalVersionWeights": {str(made[0]): 0.1}}
    client.create_alias(FunctionName=name, Name="pinned", FunctionVersion="38", RoutingConfig=weights)
    client.put_provisioned_concurrency_config(FunctionName=name, Qualifier="39", ProvisionedConcurrentExecutions=2)
    queue = "arn:aws:sqs:us-west-2:123456789012:audit"
    made_source = client.create_event_source_mapping(FunctionName=f"{name}:{made[1]}", EventSourceArn=queue)
    plan = planned(await cleared(desk))
    assert numbers(plan) == [made[2], made[3]], "not v40, which a rollback would go back to, nor LIVE's v41"
    assert plan.grade is Grade.TYPED
    told = "\n".join(plan.notes)
    for part in ("v38: alias pinned", "alias pinned with weight 0.1", "v39: provisioned concurrency 2"):
        assert part in told
    for part in ("event source audit", "v40: the rollback's target", "v41: alias LIVE", f"v{made[6]}: of the newest 3"):
        assert part in told
    assert desk.sends(DELETE) == 0, "a preview deletes nothing"
    client.delete_alias(FunctionName=name, Name="pinned")
    client.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="39")
    client.delete_event_source_mapping(UUID=made_source["UUID"])


@pytest.mark.runbook("R220")
async def test_each_version_is_one_call_with_its_qualifier_and_the_others_go_on(desk: Desk) -> None:
    publish(desk.account, 3)
    plan = planned(await cleared(desk))
    assert len(plan.steps) >= 3
    desk.account.faults.add(Fault("lambda", DELETE, FaultKind.DENY, times=1))
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.FAILED
    sent = [call for call in desk.account.calls if call.operation == DELETE]
    assert [call.parameters["Qualifier"] for call in sent] == [str(number) for number in numbers(plan)]
    first, *rest = numbers(plan)
    assert first in there(desk.account)
    assert not set(rest) & set(there(desk.account))
    told = text_of(desk.read(operation), Phase.FAILED)
    assert f"1 of {len(plan.steps)} did not come about" in told
    assert "not allowed: lambda:DeleteFunction" in told
    assert f"v{rest[-1]} of" in told
    again = planned(await cleared(desk))
    assert numbers(again) == [first]
    done = desk.order(again)
    assert await desk.carry_out(done) is Outcome.COMPLETED
    assert first not in there(desk.account)


async def test_a_version_that_is_used_meanwhile_stays_and_a_stale_plan_deletes_nothing(desk: Desk) -> None:
    client, name = boto(desk.account, "lambda"), function_of(desk.account)
    publish(desk.account, 3)
    plan = planned(await cleared(desk))
    before = desk.sends(DELETE)
    client.create_alias(FunctionName=name, Name="held", FunctionVersion=str(numbers(plan)[1]))
    stale = desk.order(plan)
    assert await desk.carry_out(stale) is Outcome.VOID
    assert "version.used was none, is alias held" in text_of(desk.read(stale), Phase.VOID)
    assert desk.sends(DELETE) == before
    client.delete_alias(FunctionName=name, Name="held")
    operation = desk.order(plan)
    assert await desk.carry_out(operation, until=lambda one: "reply" in [e.phase for e in one.entries]) is None
    client.create_alias(FunctionName=name, Name="held", FunctionVersion=str(numbers(plan)[1]))
    assert await desk.carry_out(operation) is Outcome.FAILED
    assert numbers(plan)[1] in there(desk.account)
    assert not {numbers(plan)[0], *numbers(plan)[2:]} & set(there(desk.account))
    assert desk.sends(DELETE) == before + len(plan.steps) - 1
    client.delete_alias(FunctionName=name, Name="held")


async def test_too_few_kept_and_nothing_old_are_refused(desk: Desk) -> None:
    for found, reason in (
        (await cleared(desk, keep=2), "keeping 2 versions"),
        (await cleared(desk, desk.clock.now() - timedelta(days=400)), "has no version from before"),
        (await cleared(desk, keep=1000), "every version from before"),
    ):
        assert isinstance(found, Refusal)
        assert reason in found.reason


async def test_a_clean_up_that_is_killed_is_resumed_and_deletes_each_version_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with simulated("calm", clock=ScaledClock(START, SPEED)) as running:
        bench = Bench(running, tmp_path)
        publish(running, 4)
        plan = planned(await cleared(bench))
        monkeypatch.setenv(VARIABLE, "1:sent")
        operation = await bench.place(plan)
        monkeypatch.delenv(VARIABLE)
        await bench.until(lambda: executor_gone(bench.home, operation))
        assert bench.read(operation).open
        await bench.resume(operation)
        done = await bench.ended(operation)
        assert done.outcome is Outcome.COMPLETED, done.text
        assert f"all {len(plan.steps)} stand" in done.text
        accepted = [call for call in running.calls if call.operation == DELETE and call.status < 400]
        assert [call.parameters["Qualifier"] for call in accepted] == [str(one) for one in numbers(plan)]


# ---- a call without a qualifier is impossible


@pytest.mark.parametrize(("function", "number"), [("fn", 0), ("fn", -1), ("fn:3", 3), ("", 3)])
def test_what_is_no_published_version_makes_no_call(function: str, number: int) -> None:
    with pytest.raises(ValueError, match="no published version"):
        deletion(function, number, "us-west-2")


class Never(Account):
    """Nothing may reach it."""

    async def ask(self, *given: Any, **more: Any) -> Any:
        raise AssertionError(f"{given} was sent")


@given(
    st.dictionaries(
        st.sampled_from(["FunctionName", "Qualifier"]),
        st.one_of(
            st.sampled_from(["fn", "fn:3", "$LATEST", "LIVE", "", "0", "03", "٣", "3 "]), st.none(), st.integers()
        ),
    )
)
async def test_the_executor_sends_no_deletion_without_a_versions_number(parameters: dict[str, object]) -> None:
    environment = Environment(name="production", stack="s", region="us-west-2")
    sender = Sender(Never(environment, ScaledClock(START)))
    with pytest.raises(NotAllowed, match="number of a published version"):
        await sender.send(Call("lambda", DELETE, "us-west-2", parameters))


def test_integrations_hold_the_versions_they_name() -> None:
    uses = VersionUses(SafeText("fn"), ())
    path = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:1:function:"
    assert holders_of(uses, [f"{path}fn:7/invocations", f"{path}other:8/invocations"]) == {7: ["the API calls it"]}
    assert unclear("fn", [f"{path}fn:${{stageVariables.version}}/invocations"])
    assert not unclear("fn", [f"{path}fn:LIVE/invocations", f"{path}fn/invocations"])


def test_what_is_kept_warm_and_what_feeds_a_function_is_listed(account: SimulatedAccount) -> None:
    client, name = boto(account, "lambda"), function_of(account)
    client.put_provisioned_concurrency_config(FunctionName=name, Qualifier="LIVE", ProvisionedConcurrentExecutions=5)
    (one,) = client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"]
    assert (one["Status"], one["AvailableProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 0)
    manual(account).advance(120)
    (one,) = client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"]
    assert (one["Status"], one["AvailableProvisionedConcurrentExecutions"]) == ("READY", 5)
    client.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="LIVE")
    assert client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"] == []
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_event_source_mapping(UUID="0" * 36)
