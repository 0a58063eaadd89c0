"""The log screen's lines while many come: keys mean what is on the screen, and the rest between paints is kept."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tests.unit.test_log_pane import THEME, lines
from widgets.log_ring import LogRing
from widgets.log_view import LogView
from widgets.spans import text_of


class ViewApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = "plain"
        self.ring = LogRing()

    def compose(self) -> ComposeResult:
        yield LogView(id="log-view")

    @property
    def view(self) -> LogView:
        return self.query_one(LogView)

    def come(self, *seconds: float) -> None:
        """Lines arrive; the rest after the last paint keeps them from the screen."""
        batch = lines(*seconds)
        self.ring.extend(batch.lines)
        self.view.arrived(batch)


def on_screen(app: ViewApp) -> list[str]:
    return [text_of(row).rstrip().rsplit(" ", 1)[-1] for row in app.view.rows]


def cursor(app: ViewApp) -> str:
    line = app.view.line
    return line.text if line is not None else ""


async def test_held_still_it_shows_what_was_on_the_screen_and_counts_what_came_since() -> None:
    app = ViewApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.view.show_ring(app.ring)
        await pilot.pause()
        app.come(*range(20))
        app.view.paint()
        before = on_screen(app)
        app.come(*range(20, 27))
        app.view.toggle_pause()
        assert on_screen(app) == before
        assert cursor(app) == "line 19"
        assert "▼ 7 new" in app.view._note()
        app.come(*range(27, 30))
        assert "▼ 10 new" in app.view._note()
        app.view.toggle_pause()
        assert on_screen(app)[-1] == "29"
        assert "new" not in app.view._note()


@pytest.mark.parametrize("late", [1, 40])
async def test_a_key_means_its_line_although_others_fell_out_or_came_late_since_the_paint(late: int) -> None:
    app = ViewApp()
    app.ring = LogRing(capacity=3_000)
    async with app.run_test(size=(80, 8)) as pilot:
        app.view.show_ring(app.ring)
        await pilot.pause()
        app.come(*range(4_999))
        app.view.paint()
        before = on_screen(app)
        app.come(*range(4_999, 7_000))
        assert app.ring.dropped
        app.come(*(4_000 + number / 100 for number in range(late)))
        app.view.move(-2)
        assert cursor(app) == "line 4996"
        assert on_screen(app) == before


async def test_with_nothing_painted_yet_the_youngest_is_meant() -> None:
    app = ViewApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.view.show_ring(app.ring)
        await pilot.pause()
        app.come(1, 2, 3)
        assert cursor(app) == "line 3"
