"""A plan, before anything is done: what changes, what it rests on, the exact calls, what cannot be undone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.model.plan import ActionKind, Call, Candidate, Plan
from widgets import wording
from widgets.charset import UNICODE, Charset
from widgets.picture import Picture
from widgets.spans import HARD, Row, Span, columns, row, text_of, wrap

LABEL = 13
"""Cells of the left column, the names of the sections."""

DEEPEST = 14
"""Cells to which a second column may indent what follows."""

NARROW = 60
"""Below this width a section's name stands above its text."""


class PlanView(Picture):
    """Shows a Plan. Wraps to its width and leaves nothing out: a dialog asks `needed_height` before it may confirm."""

    DEFAULT_CSS = """
    PlanView { height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._plan: Plan | None = None

    def show(self, plan: Plan) -> None:
        """Show `plan`."""
        self._plan = plan
        self.redraw()

    def needed_height(self, width: int) -> int:
        return len(plan_rows(self._plan, width, self.charset)) if self._plan else 1

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return plan_rows(self._plan, width, self.charset) if self._plan else []


def plan_rows(plan: Plan, width: int, charset: Charset = UNICODE) -> list[Row]:
    """The whole plan in rows of at most `width` cells."""
    rows: list[Row] = []
    for step in plan.steps:
        rows += _section("Change", [_change(step.title)], width, first=not rows)
    if any(one.possible and not one.chosen for one in plan.layers):
        rows += _section("Layers", [layers_row(plan)], width)
    if plan.candidates:
        rows += _section("Back to", _candidates(plan.candidates, plan.made, charset), width)
    untouched = [note for note in plan.notes if plan.kind is ActionKind.ROLLBACK and _left_alone(note)]
    rows += _section("Untouched", map(_note, untouched), width)
    rows += _section("Notes", [_note(note) for note in plan.notes if note not in untouched], width)
    rows += _section("Saved first", [(Span(saved),) for saved in plan.saved], width)
    rows += _section("Calls", [line for step in plan.steps for line in call_lines(step.call)], width)
    rows += _section("Only if", _conditions(plan), width)
    rows += _section("Cannot undo", [(Span(loss, "warn"),) for loss in plan.irreversible], width)
    if plan.criterion is not None:
        rows += _section("Recovered", [row("when ", Span(plan.criterion.text))], width)
    return rows


def layers_row(plan: Plan) -> Row:
    """`[x] alias  [ ] stage · space chooses`; what cannot be rolled back is left out here."""
    offered = [one for one in plan.layers if one.possible]
    boxes = {True: "[x]", False: "[ ]"}
    spans = [Span(f"{boxes[one.chosen]}{HARD}{one.layer}  ", "strong" if one.chosen else "") for one in offered]
    return (*spans, Span("space chooses", "muted"))


def loud(note: str) -> bool:
    """Whether a note may change the decision: it is never left out, and never muted."""
    return note.startswith(("WARNING", "Warning", "EVIDENCE", "Takes effect"))


_LAYERS = frozenset({"API", "Content", "Edge", "Stack"})
"""What a note begins with that says why a rollback leaves a layer as it is."""


def _left_alone(note: str) -> bool:
    return note.partition(" ")[0].rstrip(":") in _LAYERS


def _note(note: str) -> Row:
    return (Span(note, "warn" if loud(note) else "muted"),)


def call_lines(call: Call) -> list[Row]:
    """One call as it will be sent: `lambda.UpdateAlias  us-west-2`, then each parameter as JSON."""
    lines: list[Row] = [row(Span(f"{call.service}.{call.operation}", "strong"), Span(f"  {call.region}", "muted"))]
    for name, given in call.parameters.items():
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, default=str)
        lines.append(row(Span(f"  {name} ", "muted"), text))
    return lines


def _section(name: str, lines: Iterable[Row], width: int, first: bool = False) -> list[Row]:
    """The name at the left, the lines wrapped beside it."""
    label = Span(f"{name:<{LABEL}}", "muted")
    wide = width >= NARROW
    rows: list[Row] = [] if wide else [(Span(name, "muted"),)]
    for line in lines:
        for part in wrap(line, width - LABEL if wide else width - 2, hang=_hang(line)):
            rows.append((label, *part) if wide else (Span("  "), *part))
            label = Span(" " * LABEL)
    return rows if len(rows) > (0 if wide else 1) else []


def _hang(line: Row) -> int:
    """Where later rows begin: under the second column of a line that has one (`API      stage prod …`)."""
    text = text_of(line)
    gap = text.lstrip().find("  ")
    if gap < 0:
        return 2
    start = len(text) - len(text.lstrip()) + gap
    column = len(text) - len(text[start:].lstrip())
    return column if column <= DEEPEST else 2


def _change(title: str) -> Row:
    """A step's title, strong; what stands at either end of an arrow in the accent colour."""
    words = title.split(" ")
    arrows = {index for index, word in enumerate(words) if word == "→"}
    ends = {index + 1 for index in arrows} | {index - 1 for index in arrows}
    spans = []
    for index, word in enumerate(words):
        style = "muted" if index in arrows else "accent-strong" if index in ends else "strong"
        spans += [Span(word, style), Span(" ", "strong")]
    return tuple(spans[:-1])


def _conditions(plan: Plan) -> list[Row]:
    """Everything that must still be so when a call is made, in one paragraph."""
    spans: list[Span] = []
    for step in plan.steps:
        for condition in step.preconditions:
            spans.append(Span(", " if spans else "still ", "muted"))
            spans += [Span(f"{condition.what}{HARD}", "muted"), Span(condition.expected or "none")]
    return [tuple(spans)] if spans else []


def _candidates(candidates: Sequence[Candidate], made: datetime, charset: Charset) -> list[Row]:
    """One line each: the version and its evidence; the chosen one marked and strong."""
    size = columns(candidate.label for candidate in candidates)
    lines = []
    for candidate in candidates:
        mark = Span(f"{charset.busy} ", "accent") if candidate.chosen else Span("  ")
        version = Span(f"{candidate.label:<{size}}  ", "strong" if candidate.chosen else "")
        evidence = candidate.evidence or _evidence(candidate, made)
        lines.append(row(mark, version, Span(evidence, "" if candidate.chosen else "muted")))
    return lines


def _evidence(candidate: Candidate, made: datetime) -> str:
    """What the numbers say, for a candidate without a sentence of its own."""
    facts = ["errors not known"]
    if candidate.errors is not None:
        facts = [f"errors {wording.percent(candidate.errors)} of {wording.grouped(candidate.requests)}"]
    if candidate.published is not None:
        facts.append(f"published {wording.age((made - candidate.published).total_seconds())} ago")
    return ", ".join(facts)
