"""Taking an operation up: its records are opened, the account is reached, and it is carried out to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.actions.guards import resource_of
from services.aws.endpoint import clock_at
from services.aws.session import Account
from services.clock import Clock, MachineClock, RealClock
from services.executor.beating import beat
from services.executor.calls import Sender
from services.executor.crash import CrashPoint, crash_point
from services.executor.leasing import Leases
from services.executor.pace import Pace, Stopping, paced
from services.executor.performing import perform
from services.executor.record import Work
from services.journal.home import JournalBroken, JournalHome
from services.journal.leases import Lock
from services.journal.reading import Records, read_records
from services.journal.writing import JournalWriter
from services.model.entry import Outcome, Phase
from services.model.lease import LeaseRow
from services.model.plan import Plan
from services.problems import AccountError
from services.redact import redact
from services.safe_text import safe
from services.settings.values import Environment

CLOCK_TRIES = 30
"""Times a silent simulated account is asked what time it is there."""


async def take_up(
    home: JournalHome,
    operation: str,
    *,
    locks: Sequence[Lock] = (),
    clock: Clock | None = None,
    machine: Clock | None = None,
    pace: Pace | None = None,
    stopping: Stopping | None = None,
    crash: CrashPoint | None = None,
    by: str = "",
) -> Outcome | None:
    """Carry out what is left of an operation; its outcome, None when it stays open.

    The caller holds the operation's lock. `locks` are let go when everything is applied: judging changes nothing. `by`
    says who resumed it. Raises JournalBroken, FileNotFoundError.
    """
    plan, environment, records = ordered(home, operation)
    clock = clock or await _clock(environment, pace or Pace())
    pace = pace or paced(clock.speed)
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=records.entries[0].hash)
    reader, sender = Account(environment, clock), Account(environment, clock, attempts=1)
    leases = _leases(records, environment, reader, sender, pace, clock, machine or MachineClock())
    work = Work(
        home,
        operation,
        plan,
        environment,
        records.entries,
        writer,
        clock,
        reader,
        Sender(sender, leases.fresh, home=home) if leases is not None else Sender(sender, home=home),
        pace=pace,
        stopping=stopping or Stopping(),
        crash=crash or crash_point(environment),
        locks=locks,
        leases=leases,
        machine=machine,
    )
    beside = [asyncio.ensure_future(beat(home, operation, clock, pace.beat_s))]
    if leases is not None:
        beside.append(asyncio.ensure_future(leases.keep()))
    try:
        await asyncio.sleep(0)  # the first beat comes before the first record
        if work.outcome is None:
            work.record(Phase.STARTED, f"resumed by {by}" if by else "taken up by the executor")
            await _guarded(work)
        return work.outcome
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        if leases is not None:
            await leases.release()
        await reader.close()
        await sender.close()
        writer.close()


def _leases(
    records: Records,
    environment: Environment,
    reader: Account,
    sender: Account,
    pace: Pace,
    clock: Clock,
    machine: Clock,
) -> Leases | None:
    """Those that the operation needs, not yet taken; None where no table is configured."""
    order = records.entries[0]
    if not environment.lease_table or order.plan is None:
        return None
    who = f"{order.actor.os_user} on {order.actor.host}" if order.actor is not None else "somebody"
    mine = LeaseRow("", 0, 0, "", order.operation, safe(who, 200), safe(order.plan.title, 200), order.at)
    resources = [resource_of(step.call.parameters) for step in order.plan.steps]
    return Leases(reader, Sender(sender), resources, mine, pace, clock, machine)


async def _clock(environment: Environment, pace: Pace) -> Clock:
    """The account's clock. A silent one is given up for the real one: every question then fails and says so."""
    for _ in range(CLOCK_TRIES):
        try:
            return await asyncio.to_thread(clock_at, environment)
        except AccountError:
            await RealClock().sleep(pace.read_gap_s)
    return RealClock()


def ordered(home: JournalHome, operation: str) -> tuple[Plan, Environment, Records]:
    """What was ordered, and everything recorded since. Raises JournalBroken, FileNotFoundError."""
    records = read_records(home, operation)
    if records.damage or not records.entries:
        raise JournalBroken(f"Operation {operation} cannot be carried out: its journal is damaged ({records.damage}).")
    order = records.entries[0]
    data: Mapping[str, Any] = order.data
    if order.plan is None:
        raise JournalBroken(f"Operation {operation} has no plan in its order.")
    try:
        environment = msgspec.convert(data.get("environment"), Environment)
    except msgspec.ValidationError as error:
        raise JournalBroken(f"Operation {operation} does not say for which environment it is: {error}.") from error
    return order.plan, environment, records


async def _guarded(work: Work) -> None:
    """`perform`, with whatever nobody thought of turned into a record. Reading, on a resume, finds out the rest."""
    try:
        await perform(work)
    except JournalBroken:
        raise
    except Exception as error:
        # The edge of the process: an unforeseen error must leave a true journal. What may have been sent is unknown.
        what = redact(f"{type(error).__name__}: {error}")[:300]
        if work.newest(Phase.INTENT) is None:
            text = f"the executor failed before anything was sent ({what}). Nothing was changed."
            work.record(Phase.VOID, text, outcome=Outcome.VOID)
        elif work.newest(Phase.APPLIED) is None:
            work.record(Phase.UNKNOWN, f"the executor failed ({what}): the outcome is not known. Resume it")
        else:
            work.record(Phase.VERIFYING, f"the executor failed ({what}): applied, not verified. Resume it")
