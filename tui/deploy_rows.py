"""What the deployments screen says of the stack: its head, its operations as a tree, its events as a table."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import datetime

from services.model.assessment import State
from services.model.deploys import Deploy, Leg, ResourceMove
from services.model.entry import Operation
from services.model.situation import Situation
from services.model.stacks import StackEvent
from services.rules.deploys import holders
from services.rules.stacks import stack_meaning, stack_state
from widgets import wording
from widgets.arns import without_arns
from widgets.bar import bar
from widgets.deploy_list import DeployRow
from widgets.spans import Row, Span, row
from widgets.states import SIGNS, style

REASON = 300
"""Most characters of a pinned reason; `enter` shows the whole."""

LEGS = {Leg.FORWARD: "", Leg.ROLLBACK: "rollback", Leg.CLEANUP: "clean-up of what was replaced"}


# ---- the head


def head_rows(situation: Situation, deploys: Sequence[Deploy], now: datetime) -> list[Row]:
    """Status and what it means, how far the newest operation has come, and why it failed."""
    stack = situation.stack.value
    if stack is None:
        problem = situation.stack.problem
        return [row(Span(f"{problem.message}." if problem else "asking for the stack …", "silent"))]
    state = stack_state(stack.status)
    meaning = stack_meaning(stack.status)
    rows = [row(Span(f"{SIGNS[state]} {stack.status}", style(state)), Span(f"  {meaning}", "muted"))]
    if not deploys:
        problem = situation.events.problem
        return [*rows, row(Span(f"events: {problem.message}." if problem else "no events yet", "silent"))]
    newest = deploys[0]
    rows.append(progress_row(newest))
    rows += _cause(newest)
    foreign = _not_ours(newest, situation)
    return [*rows, row(Span(foreign, "warn"))] if foreign else rows


def progress_row(deploy: Deploy) -> Row:
    """`rolling back · 3 of 4 done · 1 in progress · 0 failed · 75 % · 1 min 20 s, usually 58 s`."""
    found = deploy.progress
    of = f" of {found.of}" if found.of else ""
    facts = f"{found.done}{of} done · {found.moving} in progress · {found.failed} failed"
    usual = f", usually {wording.took(found.usual)}" if found.usual is not None else ""
    running = deploy.operation.ended is None
    length = (
        f"{wording.took(int(found.elapsed))}{usual}" if running else f"took {wording.took(int(found.elapsed))}{usual}"
    )
    spans: list[Span | str] = [Span(deploy.word, style(deploy.state)), f" · {facts}"]
    if running and found.percent is not None:
        spans += ["  ", *bar(found.percent / 100, 10), f" {found.percent:.0f} %"]
    when = f" · began {wording.minute(deploy.operation.began)}Z" if running else f" · {_day(deploy.operation.began)}"
    return row(*spans, Span(f" · {length}{when}", "muted"))


def _cause(deploy: Deploy) -> list[Row]:
    cause = deploy.operation.root_cause
    if cause is None:
        return []
    reason = without_arns(cause.reason)[:REASON] or "no reason was given"
    where = holders(deploy.operation.events).get(cause.stack_id, "")
    name = f"{where}/{cause.logical_id}" if where else cause.logical_id
    told = Span(f" {name} {wording.second(cause.at)}Z  ", "strong")
    return [row(Span(" ROOT CAUSE ", "badge-crit"), told, Span(reason, "crit"))]


def _not_ours(deploy: Deploy, situation: Situation) -> str:
    """A rollback that runs and that nobody ordered from here (runbook 694)."""
    stack = situation.stack.value
    running = deploy.operation.ended is None and "ROLLBACK" in deploy.operation.status
    if not running or stack is None or any(one.open for one in situation.operations.value or ()):
        return ""
    names = [arn.rpartition(":alarm:")[2] for arn in stack.rollback_alarms]
    alarms = {one.name for one in situation.alarms.value or () if one.state == "ALARM"}
    loud = [name for name in names if name in alarms]
    because = f"; its rollback alarm {', '.join(loud)} is in ALARM" if loud else ""
    watched = f"; it is watched by {', '.join(names)}" if names and not loud else ""
    return f"rollback in progress, not started here{because or watched}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


# ---- operations as a tree


def operation_rows(deploys: Sequence[Deploy], unfolded: Container[str], now: datetime) -> Iterator[DeployRow]:
    """Operations newest first; of those unfolded the resources below, leg by leg."""
    for deploy in deploys:
        key = operation_key(deploy)
        yield _operation(deploy, key)
        if key in unfolded:
            yield from _resources(deploy, key, now)


def operation_key(deploy: Deploy) -> str:
    """What stays the same of an operation while it goes on."""
    return f"operation {deploy.operation.events[-1].id}"


def _operation(deploy: Deploy, key: str) -> DeployRow:
    found = deploy.progress
    facts = f"{found.done} done · {found.moving} in progress · {found.failed} failed"
    state = State.WAITING if deploy.operation.ended is None and deploy.state is not State.CRIT else deploy.state
    cause = deploy.operation.root_cause
    if cause is not None:
        facts = f"root cause {cause.logical_id} · {facts}"
    when = f"{_day(deploy.operation.began)}  {wording.took(int(found.elapsed))}"
    detail = (progress_row(deploy), *_cause(deploy), *_ids(deploy.operation.events[-1]))
    return DeployRow(key, state, "", deploy.word, facts, when, heading=True, detail=detail)


def _ids(event: StackEvent) -> Iterator[Row]:
    if event.operation:
        yield row(Span("operation ", "muted"), str(event.operation))
    if event.token:
        yield row(Span("token ", "muted"), str(event.token))


def _resources(deploy: Deploy, key: str, now: datetime) -> Iterator[DeployRow]:
    leg = Leg.FORWARD
    cause = deploy.operation.root_cause
    for move in _as_tree(deploy.moves):
        if move.leg is not leg:
            leg = move.leg
            yield DeployRow(f"{key} {leg}", State.NO_TRAFFIC, "", LEGS[leg], indent=2, heading=True)
        pinned = cause is not None and any(event.id == cause.id for event in move.events)
        yield _resource(move, f"{key} {move.leg} {move.stack}/{move.logical_id}", pinned, now)


def _as_tree(moves: Sequence[ResourceMove]) -> Iterator[ResourceMove]:
    """Leg by leg in the order in which they began, what is in a nested stack below that stack."""
    for leg in Leg:
        here = [move for move in moves if move.leg is leg]
        names = {move.logical_id for move in here}
        yield from _below("", here)
        yield from (move for move in here if move.stack and move.stack not in names)


def _below(stack: str, moves: Sequence[ResourceMove], depth: int = 0) -> Iterator[ResourceMove]:
    for move in moves:
        if move.stack == stack and move.depth == depth:
            yield move
            yield from _below(move.logical_id, moves, depth + 1)


def _resource(move: ResourceMove, key: str, pinned: bool, now: datetime) -> DeployRow:
    reason = without_arns(move.reason)
    facts = f"ROOT CAUSE {reason}" if pinned else reason or move.type.removeprefix("AWS::")
    return DeployRow(
        key,
        move.state,
        move.word,
        move.logical_id,
        facts,
        wording.took(int(move.took(now))) or "0 s",
        indent=2 + 2 * move.depth,
        detail=tuple(_told(move, pinned)),
    )


def _told(move: ResourceMove, pinned: bool) -> Iterator[Row]:
    """A resource's events whole."""
    where = f" in nested stack {move.stack}" if move.stack else ""
    name = Span(f"{move.logical_id}", "strong")
    yield row(name, Span(f"  {move.type}{where}  {move.word}", "muted"))
    if pinned:
        yield row(Span(" ROOT CAUSE ", "badge-crit"), Span(f" {move.reason}", "crit"))
    yield row(Span(move.physical_id, "muted")) if move.physical_id else ()
    for event in move.events:
        yield event_row(event)


def event_row(event: StackEvent) -> Row:
    """One event, whole."""
    loud = "crit" if event.failed else "warn" if "ROLLBACK" in event.status else ""
    spans = [Span(f"{wording.second(event.at)}Z ", "muted"), Span(event.status, loud)]
    return row(*spans, Span(f"  {event.reason}" if event.reason else "", loud or "muted"))


# ---- events as a table


def event_rows(events: Sequence[StackEvent], since: datetime | None) -> Iterator[DeployRow]:
    """The runbook's four columns, newest first: time, resource, status, reason; from `since` on."""
    names = holders(events)
    for event in events:
        if since is not None and event.at < since:
            continue
        holder = names.get(event.stack_id, "") if not event.about_its_stack else ""
        name = f"{holder}/{event.logical_id}" if holder else str(event.logical_id)
        yield DeployRow(
            event.id,
            _state(event),
            str(event.status),
            wording.second(event.at),
            str(event.reason),
            name,
            detail=(row(Span(name, "strong"), Span(f"  {event.type}", "muted")), event_row(event)),
        )


def _state(event: StackEvent) -> State:
    if event.failed:
        return State.CRIT
    if "ROLLBACK" in event.status:
        return State.WARN
    return State.WAITING if event.status.endswith("_IN_PROGRESS") else State.OK


def by_us(done: Sequence[Operation]) -> list[Row]:
    """What a person has to know before the next deployment."""
    if not done:
        return []
    titles = ", ".join(one.plan.title for one in done)
    told = f"drifted by us: {titles}. The next deployment may put it back, or leave it as it is."
    return [row(Span(told, "warn"))]
