"""One operation in the executor's hands: its plan, its records so far, its writer, its account."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.aws.session import Account
from services.clock import Clock, MachineClock
from services.executor.calls import Sender
from services.executor.crash import CrashPoint
from services.executor.leasing import Leases
from services.executor.pace import Pace, Stopping
from services.journal.home import JournalHome
from services.journal.leases import Lock
from services.journal.writing import JournalWriter
from services.model.entry import Entry, Outcome, Phase
from services.model.plan import Plan, Step
from services.settings.values import Environment


class Work:
    """What every part of the executor shares. Records are kept as they are written."""

    def __init__(
        self,
        home: JournalHome,
        operation: str,
        plan: Plan,
        environment: Environment,
        entries: tuple[Entry, ...],
        writer: JournalWriter,
        clock: Clock,
        reader: Account,
        sender: Sender,
        *,
        pace: Pace,
        stopping: Stopping,
        crash: CrashPoint,
        locks: Sequence[Lock] = (),
        leases: Leases | None = None,
        machine: Clock | None = None,
    ) -> None:
        self.home, self.operation = home, operation
        self.plan, self.environment = plan, environment
        self.entries = list(entries)
        self.clock, self.reader, self.sender = clock, reader, sender
        self.pace, self.stopping, self.crash = pace, stopping, crash
        self.leases, self.machine = leases, machine or MachineClock()
        self.pausing, self.pauses, self.paused_s = asyncio.Lock(), 0, 0.0
        """One waits for credentials at a time; how often that was; machine seconds of it in all."""
        self._writer = writer
        self._locks = locks

    def record(
        self,
        phase: Phase,
        text: str,
        *,
        step: int | None = None,
        data: Mapping[str, Any] | None = None,
        outcome: Outcome | None = None,
    ) -> Entry:
        """On disk when this returns. Raises JournalBroken."""
        entry = self._writer.append(phase, text, self.clock.now(), step=step, data=dict(data or {}), outcome=outcome)
        self.entries.append(entry)
        return entry

    def newest(self, *phases: Phase, step: int | None = None) -> Entry | None:
        """The newest record of these phases, of one step or of any."""
        for entry in reversed(self.entries):
            if entry.phase in phases and step in (None, entry.step):
                return entry
        return None

    @property
    def stands(self) -> dict[int, str]:
        """The steps of a plan of several that are known to stand, each with what was read of it."""
        return {
            entry.step: str(entry.text).removeprefix("applied: ")
            for entry in self.entries
            if entry.step is not None and entry.phase is Phase.RECONCILED and entry.data.get("standing") == "applied"
        }

    @property
    def missed(self) -> dict[int, str]:
        """The steps that did not come about beside others that went on, each with its reason."""
        return {
            entry.step: str(entry.text).removeprefix("not done: ")
            for entry in self.entries
            if entry.step is not None and entry.phase is Phase.RECONCILED and entry.data.get("standing") == "missed"
        }

    async def let_go(self) -> None:
        """Everything is applied: others may plan and act on the resource while this operation is judged."""
        if self.leases is not None:
            await self.leases.release()
        for lock in self._locks:
            lock.release()

    @property
    def fence(self) -> dict[str, Any]:
        """What an intent says of the leases it is sent under; nothing without a table."""
        return {"fence": self.leases.fences} if self.leases is not None else {}

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, if it has."""
        return next((entry.outcome for entry in reversed(self.entries) if entry.outcome is not None), None)

    def known(self, number: int) -> dict[str, Any]:
        """What the records of a step's newest attempt say of what it made: an invalidation's id."""
        known: dict[str, Any] = {}
        for entry in self.entries:
            if entry.step == number and entry.phase is Phase.INTENT:
                known.clear()  # an earlier attempt's answer says nothing of this one's
            elif entry.step == number and entry.phase in (Phase.REPLY, Phase.RECONCILED):
                known.update(entry.data)
        return known

    @property
    def steps(self) -> tuple[tuple[int, Step], ...]:
        return tuple(enumerate(self.plan.steps))

    @property
    def switched(self) -> datetime | None:
        """When the last call took effect: what REPLY or RECONCILED say of it."""
        entry = self.newest(Phase.REPLY, Phase.RECONCILED)
        return entry.at if entry is not None else None
