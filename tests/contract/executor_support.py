"""Orders against the simulated account: plans from what it answers, carried out in process or by the real executor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from services.actions.invalidation import plan_invalidation
from services.actions.rollback import plan_rollback
from services.aws import apis, edge, functions, stacks
from services.aws.identity import whoami
from services.aws.session import Account
from services.clock import Clock, ManualClock
from services.discovery import parts_of
from services.executor.orders import with_reference, write_order
from services.executor.pace import Pace
from services.executor.taking_up import take_up
from services.journal.home import JournalHome
from services.journal.ids import new_operation_id
from services.journal.reading import read_operation
from services.journal.who import actor
from services.model.entry import Operation, Outcome, Phase
from services.model.functions import VersionEvidence
from services.model.plan import Plan, Refusal
from services.model.reading import Reading
from services.model.situation import Situation
from services.safe_text import SafeText
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount

SETTINGS = load()

NO_WAITING = Pace(beat_s=0.2, read_gap_s=0.0, read_tries=5)
"""Nothing of this machine's time is waited for."""


def environment_at(account: SimulatedAccount, name: str = "production") -> Environment:
    return at_endpoint(find(SETTINGS, name), account.endpoint)


async def situation_of(environment: Environment, clock: Clock) -> Situation:
    """What a plan needs, asked once."""
    account = Account(environment, clock)
    try:
        resources = await stacks.resources(account, environment.stack)

        def physical(kind: str) -> str:
            return next(str(one.physical_id) for one in resources if one.type == kind)

        function = physical("AWS::Lambda::Function")
        api = await apis.describe(account, physical("AWS::ApiGateway::RestApi"))
        release = functions.release(
            function,
            await functions.alias(account, function, environment.names.alias),
            await functions.versions(account, function),
            api.integrations,
        )
        now = clock.now()
        found = Situation(environment.name, now, environment.endpoint_url)
        feeds = {
            "identity": await whoami(account),
            "stack": await stacks.describe(account, environment.stack),
            "parts": parts_of(SafeText(environment.stack), SafeText(""), resources),
            "functions": (await functions.describe(account, function),),
            "releases": (release,),
            "apis": (api,),
            "distributions": (await edge.describe(account, physical("AWS::CloudFront::Distribution")),),
        }
        for feed, value in feeds.items():
            found = found.folded(feed, Reading(value, now, now), now)
        return found
    finally:
        await account.close()


def patient(plan: Plan) -> Plan:
    """The same for an account at high speed, where a look takes minutes of it: a ringing alarm is waited for."""
    if plan.criterion is None:
        return plan
    return msgspec.structs.replace(plan, criterion=msgspec.structs.replace(plan.criterion, patience_s=4 * 3600))


async def rollback(environment: Environment, clock: Clock, target: int | None = None) -> Plan:
    situation = await situation_of(environment, clock)
    return planned(plan_rollback(situation, environment, SETTINGS, clock.now(), target))


async def invalidation(environment: Environment, clock: Clock, *paths: str) -> Plan:
    situation = await situation_of(environment, clock)
    return planned(plan_invalidation(situation, environment, SETTINGS, clock.now(), paths))


def planned(found: Plan | Refusal) -> Plan:
    assert isinstance(found, Plan), found
    return found


class Desk:
    """Places orders and carries them out in this process."""

    def __init__(self, account: SimulatedAccount, path: Path, environment: Environment | None = None) -> None:
        self.account = account
        self.home = JournalHome(path / "journal")
        self.environment = environment or environment_at(account)

    @property
    def clock(self) -> ManualClock:
        clock = self.account.clock
        assert isinstance(clock, ManualClock)
        return clock

    def order(self, plan: Plan, environment: Environment | None = None) -> str:
        """An order on disk that no executor has taken up."""
        operation = new_operation_id(self.clock.now())
        plan = with_reference(plan, operation)
        write_order(self.home, operation, plan, environment or self.environment, actor(), "a test", self.clock.now())
        return operation

    async def carry_out(
        self,
        operation: str,
        pace: Pace = NO_WAITING,
        until: Callable[[Operation], bool] | None = None,
        step_s: float = 15,
    ) -> Outcome | None:
        """Take it up and move the clock on whenever everything sleeps, until it ends (or `until` is true of it)."""
        task = asyncio.ensure_future(take_up(self.home, operation, clock=self.clock, pace=pace))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=0.01)
                if until is not None and until(self.read(operation)):
                    return None
                if self.clock.sleepers:
                    self.clock.advance(step_s)
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def read(self, operation: str) -> Operation:
        found = read_operation(self.home, operation)
        assert found is not None
        return found

    def phases(self, operation: str) -> list[str]:
        """The phases in order, repeats of one in a row told once."""
        told: list[str] = []
        for entry in self.read(operation).entries:
            if not told or told[-1] != entry.phase.value:
                told.append(entry.phase.value)
        return told

    def sends(self, operation: str = "UpdateAlias") -> int:
        """How often the account was asked to change something."""
        return sum(call.operation == operation for call in self.account.calls)

    def live(self) -> str:
        """Where LIVE points, by the account's own word."""
        from tests.simulated_support import boto

        function = self.account.state.estate.environment(estate_name(self.environment)).function
        return str(boto(self.account, "lambda").get_alias(FunctionName=function, Name="LIVE")["FunctionVersion"])


def estate_name(environment: Environment) -> str:
    return "dev" if environment.name == "development" else environment.name


def with_evidence(situation: Situation, *evidence: VersionEvidence) -> Situation:
    return msgspec.structs.replace(situation, evidence=Reading(evidence, situation.now, situation.now))


def settings() -> Settings:
    return SETTINGS


def text_of(operation: Operation, phase: Phase) -> str:
    return next(str(entry.text) for entry in reversed(operation.entries) if entry.phase is phase)


def moment(operation: Operation, phase: Phase) -> datetime:
    return next(entry.at for entry in operation.entries if entry.phase is phase)
