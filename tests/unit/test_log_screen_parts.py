"""The pieces of the log screen: filtered rings, unfolded lines, histogram, kinds, pivots, clipboard, history."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from services.journal.home import JournalHome
from services.kept_file import KeptDamaged
from services.line_search.query import parse
from services.log_patterns.checking import check
from services.log_searches import HISTORY, Searches, SearchStore
from services.model.changes import Change, ChangeKind
from services.model.logs import Gap, Level, LogLine
from services.safe_text import safe
from tests.unit.test_log_pane import THEME
from tui import log_out, log_pivots
from tui.clipboard import TooLarge, clipboard
from tui.log_presets import PRESETS, Groups, chosen
from widgets.log_alike import kinds
from widgets.log_histogram import LogHistogram, counted
from widgets.log_lines import Look, between, line_rows
from widgets.log_ring import LogRing
from widgets.log_times import Times, age, day, told
from widgets.log_unfold import unfolded
from widgets.spans import cells, text_of

NOW = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)
AT = round(NOW.timestamp() * 1000)
STAMP = "2026-11-23T03:07:00Z"
ID, OTHER = "7f3a9c1e-52d4-4b8a-9d3e-1f2a3b4c5d6e", "00000000-52d4-4b8a-9d3e-1f2a3b4c5d6e"


def line(at: int, text: str = "x", level: Level = Level.INFO, group: str = "app", request: str = "") -> LogLine:
    return LogLine(at, group, level, safe(text), f"{at}", request)


def filled(*lines: LogLine) -> LogRing:
    ring = LogRing()
    ring.extend(lines)
    return ring


def looked(ring: LogRing, text: str) -> list[int]:
    ring.filter_by(parse(text))
    while ring.look(2_000):
        pass
    return [index for index, flag in enumerate(ring.shown(Level.DEBUG)) if flag]


# ---- the filter of a ring


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["apple", "pear", "plum"])), min_size=1), st.data())
def test_what_passes_goes_along_with_late_lines_merges_and_drops(
    found: list[tuple[int, str]], data: st.DataObject
) -> None:
    ring = LogRing(capacity=40)
    ring.filter_by(parse("p !pear"))
    for batch in (found[::2], found[1::2], found):
        ring.extend([line(at, text) for at, text in sorted(batch)])
        if data.draw(st.booleans()):
            ring.look()
    while ring.look():
        pass
    flags = ring.shown(Level.DEBUG)
    assert [bool(flag) for flag in flags] == [ring.text(index) != "pear" for index in range(len(ring))]


def test_the_youngest_are_looked_at_first_and_levels_and_groups_count() -> None:
    ring = filled(*(line(at, "abc " * 50) for at in range(5_000)))
    ring.filter_by(parse("abc"))
    assert ring.look(10_000)
    flags = ring.shown(Level.DEBUG)
    assert flags[-1] == 1
    assert flags[0] == 0
    ring = filled(line(1, level=Level.ERROR), line(2), line(3, level=Level.ERROR, group="api"))
    assert looked(ring, "level:error group:ap*") == [0, 2]
    assert looked(ring, "level:error !group:api") == [0]
    assert looked(ring, "") == [0, 1, 2]


def test_pins_marks_and_unfolding_stay_with_their_lines() -> None:
    ring = filled(line(10), line(20), line(30))
    pin = ring.pin()
    pin.index = 1
    ring.toggle_mark(1)
    ring.toggle_open(1)
    ring.extend([line(5)])
    assert pin.index == 2
    assert ring.marked() == [2]
    assert ring[2].unfolded and ring[2].marked and ring[2].level is Level.INFO
    ring.toggle_mark(2)
    assert ring.marked() == []


def test_a_history_drops_the_youngest() -> None:
    ring = LogRing(capacity=100, newest=False)
    ring.extend([line(at) for at in range(3_000)])
    assert len(ring) == 100
    assert ring.time(0) == 0


# ---- rows


@given(st.text(max_size=300), st.integers(8, 120), st.booleans(), st.booleans())
def test_any_line_is_rows_that_fit(text: str, width: int, wrap: bool, unfold: bool) -> None:
    ring = filled(line(AT, text, request=ID))
    if unfold:
        ring.toggle_open(0)
    for row in line_rows(ring[0], max(width, 40), Look(wrap=wrap, query=parse("a"), group_width=5), at_cursor=True):
        assert cells(row) <= max(width, 40)
        assert "\x1b" not in text_of(row)


@given(st.text(max_size=400), st.integers(8, 120))
def test_any_text_unfolds_into_rows_that_fit(text: str, width: int) -> None:
    assert all(cells(row) <= width for row in unfolded(safe(text), width))


def test_json_is_set_out_as_it_was_written() -> None:
    rows = [text_of(row) for row in unfolded('{"a":1.10,"b":{"c":"\\u001b[2J"},"d":12345678901234567890}', 60)]
    assert rows == [
        "{",
        '  "a": 1.10,',
        '  "b": {',
        '    "c": "\\u001b[2J"',
        "  },",
        '  "d": 12345678901234567890',
        "}",
    ]


def test_what_was_searched_for_is_shown_even_where_the_short_form_leaves_it_out() -> None:
    ring = filled(line(AT, f'{{"message":"listed","request_id":"{ID}"}}'))
    (row,) = line_rows(ring[0], 120, Look(query=parse("52d4-4b8a")))
    assert any(span.style == "match" and span.text == "52d4-4b8a" for span in row)


def test_who_searches_for_a_level_reads_what_the_lines_of_it_say() -> None:
    ring = filled(line(AT, f"[ERROR]  {STAMP} {ID} charge failed: no region", Level.ERROR))
    (row,) = line_rows(ring[0], 78, Look(query=parse("error"), group_width=6))
    assert "charge failed: no region" in text_of(row)
    assert ID not in text_of(row)
    (row,) = line_rows(ring[0], 78, Look(query=parse(f"error {ID[:13]}"), group_width=6))
    assert ID[:13] in text_of(row), "what stands nowhere else is shown in its place"


def test_days_and_gaps_are_rows_between_lines() -> None:
    yesterday = AT - 86_400_000
    rows = [text_of(row) for row in between(yesterday, AT, (Gap(AT - 5_000, AT - 1_000, "denied"),), 60, Look())]
    assert "Mon 23 Nov 2026" in rows[0]
    assert "gap 03:06:55 to 03:06:59 · denied" in rows[1]
    assert between(AT, AT + 5, (Gap(AT - 5_000, AT - 1_000, ""),), 60, Look()) == []


def test_times_are_eight_cells_in_every_form() -> None:
    for times in Times:
        assert len(told(AT - 3_000, times, AT)) == 8
    assert told(AT, Times.UTC, AT) == "03:07:00"
    assert [age(one) for one in (-5, 12, 247, 11_520, 200_000)] == ["0 s", "12 s", "4:07", "3 h 12", "2 d"]
    assert day(AT, Times.UTC) == "Mon 23 Nov 2026"


# ---- histogram and kinds


def test_the_histogram_counts_every_line_once_by_level() -> None:
    ring = filled(*(line(AT + at * 1000, level=(Level.INFO, Level.WARN, Level.ERROR)[at % 3]) for at in range(300)))
    counts = counted(ring, 50)
    assert (sum(counts.all), sum(counts.warnings), sum(counts.errors)) == (300, 100, 100)
    looked(ring, "level:error")
    assert sum(counted(ring, 50).all) == 100
    assert sum(counted(ring, 50, fitting=False).all) == 300


class HistogramApp(App[None]):
    """A histogram and the lines it is of."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = "plain"
        self.ring = filled(*(line(AT + second * 1000, level=Level.WARN) for second in range(60)))
        self.histogram = LogHistogram()

    def compose(self) -> ComposeResult:
        yield self.histogram


async def test_the_cursor_moves_in_the_histogram_without_a_count_and_a_line_that_came_since_is_at_its_end() -> None:
    app = HistogramApp()
    async with app.run_test(size=(70, 4)):
        app.histogram.show(app.ring, (), AT, Times.UTC)
        first = [text_of(row) for row in app.histogram.rows]
        assert "warn" in {span.style for span in app.histogram.rows[0]}
        app.ring.extend([line(AT + 90_000, level=Level.ERROR)])
        app.histogram.point(AT + 90_000)
        second = [text_of(row) for row in app.histogram.rows]
        assert (second[:2], first[2].index("│"), second[2].index("│")) == (first[:2], 9, 68)
        app.histogram.show(app.ring, (), None, Times.UTC)
        assert app.histogram.rows[0][0].text.split() == ["✖", "1"]
        assert "│" not in text_of(app.histogram.rows[2])


async def test_the_histogram_says_what_its_bars_are_of_and_the_days_of_its_ends() -> None:
    app = HistogramApp()
    async with app.run_test(size=(70, 4)):
        app.histogram.show(filled(line(AT, level=Level.WARN), line(AT + 1)), (), AT, Times.UTC)
        assert app.histogram.rows[0][0].text.split() == ["▲", "1"]
        assert text_of(app.histogram.rows[2]).split()[0] == f"│{told(AT, Times.UTC, 0)[:5]}", "no digit is covered"
        app.histogram.show(filled(line(AT), line(AT + 86_400_000)), (), None, Times.UTC)
        assert app.histogram.rows[0][0].text.split() == ["✖", "0"]
        first, last = (day(at, Times.UTC)[4:10] for at in (AT, AT + 86_400_000))
        axis = text_of(app.histogram.rows[2])
        assert axis.strip().startswith(first) and f" {last} " in axis and axis.rstrip().endswith("03:07")


def test_errors_of_one_shape_are_one_kind() -> None:
    ring = filled(
        *(line(AT + n, f"[ERROR]  {STAMP} {ID} charge {n} failed: KeyError 'r{n}'", Level.ERROR) for n in range(700)),
        line(AT + 900, "refund failed", Level.ERROR),
        line(AT + 901, "fine"),
    )  # fmt: skip
    *_, found = kinds(ring)
    assert [(one.count, one.first - AT, one.last - AT) for one in found] == [(700, 0, 699), (1, 900, 900)]


# ---- pivots


def test_the_ids_of_one_request_are_found_through_the_lines_that_hold_both() -> None:
    assert log_pivots.linked([f'{{"requestId":"{OTHER}","integrationRequestId":"{ID}"}}'], {ID}) == {OTHER}
    assert log_pivots.linked([f"({OTHER}) AWS Integration Endpoint RequestId : {ID}"], {ID}) == {OTHER}
    assert log_pivots.linked(["nothing"], {ID}) == set()
    assert log_pivots.any_of({ID}) == f'"{ID}"'
    assert log_pivots.any_of({ID, OTHER}) == f'?"{OTHER}" ?"{ID}"'


def test_lines_of_both_sides_are_there_once_and_twins_stay_twins() -> None:
    one, twin, other = line(AT, "a"), line(AT, "a"), line(AT + 1, "b")
    assert log_pivots.merged([one, twin], [one, other]) == [one, twin, other]
    assert log_pivots.merged([one], [one, twin]) == [one, twin]


def test_the_version_is_read_from_the_start_line_or_the_json() -> None:
    assert log_pivots.version_of([f"START RequestId: {ID} Version: 42"], ID) == "42"
    assert log_pivots.version_of([f'{{"request_id":"{ID}","version":41}}'], ID) == "41"
    assert log_pivots.version_of(["nothing"], ID) == ""


def test_a_deployment_is_other_code_before_it_is_anything_else() -> None:
    live = Change(NOW - timedelta(minutes=5), ChangeKind.ALIAS, safe("v42"), safe("v42 went live"))
    stack = Change(NOW - timedelta(minutes=4), ChangeKind.STACK, safe("stack"), safe("stack update finished"))
    assert log_pivots.newest_deploy((live, stack), NOW) is live
    assert log_pivots.newest_deploy((stack,), NOW) is stack
    assert log_pivots.newest_deploy((), NOW) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("03:01", NOW.replace(minute=1)), ("03:01:30Z", NOW.replace(minute=1, second=30)),
        ("23:00", NOW.replace(hour=23, minute=0) - timedelta(days=1)), ("2026-11-22 03:07", NOW - timedelta(days=1)),
        ("2026-11-22T03:07:00Z", NOW - timedelta(days=1)), ("15m", NOW - timedelta(minutes=15)),
        ("-2h", NOW - timedelta(hours=2)), ("1d", NOW - timedelta(days=1)),
        ("soon", None), ("25:00", None), ("", None), ("99999d", None),
    ],
)  # fmt: skip
def test_times_are_read_as_people_type_them(text: str, expected: datetime | None) -> None:
    assert log_pivots.instant(text, NOW) == expected


# ---- out


def test_the_clipboard_is_reached_through_tmux_too_and_never_with_too_much() -> None:
    plain = clipboard("hallo", {})
    assert plain == f"\x1b]52;c;{base64.b64encode(b'hallo').decode()}\x07"
    both = clipboard("hallo", {"TMUX": "/tmp/x"})
    assert both.startswith(plain)
    assert both.endswith("\x1bPtmux;\x1b" + plain + "\x1b\\")
    with pytest.raises(TooLarge):
        clipboard("x" * 60_000, {})


def test_files_say_environment_and_window_and_never_replace_one(tmp_path: Path) -> None:
    ring = filled(line(AT, "token=abcdef"), line(AT + 60_000, "two"))
    found = [ring[0], ring[1]]
    stem = log_out.file_stem("prod/../x", found, NOW)
    assert stem == "cockpit-logs-prod----x-20261123T030700Z-20261123T030800Z"
    first, second = log_out.write(tmp_path, stem, found), log_out.write(tmp_path, stem, found)
    assert first[0] != second[0]
    assert (
        first[0].read_text() == "2026-11-23T03:07:00.000Z app INFO token=***\n2026-11-23T03:08:00.000Z app INFO two\n"
    )
    assert first[0].stat().st_mode & 0o777 == 0o600


# ---- searches


def test_searches_are_kept_in_one_piece_and_damage_is_put_aside(tmp_path: Path) -> None:
    store = SearchStore(JournalHome(tmp_path / "searches"), "production")
    assert store.read() == Searches()
    found = Searches().made("ERROR").made("x").made("ERROR").kept("bug", "KeyError").kept("bug", "Key")
    assert found.history == ("ERROR", "x")
    store.write(found)
    assert store.read() == found
    assert [one.pattern for one in found.saved] == ["Key"]
    assert store.read().without("bug").saved == ()
    (file,) = (tmp_path / "searches").glob("*.json")
    file.write_bytes(b"\xff{")
    with pytest.raises(KeptDamaged, match=r"renamed to production.*\.json\.damaged"):
        store.read()
    assert file.with_name(f"{file.name}.damaged").read_bytes() == b"\xff{"
    assert store.read() == Searches()


def test_the_history_of_searches_has_an_end() -> None:
    found = Searches()
    for number in range(200):
        found = found.made(f"{number}")
    assert len(found.history) == HISTORY
    assert found.history[0] == "199"


def test_each_preset_finds_its_groups_and_its_pattern_by_what_their_lines_look_like() -> None:
    groups = Groups((("a", "app"), ("l", "lambda")), (("a", "app"),), (("l", "lambda"),), (), (("x", "api"),))
    by = {one.id: one for one in PRESETS}
    found, patterns = chosen(by["errors"], groups, lambda group: group[0] == "a")
    assert found == (("a", "app"), ("l", "lambda"))
    assert patterns[0].startswith("{") and patterns[1].startswith("?ERROR")
    assert chosen(by["api"], groups, lambda group: False)[0] == (("x", "api"),), "no access log: the execution log"
    assert chosen(by["trail"], groups, lambda group: True)[0] == ()
    assert "not observable" in by["sign-ins"].missing
    assert all(check(one) is None for preset in PRESETS for one in (preset.json, preset.text))
