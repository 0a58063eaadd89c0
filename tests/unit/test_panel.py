"""The metric panel: a box or a line, the same facts in both, and only what changed is painted."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from textual.geometry import Region

from services.model.assessment import Judgement, State, Unit
from services.model.changes import Change, ChangeKind
from services.safe_text import SafeText, safe
from tests.snapshots import samples
from tests.unit.widget_support import Stage, screen, strips, texts
from widgets import panel_box, panel_line
from widgets.charset import ASCII, UNICODE
from widgets.panel import MetricPanel
from widgets.picture import changed
from widgets.spans import Row, cells
from widgets.states import SIGNS

ERRORS = next(one for one in samples.judgements() if one.key == "api.errors")
STATES = samples.every_state()


def box(
    judgement: Judgement, width: int, height: int, top: float = 15.0, changes: tuple[Change, ...] = ()
) -> list[Row]:
    view = panel_box.View(judgement, changes or samples.CHANGES, samples.NOW, top, 3600)
    return list(panel_box.draw(view, width, height, UNICODE, panel_box.ChartCache()))


def line(judgement: Judgement, width: int, height: int = 1) -> list[Row]:
    return list(panel_line.draw(panel_line.View(judgement, samples.NOW, 15.0, 3600), width, height, UNICODE))


@pytest.mark.parametrize("judgement", STATES, ids=lambda one: one.state.value)
@pytest.mark.parametrize("width", [24, 30, 40, 66, 120])
@pytest.mark.parametrize("height", [3, 4, 6, 12])
def test_a_box_is_exactly_as_large_as_its_room_and_says_its_state_in_a_word(
    judgement: Judgement, width: int, height: int
) -> None:
    rows = box(judgement, width, height)
    assert len(rows) == height
    assert {cells(one) for one in rows} == {width}
    assert f"{SIGNS[judgement.state]} {judgement.state.value}" in texts(rows)[0]
    assert "…" not in texts(rows)[0].replace("… WAITING", "") or width < 34


@pytest.mark.parametrize("judgement", STATES, ids=lambda one: one.state.value)
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_line_holds_name_value_and_state_whole(judgement: Judgement, width: int) -> None:
    (shown,) = texts(line(judgement, width))
    assert len(shown) == width
    assert shown.startswith(" API errors ")
    assert f"{SIGNS[judgement.state]} {judgement.state.value}" in shown


def test_lines_of_different_states_have_their_signs_in_one_column() -> None:
    shown = texts([line(one, 80)[0] for one in STATES])
    words = [f"{SIGNS[one.state]} {one.state.value}" for one in STATES]
    assert len({text.index(word) for text, word in zip(shown, words, strict=True)}) == 1


@pytest.mark.parametrize("judgement", STATES, ids=lambda one: one.state.value)
def test_a_short_line_under_boxes_has_its_state_where_they_have_theirs(judgement: Judgement) -> None:
    state = f"{SIGNS[judgement.state]} {judgement.state.value}"
    (short,) = texts(line(judgement, 60))
    head = texts(box(judgement, 60, 6))[0]
    assert short.rindex(state) + len(state) == head.rindex(state) + len(state)


def test_a_box_says_value_detail_and_since_when() -> None:
    head, value, *_ = texts(box(ERRORS, 60, 8))
    assert "API errors" in head and "since 03:07" in head and "✖ CRIT" in head
    assert value.startswith("│ 12.1 %") and value.endswith("171 of 1 412 · 5 min │")


def test_a_detail_without_room_leaves_out_whole_facts() -> None:
    judgement = msgspec.structs.replace(ERRORS, detail=safe("171 of 1 412 · 5 min · settled"))
    assert texts(box(judgement, 36, 6))[1].endswith(" 171 of 1 412 · 5 min │")
    assert texts(box(judgement, 30, 6))[1].endswith("     171 of 1 412 │")


def test_the_marker_of_the_deploy_stands_under_its_minute_and_keeps_its_label() -> None:
    rows = texts(box(ERRORS, 40, 6))
    foot = rows[-1]
    assert "▲v42" in foot or "v42▲" in foot
    assert foot.index("▲") in [index for index, sign in enumerate(rows[-3]) if sign == "┊"]
    assert " 5 s" in foot and "02:1" in foot


def test_of_changes_in_one_minute_the_one_that_serves_keeps_its_label() -> None:
    at = samples.CHANGES[1].at
    stack = Change(at + timedelta(seconds=22), ChangeKind.STACK, safe("stack"), SafeText(""))
    foot = texts(box(ERRORS, 40, 6, changes=(samples.CHANGES[1], stack)))[-1]
    assert foot.count("▲") == 1
    assert "v42" in foot and "stack" not in foot


def test_thresholds_stand_at_their_height_with_their_numbers() -> None:
    rows = texts(box(ERRORS, 60, 11))
    numbered = [text for text in rows if text[2:].lstrip().startswith(("5%", "10%", "15%"))]
    assert [text[2:6].strip() for text in numbered] == ["15%", "10%", "5%"]
    assert all("┈┈┈" in text for text in numbered[1:])


def test_without_a_curve_the_reason_stands_in_the_middle() -> None:
    judgement = next(one for one in samples.judgements() if one.key == "edge.hits")
    rows = texts(box(judgement, 40, 8))
    assert rows[1].startswith("│ –")
    assert "not enabled: additional metrics" in "".join(rows)
    assert rows[-1] == "╰" + "─" * 38 + "╯"


def test_panels_of_one_width_show_the_same_minutes() -> None:
    tops = [2000.0, 15.0] * 4
    shown = zip(samples.judgements()[:8], tops, strict=True)
    feet = [texts(box(one, 50, 8, top=top))[-1] for one, top in shown]
    assert len({foot[6:14] for foot in feet}) == 1


def test_a_breach_is_red_in_the_narrowest_line_too() -> None:
    for width in (60, 64, 80, 120):
        assert any(span.style == "chart-crit" for span in line(ERRORS, width)[0])


def test_a_value_that_does_not_exist_is_a_dash_and_never_a_zero() -> None:
    for judgement in STATES:
        if judgement.value is None:
            assert " – " in texts(line(judgement, 80))[0]
            assert " 0 " not in texts(line(judgement, 80))[0]


async def test_seconds_that_pass_paint_nothing_until_the_age_reads_differently_and_then_the_age_alone() -> None:
    panel = MetricPanel()
    async with Stage(panel).run_test(size=(40, 10)) as pilot:
        panel.show(ERRORS, samples.CHANGES, samples.NOW)
        await pilot.pause()
        before = panel.rows
        painted: list[Region] = []

        def refresh(*regions: Region, **_: bool) -> MetricPanel:
            painted.extend(regions)
            return panel

        panel.refresh = refresh  # type: ignore[method-assign]  # to see what is painted
        panel.show(ERRORS, samples.CHANGES, samples.NOW + timedelta(seconds=1))
        assert painted == [] and panel.rows is before
        panel.show(ERRORS, samples.CHANGES, samples.NOW + timedelta(seconds=2))
        assert [region.y for region in painted] == [9]
        assert sum(region.area for region in painted) <= 4
        assert panel.rows != before
        panel.show(ERRORS, samples.CHANGES, samples.NOW + timedelta(seconds=3))
        assert len(painted) == 1


async def test_a_new_minute_paints_only_cells_that_differ() -> None:
    panel = MetricPanel()
    async with Stage(panel).run_test(size=(40, 10)):
        panel.show(ERRORS, samples.CHANGES, samples.NOW)
        before = panel.rows
        grown = (*ERRORS.chart[:-1], (ERRORS.chart[-1][0], 14.0))
        panel.show(msgspec.structs.replace(ERRORS, chart=grown), samples.CHANGES, samples.NOW)
        regions = list(changed(before, panel.rows))
        assert sum(region.area for region in regions) < 40


async def test_what_is_painted_again_is_what_is_shown() -> None:
    panel = MetricPanel()
    async with Stage(panel).run_test(size=(50, 9)):
        for index, judgement in enumerate((*samples.judgements(), *STATES)):
            panel.show(judgement, samples.CHANGES, samples.NOW + timedelta(seconds=17 * index))
            fresh = list(panel.draw(50, 9))
            assert screen(panel).split("\n") == texts(fresh)


async def test_a_panel_carries_one_class_for_its_state() -> None:
    panel = MetricPanel()
    async with Stage(panel).run_test(size=(40, 6)):
        for judgement, name in ((STATES[3], "-crit"), (STATES[0], "-ok"), (STATES[7], "-silent")):
            panel.show(judgement, (), samples.NOW)
            assert [one for one in panel.classes if one.startswith("-")] == [name]
        panel.clear()
        assert not [one for one in panel.classes if one.startswith("-")]


async def test_a_cleared_panel_keeps_nothing_of_what_it_showed() -> None:
    panel = MetricPanel("API errors")
    async with Stage(panel).run_test(size=(40, 6)):
        panel.show(ERRORS, samples.CHANGES, samples.NOW)
        panel.clear()
        assert "API errors" in screen(panel) and "WAITING" in screen(panel)
        assert "12.1" not in screen(panel) and "v42" not in screen(panel)


async def test_a_panel_follows_its_room() -> None:
    panel = MetricPanel()
    async with Stage(panel).run_test(size=(80, 10)) as pilot:
        panel.show(ERRORS, samples.CHANGES, samples.NOW)
        assert screen(panel).startswith("╭─ API errors")
        await pilot.resize_terminal(80, 1)
        await pilot.pause()
        assert screen(panel).startswith(" API errors") and "\n" not in screen(panel)
        await pilot.resize_terminal(60, 2)
        await pilot.pause()
        assert "judged over 5 minutes" in screen(panel)


async def test_in_ascii_every_cell_is_ascii() -> None:
    panel = MetricPanel()
    async with Stage(panel, ASCII).run_test(size=(60, 9)):
        for judgement in (*samples.judgements(), *STATES):
            panel.show(judgement, samples.CHANGES, samples.NOW)
            assert screen(panel).replace("\n", "").isascii()
            assert judgement.state.value in screen(panel)


async def test_no_control_character_reaches_the_terminal() -> None:
    evil = SafeText("\x1b]0;owned\x07 \x9b31m ok\r\n\u202egnp")
    panel = MetricPanel()
    async with Stage(panel).run_test(size=(70, 8)):
        judgement = Judgement("api.errors", "API errors", State.NO_DATA, None, Unit.PERCENT, evil, evil)
        panel.show(judgement, (Change(samples.NOW, ChangeKind.ALIAS, evil, evil),), samples.NOW)
        for strip in strips(panel):
            assert [one for one in strip.text if ord(one) < 32 or 127 <= ord(one) < 160 or one == "\u202e"] == []
