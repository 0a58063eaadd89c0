"""A dashboard on the screen: its widgets in their places, as much of it as there is room for, scrolled by rows.

Only what can be seen is drawn, and each widget once for what it shows: a dashboard may have five hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from textual import events
from textual.geometry import Region

from services.model.alarms import Alarm
from services.model.changes import Change
from services.model.dashboards import Board
from services.model.dashboards import Span as TimeSpan
from services.model.reading import Reading
from services.problems import Problem, ProblemKind
from services.safe_text import SafeText
from widgets import dashboard_grid, dashboard_tile, wording
from widgets.charset import Charset
from widgets.dashboard_tile import Scene, Tops
from widgets.picture import Picture
from widgets.spans import Row, Span, cells, centred, fit, row, spread, wrap

HEAD = 1
"""Rows of the line above the widgets."""

WHEEL_ROWS = 3
STEP_S = 15
"""Ages in the widgets go in steps of so many seconds: a chart is drawn anew as often."""


class Shown(msgspec.Struct, frozen=True):
    """What the view shows."""

    name: SafeText
    """The dashboard's name; empty where none is configured or chosen."""
    reading: Reading[Board]
    now: datetime
    alarms: tuple[Alarm, ...] = ()
    changes: tuple[Change, ...] = ()
    span: TimeSpan | None = None
    """The time range chosen by hand; None: the dashboard's own."""


class DashboardView(Picture):
    """Shows a Reading of a Board."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"picture--series-{number}" for number in range(1, 7)}

    DEFAULT_CSS = """
    DashboardView {
        height: 1fr;
        & > .picture--series-1 { color: $primary; }
        & > .picture--series-2 { color: $accent; }
        & > .picture--series-3 { color: $secondary; }
        & > .picture--series-4 { color: $foreground 80%; }
        & > .picture--series-5 { color: $primary-lighten-2; }
        & > .picture--series-6 { color: $secondary-lighten-2; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: Shown | None = None
        self._scene: Scene | None = None
        self._step = 0
        self._top = 0
        self._regions: tuple[Region, ...] = ()
        self._laid: object = None
        self._tiles: dict[int, tuple[object, list[Row]]] = {}
        self._scales: dict[int, Tops] = {}

    # ---- what is shown

    def show(self, shown: Shown) -> None:
        """Show a board, or why there is none."""
        before = self._shown
        board = shown.reading.value
        if before is None or before.name != shown.name or (before.reading.value is not None and board is None):
            self._top = 0
            self._tiles.clear()
            self._scales.clear()
        elif board is not None and before.reading.value is not None and before.span != shown.span:
            self._scales.clear()
        self._shown = shown
        step = int(shown.now.timestamp()) // STEP_S * STEP_S
        if board is None:
            self._scene = None
        elif not self._stands(board, shown, before, step):
            alarms = {(one.region, str(one.name)): one for one in shown.alarms}
            self._scene = Scene(board, alarms, shown.changes, max(float(step), board.at.timestamp()))
            self._step = step
        self.redraw()

    def _stands(self, board: Board, shown: Shown, before: Shown | None, step: int) -> bool:
        """Whether the scene shows all this already."""
        scene = self._scene
        return (
            scene is not None
            and before is not None
            and scene.board is board
            and self._step == step
            and before.alarms is shown.alarms
            and before.changes == shown.changes
        )

    def clear(self) -> None:
        """Nothing of another environment stays."""
        self._shown = self._scene = None
        self._top = 0
        self._tiles.clear()
        self._scales.clear()
        self.redraw()

    @property
    def board(self) -> Board | None:
        """What is drawn now."""
        return self._scene.board if self._scene is not None else None

    @property
    def top(self) -> int:
        """The first row of the dashboard that can be seen."""
        return self._top

    def needed_height(self, width: int) -> int:
        return HEAD + self._total(width, 1)

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if self._shown is None:
            return []
        head = fit(self._head(self._shown, width), width)
        room = height - HEAD
        if self._scene is None:
            return [head, *self._nothing(self._shown, width, room)]
        total = self._total(width, room)
        self._top = max(0, min(self._top, total - room))
        body = self._visible(self._scene, room)
        if total > room > 0:
            bar = _bar(self._top, room, total, self.charset)
            body = [(*fit(line, width - 1), Span(sign, style)) for line, (sign, style) in zip(body, bar, strict=True)]
        return [head, *body]

    def _visible(self, scene: Scene, room: int) -> list[Row]:
        """The rows from the present top on."""
        pieces: list[list[tuple[int, int, Row]]] = [[] for _ in range(room)]
        for index, region in enumerate(self._regions):
            if region.bottom <= self._top or region.y >= self._top + room:
                continue
            for offset, line in enumerate(self._tile(scene, index, region)):
                y = region.y + offset - self._top
                if 0 <= y < room:
                    pieces[y].append((region.x, region.width, line))
        return [_row(sorted(found, key=lambda piece: piece[0])) for found in pieces]

    def _tile(self, scene: Scene, index: int, region: Region) -> list[Row]:
        key = (scene, region.width, region.height, self.charset.braille)
        known = self._tiles.get(index)
        if known is not None and _same(known[0], key):
            return known[1]
        tops = dashboard_tile.tops(scene, index, self._scales.get(index, (None, None)))
        self._scales[index] = tops
        rows = dashboard_tile.draw(scene, index, region.width, region.height, self.charset, tops)
        self._tiles[index] = (key, rows)
        return rows

    def _total(self, width: int, room: int) -> int:
        """Lay out for this size; rows of the whole dashboard. A bar at the right takes a column where it scrolls."""
        if self._scene is None:
            return 1
        widgets = self._scene.board.dashboard.widgets
        laid = (widgets, width, room)
        if not _same(self._laid, laid):
            charset = self.charset
            for size in (width, width - 1):
                self._regions = dashboard_grid.layout(
                    widgets, size, room, lambda widget, given: dashboard_tile.needed(widget, given, charset)
                )
                if max((region.bottom for region in self._regions), default=0) <= room:
                    break
            self._laid = laid
        return max((region.bottom for region in self._regions), default=0)

    # ---- words

    def _head(self, shown: Shown, width: int) -> Row:
        """Name, range, size at the left; at the right how old it is, or what is wrong."""
        left = row(" ", Span(shown.name or "no dashboard", "strong"))
        board = shown.reading.value
        right: Row = ()
        if board is not None:
            facts = [_range(board.span or board.dashboard.span), _count(len(board.dashboard.widgets))]
            facts += [f"{one.label} = {one.value}" if one.value else f"{one.label}: as written"
                      for one in board.dashboard.variables]  # fmt: skip
            facts += list(board.dashboard.notes)
            if shown.span != board.span:
                facts.insert(1, f"asking for {_range(shown.span or board.dashboard.span)}")
            left = row(*left, Span("  " + " · ".join(facts), "muted"))
            read = f"read {wording.clock(board.at)}"
            ways = (f"{read} · every {_every(board.every)} ", f"{read} ", "")
            right = row(Span(next(one for one in ways if not one or cells(left) + len(one) + 2 <= width), "faint"))
        if shown.reading.problem is not None and board is not None:
            right = row(Span(f"STALE: {shown.reading.problem.message} ", "warn"))
        return spread(left, right, width, 2)

    def _nothing(self, shown: Shown, width: int, room: int) -> list[Row]:
        """Why there is no dashboard, and what helps."""
        problem = shown.reading.problem
        if not shown.name:
            said = ["no dashboard is configured for this environment", "d chooses one"]
        elif problem is None:
            said = [f"asking for {shown.name}"]
        elif problem.kind is ProblemKind.NOT_FOUND:
            said = [f"no such dashboard: {shown.name}", "d chooses another"]
        else:
            said = [_sentence(problem), problem.remedy]
        rows = [line for one in said if one for line in wrap([Span(one, "silent")], max(1, width - 8))]
        above = max(0, (room - len(rows)) // 2)
        return [()] * above + [centred(line, width) for line in rows]

    # ---- moving

    def move(self, rows: int) -> None:
        """Down, or up."""
        self._scroll(self._top + rows)

    def page(self, pages: int) -> None:
        """A page, less two rows that stay in sight."""
        self._scroll(self._top + pages * max(1, self.size.height - HEAD - 2))

    def to_top(self) -> None:
        """The first row."""
        self._scroll(0)

    def to_bottom(self) -> None:
        """The last row."""
        self._scroll(1_000_000)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(self._top - WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(self._top + WHEEL_ROWS)

    def _scroll(self, top: int) -> None:
        room = max(1, self.size.height - HEAD)
        self._top = max(0, min(top, self._total(self.size.width, room) - room))
        self.redraw()


def _same(one: object, other: object) -> bool:
    """Equal by the identity of what they are made of: comparing series point by point would cost more than drawing."""
    if not isinstance(one, tuple) or not isinstance(other, tuple) or len(one) != len(other):
        return False
    return all(a is b or (isinstance(a, int) and a == b) for a, b in zip(one, other, strict=True))


def _row(pieces: Sequence[tuple[int, int, Row]]) -> Row:
    spans: list[Span] = []
    at = 0
    for x, width, line in pieces:
        if x > at:
            spans.append(Span(" " * (x - at)))
        spans += fit(line, width)
        at = x + width
    return tuple(spans)


def _bar(top: int, room: int, total: int, charset: Charset) -> list[tuple[str, str]]:
    """A column that shows which part of the whole is seen."""
    size = max(1, room * room // total)
    first = round(top / max(1, total - room) * (room - size))
    return [(charset.bar[8], "faint") if first <= y < first + size else (charset.down, "rule") for y in range(room)]


def _range(span: TimeSpan) -> str:
    length = wording.age(span.seconds) if span.seconds < 86_400 or span.seconds % 3600 else _days(span.seconds)
    return f"last {length}" if span.end is None else f"{length} to {span.end:%Y-%m-%d %H:%MZ}"


def _days(seconds: int) -> str:
    return f"{seconds // 86_400} d" if seconds % 86_400 == 0 else f"{seconds // 3600} h"


def _count(number: int) -> str:
    return "1 widget" if number == 1 else f"{number} widgets"


def _every(seconds: float) -> str:
    return "1 min" if seconds == 60 else wording.age(seconds)


def _sentence(problem: Problem) -> str:
    return f"DENIED: {problem.message}" if problem.kind is ProblemKind.DENIED else problem.message
