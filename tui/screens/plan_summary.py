"""A plan in as few rows as tell what will happen: for a terminal on which the whole plan does not fit.

Nothing that decides is left out: what changes, back to what, the exact call, what is lost, how success is known. What
is only said in the whole plan is counted, and one key away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import takewhile

from services.model.plan import Call, Candidate, Plan, Step
from widgets.picture import Picture
from widgets.plan_view import layers_row, loud
from widgets.spans import Row, Span, wrap

LABEL = 13


class PlanSummary(Picture):
    """Shows the summary of one plan."""

    def __init__(self, plan: Plan, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._plan = plan

    def needed_height(self, width: int) -> int:
        return len(summary_rows(self._plan, width))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return summary_rows(self._plan, width)


def summary_rows(plan: Plan, width: int) -> list[Row]:
    """The summary in rows of at most `width` cells."""
    chosen = [one for one in plan.candidates if one.chosen]
    sections: list[tuple[str, list[list[Span]]]] = [
        ("Change", [[Span(title, "strong")] for title in _titles(plan.steps)]),
        ("Layers", [[*layers_row(plan)]] if any(one.possible and not one.chosen for one in plan.layers) else []),
        ("Back to", [_candidate(one) for one in chosen]),
        ("Calls", [line for alike in _alike(plan.steps) for line in _calls(alike)]),
        ("Notes", [[Span(note, "warn")] for note in plan.notes if loud(note)]),
        ("Saved first", [[Span(saved)] for saved in plan.saved]),
        ("Cannot undo", [[Span("; ".join(plan.irreversible), "warn")]] if plan.irreversible else []),
        ("Recovered", [[Span(f"when {plan.criterion.text}")]] if plan.criterion else []),
        ("More", [[Span(f"{_left_out(plan, chosen)}: down shows the whole plan", "muted")]]),
    ]
    return [line for label, texts in sections for line in _section(label, texts, width)]


def _section(label: str, texts: Iterable[Sequence[Span]], width: int) -> list[Row]:
    rows: list[Row] = []
    for index, spans in enumerate(texts):
        head = label if index == 0 else ""
        rows += wrap([Span(f"{head:<{LABEL}}", "muted"), *spans], width, hang=LABEL)
    return rows


def _candidate(one: Candidate) -> list[Span]:
    return [Span(one.label, "strong"), Span(f"  {one.evidence}")]


def _alike(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps in a row that do the same to several things, each by itself; any other step alone."""
    found: list[list[Step]] = []
    for step in steps:
        last = found[-1][-1] if found else None
        if last is not None and last.apart and step.apart and last.kind == step.kind:
            found[-1].append(step)
        else:
            found.append([step])
    return found


def _titles(steps: Sequence[Step]) -> list[str]:
    """`Lambda  fn  delete v38 of 2026-09-24; v39 of 2026-10-02`: what titles begin with is said once."""
    told = []
    for alike in _alike(steps):
        words = [one.title.split(" ") for one in alike]
        shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False)))
        told.append("; ".join([alike[0].title, *(" ".join(one[shared:]) for one in words[1:])]))
    return told


def _calls(alike: Sequence[Step]) -> list[list[Span]]:
    """One line a call; of calls that differ in one parameter the first, and then the values of the others."""
    first, *others = [step.call for step in alike]
    differing = {name for call in others for name, value in call.parameters.items() if first.parameters[name] != value}
    if not others or len(differing) != 1:
        return [_call(step.call) for step in alike]
    (name,) = differing
    values = ", ".join(json.dumps(call.parameters[name], ensure_ascii=False) for call in others)
    return [[*_call(first), Span(f", then with {name}={values}: {len(alike)} calls")]]


def _call(call: Call) -> list[Span]:
    """The whole call on one line: `lambda.UpdateAlias us-west-2 Name="LIVE" FunctionVersion="41" …`."""
    given = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call.parameters.items())
    return [Span(f"{call.service}.{call.operation}", "strong"), Span(f" {call.region} {given}")]


def _left_out(plan: Plan, chosen: Sequence[Candidate]) -> str:
    conditions = sum(len(step.preconditions) for step in plan.steps)
    counted = (
        (len(plan.candidates) - len(chosen), "other candidate"),
        (sum(not loud(note) for note in plan.notes), "note"),
        (conditions, "precondition"),
    )
    return (
        ", ".join(f"{count} {what}{'s' if count > 1 else ''}" for count, what in counted if count) or "nothing left out"
    )
