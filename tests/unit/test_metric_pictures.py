"""What screen 2 writes as pictures: a PNG that any reader opens, a chart of letters, both with all that was shown."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

import msgspec
import pytest

from services.model.assessment import State, Threshold
from services.model.changes import Change, ChangeKind
from services.safe_text import safe
from tests.unit.test_chart import START, _page
from tui.bitmap import Bitmap
from tui.bitmap_font import glyph
from tui.metric_figure import CHANGE, COMPARED, CURVE, HEIGHT, LEFT, THRESHOLD, WIDTH, figure, steps_of
from tui.metric_png import SCALE, png_bytes
from tui.metric_svg import svg_text
from tui.metric_text import WIDTH as CELLS
from tui.metric_text import chart_text
from widgets.metric_view import MetricPage


def _incident() -> MetricPage:
    """Forty minutes at 100 ms, a gap of two, then 2 500 ms; v42 in between, yesterday behind it."""
    points = {minute: 100.0 if minute < 40 else 2500.0 for minute in range(60) if minute not in (20, 21)}
    change = Change(datetime.fromtimestamp(START + 2400, UTC), ChangeKind.ALIAS, safe("v42"), safe("v42 went live"))
    page = _page(
        points=points,
        thresholds=(Threshold(1000, State.WARN), Threshold(2000, State.CRIT)),
        changes=(change,),
        compared=tuple((START + 60 * minute, 400.0) for minute in range(60)),
    )
    return msgspec.structs.replace(page, compared="same time yesterday")


def _decoded(data: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of colours of a PNG, read as its standard says: every checksum is looked at."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size]) == (zlib.crc32(kind + body),)
        chunks[kind], at = body, at + 12 + size
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, rest) == (8, 3, [0, 0, 0])
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (width + 1)
    rows = [raw[row * (width + 1) : (row + 1) * (width + 1)] for row in range(height)]
    assert all(row[0] == 0 for row in rows), "no row is filtered"
    palette = [chunks[b"PLTE"][place : place + 3] for place in range(0, len(chunks[b"PLTE"]), 3)]
    return width, height, [b"".join(palette[dot] for dot in row[1:]) for row in rows]


def test_a_bitmap_comes_back_dot_by_dot() -> None:
    sheet = Bitmap(9, 5, "#ffffff")
    sheet.line((0, 0), (4, 4), "#1f618d")
    sheet.fill(7, -3, 50, 5, "#c0392b")
    sheet.line((-20, 3), (-10, 3), "#000000")
    width, height, rows = _decoded(sheet.png())
    assert (width, height) == (9, 5)
    for y in range(height):
        for x in range(width):
            assert f"#{rows[y][3 * x : 3 * x + 3].hex()}" == sheet.dot(x, y)
    assert [sheet.dot(place, place) for place in range(5)] == ["#1f618d"] * 5
    assert (sheet.dot(8, 1), sheet.dot(8, 2), sheet.dot(0, 3)) == ("#c0392b", "#ffffff", "#ffffff")


def test_a_dashed_line_has_gaps_and_a_plain_one_has_none() -> None:
    sheet = Bitmap(16, 2, "#ffffff")
    sheet.line((0, 0), (15, 0), "#000000")
    sheet.line((0, 1), (15, 1), "#000000", dash=4)
    drawn = ["".join("x" if sheet.dot(x, y) == "#000000" else "." for x in range(16)) for y in range(2)]
    assert drawn == ["x" * 16, "xxxx....xxxx...."]


def test_letters_are_drawn_as_they_look_and_what_is_not_there_as_a_box() -> None:
    sheet = Bitmap(12, 8, "#ffffff")
    sheet.text((0, 8), "Lé", "#000000")
    drawn = ["".join("#" if sheet.dot(x, y) == "#000000" else "." for x in range(12)) for y in range(1, 8)]
    assert drawn == [
        "#.....#####.",
        "#.....#...#.",
        "#.....#...#.",
        "#.....#...#.",
        "#.....#...#.",
        "#.....#...#.",
        "#####.#####.",
    ]
    letters = {glyph(chr(code)) for code in range(33, 127)}
    assert len(letters) == 94, "no two signs look alike"
    assert sheet.text_width("Lé") == 11


def test_the_png_shows_the_curve_its_gap_the_thresholds_the_change_and_yesterday() -> None:
    width, height, rows = _decoded(png_bytes(_incident()))
    assert (width, height) == (WIDTH * SCALE, HEIGHT * SCALE)

    def count(colour: str, x: int) -> int:
        column = [row[3 * x : 3 * x + 3].hex() for row in rows]
        return column.count(colour[1:])

    per_minute = (WIDTH - LEFT - 20) * SCALE / 60
    first, gap, late = (round(LEFT * SCALE + per_minute * minute) for minute in (10, 21, 50))
    assert count(CURVE, first) > 0
    assert count(CURVE, gap) == 0, "a curve is never drawn across a gap"
    assert count(COMPARED, gap) > 0
    assert count(THRESHOLD, first) + count(THRESHOLD, first + 8) > 0
    assert count(CHANGE, LEFT * SCALE + round(per_minute * 40)) > 100, "down the whole chart"
    top_of_curve = {
        x: next(y for y, row in enumerate(rows) if row[3 * x : 3 * x + 3].hex() == CURVE[1:]) for x in (first, late)
    }
    assert top_of_curve[late] < top_of_curve[first]


def test_the_same_marks_are_in_the_svg() -> None:
    text = svg_text(_incident())
    assert text.count(f'stroke="{CURVE}"') == 2
    for words in (
        "WARN 1000", "CRIT 2000", ">v42<", ">3s<", ">0ms<", "2026-11-23 00:00Z", "grey: same time yesterday",
    ):  # fmt: skip
        assert words in text
    assert "<circle" in svg_text(_page(points={5: 7.0})), "a single point is a dot"


def test_the_chart_of_letters_holds_all_of_it_in_lines_that_a_chat_does_not_wrap() -> None:
    text = chart_text(_incident())
    assert max(map(len, text.splitlines())) <= CELLS
    assert "\x1b" not in text
    for words in (
        "Latency Average (ms), 1 h", "same time yesterday", "WARN 1000", "CRIT 2000", "3s", "0ms",
        "2026-11-23 00:00Z", "2026-11-23 01:00Z", "┊ 2026-11-23 00:40Z v42 went live", "ApiGateway  ApiName=a",
    ):  # fmt: skip
        assert words in text, words
    assert any("⠀" < sign <= "⣿" for sign in text), "the curve is drawn in dots"
    assert chart_text(_incident()) == text, "nothing of one chart is left in the next"


@pytest.mark.parametrize("points", [{}, {3: 0.0}, {3: 1e15, 4: 1e-9}])
def test_a_window_with_next_to_nothing_in_it_is_drawn_all_the_same(points: dict[int, float]) -> None:
    page = _page(points=points)
    assert _decoded(png_bytes(page))[0] == WIDTH * SCALE
    assert "2026-11-23 00:00Z" in chart_text(page)
    assert figure(page)
    assert steps_of(page)[0][0] == 0.0


@pytest.mark.parametrize("title", ["\x1b[31mred", "a\nb", "[bold]", "<script>&", "日本語"])
def test_names_of_others_are_text_in_every_picture(title: str) -> None:
    page = msgspec.structs.replace(_page(), title=title, subject=title)
    assert "\x1b" not in chart_text(page)
    assert len(chart_text(page).splitlines()) == len(chart_text(_page()).splitlines())
    _decoded(png_bytes(page))
