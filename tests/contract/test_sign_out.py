"""A user signed out everywhere: one call after the confirmation, and what it leaves is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.actions.sign_out import plan_sign_out
from services.aws.session import Account
from services.aws.sign_out import ground
from services.model.entry import Outcome, Phase
from services.model.plan import Grade, Plan, Refusal
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.contract.executor_support import SETTINGS, Desk, planned, situation_of, text_of
from tests.simulated_support import boto, simulated

CALL = "AdminUserGlobalSignOut"


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened


@pytest.fixture
def desk(account: SimulatedAccount, tmp_path: Path) -> Desk:
    account.faults.clear()
    return Desk(account, tmp_path)


async def signed_out(desk: Desk, name: str) -> Plan | Refusal:
    situation = await situation_of(desk.environment, desk.clock)
    parts = situation.parts.value
    assert parts is not None
    account = Account(desk.environment, desk.clock)
    try:
        found = await ground(account, str(parts.user_pools[0]), [str(one) for one in parts.user_pool_clients], name)
    finally:
        await account.close()
    return plan_sign_out(situation, desk.environment, SETTINGS, desk.clock.now(), found, name)


@pytest.mark.runbook("R252")
async def test_a_user_is_signed_out_by_one_call_and_the_tokens_that_stay_valid_are_told(desk: Desk) -> None:
    plan = planned(await signed_out(desk, "user-03"))
    assert plan.grade is Grade.TYPED
    assert any("tokens issued before stay valid for the API, up to 60 minutes" in note for note in plan.notes)
    assert desk.sends(CALL) == 0
    operation = desk.order(plan)
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    (sent,) = [call for call in desk.account.calls if call.operation == CALL]
    pool = desk.account.state.estate.environment("production").user_pool
    assert sent.parameters == {"UserPoolId": pool, "Username": "user-03"}
    done = text_of(desk.read(operation), Phase.DONE)
    assert "user-03 is signed out" in done
    assert "tokens issued before stay valid" in done


@pytest.mark.runbook("R252")
async def test_an_unknown_user_is_refused_by_the_services_own_word(desk: Desk) -> None:
    before = desk.sends(CALL)
    for name in ("nobody", 'odd" or "x', "nobody@example.com"):
        refusal = await signed_out(desk, name)
        assert isinstance(refusal, Refusal)
        assert "UserNotFound" in refusal.reason
    assert desk.sends(CALL) == before


async def test_a_user_is_found_by_the_e_mail_address_and_one_that_went_meanwhile_voids_the_plan(desk: Desk) -> None:
    plan = planned(await signed_out(desk, "user-04@example.com"))
    assert plan.steps[0].call.parameters["Username"] == "user-04"
    pool = desk.account.state.estate.environment("production").user_pool
    boto(desk.account, "cognito-idp").admin_delete_user(UserPoolId=pool, Username="user-04")
    before = desk.sends(CALL)
    assert await desk.carry_out(desk.order(plan)) is Outcome.VOID
    assert desk.sends(CALL) == before


async def test_a_lost_answer_is_asked_for_again_for_twice_is_as_once(desk: Desk) -> None:
    desk.account.faults.add(Fault("cognito-idp", CALL, FaultKind.RESET_AFTER, times=1))
    before = desk.sends(CALL)
    operation = desk.order(planned(await signed_out(desk, "user-05")))
    assert await desk.carry_out(operation) is Outcome.COMPLETED
    assert desk.sends(CALL) == before + 2
