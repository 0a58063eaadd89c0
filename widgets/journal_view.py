"""One operation of the journal, whole: who and why, each call as a command line, every record, what stood before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.model.entry import Entry, Operation, Phase
from services.model.journal import FileFinding, Line, Listed, Whole
from services.plural import several
from widgets import wording
from widgets.hideable import Hideable
from widgets.journal_table import state_of
from widgets.sheet import Sheet
from widgets.spans import Row, Span, wrap

LABEL = 12
"""Cells of the names at the left."""

_LOUD = {Phase.FAILED: "crit", Phase.VOID: "warn", Phase.UNKNOWN: "warn", Phase.PAUSED: "warn"}

_OF_THE_PLAN = ("environment",)
"""Data of records that is told elsewhere."""


class JournalView(Sheet, Hideable):
    """Shows a Whole; `brief`: the few rows that stand below the list."""

    DEFAULT_CSS = """
    JournalView { height: auto; }
    """

    def __init__(self, *, brief: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._brief = brief
        self._listed: Listed | None = None
        self._whole: Whole | None = None

    def show(self, listed: Listed | None, whole: Whole | None = None) -> None:
        """Show an operation's line, or all of it when it has been read."""
        if (listed, whole) != (self._listed, self._whole):
            self._listed, self._whole = listed, whole
            self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        if self._listed is None:
            return []
        if self._brief:
            return brief_rows(self._listed, width)
        return whole_rows(self._listed, self._whole, width)


class FindingsView(Sheet, Hideable):
    """Shows what the check of every chain found: the damaged ones first."""

    DEFAULT_CSS = """
    FindingsView { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._findings: tuple[FileFinding, ...] = ()
        self._said = ""

    def show(self, findings: tuple[FileFinding, ...], said: str) -> None:
        """Show the findings under a sentence about all of them."""
        if (findings, said) != (self._findings, self._said):
            self._findings, self._said = findings, said
            self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        return finding_rows(self._findings, self._said, width)


def finding_rows(findings: Sequence[FileFinding], said: str, width: int) -> list[Row]:
    """A row a file, by folder; within it the damaged before the torn before the good."""
    bad = any(not one.good for one in findings)
    rows = wrap([Span(f" {said}", "crit" if bad else "ok" if findings else "muted")], width, hang=1)
    folder = ""
    for one in sorted(findings, key=lambda one: (one.folder, one.good, not one.torn)):
        if one.folder != folder:
            folder = one.folder
            rows += [(), *wrap([Span(f" {folder}", "title")], width, hang=1)]
        rows += _finding(one, width)
    return rows


def _finding(one: FileFinding, width: int) -> list[Row]:
    if one.damage:
        text = f"{one.name}: {one.damage}. {one.records} good before it. Keep the file"
        return wrap([Span(" ✖ damaged ", "crit"), Span(text, "crit")], width, hang=11)
    if one.torn:
        text = f"{one.name}: {several(one.records, 'record')}; a last line that was never finished is left out"
        return wrap([Span(" ▲ torn    ", "warn"), Span(text)], width, hang=11)
    return wrap(
        [Span(" ● holds   ", "ok"), Span(f"{one.name}: {several(one.records, 'record')}", "muted")], width, hang=11
    )


def brief_rows(listed: Listed, width: int, by_hand: str = "enter shows the lines to finish it by hand") -> list[Row]:
    """Who, why, which calls, what came of it; `by_hand` says where the command lines are."""
    rows: list[Row] = []
    for name, value in (
        ("what", listed.title),
        ("who", listed.who + (f" · {listed.arn}" if listed.arn else "")),
        ("why", listed.reason),
        ("calls", ", ".join(listed.calls)),
    ):
        rows += _fact(name, value, width)
    return rows + _outcome(listed, width, by_hand)


def _outcome(listed: Listed, width: int, by_hand: str) -> list[Row]:
    sign, word, look = state_of(listed)
    said = listed.text.removeprefix(f"{word}: ")
    rows = wrap([Span(f" {'outcome':<{LABEL}}", "muted"), Span(f"{sign} {word}  ", look), Span(said)], width, LABEL + 1)
    if listed.gone:
        text = f"its executor has gone: c has it carried on (what stands is read first); {by_hand}"
        rows += wrap([Span(" " * (LABEL + 1)), Span(text, "warn")], width, LABEL + 1)
    return rows


def _fact(name: str, value: str, width: int, look: str = "") -> list[Row]:
    if not value:
        return []
    return wrap([Span(f" {name:<{LABEL}}", "muted"), Span(value, look)], width, LABEL + 1)


def whole_rows(listed: Listed, whole: Whole | None, width: int) -> list[Row]:
    """The whole page in rows of at most `width` cells."""
    rows = _fact("operation", listed.id, width)
    rows += _fact(
        "where", listed.environment + (f", simulated account {listed.folder}" if listed.folder else ""), width
    )
    rows += _fact("ordered", _dated(listed.ordered), width)
    rows += _fact("ended", _took(listed), width)
    rows += brief_rows(listed, width, "or finish it by hand, below")
    rows += _fact("damage", listed.damage, width, "crit")
    operation = whole.operation if whole is not None else None
    if whole is None or operation is None:
        return rows
    rows += _plan(operation, width)
    if whole.by_hand is not None:
        rows += _lines("Look, by hand", whole.by_hand.look, width)
        rows += _lines("Calls, as the AWS CLI makes them" if not listed.open else "Finish it, by hand",
                       whole.by_hand.finish, width)  # fmt: skip
        rows += _lines("Take it back, by hand", whole.by_hand.undo, width)
    return rows + _records(operation, width)


def _took(listed: Listed) -> str:
    if listed.ended is None:
        return ""
    return f"{_dated(listed.ended)}, after {wording.took((listed.ended - listed.ordered).total_seconds())}"


def _dated(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _plan(operation: Operation, width: int) -> list[Row]:
    rows = _head("Plan", width)
    for number, step in enumerate(operation.plan.steps, 1):
        rows += _fact(f"step {number}", step.title, width)
        rows += _fact("  before", _pairs(step.before), width)
        rows += _fact("  after", _pairs(step.after), width)
        rows += _fact(
            "  only if", ", ".join(f"{one.what} = {one.expected or 'none'}" for one in step.preconditions), width
        )
    for text in operation.plan.irreversible:
        rows += _fact("no undo of", text, width)
    if operation.plan.criterion is not None:
        rows += _fact("recovered", operation.plan.criterion.text, width)
    return rows


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value not in ("", None))


def _lines(title: str, lines: Sequence[Line], width: int) -> list[Row]:
    rows = _head(title, width)
    for line in lines:
        rows += wrap([Span(f" # {line.about}", "muted")], width, hang=3)
        if line.command:
            rows += wrap([Span(" "), Span(line.command)], width, hang=3)
    return rows


def _records(operation: Operation, width: int) -> list[Row]:
    rows = _head("Records", width)
    before: datetime | None = None
    for entry in operation.entries:
        if entry.phase is Phase.HEARTBEAT:
            continue
        rows += _record(entry, before, width)
        before = entry.at
    return rows


def _record(entry: Entry, before: datetime | None, width: int) -> list[Row]:
    since = f"+{wording.took((entry.at - before).total_seconds())}" if before is not None else ""
    look = _LOUD.get(entry.phase, "")
    head = [
        Span(f" {wording.clock(entry.at)} ", "muted"),
        Span(f"{since:>12} ", "faint"),
        Span(f"{entry.phase.value:<11}", look),
    ]
    rows = wrap([*head, Span(entry.text, look)], width, hang=13)
    for name, value in entry.data.items():
        if name not in _OF_THE_PLAN and value not in ("", None, [], {}):
            rows += wrap([Span(" " * 13), Span(f"{name} ", "muted"), Span(_told(value), "muted")], width, hang=15)
    return rows


def _told(value: object) -> str:
    """Data of a record in words that can be read."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_told(one)}" for name, one in value.items() if one not in ("", None)) or "{}"
    if isinstance(value, list | tuple):
        return ", ".join(_told(one) for one in value)
    return str(value)


def _head(title: str, width: int) -> list[Row]:
    rule = "─" * max(0, width - len(title) - 3)
    return [(), (Span(f" {title} ", "title"), Span(rule, "rule"))]
