"""The first response to an alert, step by step (runbook lines 149-161): its key, who took it when, what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.model.alerts import StepMark
from services.model.assessment import State
from services.model.stacks import StackEvent
from services.safe_text import SafeText
from widgets import wording
from widgets.spans import Row, Span, columns, cut, fit, wrap
from widgets.states import SIGNS, style

NAME = 26
"""Cells of a resource's name in the list of events."""


class StatusLine(msgspec.Struct, frozen=True):
    """One component, as `cockpit status` tells it."""

    name: str
    state: State
    detail: str


class EventsShown(msgspec.Struct, frozen=True):
    """The newest events of the stack, the newest first."""

    events: tuple[StackEvent, ...]
    more: int
    """How many older ones are known."""
    why: SafeText = SafeText("")
    """Why there are none."""


class StepLine(msgspec.Struct, frozen=True):
    """One step."""

    text: str
    key: str
    """Empty: no key does it."""
    does: str
    off: str = ""
    """Why the key does nothing now; empty when it works."""
    mark: StepMark | None = None
    status: tuple[StatusLine, ...] = ()
    """What a look at the system has found."""
    events: EventsShown | None = None


def step_rows(step: StepLine, now: datetime, width: int) -> list[Row]:
    """The step in rows of at most `width` cells."""
    mark = step.mark
    sign = Span("✓ ", "ok") if mark is not None else Span("· ", "muted")
    spans = [sign, Span(step.text, "muted" if mark is not None else "")]
    if mark is not None:
        spans.append(Span(f"  {stamp(mark.at, now)} by {mark.by}", "ok"))
    spans += _key(step)
    rows = wrap(spans, width, hang=2)
    if mark is not None and mark.note and not step.status:
        rows += wrap([Span("  "), Span(mark.note, "muted")], width, hang=2)
    rows += _status(step.status, width)
    return rows + (_events(step.events, now, width) if step.events is not None else [])


def _key(step: StepLine) -> list[Span]:
    if not step.key:
        return []
    if step.off:
        return [Span(f"  {step.key} {step.does}: off now, {step.off}", "key-off")]
    return [
        Span("  "),
        Span(f" {step.key} ".replace(" ", "\u00a0"), "key-cap"),
        Span(f" {step.does}".replace(" ", "\u00a0"), "muted"),
    ]


def _status(lines: Sequence[StatusLine], width: int) -> list[Row]:
    names = columns(one.name for one in lines)
    words = columns(f"{SIGNS[one.state]} {one.state}" for one in lines)
    return [
        cut(
            (
                Span(f"    {one.name:<{names}}  "),
                *fit([Span(f"{SIGNS[one.state]} {one.state}", style(one.state))], words),
                Span(f"  {one.detail}", "muted"),
            ),
            width,
        )
        for one in lines
    ]


def _events(shown: EventsShown, now: datetime, width: int) -> list[Row]:
    if not shown.events:
        return [cut([Span(f"    {shown.why}", "silent")], width)]
    statuses = columns(one.status for one in shown.events)
    rows = [cut(_event(one, now, statuses), width) for one in shown.events]
    if shown.more:
        more = [Span("    "), Span("\u00a0m\u00a0".replace("\u00a0", " "), "key-cap"), Span(f" {shown.more} older", "")]
        return [*rows, cut(more, width)]
    return [*rows, cut([Span("    the oldest that CloudFormation tells", "faint")], width)]


def _event(one: StackEvent, now: datetime, statuses: int) -> Row:
    look = "crit" if one.failed else "warn" if "ROLLBACK" in one.status else ""
    return (
        Span(f"    {stamp(one.at, now)}  ", "muted"),
        *fit([Span(one.status, look)], statuses),
        Span("  "),
        *fit([Span(one.logical_id)], NAME),
        Span(f"  {one.reason}", "muted"),
    )


def stamp(at: datetime, now: datetime) -> str:
    """`03:11:42`, with the day before it when that is not today's."""
    return wording.second(at) if at.date() == now.date() else f"{at:%m-%d} {wording.second(at)}"
