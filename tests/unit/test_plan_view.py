"""Plan and operation: nothing that matters is left out, at any width."""

from __future__ import annotations

import json

import msgspec
import pytest

from services import catalogue
from services.model.entry import Entry, Operation, Outcome, Phase
from services.model.evidence import Bearing, Piece, as_data
from services.model.plan import Precondition
from services.safe_text import safe
from tests.snapshots import samples
from tests.unit.widget_support import Stage, screen, texts
from tui.screens.plan_summary import summary_rows
from widgets.bar import bar
from widgets.big_word import big_word
from widgets.charset import ASCII, UNICODE
from widgets.evidence_rows import evidence_rows
from widgets.operation_view import OperationView, operation_rows, outcome_rows, stages, verdict_at
from widgets.plan_view import PlanView, plan_rows
from widgets.spans import cells, text_of

WIDTHS = [24, 40, 60, 76, 104, 160]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_leaves_nothing_out(width: int) -> None:
    rows = plan_rows(samples.PLAN, width)
    assert all(cells(one) <= width for one in rows)
    said = squeezed("".join(texts(rows)))
    plan = samples.PLAN
    facts: list[str] = [*plan.saved, *plan.irreversible, *plan.notes, *(step.title for step in plan.steps)]
    facts += [candidate.evidence for candidate in plan.candidates]
    for step in plan.steps:
        facts += [f"{step.call.service}.{step.call.operation}", *(one.expected for one in step.preconditions)]
        for name, given in step.call.parameters.items():
            facts += [name, given if isinstance(given, str) else json.dumps(given)]
    assert plan.criterion is not None
    for fact in [*facts, plan.criterion.text]:
        assert squeezed(fact) in said


def test_from_and_to_are_in_strong_type() -> None:
    first = plan_rows(samples.PLAN, 100)[0]
    assert [span.text for span in first if span.style == "accent-strong"] == ["v42", "v41"]


def test_candidates_line_up_and_the_chosen_one_is_marked() -> None:
    rows = [text for text in texts(plan_rows(samples.PLAN, 110)) if " v4" in text[13:18] or " v39" in text[13:18]]
    assert [text[13:19] for text in rows] == ["▸ v41 ", "  v40 ", "  v39 "]


def test_a_candidate_without_a_sentence_is_described_by_its_numbers() -> None:
    bare = tuple(msgspec.structs.replace(one, evidence=safe("")) for one in samples.PLAN.candidates)
    said = "\n".join(texts(plan_rows(msgspec.structs.replace(samples.PLAN, candidates=bare), 110)))
    assert "errors 0.1 % of 51 234, published 3 d ago" in said and "errors not known, published 9 d ago" in said


def test_only_what_a_rollback_leaves_alone_is_called_untouched() -> None:
    notes = ("API       stage prod stays as it is", "Failed    AuditTable: too many changes", "Warning   1 is lost")
    plan = msgspec.structs.replace(samples.PLAN, notes=tuple(map(safe, notes)))
    rows = [one for one in texts(plan_rows(plan, 100)) if any(note in one for note in notes)]
    assert [row.split("  ")[0] for row in rows] == ["Untouched", "Notes", ""]


def test_a_warning_is_never_left_out_of_the_summary() -> None:
    plan = msgspec.structs.replace(samples.PLAN, notes=(safe("Warning   1 cannot be restored"), safe("Same      2")))
    told = texts(summary_rows(plan, 76))
    assert "Notes        Warning   1 cannot be restored" in told
    assert not any("Same" in row for row in told)


def test_a_note_in_columns_wraps_under_its_second_column() -> None:
    plan = msgspec.structs.replace(samples.PLAN, notes=(safe("API       " + "stays as it is " * 8),))
    rows = texts(plan_rows(plan, 80))
    first = next(index for index, text in enumerate(rows) if "API  " in text)
    assert rows[first + 1].index("stays") == rows[first].index("stays") or rows[first + 1].startswith(" " * 23)


def test_a_condition_without_a_value_says_none() -> None:
    step = msgspec.structs.replace(samples.PLAN.steps[0], preconditions=(Precondition("alias.weights", ""),))
    said = "\n".join(texts(plan_rows(msgspec.structs.replace(samples.PLAN, steps=(step,)), 100)))
    assert "still alias.weights none" in said


def test_a_plan_without_candidates_or_criterion_has_no_empty_sections() -> None:
    plan = msgspec.structs.replace(samples.PLAN, candidates=(), criterion=None, irreversible=())
    said = "\n".join(texts(plan_rows(plan, 100)))
    assert "Back to" not in said and "Recovered" not in said and "Cannot undo" not in said


async def test_a_plan_says_how_high_it_is() -> None:
    view = PlanView()
    async with Stage(view, auto=True).run_test(size=(100, 60)) as pilot:
        view.show(samples.PLAN)
        await pilot.pause()
        assert view.size.height == view.needed_height(100) == len(plan_rows(samples.PLAN, 100))
        await pilot.resize_terminal(50, 60)
        await pilot.pause()
        assert view.size.height == view.needed_height(50) > view.needed_height(100)


@pytest.mark.parametrize(
    ("phase", "signs"),
    [
        (Phase.ORDERED, "····"),
        (Phase.STARTED, "▸···"),
        (Phase.SNAPSHOT, "✓···"),
        (Phase.INTENT, "✓▸··"),
        (Phase.REPLY, "✓✓▸·"),
        (Phase.APPLIED, "✓✓✓▸"),
        (Phase.VERIFYING, "✓✓✓▸"),
        (Phase.FAILED, "✓✖··"),
        (Phase.UNKNOWN, "✓▲··"),
        (Phase.VOID, "✓▲··"),
    ],
)
def test_the_steps_follow_the_journal(phase: Phase, signs: str) -> None:
    assert "".join(sign for sign, _, _ in stages(samples.operation(phase))) == signs


def test_what_failed_says_why_beside_its_step() -> None:
    shown = "\n".join(texts(operation_rows(samples.operation(Phase.FAILED, outcome=Outcome.FAILED), samples.NOW, 160)))
    assert "v42 → v41: lambda refused: AccessDeniedException" in shown


def test_the_verdict_is_due_after_whole_minutes_and_the_sources_lateness() -> None:
    operation = samples.operation(Phase.VERIFYING)
    due = verdict_at(operation)
    assert due is not None
    assert due == samples.at(3, 19)  # switched 03:11:47, five minutes from 03:12, two minutes to settle


def test_a_window_that_begins_after_the_switch_is_due_when_the_executor_says_so() -> None:
    operation = samples.operation(Phase.VERIFYING)
    assert operation.plan.criterion is not None
    edge = msgspec.structs.replace(operation.plan.criterion, server_errors=catalogue.edge_metric("E1", "5xxErrorRate"))
    content = msgspec.structs.replace(operation, plan=msgspec.structs.replace(operation.plan, criterion=edge))
    assert verdict_at(content) is None, "pages are fetched and compared first"
    assert verdict_at(msgspec.structs.replace(content, judge_at=samples.at(3, 25))) == samples.at(3, 25)
    (step, *rest) = operation.plan.steps
    stacked = msgspec.structs.replace(operation.plan, steps=(msgspec.structs.replace(step, kind="stack.update"), *rest))
    assert verdict_at(msgspec.structs.replace(operation, plan=stacked)) is None, "the stack has to come to rest"


def test_while_it_is_judged_progress_and_time_left_are_shown() -> None:
    operation = samples.operation(Phase.VERIFYING, progress=(3, 5))
    shown = "\n".join(texts(operation_rows(operation, samples.at(3, 16, 50), 100)))
    assert "judging 3 of 5 minutes" in shown
    assert "verdict at 03:19, in 2:10" in shown
    assert "████████████░░░░░░░░" in shown


@pytest.mark.parametrize("width", WIDTHS)
def test_an_operation_fits_any_width(width: int) -> None:
    for phase in (Phase.ORDERED, Phase.VERIFYING, Phase.UNKNOWN):
        assert all(cells(one) <= width for one in operation_rows(samples.operation(phase), samples.NOW, width))
    for outcome in Outcome:
        done = samples.operation(Phase.DONE, outcome=outcome)
        assert all(cells(one) <= width for one in operation_rows(done, samples.NOW, width))
        assert all(cells(one) <= width for one in outcome_rows(done, width))


async def test_what_came_of_it_stands_above_how_it_came_to_it() -> None:
    view = OperationView()
    async with Stage(view, auto=True).run_test(size=(80, 24)) as pilot:
        view.show(samples.operation(Phase.DONE, outcome=Outcome.RECOVERED), samples.NOW)
        await pilot.pause()
        shown = screen(view).splitlines()
        ordered = next(place for place, text in enumerate(shown) if text.startswith("ordered"))
        assert "▀" in shown[0], "the verdict in large letters"
        assert ordered > 3 and "LIVE  v42 → v41" in "".join(shown[ordered:])


def test_a_piece_of_evidence_stands_whole_and_its_sign_is_all_that_tells_it_from_the_next() -> None:
    pieces = (
        Piece("latency", Bearing.GOOD, safe("latency 119 ms, yesterday 120 ms")),
        Piece("alarms", Bearing.SAID, safe("alarm EC2Manager-production-api-5xx still rings")),
        Piece("health", Bearing.GOOD, safe("/health 200 JSON")),
        Piece("log", Bearing.BAD, safe("2 error shapes that were not there before: KeyError, " + "x" * 80)),
    )
    judged = Entry("op-0193", 7, samples.NOW, Phase.DONE, safe(""), data={"evidence": as_data(pieces)})
    operation = msgspec.structs.replace(samples.operation(Phase.DONE, outcome=Outcome.RECOVERED), entries=(judged,))
    shown = texts(evidence_rows(operation, 76))
    assert shown[:2] == [
        "   ✓ latency 119 ms, yesterday 120 ms",
        "   · alarm EC2Manager-production-api-5xx still rings   ✓ /health 200 JSON",
    ]
    assert shown[2].startswith("   ✖ 2 error shapes") and all(len(one) <= 76 for one in shown)


def test_an_operation_that_nobody_carries_on_says_so() -> None:
    running = samples.operation(Phase.VERIFYING)
    assert "can be resumed" in "".join(texts(operation_rows(running, samples.NOW, 100, orphaned=True)))
    assert "can be resumed" not in "".join(texts(operation_rows(running, samples.NOW, 100)))
    assert "verdict at" in "".join(texts(operation_rows(running, samples.NOW, 100)))
    assert "verdict at" not in "".join(texts(operation_rows(running, samples.NOW, 100, orphaned=True)))


def test_a_judgement_that_an_ended_operation_never_came_to_does_not_look_under_way() -> None:
    applied = samples.operation(Phase.VERIFYING)
    assert stages(applied)[-1][0] == UNICODE.busy
    assert stages(msgspec.structs.replace(applied, outcome=Outcome.FAILED))[-1][0] == UNICODE.todo


def test_who_ordered_it_and_when_stands_first() -> None:
    first = texts(operation_rows(samples.operation(Phase.VERIFYING), samples.NOW, 100))[0]
    assert first == "ordered 03:11:42Z by oncall on bastion · op-0193"


def test_what_cannot_be_read_while_judging_is_said() -> None:
    operation = msgspec.structs.replace(
        samples.operation(Phase.VERIFYING, progress=(1, 5)), text=safe("cannot be read")
    )
    assert "cannot be read" in "".join(texts(operation_rows(operation, samples.NOW, 100)))
    told = msgspec.structs.replace(operation, text=safe("1 of 5 settled minutes; judged at 03:19"))
    assert "settled minutes; judged" not in "".join(texts(operation_rows(told, samples.NOW, 100)))


@pytest.mark.parametrize(
    ("outcome", "style"),
    [
        (Outcome.RECOVERED, "ok"), (Outcome.COMPLETED, "ok"), (Outcome.NOT_RECOVERED, "crit"), (Outcome.FAILED, "crit"),
        (Outcome.INCONCLUSIVE, "warn"), (Outcome.VOID, "warn"),
    ],
)  # fmt: skip
def test_the_outcome_is_one_large_word_in_its_colour(outcome: Outcome, style: str) -> None:
    rows = big_word(outcome.value, style, 100)
    assert len(rows) == 3
    assert {span.style for one in rows for span in one} == {style}
    assert set("".join(texts(rows))) <= set(" ▀▄█")
    (small,) = big_word(outcome.value, style, 18)
    assert small[0].style == f"badge-{style}"
    assert squeezed(small[0].text) == squeezed(outcome.value)


def test_without_unicode_the_large_word_is_spaced_letters() -> None:
    assert texts(big_word("FAILED", "crit", 100, ASCII)) == ["  F A I L E D  "]


@pytest.mark.parametrize(
    ("done", "text"),
    [(0, "░░░░░░░░░░"), (0.001, "▏░░░░░░░░░"), (0.5, "█████░░░░░"), (0.999, "█████████▉"), (1, "██████████"),
     (7, "██████████")],
)  # fmt: skip
def test_a_bar_is_full_only_when_it_is_done(done: float, text: str) -> None:
    assert text_of(bar(done, 10)) == text


async def test_an_operation_grows_with_its_journal() -> None:
    view = OperationView()
    async with Stage(view, auto=True).run_test(size=(90, 30)) as pilot:
        view.show(samples.operation(Phase.ORDERED), samples.NOW)
        await pilot.pause()
        small = view.size.height
        view.show(samples.operation(Phase.DONE, outcome=Outcome.RECOVERED), samples.NOW)
        await pilot.pause()
        assert view.size.height > small
        assert "█" in screen(view)


async def test_remote_text_in_an_operation_is_shown_as_it_stands() -> None:
    operation: Operation = msgspec.structs.replace(
        samples.operation(Phase.DONE, outcome=Outcome.FAILED), text=safe("[red]denied[/] \x1b[2J")
    )
    view = OperationView()
    async with Stage(view, auto=True).run_test(size=(90, 30)) as pilot:
        view.show(operation, samples.NOW)
        await pilot.pause()
        assert "[red]denied[/] ␛[2J" in screen(view)
