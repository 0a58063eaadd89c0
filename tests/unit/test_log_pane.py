"""The log pane on a real screen, without a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.theme import Theme

from services.model.logs import GroupClaim, Level, LineBatch, LogLine, TailStatus
from services.model.reading import Reading
from services.safe_text import safe
from tests.unit.tailing_support import BASE, START
from widgets.charset import ASCII
from widgets.log_painting import BUSY_LINES, BUSY_REST_S, FLOOD_LINES, FLOOD_REST_S, REST_S
from widgets.log_pane import LogPane, about
from widgets.spans import text_of

THEME = Theme(
    name="plain",
    primary="#3377aa",
    variables=dict.fromkeys(
        ("state-ok", "state-elevated", "state-warn", "state-crit", "state-silent", "environment"), "#888888"
    ),
)


class PaneApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = "plain"

    def compose(self) -> ComposeResult:
        yield LogPane(id="logs")

    @property
    def pane(self) -> LogPane:
        return self.query_one(LogPane)


async def painted(pilot: Pilot[None]) -> None:
    """The screen as it is when the pane's timer has run."""
    await pilot.pause()
    app = pilot.app
    assert isinstance(app, PaneApp)
    app.pane.paint()
    await pilot.pause()


def lines(*seconds: float, level: Level = Level.INFO, text: str = "", late: bool = False) -> LineBatch:
    return LineBatch(
        tuple(
            LogLine(BASE + round(at * 1000), "app", level, safe(text or f"line {at}"), f"{at}", "", late)
            for at in seconds
        )
    )


def shown(pane: LogPane) -> list[str]:
    return [text_of(row).strip() for row in pane.rows]


def last_words(pane: LogPane) -> list[str]:
    return [row.rsplit(" ", 1)[-1] for row in shown(pane)]


async def test_the_newest_lines_are_at_the_bottom() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.extend(lines(*range(20)))
        await painted(pilot)
        assert last_words(app.pane) == [str(at) for at in range(14, 20)]
        assert shown(app.pane)[-1] == "03:00:19 app INFO   line 19"


@pytest.mark.runbook("R013")
async def test_scrolling_up_holds_the_view_and_counts_what_comes() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.extend(lines(*range(20)))
        await painted(pilot)
        app.pane.focus()
        await pilot.press("up")
        before = shown(app.pane)
        assert last_words(app.pane)[-1] == "18"
        app.pane.extend(lines(*range(20, 1220)))
        await painted(pilot)
        assert shown(app.pane) == before
        assert app.pane.waiting == 1200
        assert "▼ 1 200 new" in str(app.pane.border_subtitle)
        await pilot.press("G")
        assert last_words(app.pane)[-1] == "1219"
        assert not app.pane.paused
        assert not app.pane.border_subtitle


async def test_a_late_line_is_put_in_its_place_and_marked() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.extend(lines(0, 1, 2, 10, 11))
        app.pane.extend(lines(5, late=True, text="late 5"))
        await painted(pilot)
        assert last_words(app.pane) == ["0", "1", "2", "5", "10", "11"]
        assert shown(app.pane)[3].startswith("03:00:05↺")


async def test_space_holds_and_goes_on_and_the_ends_are_reached() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.extend(lines(*range(100)))
        await painted(pilot)
        app.pane.focus()
        await pilot.press("space")
        assert app.pane.paused
        await pilot.press("g")
        assert last_words(app.pane) == [str(at) for at in range(6)]
        await pilot.press("up")
        assert last_words(app.pane) == [str(at) for at in range(6)]
        await pilot.press("pagedown")
        assert last_words(app.pane)[0] == "5"
        await pilot.press("k")
        assert last_words(app.pane)[0] == "4"
        await pilot.press("j", "j")
        assert last_words(app.pane)[0] == "6"
        await pilot.press("space")
        assert last_words(app.pane)[-1] == "99"
        await pilot.press("pageup", "pagedown")
        assert not app.pane.paused


async def test_the_level_filter_shows_only_what_is_loud() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.extend(lines(*range(49)))
        app.pane.extend(lines(49, level=Level.DEBUG))
        app.pane.extend(lines(50, 51, level=Level.ERROR))
        app.pane.extend(lines(*range(52, 90)))
        app.pane.extend(lines(90, level=Level.WARN))
        await painted(pilot)
        app.pane.focus()
        await pilot.press("l")
        assert last_words(app.pane) == ["50", "51", "90"]
        await pilot.press("l")
        assert last_words(app.pane) == ["50", "51"]
        assert "errors only" in str(app.pane.border_subtitle)
        await pilot.press("l")
        assert "all lines" in str(app.pane.border_subtitle)
        assert len(shown(app.pane)) == 6
        await pilot.press("l")
        assert "1 routine line hidden" in str(app.pane.border_subtitle)


async def test_debug_lines_are_left_out_at_first() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.extend(lines(1, 2))
        app.pane.extend(lines(*range(3, 90), level=Level.DEBUG))
        app.pane.extend(lines(90))
        await painted(pilot)
        assert last_words(app.pane) == ["1", "2", "90"]
        app.pane.focus()
        await pilot.press("l", "l", "l")
        assert last_words(app.pane) == ["85", "86", "87", "88", "89", "90"]


async def test_without_a_lower_border_the_title_says_that_the_view_is_held() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.styles.border = ("round", "white")
        app.pane.styles.border_bottom = ("", "white")
        app.pane.claim(Reading(value=TailStatus(groups=("app",), complete_to=BASE), taken=START, tried=START))
        app.pane.extend(lines(*range(20)))
        await painted(pilot)
        app.pane.focus()
        await pilot.press("up")
        app.pane.extend(lines(20, 21))
        await painted(pilot)
        assert str(app.pane.border_title) == "Logs · held still · ▼ 2 new"
        await pilot.press("G")
        assert "complete to" in str(app.pane.border_title)


async def test_the_title_is_the_tails_promise() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.pane.claim(Reading(value=TailStatus(groups=("app",), complete_to=BASE), taken=START, tried=START))
        await painted(pilot)
        assert str(app.pane.border_title) == "Logs · 1 group · complete to 03:00:00, 0 gaps"
        assert "no line in the last minutes" in shown(app.pane)[0]


async def test_before_every_group_has_answered_nothing_is_said_of_their_lines() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 8)) as pilot:
        asked = TailStatus(groups=("app",), claims=(GroupClaim("/app", "app"),))
        app.pane.claim(Reading(value=asked, tried=START))
        await painted(pilot)
        assert "asking for the last minutes" in shown(app.pane)[0]
        hidden = TailStatus(groups=("app",), claims=(GroupClaim("/app", "app", shown=False),))
        app.pane.claim(Reading(value=hidden, tried=START))
        await painted(pilot)
        assert "no log group is shown; f " in shown(app.pane)[0]


class Counting(LogPane):
    """Counts its paints."""

    drawn = 0

    def redraw(self) -> None:
        self.drawn += 1
        super().redraw()


class CountingApp(PaneApp):
    def compose(self) -> ComposeResult:
        yield Counting()

    @property
    def counting(self) -> Counting:
        return self.query_one(Counting)


async def test_nothing_is_painted_while_nothing_changes() -> None:
    app = CountingApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.pane.extend(lines(1, 2, 3))
        await painted(pilot)
        before = app.counting.drawn
        for _ in range(20):
            app.pane.rested()
            await pilot.pause()
        assert app.counting.drawn == before


async def test_what_comes_after_a_rest_is_painted_at_once_and_what_comes_during_one_when_it_is_over() -> None:
    app = CountingApp()
    async with app.run_test(size=(80, 8)) as pilot:
        await painted(pilot)
        app.pane.rested()
        before = app.counting.drawn
        app.pane.extend(lines(1))
        app.pane.claim(Reading(value=TailStatus(groups=("app",), complete_to=BASE), taken=START, tried=START))
        await pilot.pause()
        assert app.counting.drawn == before + 1
        for second in range(2, 40):
            app.pane.extend(lines(second))
        await pilot.pause(0)
        assert app.counting.drawn == before + 1
        app.pane.rested()
        await pilot.pause()
        assert app.counting.drawn == before + 2
        assert "line 39" in shown(app.pane)[-1]


async def test_many_lines_a_second_are_painted_less_often() -> None:
    app = CountingApp()
    async with app.run_test(size=(80, 8)) as pilot:
        await painted(pilot)
        loop = asyncio.get_running_loop()
        rests = []
        for count in (1, BUSY_LINES + 1, FLOOD_LINES + 1):
            app.pane.rested()
            app.pane.extend(lines(0))
            app.pane.extend(lines(*(number / 1000 for number in range(count))))
            app.pane.paint()
            assert app.pane._rest is not None
            rests.append(app.pane._rest.when() - loop.time())
        assert rests[0] <= REST_S < rests[1] <= BUSY_REST_S < rests[2] <= FLOOD_REST_S


async def test_a_keys_paint_is_made_at_once_and_the_rest_stays_as_long_as_the_lines_want_it() -> None:
    app = CountingApp()
    async with app.run_test(size=(80, 8)) as pilot:
        await painted(pilot)
        app.pane.rested()
        app.pane.extend(lines(*(number / 1000 for number in range(FLOOD_LINES + 1))))
        app.pane.paint()
        before = app.counting.drawn
        for second in range(2, 7):
            app.pane.extend(lines(second))
            app.pane.paint()  # as keys do, each in the middle of a rest in which few lines have come
        assert app.counting.drawn == before + 5
        assert app.pane._rest is not None
        assert app.pane._rest.when() - asyncio.get_running_loop().time() > BUSY_REST_S


async def test_a_title_that_reads_differently_paints_its_row_and_no_other() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.pane.extend(lines(1, 2, 3))
        await painted(pilot)
        regions: list[Region] = []

        def refresh(*given: Region, **_: bool) -> LogPane:
            regions.extend(given or [app.pane.region])
            return app.pane

        app.pane.refresh = refresh  # type: ignore[method-assign]  # to see what is painted
        app.pane.claim(Reading(value=TailStatus(groups=("app",), complete_to=BASE), taken=START, tried=START))
        app.pane.paint()
        assert [(region.y, region.height) for region in regions] == [(-1, 1)]
        assert "complete to 03:00:00" in str(app.pane.border_title)


async def test_lines_that_are_hidden_at_first_are_told_and_so_is_the_key_that_shows_them() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.pane.extend(lines(1, 2, 3))
        await painted(pilot)
        assert not app.pane.border_subtitle
        app.pane.extend(lines(*range(4, 46), level=Level.DEBUG))
        await painted(pilot)
        assert "40+ routine lines hidden, l shows" in str(app.pane.border_subtitle)
        app.pane.toggle_pause()
        await painted(pilot)
        assert "held still" in str(app.pane.border_subtitle) and "routine" in str(app.pane.border_subtitle)
        while app.pane.least is not Level.DEBUG:
            app.pane.action_cycle_level()
        assert "routine" not in str(app.pane.border_subtitle)


async def test_without_a_lower_border_hidden_lines_are_told_in_the_title() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 4)) as pilot:
        app.pane.styles.border = ("none", "white")
        app.pane.styles.border_top = ("solid", "white")
        app.pane.extend(lines(1, level=Level.DEBUG))
        app.pane.claim(Reading(value=TailStatus(groups=("app",), complete_to=BASE), taken=START, tried=START))
        await painted(pilot)
        assert str(app.pane.border_title) == "Logs · 1 group · to 03:00:00, 0 gaps · routine hidden"


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1"), (9, "9"), (10, "10"), (47, "40+"), (300, "300"), (312, "300+"), (2_999, "2 000+")]
)
def test_a_number_that_grows_all_the_time_is_told_in_few_steps(count: int, text: str) -> None:
    assert about(count) == text


async def test_a_terminal_without_unicode_gets_a_border_it_can_draw() -> None:
    class AsciiApp(PaneApp):
        charset = ASCII

    async with AsciiApp().run_test(size=(80, 8)) as pilot:
        pane = pilot.app.query_one(LogPane)
        assert pane.styles.border_top[0] == "ascii"
        assert pilot.app.screen._compositor.render_strips()[0].text.startswith("+-")


async def test_hostile_text_is_harmless_in_every_size() -> None:
    hostile: Sequence[str] = (
        "\x1b]0;owned\x07\x1b[2J", "[/red][@click=app.quit]x[/]", "‮dorp", "e" + "\u0301" * 200, "\ud800", "漢字" * 80,
        '{"message": "\\u001b[31m\\u009b2J"}', "\x00\r\n\t\x7f\x85",
    )  # fmt: skip
    app = PaneApp()
    async with app.run_test(size=(80, 12)) as pilot:
        for number, text in enumerate(hostile):
            app.pane.extend(lines(number, text=text))
        for size in ((80, 12), (30, 5), (60, 3), (12, 3), (200, 50)):
            await pilot.resize_terminal(*size)
            await painted(pilot)
            for y in range(app.pane.size.height):
                strip = app.pane.render_line(y)
                assert strip.cell_length == app.pane.size.width
                assert not any(ord(one) < 0x20 or 0x7F <= ord(one) <= 0x9F for one in strip.text)


async def test_clearing_leaves_nothing_behind() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.pane.extend(lines(1, 2, 3, text="secret of another environment"))
        app.pane.claim(Reading(value=TailStatus(groups=("app",), complete_to=BASE), taken=START, tried=START))
        await painted(pilot)
        app.pane.clear()
        await painted(pilot)
        assert "secret" not in " ".join(shown(app.pane))
        assert str(app.pane.border_title) == "Logs · waiting"
        assert len(app.pane) == 0


def test_the_pane_has_no_colour_of_its_own() -> None:
    for name in ("log_pane", "log_painting", "log_row", "log_ring", "log_claim", "log_wording"):
        assert "#" not in Path(f"widgets/{name}.py").read_text(encoding="utf-8").replace("# ", "")
