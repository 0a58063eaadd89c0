"""From lists and tasks to the rows of screen 6. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.model.checklists import ItemState, ListState, Standing
from services.model.entry import Operation
from services.model.maintenance import Review, TaskState
from services.model.plan import ActionKind
from services.model.runbook import Every, Runbook
from services.rules.checklists import MEASURES, ROLLBACK, completed, occasion_list, rollback_list, said
from services.rules.maintenance import review, tasks
from tui.picture import Picture
from tui.runbook_tasks import errand, fact
from tui.validation import validation_of
from widgets.check_list import CheckRow
from widgets.spans import Row, Span, row

_STANDING = {
    Standing.OPEN: ("todo", "faint", "OPEN"),
    Standing.HALF: ("marker", "warn", "HALF DONE"),
    Standing.DONE: ("done", "ok", "DONE"),
    Standing.WAIVED: ("done", "elevated", "WAIVED"),
}


# ---- checklists


def newest_rollback(picture: Picture) -> Operation | None:
    """The rollback whose list is shown."""
    return next((one for one in picture.operations if one.plan.kind is ActionKind.ROLLBACK), None)


def lists(picture: Picture, runbook: Runbook) -> Iterator[ListState]:
    """Every checklist as it stands: the newest rollback's, the others for the occasion they were begun for."""
    for one in runbook.checklists:
        operation = newest_rollback(picture) if one.id == ROLLBACK else None
        if operation is not None:
            yield rollback_list(one, operation, validation_of(picture, operation))
        else:
            yield occasion_list(one, picture.marks, picture.operations)


def list_rows(picture: Picture, runbook: Runbook) -> tuple[CheckRow, ...]:
    """The lists under their titles; what is open comes first, in the runbook's order."""
    found = sorted(lists(picture, runbook), key=lambda one: not (one.occasion and one.left))
    lines = {item.id: item.line for one in runbook.checklists for item in one.items}
    return tuple(line for one in found for line in _list(one, picture, lines))


def _list(state: ListState, picture: Picture, lines: dict[str, int]) -> Iterator[CheckRow]:
    """A list that was not begun is its title alone; the pane below tells its items."""
    if not state.occasion:
        told = tuple(row(Span(f"- {item.text}", "muted")) for item in state.items)
        head = row(Span(state.title, "strong"), Span("  b begins it" if state.id != ROLLBACK else "", "muted"))
        yield CheckRow(f"{state.id}/", "", "faint", "not begun", state.title, "", (head, *told))
        return
    style, done = "warn" if state.left else "ok", f"{len(state.items) - state.left} of {len(state.items)}"
    occasion = _occasion(state, picture)
    head = row(Span(state.title, "strong"), Span(f"  {done}", style))
    yield CheckRow(
        f"{state.id}/", "", style, done, state.title, occasion, (head, row(Span(f"{occasion} · c closes it", "muted")))
    )
    for item in state.items:
        yield item_row(item, state.id, lines.get(item.id, 0))


def item_row(item: ItemState, list_: str, line: int) -> CheckRow:
    """One item."""
    sign, style, word = _STANDING[item.standing]
    detail: tuple[Row, ...] = (
        row(Span(f"{word}  ", style), Span(item.text, "strong"), Span(f"  runbook line {line}", "faint")),
        row(Span(item.told or "t ticks it with a note, w waives it with a reason", "muted")),
    )
    if item.evidence:
        detail += (row(Span(f"found then: {item.evidence}", "muted")),)
    if item.id.startswith(MEASURES):
        detail += (row(Span("enter: the four hardening checks; t keeps what they found", "muted")),)
    return CheckRow(f"{list_}/{item.id}", sign, style, word, item.text, item.told, detail, line)


def _occasion(state: ListState, picture: Picture) -> str:
    operation = picture.operation(state.occasion)
    if operation is None:
        return f"since {state.occasion}"
    closed = completed(operation)
    outcome = operation.outcome.value if operation.outcome is not None else "under way"
    return f"{operation.plan.title}: {outcome}" + (f", closed {closed}" if closed else "")


# ---- maintenance


def maintenance_rows(picture: Picture, runbook: Runbook) -> tuple[CheckRow, ...]:
    """Tasks under their period, each due or when it will be; the runbook's own review among the monthly ones."""
    states = tasks(runbook, picture.marks, picture.now)
    return tuple(line for every in Every for line in _period(every, states, picture, runbook))


def _period(every: Every, states: tuple[TaskState, ...], picture: Picture, runbook: Runbook) -> Iterator[CheckRow]:
    own = [one for one in states if one.task.every is every]
    read = review(runbook, picture.now) if every is Every.MONTH else None
    count = sum(one.is_due for one in own) + (read is not None and read.days <= 0)
    said = f"{count} due" if count else "nothing due"
    if own or read is not None:
        yield CheckRow(f"{every.value}/", "", "warn" if count else "ok", said, every.value.capitalize())
    for one in own:
        yield task_row(one, picture)
    if read is not None:
        yield _review_row(read, runbook)


def task_row(state: TaskState, picture: Picture) -> CheckRow:
    """`▲ DUE  Review backup status  never done`."""
    task, last = state.task, state.last
    sign, style = ("marker", "warn") if state.is_due else ("done", "ok")
    word = "DUE" if state.is_due else f"due {state.due:%d %b}"
    overdue = f"{-state.days} d overdue · " if state.is_due and state.days < 0 else ""
    done = f"last {said(last)}" if last is not None else "never done"
    known, does = fact(task, picture), errand(task)
    says = does.says.replace("{price}", f"${picture.settings.prices.cost_request:.2f}")
    keys = f"{'enter: ' if does.does else ''}{says} · " if says else ""
    detail: list[Row] = [
        row(Span(f"{word}  ", style), Span(task.text, "strong"), Span(f"  runbook line {task.line}", "faint")),
        row(Span(f"{overdue}{done}", "muted")),
    ]
    if last is not None and last.evidence:
        detail.append(row(Span(f"found then: {last.evidence}", "muted")))
    if known:
        detail.append(row(Span(known)))
    detail.append(row(Span(f"{keys}t ticks it with a note", "muted")))
    told = f"{overdue}{known or done}" if not last else f"{overdue}{done}"
    return CheckRow(task.id, sign, style, word, task.text, told, tuple(detail), task.line)


def _review_row(found: Review, runbook: Runbook) -> CheckRow:
    style = "crit" if found.days < 0 else "warn" if not found.days else "ok"
    word = "OVERDUE" if found.days < 0 else "DUE" if not found.days else f"due {found.due:%d %b}"
    detail = (
        row(Span(f"{word}  ", style), Span("The runbook itself", "strong"), Span(f"  {found.text}", style)),
        row(Span(f"Review cycle {found.cycle or 'not said'}; next review {found.due} by its own last lines. "
                 "A new version of the text moves it on.", "muted")),
    )  # fmt: skip
    sign = "marker" if found.days <= 0 else "done"
    return CheckRow("monthly/the-runbook", sign, style, word, "The runbook itself", found.text, detail)


# ---- the document's own facts


def fact_rows(runbook: Runbook, now: datetime, *, brief: bool = False) -> list[Row]:
    """Title, version, dates, what header and footer say differently, when it is reviewed. `brief`: in one line."""
    found = review(runbook, now)
    told: list[Span | str] = [Span(runbook.title, "strong")]
    if runbook.version:
        told.append(Span(f"  {'' if brief else 'version '}{runbook.version}", "muted"))
    if runbook.updated:
        told.append(Span(f"{' of ' if brief else '  last updated '}{runbook.updated}", "muted"))
    if found is not None:
        style = "crit" if found.days < 0 else "warn" if not found.days else "muted"
        told.append(Span(f"  {found.text}", style))
    rows = [row(*told)]
    for name in runbook.differences:
        text = f"{name}: header {runbook.facts[name]}, footer {runbook.footer[name]}"
        rows.append(row(Span("▲ ", "warn"), Span(text, "warn")))
    return rows
