"""What waits for somebody, under the header of every screen: alerts that nobody has acknowledged, and who has to be
called. Words and signs; the keys stand beside it and never give way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from services.safe_text import SafeText
from widgets import wording
from widgets.spans import Row, Span, cells, cut, spread

ACKNOWLEDGE, OPEN = "a", "!"
"""The keys as they are shown."""


class WaitingFacts(msgspec.Struct, frozen=True):
    """Criticals and triggers that nobody has acknowledged."""

    count: int
    title: SafeText
    """The runbook's name of the worst."""
    due: datetime | None
    """Until when somebody has to respond to it; None when the runbook gives no time."""
    late_min: int | None = None
    """Whole minutes since then; None while there is time."""
    offer: str = ""
    """What a fired trigger offers: `R rolls back`."""


class CallFacts(msgspec.Struct, frozen=True):
    """Somebody of the ladder who is to be called."""

    at: datetime
    """Since when it is their turn."""
    who: SafeText
    title: SafeText
    after_min: float
    """For how many minutes the alert had not been resolved then."""
    others: int = 0
    """How many more alerts are to be told of in the same call."""
    reach: SafeText = SafeText("")
    """How they are reached."""


class AlertFacts(msgspec.Struct, frozen=True):
    """Everything that stands under the header."""

    waiting: WaitingFacts | None = None
    call: CallFacts | None = None
    now: datetime | None = None
    """To the minute."""


def alert_rows(facts: AlertFacts | None, width: int) -> list[Row]:
    """None, one or two rows of at most `width` cells."""
    if facts is None:
        return []
    rows = []
    if facts.waiting is not None:
        rows.append(_fitting(_waiting(facts.waiting, facts.now), width))
    if facts.call is not None:
        rows.append(_fitting(_call(facts.call, facts.now, keyed=facts.waiting is None), width))
    return rows


def small_rows(facts: AlertFacts | None) -> list[str]:
    """The same for a terminal that is too small for a screen."""
    if facts is None:
        return []
    found = []
    one = facts.waiting
    if one is not None:
        said = " ".join(part for part in (_when(one, facts.now), one.offer) if part)
        found.append(f"✖ {one.count} unacknowledged: {one.title}{f', {said}' if said else ''}; {ACKNOWLEDGE} takes on")
    if facts.call is not None:
        found.append(f"▲ {_turn(facts.call, facts.now)}: {facts.call.title}; {OPEN} opens")
    return found


def _fitting(variants: Iterator[tuple[Sequence[Span], Sequence[Span]]], width: int) -> Row:
    """The first of what can be said, from the longest to the shortest, that has room; the last is cut."""
    left: Sequence[Span] = ()
    right: Sequence[Span] = ()
    for left, right in variants:
        if cells(left) + cells(right) + 2 <= width:
            break
    return cut(spread(left, right, width), width)


def _waiting(one: WaitingFacts, now: datetime | None) -> Iterator[tuple[Sequence[Span], Sequence[Span]]]:
    noun = "ALERT" if one.count == 1 else "ALERTS"
    when, late = _when(one, now), one.late_min is not None
    loud = "crit" if late else "strong"
    offer = [Span(f"  {one.offer}", "accent-strong")] if one.offer else []
    variants = (
        (f" ✖ {one.count} {noun} UNACKNOWLEDGED ", when, _keys("acknowledges", "opens")),
        (f" ✖ {one.count} UNACKNOWLEDGED ", when, _keys("ack", "")),
        (f" ✖ {one.count} UNACKED ", _short(one, now), _keys("ack", "")),
        (f" ✖ {one.count} UNACKED ", _short(one, now), _keys("", "")),
    )
    for offered in (offer, []) if offer else ([],):
        for badge, said, keys in variants:
            left = [Span(badge, "badge-crit"), Span(f"  {one.title}", "strong")]
            yield [*left, *([Span(f"  {said}", loud)] if said else []), *offered], keys
    short = [
        Span(f" ✖ {one.count} ", "badge-crit"),
        Span(f" {one.title}  ", "strong"),
        Span(_short(one, now), loud),
    ]
    yield short, _keys("", "")


def _keys(acknowledge: str, opens: str) -> list[Span]:
    spans: list[Span] = []
    for key, does in ((ACKNOWLEDGE, acknowledge), (OPEN, opens)):
        spans += [Span(f" {key} ", "key-cap"), Span(f" {does} " if does else " ", "muted")]
    return spans


def _when(one: WaitingFacts, now: datetime | None) -> str:
    if one.due is None:
        return ""
    by = f"respond by {moment(one.due, now)}"
    if one.late_min is None:
        return by
    late = f"{one.late_min} min" if one.late_min < 60 else wording.took(60.0 * one.late_min)
    return f"{by}, OVERDUE {f'by {late}' if one.late_min else 'now'}"


def _short(one: WaitingFacts, now: datetime | None) -> str:
    if one.due is None:
        return ""
    return f"by {moment(one.due, now)}{'' if one.late_min is None else ' OVERDUE'}"


def _call(call: CallFacts, now: datetime | None, *, keyed: bool) -> Iterator[tuple[Sequence[Span], Sequence[Span]]]:
    others = f" and {call.others} more" if call.others else ""
    unresolved = f"{call.title}{others} unresolved for {call.after_min:g} min"
    for reach in (call.reach, "") if call.reach else ("",):
        for said in (unresolved, f"{call.title}{others}", str(call.title), ""):
            for keys in (_open("opens"), _open("")) if keyed else ((),):
                left = [Span(" ▲ ESCALATE ", "badge-warn"), Span(f"  {_turn(call, now)}", "strong")]
                reached = [Span(f": {reach}", "strong")] if reach else []
                yield [*left, *reached, *([Span(f"  {said}")] if said else [])], keys


def _open(does: str) -> list[Span]:
    return [Span(f" {OPEN} ", "key-cap"), Span(f" {does} " if does else " ", "muted")]


def _turn(call: CallFacts, now: datetime | None) -> str:
    return f"{moment(call.at, now)} {call.who} is to be called"


def moment(at: datetime, now: datetime | None) -> str:
    """`03:12`, with the day before it when that is not today's."""
    return wording.minute(at) if now is None or at.date() == now.date() else f"{at:%m-%d} {wording.minute(at)}"
