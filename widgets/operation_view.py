"""An operation as its journal tells it: which step, what is waited for, and at last the verdict in one large word."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.model.assessment import State
from services.model.checklists import ListState
from services.model.entry import Operation, Outcome, Phase
from services.model.validation import Validation
from widgets import wording
from widgets.answer import answer_rows
from widgets.bar import bar
from widgets.big_word import big_word
from widgets.charset import UNICODE, Charset
from widgets.checklist_rows import checklist_rows
from widgets.evidence_rows import evidence_rows
from widgets.output_rows import output_rows
from widgets.rule_steps import StatusLine
from widgets.sheet import Sheet
from widgets.spans import Row, Span, row, wrap
from widgets.status_rows import status_rows
from widgets.validation_rows import validation_rows

OUTCOME_STATES = {
    Outcome.RECOVERED: State.OK,
    Outcome.COMPLETED: State.OK,
    Outcome.NOT_RECOVERED: State.CRIT,
    Outcome.FAILED: State.CRIT,
    Outcome.INCONCLUSIVE: State.WARN,
    Outcome.VOID: State.WARN,
}
"""The state whose colour an outcome has; the header's chip uses it too."""

_TROUBLE = {Phase.FAILED: "crit", Phase.UNKNOWN: "warn", Phase.VOID: "warn"}


class OperationView(Sheet):
    """Shows an Operation, under way or ended."""

    DEFAULT_CSS = """
    OperationView { height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._operation: Operation | None = None
        self._now: datetime | None = None
        self._orphaned = False
        self._validation: Validation | None = None
        self._status: tuple[StatusLine, ...] = ()
        self._checklist: ListState | None = None
        self._done_by = ""

    def show(
        self,
        operation: Operation,
        now: datetime,
        *,
        orphaned: bool = False,
        validation: Validation | None = None,
        status: tuple[StatusLine, ...] = (),
        checklist: ListState | None = None,
        closed: str = "",
    ) -> None:
        """Show `operation`; what is left is counted from `now`. `orphaned`: the process that performed it is gone.

        `validation`: the checks that follow a rollback. `status`: how the components are while it runs. `checklist`:
        the runbook's, of a rollback; `closed`: when and by whom it was closed as complete.
        """
        self._operation, self._now, self._orphaned, self._validation = operation, now, orphaned, validation
        self._status, self._checklist, self._done_by = status, checklist, closed
        self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        if self._operation is None or self._now is None:
            return []
        operation, charset = self._operation, self.charset
        rows = operation_rows(operation, self._now, width, charset, orphaned=self._orphaned)
        rows += output_rows(operation, width)
        if self._status:
            rows += [(), (Span(" System", "muted"),), *status_rows(self._status, width)]
        listed: list[Row] = []
        if self._checklist is not None:
            listed = checklist_rows(self._checklist, self._done_by, width, charset)
        if operation.outcome is None:
            return rows + listed
        # What came of it stands above how it came to it: on a small screen that is what has to be seen.
        checks = validation_rows(self._validation, width, charset) if self._validation is not None else []
        return [*outcome_rows(operation, width, charset), *checks, *listed, (), *rows]


def operation_rows(
    operation: Operation, now: datetime, width: int, charset: Charset = UNICODE, *, orphaned: bool = False
) -> list[Row]:
    """The steps with their signs, and while it is under way the judgement's progress; rows of at most `width` cells."""
    rows = wrap([Span(_ordered(operation, charset), "muted")], width)
    for sign, style, text in stages(operation, charset):
        loud = style if style in ("crit", "warn") else "faint" if sign == charset.todo else ""
        rows += wrap([Span(f" {sign} ", style), Span(text, loud)], width, hang=3)
    if operation.outcome is not None:
        return rows
    if not orphaned:  # nobody copies or judges: no figure moves, and no verdict will come
        rows += _copying(operation, width, charset) + _judging(operation, now, width, charset)
    if operation.phase is Phase.PAUSED:
        rows += wrap([Span(" ▲ ", "warn"), Span(operation.text, "warn")], width, hang=3)
    if orphaned:
        text = "nobody carries this on: the process that did is gone; it can be resumed"
        rows += wrap([Span(" ▲ ", "warn"), Span(text, "warn")], width, hang=3)
    return rows


def _ordered(operation: Operation, charset: Charset) -> str:
    """Who ordered it when: `ordered 03:11:42Z by oncall on bastion · 01M83Y…`."""
    actor = next((entry.actor for entry in operation.entries if entry.actor is not None), None)
    who = f" by {actor.os_user} on {actor.host}" if actor is not None else ""
    return f"ordered {wording.clock(operation.ordered)}{who} {charset.dot} {operation.id}"


def stages(operation: Operation, charset: Charset = UNICODE) -> list[tuple[str, str, str]]:
    """Sign, style and text of every stage: saved, each step of the plan, read back, judged."""
    seen = {entry.phase: entry for entry in operation.entries}
    replied = {entry.step for entry in operation.entries if entry.phase in (Phase.REPLY, Phase.RECONCILED)}
    begun = {entry.step for entry in operation.entries if entry.phase is Phase.INTENT}
    many = {number for number, step in enumerate(operation.plan.steps) if step.kind == "content.restore"}
    stand = {entry.step for entry in operation.entries if entry.data.get("standing") == "applied"}
    replied -= many - stand  # a reply to one of many calls is not yet the step
    queued = operation.queued
    if queued is not None:
        replied.discard(queued.step)
    missed = {entry.step: entry for entry in operation.entries if entry.data.get("standing") == "missed"}
    trouble = next((entry for entry in reversed(operation.entries) if entry.phase in _TROUBLE), None)
    settled = Phase.APPLIED in seen
    found = [_stage(Phase.SNAPSHOT in seen, operation.phase is Phase.STARTED, "saved what stands", charset)]
    for index, step in enumerate(operation.plan.steps):
        done, busy = settled or index in replied, index in begun
        if index in missed:
            found.append((charset.failed, "crit", f"{step.title}: {missed[index].text}"))
        elif queued is not None and queued.step == index:
            found.append((charset.busy, "accent", f"{step.title}: {queued.text}"))
        elif index in stand:
            found.append(_stage(True, busy, step.title, charset))
        elif trouble is not None and not settled and (trouble.step == index or (trouble.step is None and busy)):
            sign = charset.failed if trouble.phase is Phase.FAILED else "▲"
            found.append((sign, _TROUBLE[trouble.phase], f"{step.title}: {trouble.text}"))
        else:
            found.append(_stage(done, busy, step.title, charset))
    reading = operation.open and len(replied) == len(operation.plan.steps)
    found.append(_stage(settled, reading, "read back", charset))
    if operation.plan.criterion is not None:
        judging = settled and operation.open
        found.append(_stage(operation.outcome in _JUDGED, judging, operation.plan.criterion.text, charset))
    return found


_JUDGED = frozenset({Outcome.RECOVERED, Outcome.NOT_RECOVERED, Outcome.INCONCLUSIVE})


def verdict_at(operation: Operation) -> datetime | None:
    """When the fresh window is complete and settled: as the executor says it; else, where the window begins with the
    switch, whole minutes after that and the source's lateness. None: it is not known yet when it begins."""
    criterion = operation.plan.criterion
    if criterion is None or operation.switched is None:
        return None
    if operation.judge_at is not None:
        return operation.judge_at
    # Restored pages are fetched and compared first, and a stack has to come to rest.
    if criterion.server_errors is not None or any(step.kind.startswith("stack.") for step in operation.plan.steps):
        return None
    first = operation.switched.replace(second=0, microsecond=0)
    if first < operation.switched:
        first += timedelta(minutes=1)
    return first + timedelta(seconds=criterion.window_s + criterion.settle_s)


def _stage(done: bool, busy: bool, text: str, charset: Charset) -> tuple[str, str, str]:
    if done:
        return charset.done, "ok", text
    return (charset.busy, "accent", text) if busy else (charset.todo, "faint", text)


def _copying(operation: Operation, width: int, charset: Charset) -> list[Row]:
    """`copying 128 of 298 objects  ▕████▏` while a step of many calls is under way."""
    done, whole = operation.progress
    if operation.switched is not None or not whole:
        return []
    head = row("   ", Span(f"copying {wording.grouped(done)} of {wording.grouped(whole)} objects  ", "strong"))
    line = (*head, *bar(done / whole, 20, charset=charset))
    return [line] if sum(len(span.text) for span in line) <= width else wrap(list(head), width, 3)


def _judging(operation: Operation, now: datetime, width: int, charset: Charset) -> list[Row]:
    """`judging 3 of 5 minutes  ▕████▏  verdict at 03:24, in 2:10`."""
    due = verdict_at(operation)
    if operation.phase is not Phase.VERIFYING and operation.phase is not Phase.APPLIED:
        return []
    if due is None:
        since = f"  for {wording.countdown((now - operation.switched).total_seconds())}" if operation.switched else ""
        return wrap([Span("   "), Span(operation.text), Span(since, "muted")], width, hang=3)
    judged, needed = operation.progress
    needed = needed or 1
    left = (due - now).total_seconds()
    when = f"verdict at {wording.minute(due)}, in {wording.countdown(left)}" if left > 0 else "verdict due now"
    head = row("   ", Span(f"judging {judged} of {needed} minutes  ", "strong"))
    line = (*head, *bar(judged / needed, 20, charset=charset), Span(f"  {when}", "accent"))
    rows = [line] if sum(len(span.text) for span in line) <= width else wrap([*head, Span(when, "accent")], width, 3)
    rows += evidence_rows(operation, width, charset)
    if operation.text.startswith(f"{judged} of {needed} "):  # says what the line above says
        return rows
    return rows + wrap([Span("   "), Span(operation.text, "muted")], width, hang=3)


def outcome_rows(operation: Operation, width: int, charset: Charset = UNICODE) -> list[Row]:
    """The verdict in one large word, what it rests on, and what was answered; none while it is under way."""
    if operation.outcome is None:
        return []
    return _verdict(operation, operation.outcome, width, charset) + answer_rows(operation, width)


def _verdict(operation: Operation, outcome: Outcome, width: int, charset: Charset) -> list[Row]:
    state = OUTCOME_STATES[outcome]
    name = {State.OK: "ok", State.CRIT: "crit"}.get(state, "warn")
    said = operation.text.removeprefix(f"{outcome.value}: ")
    word = [(Span(" "), *line) for line in big_word(outcome.value, name, width - 1, charset)]
    told = wrap([Span(" "), Span(said)], width, hang=1)
    return [*word, *([()] if len(word) == 1 else []), *told, *evidence_rows(operation, width, charset)]
