"""Waiting for a turn: AWS takes one export task of an account at a time, and refuses any other meanwhile (E12).

Nothing is sent while one waits, so that an executor that is killed is resumed as if it had just begun.
"""

from __future__ import annotations

from datetime import timedelta

from services.aws import log_exports
from services.executor.checking import fail, void
from services.executor.pausing import pause
from services.executor.reading import insist
from services.executor.record import Work
from services.executor.standing import Standing
from services.journal.reading import read_records
from services.journal.remarks import WITHDRAWN
from services.model.entry import Entry, Outcome, Phase
from services.model.log_exports import ExportTask
from services.model.plan import Step
from services.problems import AccountError

ALONE = "export.running"
"""The precondition of a step that waits for nobody."""

TAKEN = "LimitExceededException"
"""What the service says to a task that came before its turn."""


def queues(step: Step) -> bool:
    """Whether a step waits for its turn."""
    return step.kind == "logs.export" and all(one.what != ALONE for one in step.preconditions)


async def turn(work: Work, number: int, step: Step) -> bool:
    """Wait until no other task runs. False: none ended in time, or somebody withdrew it, and the step did not come
    about. Raises Left."""
    if not queues(step):
        return True
    since = work.clock.now()
    while True:
        word = _withdrawn(work)
        if word is not None:
            _withdraw(work, number, word)
            return False
        other = await _running(work, number)
        if other is None:
            return True
        if work.clock.now() - since > timedelta(seconds=work.pace.export_s):
            fail(work, f"export task {other.id} of {other.group} is still {other.status}", step=number)
            return False
        _waits(work, number, other)
        await pause(work, work.pace.poll_s)


async def _running(work: Work, number: int) -> ExportTask | None:
    def failing(error: AccountError) -> None:
        _say(work, number, f"the export tasks cannot be read: {error.problem.message}")

    tasks = await insist(work, lambda: log_exports.tasks(work.reader), failing)
    return next((one for one in tasks if one.active), None)


def _waits(work: Work, number: int, other: ExportTask) -> None:
    steps = len(work.plan.steps)
    place = f", {number + 1} of {steps}" if steps > 1 else ""
    _say(work, number, f"waits its turn{place}: export task {other.id} of {other.group} is {other.status}", waits=True)


def _withdrawn(work: Work) -> Entry | None:
    """The word of a person who wants it sent no more."""
    remarks = read_records(work.home, work.operation).remarks
    return next((one for one in remarks if one.data.get("about") == WITHDRAWN), None)


def _withdraw(work: Work, number: int, word: Entry) -> None:
    by = f" by {word.actor.os_user} on {word.actor.host}" if word.actor is not None else ""
    reason = f"withdrawn{by} before it was sent: {word.text}"
    if work.newest(Phase.INTENT) is None:
        work.record(Phase.VOID, f"{reason}. Nothing was changed.", step=number, outcome=Outcome.VOID)
    else:
        void(work, reason, step=number)


def _say(work: Work, number: int, text: str, *, waits: bool = False) -> None:
    """A record, unless the newest one of the step says the same."""
    newest = work.newest(Phase.RECONCILED, step=number)
    if newest is None or newest.text != text:
        data = {"standing": Standing.NOT_APPLIED.value, "waits": waits}
        work.record(Phase.RECONCILED, text, step=number, data=data)
