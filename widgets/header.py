"""The line at the top: where am I, as whom, what may I do, how old is what I see, what does looking cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.model.assessment import State
from services.model.health_score import Score
from services.model.turns import turn
from services.safe_text import SafeText
from widgets import wording
from widgets.alert_bar import AlertFacts, alert_rows
from widgets.charset import UNICODE, Charset
from widgets.picture import Picture
from widgets.score_gauge import gauge
from widgets.spans import Row, Span, cells, spread
from widgets.states import style

ASKED_EVERY = 60
"""Seconds from one answer to the next; after three of them the data's age is no longer quiet."""


class HeaderFacts(msgspec.Struct, frozen=True):
    """Everything the header can say. Empty or None: not known yet, and left out."""

    system: str
    environment: str
    """The environment's name; shown in capitals in its own colour."""
    production: bool = False
    region: str = ""
    account: SafeText = SafeText("")
    who: SafeText = SafeText("")
    read_only: bool = False
    now: datetime | None = None
    age: float | None = None
    """Seconds since the newest answer."""
    per_hour: float | None = None
    """Dollars per hour of our own questions."""
    capped: bool = False
    """Whether some are asked more seldom so as not to cost more."""
    cadences: str = ""
    """Which of them how often, while they are: `diagnosis 9 min, judged 60 s`."""
    endpoint: SafeText = SafeText("")
    """Not empty: this is not AWS. `DEMO`, `SIMULATED`, or where it is."""
    speed: float = 1.0
    operation: SafeText = SafeText("")
    """The operation under way or just ended: `rolling back 2/5`, `RECOVERED`."""
    operation_state: State = State.WAITING
    score: Score | None = None
    """None: nothing is known yet."""
    alerts: AlertFacts | None = None
    """What waits for somebody; a line of its own under the first, where there is any."""


class Header(Picture):
    """Shows HeaderFacts in one line; what matters least gives way first. Alerts that wait stand under it."""

    DEFAULT_CSS = """
    Header { height: auto; min-height: 1; background: $surface; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._facts: HeaderFacts | None = None

    def show(self, facts: HeaderFacts) -> None:
        """Show `facts`."""
        if facts == self._facts:
            return
        self._facts = facts
        if facts.production != self.has_class("-production"):
            self.set_class(facts.production, "-production")
        if facts.read_only != self.has_class("-read-only"):
            self.set_class(facts.read_only, "-read-only")
        self.redraw()

    def needed_height(self, width: int) -> int:
        return 1 + len(alert_rows(self._facts.alerts, width)) if self._facts else 1

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if self._facts is None:
            return []
        return [header_row(self._facts, width, self.charset), *alert_rows(self._facts.alerts, width)]


class _Fact(msgspec.Struct, frozen=True):
    """One fact: how it looks, and when it gives way (the highest first)."""

    spans: Row
    yields: int


def header_row(facts: HeaderFacts, width: int, charset: Charset = UNICODE) -> Row:
    """The header in `width` cells. Never gives way: the environment, the mode, the clock."""
    left, right = _left(facts, charset), _right(facts, charset)
    for limit in range(9, -1, -1):
        shown_left = _joined([fact for fact in left if fact.yields <= limit], charset)
        shown_right = _spaced([fact for fact in right if fact.yields <= limit])
        if cells(shown_left) + cells(shown_right) + 2 <= width:
            break
    return spread(shown_left, shown_right, width)


def _left(facts: HeaderFacts, charset: Charset) -> list[_Fact]:
    before, after = charset.block
    word = Span(f"{before}{facts.environment.upper()}{after}", "environment")
    found = [
        _Fact((Span(" "), Span(facts.system, "strong"), Span(" ")), 3),
        _Fact((word,), 0),
    ]
    if facts.endpoint:
        speed = wording.speed(facts.speed)
        text = f"{before}{facts.endpoint}{' ' + speed if speed else ''}{after}"
        found.append(_Fact((Span(" "), Span(text, "alert")), 1))
    rest = ((facts.region, 5), (wording.account(facts.account), 8), (facts.who, 7))
    found += [_Fact((Span(text, "muted"),), yields) for text, yields in rest if text]
    return found


def _right(facts: HeaderFacts, charset: Charset) -> list[_Fact]:
    found = []
    if facts.operation:
        found.append(_Fact((Span(f" {facts.operation} ", f"badge-{style(facts.operation_state)}"),), 2))
    if facts.score is not None:
        found.append(_Fact(gauge(facts.score, charset), 4))
    mode = Span("READ-ONLY", "accent") if facts.read_only else Span("OPERATOR", "strong")
    found.append(_Fact((mode,), 0))
    if facts.now is not None:
        found.append(_Fact((Span(wording.clock(facts.now), "strong"),), 0))
    if facts.age is not None:
        loud = "warn" if facts.age >= 3 * turn(ASKED_EVERY, facts.speed) else "muted"
        found.append(_Fact((Span(f"data {wording.age(facts.age)}", loud),), 3))
    if facts.per_hour is not None:
        cost = wording.dollars_per_hour(facts.per_hour)
        found.append(_Fact((Span(f"{cost} capped", "warn") if facts.capped else Span(cost, "muted"),), 6))
        if facts.capped and facts.cadences:
            found.append(_Fact((Span(facts.cadences, "muted"),), 9))
    return found


def _joined(facts: list[_Fact], charset: Charset) -> Row:
    """System and environment side by side, then the facts with dots between."""
    spans: list[Span] = []
    quiet = 0
    for fact in facts:
        if len(fact.spans) == 1 and fact.spans[0].style == "muted":
            spans.append(Span("  " if not quiet else f" {charset.dot} ", "faint"))
            quiet += 1
        spans.extend(fact.spans)
    if spans and spans[0].style == "environment":
        spans.insert(0, Span(" "))
    return tuple(spans)


def _spaced(facts: list[_Fact]) -> Row:
    spans: list[Span] = []
    for fact in facts:
        if spans:
            spans.append(Span("  "))
        spans.extend(fact.spans)
    return (*spans, Span(" "))
