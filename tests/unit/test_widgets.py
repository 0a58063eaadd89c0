"""Header, verdict, topology, timeline, key bar and too-small: what they say at every size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from textual.theme import Theme

from services.model.assessment import Node, State
from services.safe_text import SafeText, safe
from tests.snapshots import samples
from tests.unit.widget_support import Stage, screen, texts
from tui.keys import KeyContext
from tui.presenting import key_hints
from tui.screens.frame import FOOTER
from widgets.charset import ASCII, UNICODE, Charset
from widgets.header import Header, HeaderFacts, header_row
from widgets.key_bar import KeyBar, KeyHint, fitting
from widgets.picture import Picture, changed
from widgets.spans import Row, Span, cells, text_of
from widgets.states import SIGNS
from widgets.timeline import Timeline, TimelineRow, timeline_rows
from widgets.too_small import TooSmall
from widgets.topology import Topology, topology_rows
from widgets.verdict import VerdictBar, fitted_rows, verdict_rows

SIZES = [60, 80, 100, 120, 160, 200]


# ---- header -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("operation", ["", "rolling back 2/5", "NOT RECOVERED"])
def test_environment_mode_and_clock_are_always_in_the_header(width: int, operation: str) -> None:
    facts = msgspec.structs.replace(samples.FACTS, operation=safe(operation), operation_state=State.CRIT)
    shown = text_of(header_row(facts, width))
    assert len(shown) == width
    assert "PRODUCTION" in shown and "OPERATOR" in shown and "03:11:42Z" in shown
    assert "…" not in shown
    assert operation in shown or width < 80


def test_a_wide_header_says_everything() -> None:
    shown = text_of(header_row(samples.FACTS, 160))
    for fact in (
        "EC2 Manager",
        "us-west-2",
        "1234-5678-9012",
        "oncall/operator",
        "data 5 s",
        "$0.02/h",
        "SIMULATED ×12",
    ):
        assert fact in shown


def test_an_endpoint_that_is_not_aws_is_never_left_out_at_80() -> None:
    assert "SIMULATED" in text_of(header_row(samples.FACTS, 80))


def test_old_data_is_loud() -> None:
    styles = {age: {span.style for span in _header(age) if "data" in span.text} for age in (8.0, 600.0)}
    assert styles == {8.0: {"muted"}, 600.0: {"warn"}}


@pytest.mark.parametrize(("speed", "style"), [(1.0, "warn"), (60.0, "muted")])
def test_data_is_not_old_for_what_its_question_took_where_the_accounts_time_runs_faster(
    speed: float, style: str
) -> None:
    assert {span.style for span in _header(300.0, speed) if "data" in span.text} == {style}


def _header(age: float, speed: float = 1.0) -> Row:
    return header_row(msgspec.structs.replace(samples.FACTS, age=age, speed=speed), 120)


def test_read_only_is_said_in_words() -> None:
    assert "READ-ONLY" in text_of(header_row(msgspec.structs.replace(samples.FACTS, read_only=True), 80))


async def test_a_tick_of_the_clock_repaints_the_clock() -> None:
    header = Header()
    async with Stage(header).run_test(size=(120, 1)):
        header.show(samples.FACTS)
        before = header.rows
        header.show(msgspec.structs.replace(samples.FACTS, now=samples.NOW + timedelta(seconds=1)))
        assert sum(region.area for region in changed(before, header.rows)) == 1


async def test_another_environments_colour_replaces_the_old_one_at_once() -> None:
    header = Header()
    stage = Stage(header)
    async with stage.run_test(size=(120, 1)) as pilot:
        header.show(samples.FACTS)
        await pilot.pause()
        before = _colour(header)
        stage.register_theme(Theme("other", primary="#6f9bc8", variables={"environment": "#00ff00"}))
        stage.theme = "other"
        await pilot.pause()
        assert before != _colour(header) == "#00ff00"


def _colour(header: Header) -> str:
    """The background of the environment's name."""
    for segment in header.render_line(0):
        if "PRODUCTION" in segment.text and segment.style is not None and segment.style.bgcolor is not None:
            return segment.style.bgcolor.get_truecolor().hex
    raise AssertionError("no environment in the header")


# ---- verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_verdict_is_never_cut(width: int) -> None:
    rows = verdict_rows(samples.VERDICT, width)
    said = " ".join("".join(texts(rows)).split())
    assert all(cells(one) <= width for one in rows)
    for word in [*samples.VERDICT.sentence.split(), "R", *samples.VERDICT.remedy.split(), "CRIT"]:
        assert word in said


@pytest.mark.parametrize("width", range(40, 130))
def test_the_key_is_never_torn_from_its_cap(width: int) -> None:
    assert sum(span == Span(" R ", "key-cap") for one in verdict_rows(samples.VERDICT, width) for span in one) == 1


@pytest.mark.parametrize(("width", "height"), [(80, 1), (60, 2), (120, 1), (50, 2)])
def test_where_it_has_to_be_shorter_the_key_and_its_remedy_stay(width: int, height: int) -> None:
    rows = fitted_rows(samples.VERDICT, width, height)
    said = " ".join("".join(texts(rows)).split())
    assert len(rows) <= height
    assert "✖ CRIT" in said and "rolls LIVE back to v41" in said and "API errors" in said


async def test_the_verdict_bar_is_as_high_as_it_has_to_be() -> None:
    bar = VerdictBar()
    async with Stage(bar, auto=True).run_test(size=(120, 20)) as pilot:
        bar.show(samples.VERDICT)
        await pilot.pause()
        assert bar.size.height == 1
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert bar.size.height == len(verdict_rows(samples.VERDICT, 60)) > 1
        bar.show(msgspec.structs.replace(samples.VERDICT, sentence=SafeText("calm"), key="", remedy=SafeText("")))
        await pilot.pause()
        assert bar.size.height == 1 and "calm" in screen(bar)


# ---- topology -----------------------------------------------------------------------------------------------------


@pytest.mark.runbook("R023")
def test_the_diagram_has_the_runbooks_components_in_order() -> None:
    first, second, third = texts(topology_rows(samples.NODES, 120, 3))
    assert [first.index(name) for name in ("Users", "CloudFront", "S3", "CloudWatch", "SNS")] == sorted(
        first.index(name) for name in ("Users", "CloudFront", "S3", "CloudWatch", "SNS")
    )
    assert second.index("API Gateway") < second.index("Lambda") < second.index("DynamoDB")
    assert third.index("Cognito") == second.index("DynamoDB")
    assert first.index("┬") == second.index("╰")
    assert second.index("┬") == third.index("╰")


@pytest.mark.runbook("R023")
@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("broken", range(len(samples.NODES)))
def test_breaking_one_component_changes_only_its_node(width: int, broken: int) -> None:
    calm = tuple(msgspec.structs.replace(node, state=State.OK, note=SafeText("")) for node in samples.NODES)
    bad = tuple(
        msgspec.structs.replace(node, state=State.CRIT) if index == broken else node for index, node in enumerate(calm)
    )
    before, after = _signs(calm, width), _signs(bad, width)
    title = calm[broken].title
    assert {name for name in before if before[name] != after[name]} == {title}
    assert after[title] == ("✖", "crit")


def _signs(nodes: tuple[Node, ...], width: int) -> dict[str, tuple[str, str]]:
    """Title → the sign after it and its style, read off the diagram."""
    found = {}
    for one in topology_rows(nodes, width, 3):
        spans = list(one)
        for index, span in enumerate(spans):
            name = span.text.strip()
            if any(node.title == name for node in nodes):
                found[name] = (spans[index + 1].text, spans[index + 1].style)
    return found


def test_on_one_row_every_component_has_a_short_name_and_a_sign() -> None:
    (shown,) = texts(topology_rows(samples.NODES, 80, 1))
    assert len(shown) <= 80
    assert shown.strip() == "CF ●  S3 ●  API ✖  λ ✖ v42  DDB ●  Cog ⊗  │ CW ▲ 2 in alarm  SNS ●"


def test_a_remark_about_what_is_well_is_whole_or_not_there() -> None:
    remark = "pages-production-lambda-duration notifies nobody"
    nodes = tuple(
        msgspec.structs.replace(node, note=safe(remark)) if node.key == "sns" else node for node in samples.NODES
    )
    for width in range(100, 200):
        shown = "".join(texts(topology_rows(nodes, width, 3)))
        assert remark in shown or "pages" not in shown


def test_a_long_note_does_not_cost_the_diagram() -> None:
    nodes = tuple(msgspec.structs.replace(node, note=safe("a very long note " * 4)) for node in samples.NODES)
    rows = topology_rows(nodes, 120, 3)
    assert len(rows) == 3
    assert all(cells(one) <= 120 for one in rows)


@pytest.mark.parametrize("missing", [node.key for node in samples.NODES])
def test_a_stack_that_lacks_a_part_has_a_diagram_without_it(missing: str) -> None:
    nodes = tuple(node for node in samples.NODES if node.key != missing)
    shown = "".join(texts(topology_rows(nodes, 140, 3)))
    for node in samples.NODES:
        assert (node.title in shown) == (node.key != missing)


@pytest.mark.parametrize("width", range(20, 220, 13))
def test_the_topology_never_exceeds_its_width(width: int) -> None:
    assert all(cells(one) <= width for one in topology_rows(samples.NODES, width, 3))


# ---- timeline -----------------------------------------------------------------------------------------------------


async def test_the_timeline_is_newest_first_with_the_root_cause_above() -> None:
    view = Timeline()
    async with Stage(view).run_test(size=(80, 12)) as pilot:
        view.show(samples.TIMELINE)
        await pilot.pause()
        lines = [strip.text for strip in (view.query_one("TimelineRows").render_line(y) for y in range(8))]
        assert "AuditTable" in lines[0] and "✖" in lines[0]
        assert "Status Code: 400" in lines[1]
        times = [text.split()[0] for text in lines[2:]]
        assert times == sorted(times, reverse=True)
        assert lines[2].rstrip().endswith("58 s")


async def test_an_empty_timeline_says_so() -> None:
    view = Timeline()
    async with Stage(view).run_test(size=(60, 6)) as pilot:
        view.show((), "not asked yet")
        await pilot.pause()
        assert "not asked yet" in view.query_one("TimelineRows").render_line(0).text


@pytest.mark.parametrize("width", [30, 40, 57, 78, 120])
def test_timeline_rows_line_up_and_fit(width: int) -> None:
    entries = [entry for entry in samples.TIMELINE if not entry.pinned]
    rows = texts(timeline_rows(entries, width))
    assert all(len(text) <= width for text in rows)
    assert len({text.index(entry.text[:3]) for text, entry in zip(rows, entries, strict=True)}) == 1


@pytest.mark.parametrize("width", [40, 46, 80, 120])
def test_the_root_cause_is_told_whole(width: int) -> None:
    cause = next(entry for entry in samples.TIMELINE if entry.pinned)
    rows = texts(timeline_rows([cause], width))
    assert all(len(text) <= width for text in rows)
    assert "".join(cause.text.split()) in "".join("".join(rows).split())


def test_a_row_under_way_has_its_own_sign() -> None:
    entry = TimelineRow(samples.NOW, State.WAITING, safe("stack"), safe("UPDATE_IN_PROGRESS"))
    assert "▸ stack" in texts(timeline_rows([entry], 80))[0]


# ---- keys ---------------------------------------------------------------------------------------------------------


def test_keys_that_do_not_fit_go_by_priority_and_the_order_stays() -> None:
    chosen, _ = fitting(samples.KEYS, 60)
    kept = [hint.key for hint in chosen]
    assert kept == [hint.key for hint in samples.KEYS if hint in chosen]
    assert {"R", "I", "?", "e"} <= set(kept)
    assert min(hint.priority for hint in chosen) >= max(hint.priority for hint in samples.KEYS if hint not in chosen)


def test_screens_stand_together_where_there_is_no_room_for_each() -> None:
    footer = key_hints(KeyContext(parts_known=True), FOOTER)
    assert [hint.key for hint in fitting(footer, 200)[0]][:3] == ["1", "2", "3"]
    narrow = [hint.key for hint in fitting(footer, 60)[0]]
    assert narrow == ["0-9", "R", "e", "?", "q"], "in the order of the wide one"


@pytest.mark.parametrize("width", [1, 10, 40, 80, 120, 200])
async def test_the_key_bar_never_cuts_a_key(width: int) -> None:
    bar = KeyBar()
    async with Stage(bar).run_test(size=(width, 1)):
        bar.show(samples.KEYS)
        assert "…" not in screen(bar)


async def test_a_click_on_a_key_says_which() -> None:
    bar = KeyBar()
    pressed: list[KeyHint] = []

    class Clicked(Stage):
        def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
            pressed.append(event.hint)

    async with Clicked(bar).run_test(size=(120, 1)) as pilot:
        bar.show(samples.KEYS)
        await pilot.pause()
        await pilot.click(bar, offset=(screen(bar).index("roll back"), 0))
        await pilot.pause()
        assert [hint.key for hint in pressed] == ["R"]


# ---- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(40, 10), (10, 2), (3, 1)])
async def test_too_small_says_what_is_needed(width: int, height: int) -> None:
    view = TooSmall((80, 24))
    async with Stage(view).run_test(size=(width, height)):
        view.show(width, height)
        assert ("need 80x24" in screen(view)) == (width >= 20 and height >= 2)


def test_every_state_has_its_own_sign_one_cell_wide() -> None:
    assert len(set(SIGNS.values())) == len(State)
    assert {cells([Span(sign)]) for sign in SIGNS.values()} == {1}


EVIL = SafeText("[bold red]x[/] \x1b[31m\x07")


def _evil_header() -> Picture:
    header = Header()
    header.show(HeaderFacts("EC2 [b]Manager[/b]", "prod", who=EVIL, now=samples.NOW, operation=EVIL))
    return header


def _evil_verdict() -> Picture:
    bar = VerdictBar()
    bar.show(msgspec.structs.replace(samples.VERDICT, sentence=EVIL))
    return bar


def _evil_topology() -> Picture:
    topology = Topology()
    topology.show((Node("api", "API Gateway", State.CRIT, EVIL),))
    return topology


@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("make", [_evil_header, _evil_verdict, _evil_topology])
async def test_remote_text_is_never_markup_nor_an_escape(make: Callable[[], Picture], charset: Charset) -> None:
    widget = make()
    async with Stage(widget, charset).run_test(size=(120, 3)):
        shown = screen(widget)
        assert "[bold red]x[/]" in shown
        assert "\x1b" not in shown and "\x07" not in shown
        assert charset is UNICODE or shown.replace("\n", "").isascii()
