"""The stack's ways back against the simulated account: each in its state, once, followed to its end and judged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from services.actions.layered import plan_layers, plan_undo
from services.aws.deployed import deployed
from services.aws.session import Account
from services.executor.calls import NotAllowed, Sender
from services.executor.crash import POINTS
from services.executor.taking_up import take_up
from services.journal.kept import keep
from services.model.entry import Outcome, Phase
from services.model.plan import Layer, Plan, Refusal
from services.redact import redact_value
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.simulated.platform.stack_book import Obstacle
from tests.contract.executor_support import NO_WAITING, SETTINGS, Desk, planned
from tests.contract.stack_support import STACK, looked, sent, stack_plan, status
from tests.simulated_support import boto, manual, simulated


def desk_at(account: SimulatedAccount, path: Path, seconds: float = 0) -> Desk:
    desk = Desk(account, path)
    if seconds:
        manual(account).advance(seconds)
    return desk


@pytest.fixture
def bad(tmp_path: Path) -> Iterator[Desk]:
    """The bad deployment, from its start."""
    with simulated("bad-deploy") as account:
        yield desk_at(account, tmp_path)


async def deployed_badly(desk: Desk) -> None:
    """Somebody looked before the deployment; nine minutes later it has gone through and is bad."""
    await looked(desk)
    manual(desk.account).advance(540)
    assert (status(desk), desk.live()) == ("UPDATE_COMPLETE", "42")


async def test_the_kept_template_is_deployed_again_and_the_recovery_is_judged_when_the_stack_rests(bad: Desk) -> None:
    await deployed_badly(bad)
    plan = planned(await stack_plan(bad))
    assert [step.kind for step in plan.steps] == ["stack.update"]
    told = "\n".join(plan.notes)
    assert "Parameter Release: v42 → v41" in told
    assert "1 added: ManagerFunctionVersion41" in told
    assert "ApiDeployment: replaced by the deployment before" in told
    assert "for SignInSecret" in told
    written = msgspec.json.decode(msgspec.json.encode(plan))
    assert redact_value(written) == written, "a plan with a secret in it could not be ordered"
    operation = bad.order(plan)
    assert await bad.carry_out(operation) is Outcome.RECOVERED
    assert (status(bad), bad.live(), sent(bad)) == ("UPDATE_COMPLETE", "43", ["UpdateStack"])
    (call,) = [one for one in bad.account.calls if one.operation == "UpdateStack"]
    assert call.parameters["ClientRequestToken"] == f"ec2m-{operation}"
    assert {"ParameterKey": "SignInSecret", "UsePreviousValue": True} in call.parameters["Parameters"]
    assert call.parameters["StackName"].startswith("arn:")
    written = b"".join(bad.home.read(name) for name in bad.home.names() if name.startswith(operation))
    assert b"AWSTemplateFormatVersion" not in written, "the records name the template, they do not hold it"
    done = bad.read(operation)
    assert done.reversible
    situation = await looked(bad, done)
    back = planned(plan_undo(done, situation, bad.environment, SETTINGS, bad.clock.now()))
    assert "v42" in back.title
    await bad.carry_out(bad.order(back), until=lambda one: one.switched is not None)
    manual(bad.account).advance(120)
    assert (status(bad), bad.live()) == ("UPDATE_COMPLETE", "44")


@pytest.mark.runbook("R226")
async def test_an_update_under_way_is_cancelled_and_followed_until_it_has_gone_back(bad: Desk) -> None:
    manual(bad.account).advance(150)
    plan = planned(await stack_plan(bad))
    assert plan.steps[0].kind == "stack.cancel"
    operation = bad.order(plan)
    assert await bad.carry_out(operation, step_s=5) is Outcome.RECOVERED
    assert (status(bad), bad.live(), sent(bad)) == ("UPDATE_ROLLBACK_COMPLETE", "41", ["CancelUpdateStack"])
    assert not bad.read(operation).reversible
    begun = next(one.at for one in bad.account.calls if one.operation == "CancelUpdateStack")
    told = bad.read(operation).entries
    assert any("is UPDATE_ROLLBACK_IN_PROGRESS" in entry.text for entry in told)
    done = next(entry.at for entry in told if "is UPDATE_ROLLBACK_COMPLETE" in entry.text)
    asked = [one.at for one in bad.account.calls if one.operation == "DescribeStacks" and begun < one.at <= done]
    assert len(asked) > 2
    assert max((later - one).total_seconds() for one, later in pairwise([begun, *asked, done])) <= 30


async def test_a_cancellation_that_comes_too_late_changes_nothing_and_says_so(bad: Desk) -> None:
    manual(bad.account).advance(150)
    operation = bad.order(planned(await stack_plan(bad)))
    manual(bad.account).advance(60)
    assert await bad.carry_out(operation) is Outcome.VOID
    assert "stack.status was UPDATE_IN_PROGRESS, is UPDATE_COMPLETE" in bad.read(operation).text
    assert (sent(bad), bad.live()) == ([], "42")


async def test_a_cancellation_that_the_end_overtakes_on_its_way_is_refused_and_said_to_be_late(bad: Desk) -> None:
    manual(bad.account).advance(150)
    operation = bad.order(planned(await stack_plan(bad)))

    def crash(step: int, point: str) -> None:
        if point == "intent":
            manual(bad.account).advance(60)

    assert await carried(bad, operation, crash) is Outcome.FAILED
    assert "too late to cancel" in bad.read(operation).text
    assert bad.live() == "42"


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[Desk]:
    """A stack whose rollback has failed."""
    with simulated("update-rollback-failed") as account:
        yield desk_at(account, tmp_path, 400)


async def test_a_failed_rollback_is_continued_without_what_a_person_chose_to_skip(stuck: Desk) -> None:
    first = planned(await stack_plan(stuck))
    assert [line.split()[2] for line in first.notes if line.startswith("Or skip")] == ["AuditTable:"]
    operation = stuck.order(first)
    assert await stuck.carry_out(operation) is Outcome.FAILED
    assert "is UPDATE_ROLLBACK_FAILED, not UPDATE_ROLLBACK_COMPLETE: AuditTable failed" in stuck.read(operation).text
    assert isinstance(await stack_plan(stuck, skips=("WebBucket",)), Refusal)
    second = planned(await stack_plan(stuck, skips=("AuditTable",)))
    assert any("stays as the failed update left it" in note for note in second.notes)
    assert any("AuditTable stays as it is" in line for line in second.irreversible)
    operation = stuck.order(second)
    assert await stuck.carry_out(operation) is Outcome.RECOVERED
    assert (status(stuck), stuck.live()) == ("UPDATE_ROLLBACK_COMPLETE", "41")
    assert sent(stuck) == ["ContinueUpdateRollback", "ContinueUpdateRollback"]
    assert not stuck.read(operation).reversible


async def test_a_failed_update_left_as_it_is_goes_back_to_the_last_stable_state(bad: Desk) -> None:
    await deployed_badly(bad)
    plan = planned(await stack_plan(bad))
    bad.account.stacks["production"].obstacles.append(Obstacle("ManagerFunctionAliasLIVE", "Rate exceeded"))
    body = bad.account.stacks["production"].spec(bad.clock.now()).body.replace('"Timeout": 30', '"Timeout": 20')
    boto(bad.account, "cloudformation").update_stack(
        StackName=STACK, TemplateBody=body.replace('"Name": "LIVE"', '"Name": "LIVE", "Description": "x"'),
        Capabilities=["CAPABILITY_NAMED_IAM"], DisableRollback=True,
        Parameters=[{"ParameterKey": name, "UsePreviousValue": True} for name in ("Release", "SignInSecret")],
    )  # fmt: skip
    manual(bad.account).advance(120)
    assert status(bad) == "UPDATE_FAILED"
    assert await bad.carry_out(bad.order(plan)) is Outcome.VOID, "a stale plan never acts"
    situation = await looked(bad)
    found = planned(plan_layers(situation, bad.environment, SETTINGS, bad.clock.now()))
    assert [step.kind for step in found.steps] == ["stack.rollback"], "the evidence points at the stack"
    operation = bad.order(found)
    await bad.carry_out(operation, until=lambda one: one.phase is Phase.VERIFYING)
    manual(bad.account).advance(120)
    assert (status(bad), bad.live()) == ("UPDATE_ROLLBACK_COMPLETE", "42")
    assert sent(bad)[-1] == "RollbackStack"


async def test_a_redeployment_that_fails_says_where_it_ended_and_why(bad: Desk) -> None:
    await deployed_badly(bad)
    bad.account.stacks["production"].obstacles.append(Obstacle("ManagerFunctionAliasLIVE", "Rate exceeded"))
    operation = bad.order(planned(await stack_plan(bad)))
    assert await bad.carry_out(operation) is Outcome.FAILED
    done = bad.read(operation)
    assert "UPDATE_ROLLBACK_COMPLETE, not UPDATE_COMPLETE: ManagerFunctionAliasLIVE failed, Rate exceeded" in done.text
    assert bad.live() == "42"


async def test_somebody_elses_deployment_voids_the_plan_and_names_them(bad: Desk) -> None:
    await deployed_badly(bad)
    operation = bad.order(planned(await stack_plan(bad)))
    boto(bad.account, "cloudformation").update_stack(
        StackName=STACK, UsePreviousTemplate=True, Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": "Release", "ParameterValue": "v42b"},
            {"ParameterKey": "SignInSecret", "UsePreviousValue": True},
        ],
    )  # fmt: skip
    manual(bad.account).advance(200)
    assert await bad.carry_out(operation) is Outcome.VOID
    assert "stack.event was" in bad.read(operation).text
    assert sent(bad) == ["UpdateStack"], "theirs alone"


async def test_a_lost_answer_is_found_by_the_token_and_the_call_not_made_again(bad: Desk) -> None:
    await deployed_badly(bad)
    plan = planned(await stack_plan(bad))
    bad.account.faults.add(Fault("cloudformation", "UpdateStack", FaultKind.RESET_AFTER))
    operation = bad.order(plan)
    await bad.carry_out(operation, until=lambda one: one.switched is not None)
    assert "unknown" in bad.phases(operation)
    assert sent(bad) == ["UpdateStack"]
    manual(bad.account).advance(120)
    assert bad.live() == "43"


async def test_a_kept_template_that_is_gone_sends_nothing(bad: Desk) -> None:
    await deployed_badly(bad)
    operation = bad.order(planned(await stack_plan(bad)))
    for one in (bad.home.path / "kept").glob("template-*.txt"):
        one.unlink()
    assert await bad.carry_out(operation) is Outcome.VOID
    assert "is missing" in bad.read(operation).text
    assert sent(bad) == []


BUCKET = "ec2-manager-deploys"


async def deployed_at_length(desk: Desk) -> Plan:
    """What was kept before the bad deployment is too long for a call; there is a bucket for such."""
    boto(desk.account, "s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": desk.environment.region}
    )
    desk.environment = msgspec.structs.replace(desk.environment, template_bucket=BUCKET)
    account = Account(desk.environment, desk.clock)
    try:
        there = await deployed(account, STACK)
    finally:
        await account.close()
    body = json.loads(there.original)
    body["Metadata"] = {"Notes": "n" * 60_000}
    keep(desk.home, msgspec.structs.replace(there, original=json.dumps(body)))
    manual(desk.account).advance(540)
    return planned(await stack_plan(desk))


@pytest.mark.parametrize("point", ["", "0:sent", "0:reply"])
async def test_a_template_too_long_for_a_call_goes_through_the_bucket_and_is_put_there_once(
    bad: Desk, point: str
) -> None:
    plan = await deployed_at_length(bad)
    assert [step.kind for step in plan.steps] == ["template.put", "stack.update"]
    operation = bad.order(plan)

    def crash(step: int, at: str) -> None:
        if f"{step}:{at}" == point:
            raise Killed

    if point:
        with pytest.raises(Killed):
            await carried(bad, operation, crash)
    await bad.carry_out(operation, until=lambda one: one.switched is not None)
    manual(bad.account).advance(120)
    assert (status(bad), bad.live(), sent(bad)) == ("UPDATE_COMPLETE", "43", ["UpdateStack"])
    assert bad.sends("PutObject") == 1
    told = boto(bad.account, "cloudformation").get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
    assert len(told["Metadata"]["Notes"]) == 60_000
    records = b"".join(bad.home.read(name) for name in bad.home.names() if name.startswith(operation))
    assert b"nnnnnnnnnn" not in records, "the records name the template, they do not hold it"


async def test_nothing_else_is_put_into_a_bucket_and_no_template_is_read_from_elsewhere(bad: Desk) -> None:
    plan = await deployed_at_length(bad)
    account = Account(bad.environment, bad.clock, attempts=1)
    sender = Sender(account, home=bad.home)
    put, update = (step.call for step in plan.steps)
    wrong = (
        msgspec.structs.replace(put, parameters={**put.parameters, "Bucket": "another"}),
        msgspec.structs.replace(put, parameters={**put.parameters, "Key": "index.html"}),
        msgspec.structs.replace(put, parameters={**put.parameters, "Body": "text"}),
        msgspec.structs.replace(update, parameters={**update.parameters, "TemplateURL": "https://evil.s3.x/y"}),
    )
    try:
        for call in wrong:
            with pytest.raises(NotAllowed):
                await sender.send(call)
    finally:
        await account.close()
    assert bad.sends("PutObject") == 0


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


KILLED = ("intent", "sent", "reply", "before-done")
"""Where a stack's step is like no other: its call is found by the token alone, and the verdict waits for the stack. The
last passes all others; what is the same for every action is killed in test_killed.py."""


@pytest.mark.parametrize("point", KILLED)
async def test_killed_at_any_point_it_is_resumed_and_the_stack_is_updated_once(bad: Desk, point: str) -> None:
    await deployed_badly(bad)
    operation = bad.order(planned(await stack_plan(bad)))

    def crash(step: int, at: str) -> None:
        if at == point:
            raise Killed

    assert point in POINTS
    with pytest.raises(Killed):
        await carried(bad, operation, crash)
    assert bad.read(operation).open
    judged = point == "before-done"  # the earlier ones differ in nothing once all is applied
    await bad.carry_out(operation, until=None if judged else lambda one: one.switched is not None)
    assert bad.read(operation).outcome is (Outcome.RECOVERED if judged else None), bad.read(operation).text
    manual(bad.account).advance(120)
    assert (status(bad), bad.live(), sent(bad)) == ("UPDATE_COMPLETE", "43", ["UpdateStack"])


async def test_the_stack_goes_alone(bad: Desk) -> None:
    await deployed_badly(bad)
    situation = await looked(bad)
    both = plan_layers(situation, bad.environment, SETTINGS, bad.clock.now(), (Layer.STACK, Layer.ALIAS))
    assert isinstance(both, Refusal)
    assert "goes alone" in both.reason
    alone = plan_layers(situation, bad.environment, SETTINGS, bad.clock.now(), (Layer.STACK,))
    assert isinstance(alone, Plan)
    offered = {one.layer: one for one in alone.layers}
    assert offered[Layer.STACK].chosen
    assert offered[Layer.ALIAS].indicated


async def carried(desk: Desk, operation: str, crash: object) -> Outcome | None:
    """Carry out with a point of our own; the clock goes on while it sleeps."""
    task = asyncio.ensure_future(
        take_up(desk.home, operation, clock=desk.clock, pace=NO_WAITING, crash=crash)  # type: ignore[arg-type]  # a test's own point
    )
    while not task.done():
        await asyncio.wait({task}, timeout=0.01)
        if desk.clock.sleepers:
            desk.clock.advance(15)
    return task.result()
