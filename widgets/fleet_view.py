"""All environments, two rows each: what state it is in and since when, then its sentence; and one of them in full."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from services.model.assessment import State
from services.model.fleet import FleetRow
from widgets import wording
from widgets.alert_bar import moment
from widgets.charset import UNICODE, Charset
from widgets.hideable import Hideable
from widgets.listing import Listing
from widgets.spans import Row, Span, cells, columns, cut, fit, row, spread, squeeze_text, wrap
from widgets.states import SIGNS, WIDEST_WORD, style

STATE_CELLS = WIDEST_WORD + 4
NAME_CELLS = 18
NARROW_CELLS = 15
"""Most cells of the column of names, and where the terminal is narrower than WIDE."""

HERE_CELLS, REGION_CELLS, ACCOUNT_CELLS, SINCE_CELLS, AGE_CELLS, COST_CELLS = 6, 15, 16, 15, 8, 8

WIDE = 110
"""From this width on region and account have columns of their own."""

OLD = 300
"""Seconds of age from which data are no longer fresh: a row is asked for half as often as the screen."""


class FleetTable(Listing[FleetRow]):
    """Shows FleetRows."""

    TALL: ClassVar[int] = 2

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._names = 0

    def show(self, rows: Sequence[FleetRow]) -> None:
        """Show the rows in this order; the selection stays with its environment."""
        self._names = min(NAME_CELLS, columns(one.name for one in rows))
        self.set_entries(tuple(rows), "there are no environments in the settings")

    def key_of(self, entry: FleetRow) -> Hashable:
        return entry.name

    def head(self, width: int) -> Row:
        if not self.entries:
            return ()
        room = width - 2
        heads = [
            Span(f"   {'state':<{STATE_CELLS - 1}}"),
            Span(f"{'environment':<{_names(self._names, width - 2) + HERE_CELLS}}"),
        ]
        heads += [Span(f"{'region':<{REGION_CELLS}}{'account':<{ACCOUNT_CELLS}}")] if room >= WIDE else []
        heads.append(Span(f"{'since':<{SINCE_CELLS}}alerts"))
        spans = spread(heads, [Span(f"{'data':<{AGE_CELLS}}{'cost':>{COST_CELLS}} ")], width, gap=2)
        return tuple(Span(span.text, "faint") for span in spans)

    def lines(self, entry: FleetRow, width: int) -> Sequence[Row]:
        return facts_row(entry, width, _names(self._names, width)), sentence_row(entry, width, self.charset)


def _names(longest: int, width: int) -> int:
    return longest if width >= WIDE else min(longest, NARROW_CELLS)


def facts_row(entry: FleetRow, width: int, names: int) -> Row:
    """`✖ CRIT  PRODUCTION here  us-west-2  1234-5678-9012  03:09 · 12 min  2 open      35 s  $0.02/h`."""
    word = f" {SIGNS[entry.state]} {entry.state.value} "
    loud = entry.state in (State.CRIT, State.WARN)
    spans = [*fit([Span(word, f"badge-{style(entry.state)}" if loud else style(entry.state))], STATE_CELLS)]
    spans += _name(entry, names)
    if width >= WIDE:
        spans += fit([Span(entry.region, "muted")], REGION_CELLS)
        spans += fit([Span(wording.account(entry.account) or wording.MINUS, "muted")], ACCOUNT_CELLS)
    spans += fit(_since(entry), SINCE_CELLS)
    spans.append(Span(f"{len(entry.alerts)} open", "warn") if entry.alerts else Span(wording.MINUS, "faint"))
    return spread(spans, _cost(entry), width, gap=2)


def _name(entry: FleetRow, names: int) -> Row:
    name = Span(squeeze_text(entry.name.upper(), names), "accent-strong" if entry.production else "strong")
    here = Span(" here" if entry.here else "", "faint")
    return fit([name, here], names + HERE_CELLS)


def _since(entry: FleetRow) -> Row:
    if entry.since is None or entry.now is None:
        return (Span(wording.MINUS, "faint"),)
    age = wording.age((entry.now - entry.since).total_seconds())
    return row(Span(wording.minute(entry.since)), Span(f" · {age}", "muted"))


def _cost(entry: FleetRow) -> Row:
    """Age of the data and dollars per hour, in columns."""
    old = entry.age is not None and entry.age >= OLD
    age = Span(wording.age(entry.age), "warn" if old else "muted")
    cost = wording.MINUS if entry.per_hour is None else wording.dollars_per_hour(entry.per_hour)
    return row(*fit([age], AGE_CELLS), Span(f"{cost:>{COST_CELLS}} ", "muted"))


def sentence_row(entry: FleetRow, width: int, charset: Charset = UNICODE) -> Row:
    """What is under way, the verdict, and at the right what changed last, where there is room for all of it."""
    spans: list[Span] = [Span("   ")]
    if entry.operation:
        spans += [Span(f" {entry.operation} ", f"badge-{style(entry.operation_state)}"), Span("  ")]
    spans.append(Span(entry.sentence, "title" if entry.state in (State.CRIT, State.WARN) else "muted"))
    # A calm verdict ends with the last change itself.
    told = entry.changed is None or entry.state is State.OK
    changed = [] if told else [Span(f"{charset.marker} {_changed(entry)} ", "faint")]
    if changed and cells(spans) + cells(changed) + 3 <= width:
        return spread(spans, changed, width)
    return cut(spans, width)


def _changed(entry: FleetRow) -> str:
    """`v42 went live 03:09, 8 min ago`; with the day, when it was not today."""
    change = entry.changed
    if change is None or entry.now is None:
        return ""
    ago = wording.age((entry.now - change.at).total_seconds())
    return f"{change.sentence} {moment(change.at, entry.now)}, {ago} ago"


class FleetDetail(Hideable):
    """Shows the selected row in full."""

    DEFAULT_CSS = """
    FleetDetail { height: auto; width: 1fr; padding: 0 1; border-top: solid $foreground 22%; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._entry: FleetRow | None = None

    def show(self, entry: FleetRow | None) -> None:
        """Show `entry`."""
        if entry != self._entry:
            self._entry = entry
            self.redraw()

    def needed_height(self, width: int) -> int:
        return max(1, len(detail_rows(self._entry, width))) if self._entry is not None else 1

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return detail_rows(self._entry, width)[:height] if self._entry is not None else []


def detail_rows(entry: FleetRow, width: int) -> list[Row]:
    """Everything that is known of one environment, wrapped and never cut."""
    where = [entry.region, wording.account(entry.account), entry.who, entry.stack]
    where += ["read-only"] if entry.read_only else []
    head = [Span(f"{entry.name.upper()}  ", "strong"), Span(" · ".join(one for one in where if one), "muted")]
    word = Span(f"{SIGNS[entry.state]} {entry.state.value}  ", style(entry.state))
    rows = [*wrap(head, width, 2), *wrap([word, Span(entry.sentence)], width, 2)]
    facts = []
    if entry.alerts:
        facts.append(f"nobody has acknowledged: {', '.join(entry.alerts)}")
    if entry.operation:
        facts.append(f"of ours: {entry.operation}")
    facts.append(f"last change: {_changed(entry)}" if entry.changed is not None else "no change known")
    return [*rows, *wrap([Span(" · ".join(facts), "muted")], width, 2)]
