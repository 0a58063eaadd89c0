"""Partial updates: what is sent is what is on the screen, and no cell more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui.terminal.compositor import Pieces, SparingCompositor

SIZE = (40, 12)


class Layered(Screen[None]):
    """Bordered, scrolled and overlapping widgets, with wide characters."""

    CSS = """
    Layered { layers: below above; }
    #list { height: 8; border: round red; layer: below; }
    #note { layer: above; width: 12; height: 3; offset: 20 2; background: blue; border: solid green; }
    #foot { height: 1; layer: below; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="list"):
            yield Static("\n".join(f"{number:>3} row with 漢字 and letters" for number in range(30)))
        yield Static("a note", id="note")
        yield Static("at the foot of all", id="foot")


class LayeredApp(App[None]):
    def get_default_screen(self) -> Screen[None]:
        return Layered()


REGIONS = st.lists(
    st.builds(Region, st.integers(0, 45), st.integers(0, 14), st.integers(1, 40), st.integers(1, 12)), max_size=6
)


def cells_of(regions: list[Region]) -> set[tuple[int, int]]:
    screen = Region(0, 0, *SIZE)
    inside = [region.intersection(screen) for region in regions]
    return {(x, y) for region in inside for y in region.line_range for x in range(*region.column_span)}


@settings(max_examples=60, deadline=None)
@given(REGIONS)
def test_an_update_holds_every_changed_cell_once_as_it_is_on_the_screen_and_no_other(regions: list[Region]) -> None:
    async def run() -> None:
        app = LayeredApp()
        async with app.run_test(size=SIZE) as pilot:
            app.screen.query_one("#list", VerticalScroll).scroll_to(y=7, animate=False)
            await pilot.pause()
            compositor = app.screen._compositor
            whole = compositor.render_strips()
            compositor._dirty_regions.clear()
            compositor._dirty_regions.update(regions)
            update = compositor.render_partial_update()
            pieces = update.pieces if isinstance(update, Pieces) else []
            seen = [(piece.x + dx, piece.y) for piece in pieces for dx in range(piece.strip.cell_length)]
            assert len(seen) == len(set(seen))
            assert set(seen) == cells_of(regions)
            for piece in pieces:
                there = whole[piece.y].crop(piece.x, piece.x + piece.strip.cell_length)
                assert piece.strip.text == there.text
                assert [one.style for one in piece.strip.simplify()] == [one.style for one in there.simplify()]
            assert not compositor._dirty_regions

    asyncio.run(run())


async def test_only_widgets_with_changed_cells_are_rendered() -> None:
    app = LayeredApp()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        foot = app.screen.query_one("#foot", Static)
        rendered: list[Region] = []
        for widget in app.screen.walk_children(Widget):
            whole = widget.render_lines

            def lines(crop: Region, whole: Callable[[Region], list[Strip]] = whole) -> list[Strip]:
                rendered.append(crop)
                return whole(crop)

            widget.render_lines = lines  # type: ignore[method-assign]  # to see what is rendered
        app.screen._compositor._dirty_regions.add(Region(3, foot.region.y, 2, 1))
        update = app.screen._compositor.render_partial_update()
        assert rendered == [Region(3, 0, 2, 1)]
        assert isinstance(update, Pieces)
        written = update.render_segments(app.console)
        assert written.startswith(f"\x1b[{foot.region.y + 1};4H")
        assert len(written) < 40
