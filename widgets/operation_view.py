"""An operation as its journal tells it: which step, what is waited for, and at last the verdict in one large word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.model.assessment import State
from services.model.entry import Operation, Outcome, Phase
from widgets import wording
from widgets.bar import bar
from widgets.big_word import big_word
from widgets.charset import UNICODE, Charset
from widgets.picture import Picture
from widgets.spans import Row, Span, row, wrap

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
_TAKEN_UP = frozenset({Phase.STARTED, Phase.SNAPSHOT, Phase.INTENT})


class OperationView(Picture):
    """Shows an Operation, under way or ended."""

    DEFAULT_CSS = """
    OperationView { height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._operation: Operation | None = None
        self._now: datetime | None = None
        self._orphaned = False

    def show(self, operation: Operation, now: datetime, *, orphaned: bool = False) -> None:
        """Show `operation`; what is left is counted from `now`. `orphaned`: the process that performed it is gone."""
        self._operation, self._now, self._orphaned = operation, now, orphaned
        self.redraw()

    def needed_height(self, width: int) -> int:
        return max(1, len(self._all(width)))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._all(width)

    def _all(self, width: int) -> list[Row]:
        if self._operation is None or self._now is None:
            return []
        return operation_rows(self._operation, self._now, width, self.charset, orphaned=self._orphaned)


def operation_rows(
    operation: Operation, now: datetime, width: int, charset: Charset = UNICODE, *, orphaned: bool = False
) -> list[Row]:
    """The steps with their signs, the judgement's progress, and the outcome; rows of at most `width` cells."""
    rows = wrap([Span(_ordered(operation, charset), "muted")], width)
    for sign, style, text in stages(operation, charset):
        loud = style if style in ("crit", "warn") else "faint" if sign == charset.todo else ""
        rows += wrap([Span(f" {sign} ", style), Span(text, loud)], width, hang=3)
    if operation.outcome is not None:
        return rows + _verdict(operation, operation.outcome, width, charset)
    rows += _copying(operation, width, charset) + _judging(operation, now, width, charset)
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
    trouble = next((entry for entry in reversed(operation.entries) if entry.phase in _TROUBLE), None)
    settled = Phase.APPLIED in seen
    found = [_stage(Phase.SNAPSHOT in seen, operation.phase is Phase.STARTED, "saved what stands", charset)]
    for index, step in enumerate(operation.plan.steps):
        done, busy = settled or index in replied, index in begun
        if trouble is not None and not settled and (trouble.step == index or (trouble.step is None and busy)):
            sign = charset.failed if trouble.phase is Phase.FAILED else "▲"
            found.append((sign, _TROUBLE[trouble.phase], f"{step.title}: {trouble.text}"))
        else:
            found.append(_stage(done, busy, step.title, charset))
    found.append(_stage(settled, len(replied) == len(operation.plan.steps), "read back", charset))
    if operation.plan.criterion is not None:
        found.append(_stage(operation.outcome in _JUDGED, settled, operation.plan.criterion.text, charset))
    return found


_JUDGED = frozenset({Outcome.RECOVERED, Outcome.NOT_RECOVERED, Outcome.INCONCLUSIVE})


def verdict_at(operation: Operation) -> datetime | None:
    """When the fresh window is complete and settled: whole minutes after the switch, then the source's lateness."""
    criterion = operation.plan.criterion
    if criterion is None or operation.switched is None:
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
    head = row("   ", Span(f"copying {done:,} of {whole:,} objects  ", "strong"))
    line = (*head, *bar(done / whole, 20, charset=charset))
    return [line] if sum(len(span.text) for span in line) <= width else wrap(list(head), width, 3)


def _judging(operation: Operation, now: datetime, width: int, charset: Charset) -> list[Row]:
    """`judging 3 of 5 minutes  ▕████▏  verdict at 03:24, in 2:10`."""
    due = verdict_at(operation)
    if operation.phase is not Phase.VERIFYING and operation.phase is not Phase.APPLIED:
        return []
    if due is None:
        return wrap([Span("   "), Span(operation.text)], width, hang=3)
    judged, needed = operation.progress
    needed = needed or 1
    left = (due - now).total_seconds()
    when = f"verdict at {wording.minute(due)}, in {wording.countdown(left)}" if left > 0 else "verdict due now"
    head = row("   ", Span(f"judging {judged} of {needed} minutes  ", "strong"))
    line = (*head, *bar(judged / needed, 20, charset=charset), Span(f"  {when}", "accent"))
    rows = [line] if sum(len(span.text) for span in line) <= width else wrap([*head, Span(when, "accent")], width, 3)
    if operation.text.startswith(f"{judged} of {needed} "):  # says what the line above says
        return rows
    return rows + wrap([Span("   "), Span(operation.text, "muted")], width, hang=3)


def _verdict(operation: Operation, outcome: Outcome, width: int, charset: Charset) -> list[Row]:
    state = OUTCOME_STATES[outcome]
    name = {State.OK: "ok", State.CRIT: "crit"}.get(state, "warn")
    said = operation.text.removeprefix(f"{outcome.value}: ")
    word = [(Span(" "), *line) for line in big_word(outcome.value, name, width - 1, charset)]
    return [(), *word, *([()] if len(word) == 1 else []), *wrap([Span(" "), Span(said)], width, hang=1)]
