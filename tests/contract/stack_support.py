"""Production's stack for orders: what a plan is made from, read as the watch reads it, and what was kept of it."""

from __future__ import annotations

from typing import Any

from services.actions.stack import plan_stack
from services.aws import stacks
from services.aws.deployed import deployed
from services.aws.session import Account
from services.journal.kept import kept_with
from services.model.entry import Operation
from services.model.plan import Plan, Refusal
from services.model.reading import Reading
from services.model.situation import Situation
from tests.contract.executor_support import SETTINGS, Desk, situation_of
from tests.simulated_support import boto

STACK = "EC2Manager-production"

CALLS = ("UpdateStack", "CancelUpdateStack", "ContinueUpdateRollback", "RollbackStack")


async def looked(desk: Desk, *operations: Operation) -> Situation:
    """Everything that a plan for the stack needs, asked once; what it is deployed with is kept by the look."""
    found = await situation_of(desk.environment, desk.clock)
    now, account = desk.clock.now(), Account(desk.environment, desk.clock)
    try:
        there = await deployed(account, STACK)
        events = await stacks.events(account, STACK)
    finally:
        await account.close()
    readings: dict[str, Reading[Any]] = {
        "deployed": Reading(there, now, now),
        "events": Reading(events, now, now),
        "kept": kept_with(desk.home, there, found.kept, now),
        "operations": Reading(operations, now, now),
    }
    for feed, reading in readings.items():
        found = found.folded(feed, reading, now)
    return found


async def stack_plan(desk: Desk, target: str = "", skips: tuple[str, ...] = ()) -> Plan | Refusal:
    return plan_stack(await looked(desk), desk.environment, SETTINGS, desk.clock.now(), target, skips=skips)


def status(desk: Desk) -> str:
    """By the account's own word."""
    return str(boto(desk.account, "cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])


def sent(desk: Desk) -> list[str]:
    """What the account was asked to do to stacks, in order."""
    return [call.operation for call in desk.account.calls if call.operation in CALLS]
