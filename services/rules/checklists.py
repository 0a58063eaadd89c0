"""The runbook's quick recovery checklists (lines 1078-1108), ticked by evidence and by persons. Pure.

Which evidence ticks an item is found by the item's own first words: where the runbook words one differently it waits
for a person, and nothing ticks what it does not mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from services.model.checklists import Doing, ItemState, ListState, Mark, Marks, Standing
from services.model.entry import Entry, Operation, Outcome, Phase
from services.model.plan import ActionKind
from services.model.runbook import Checklist, Item
from services.model.validation import Validation
from services.rules.validation import TOLD
from services.safe_text import SafeText, safe

ROLLBACK, SECURITY = "rollback-checklist", "security-incident-checklist"
"""Ids of the lists that evidence can tick."""

MONITORED, COMPLETE = "monitored", "complete"
"""What remarks are about: that the operation's screen was open when it ended, that its list was closed as complete."""

CHECKED = "item "
"""What the remark of a person on an item is about, before the item's id."""

CREDENTIALS = ("password reset", "key rotation")
"""What resetting credentials is besides signing the user out (line 899, decisions E7)."""

EVIDENCE = LOGS, TEMPLATE = ("log export", "template snapshot")
"""What preserving evidence is (lines 905-919)."""

MEASURES = "review-and-update-security"
"""How the item of the security list begins that the hardening checks belong to (line 1107)."""

_PARTS = {"reset-compromised-credentials": CREDENTIALS, "preserve-evidence": EVIDENCE}
"""How items begin that are several things → those things, each done or waived by itself."""

_Told = tuple[Standing, str]


# ---- the rollback's list: its operation tells


def rollback_list(checklist: Checklist, operation: Operation, validation: Validation | None) -> ListState:
    """The list of one rollback. `validation`: the five checks, once it has ended."""
    items = tuple(_of_operation(one, operation, validation) for one in checklist.items)
    return ListState(checklist.id, checklist.title, operation.id, items)


def incomplete(operation: Operation, items: ListState) -> str:
    """Why a rollback cannot be closed as complete; empty when it can."""
    if operation.outcome is None:
        return "there is no outcome yet"
    left = next((one for one in items.items if one.standing in (Standing.OPEN, Standing.HALF)), None)
    return f"{items.left} of {len(items.items)} are open: {left.text}" if left is not None else ""


def completed(operation: Operation) -> SafeText:
    """When the list was closed as complete, by whom; empty: it was not."""
    said = _remark(operation, COMPLETE)
    return _by(said) if said is not None else SafeText("")


def _of_operation(item: Item, operation: Operation, validation: Validation | None) -> ItemState:
    said = _remark(operation, f"{CHECKED}{item.id}")
    if said is not None:
        standing = Standing.DONE if said.data.get("good") is True else Standing.WAIVED
        return ItemState(item.id, item.text, standing, _by(said))
    told = _found(_ROLLBACK, item)
    standing, text = told(operation, validation) if told is not None else (Standing.OPEN, "")
    return ItemState(item.id, item.text, standing, safe(text, 300))


def _target(operation: Operation, validation: Validation | None) -> _Told:
    steps = ", ".join(" ".join(step.title.split()) for step in operation.plan.steps)
    return Standing.DONE, f"{_at(operation.ordered)} {steps}"


def _saved(operation: Operation, validation: Validation | None) -> _Told:
    saved = _first(operation, Phase.SNAPSHOT)
    return (Standing.DONE, f"{_at(saved.at)} {saved.text}") if saved is not None else (Standing.OPEN, "")


def _accepted(operation: Operation, validation: Validation | None) -> _Told:
    """The first call that was answered well, or was found to have taken effect."""
    for one in operation.entries:
        good = one.phase is Phase.REPLY and not one.data.get("problem")
        if good or (one.phase is Phase.RECONCILED and one.data.get("standing") == "applied"):
            return Standing.DONE, f"{_at(one.at)} {one.text}"
    return Standing.OPEN, ""


def _monitored(operation: Operation, validation: Validation | None) -> _Told:
    said = _remark(operation, MONITORED)
    if said is not None:
        return Standing.DONE, _by(said)
    ended = operation.outcome is not None
    return Standing.OPEN, "it ended while nobody had it open" if ended else "ticks when it ends with its screen open"


def _validated(operation: Operation, validation: Validation | None) -> _Told:
    if validation is None:
        return Standing.OPEN, ""
    if validation.validated:
        return Standing.DONE, str(validation.validated)
    waits = ", ".join(f"{one.title} {one.finding.value}" for one in validation.open)
    return (Standing.OPEN, waits) if waits else (Standing.DONE, "all five checks are OK")


def _stakeholders(operation: Operation, validation: Validation | None) -> _Told:
    said = _remark(operation, TOLD)
    return (Standing.DONE, _by(said)) if said is not None else (Standing.OPEN, "m copies the message")


def _documented(operation: Operation, validation: Validation | None) -> _Told:
    reason = next((entry.reason for entry in operation.entries if entry.reason), "")
    if operation.outcome is None or operation.ended is None:
        return Standing.OPEN, "there is no outcome yet"
    return (
        (Standing.DONE, f"{_at(operation.ended)} {reason}: {operation.outcome.value}")
        if reason
        else (Standing.OPEN, "no reason")
    )


_ROLLBACK: Mapping[str, Callable[[Operation, Validation | None], _Told]] = {
    "identify-rollback-target": _target,
    "create-backup": _saved,
    "execute-rollback": _accepted,
    "monitor-rollback": _monitored,
    "validate-system-health": _validated,
    "update-stakeholders": _stakeholders,
    "document-rollback-reason": _documented,
}
"""How items begin → what tells that they are done."""


# ---- lists that are begun for an occasion: persons tell, and what was done since


def occasion_list(checklist: Checklist, marks: Marks, operations: Sequence[Operation]) -> ListState:
    """The newest open occasion of a list; all items open and no occasion where none was begun.

    `operations`: newest first; those ordered since tick the items they mean.
    """
    begun = marks.open_occasion(checklist.id)
    since = [one for one in operations if begun is not None and one.ordered >= begun.at]
    items = tuple(_of_occasion(one, checklist.id, begun, marks, since) for one in checklist.items)
    return ListState(checklist.id, checklist.title, begun.occasion if begun is not None else "", items)


def parts_of(item: str) -> tuple[str, ...]:
    """What has to be said of an item one by one; empty: it is one thing."""
    return next((parts for words, parts in _PARTS.items() if item.startswith(words)), ())


def _of_occasion(item: Item, list_: str, begun: Mark | None, marks: Marks, since: Sequence[Operation]) -> ItemState:
    if begun is None:
        return ItemState(item.id, item.text, Standing.OPEN)
    parts = parts_of(item.id)
    if parts:
        return _in_parts(item, parts, list_, begun, marks, since)
    mark = marks.newest(list_, begun.occasion, item.id)
    if mark is not None:
        return ItemState(item.id, item.text, _standing(mark), said(mark), mark.evidence)
    told = _found(_SECURITY, item) if list_ == SECURITY else None
    standing, text = told(since) if told is not None else (Standing.OPEN, "")
    return ItemState(item.id, item.text, standing, safe(text, 300))


def lacking(list_: str, item: str, marks: Marks, operations: Sequence[Operation]) -> tuple[str, ...]:
    """The parts of an item that are still to be done for the open occasion; empty: none, or it is one thing."""
    begun = marks.open_occasion(list_)
    if begun is None:
        return ()
    done = _evident(item, [one for one in operations if one.ordered >= begun.at])
    named = (part for part in parts_of(item) if part not in done)
    return tuple(part for part in named if marks.newest(list_, begun.occasion, f"{item}/{part}") is None)


def _evident(item: str, since: Sequence[Operation]) -> dict[str, str]:
    """Parts that an action of ours has done → what is told of them."""
    exported = _newest_well(since, ActionKind.EXPORT)
    if exported is None or LOGS not in parts_of(item):
        return {}
    return {LOGS: f"logs exported {_at(exported.ended or exported.ordered)}, operation {exported.id}"}


def _in_parts(
    item: Item, parts: Sequence[str], list_: str, begun: Mark, marks: Marks, since: Sequence[Operation]
) -> ItemState:
    """Done when every part is; half done from the first sign on. A person's word goes before what was found."""
    found = {part: marks.newest(list_, begun.occasion, f"{item.id}/{part}") for part in parts}
    evident = _evident(item.id, since)
    told = [f"{part}: {said(mark)}" if mark is not None else evident[part] for part, mark in found.items()
            if mark is not None or part in evident]  # fmt: skip
    signed = _newest_well(since, ActionKind.SIGN_OUT)
    if signed is not None and tuple(parts) == CREDENTIALS:
        told.insert(0, f"signed out {_at(signed.ordered)}")
    left = lacking(list_, item.id, marks, since)
    if not left:
        waived = all(mark is not None and mark.doing is Doing.WAIVED for mark in found.values())
        return ItemState(item.id, item.text, Standing.WAIVED if waived else Standing.DONE, safe("; ".join(told), 300))
    text = "; ".join([*told, f"still: {', '.join(left)}"])
    return ItemState(item.id, item.text, Standing.HALF if told else Standing.OPEN, safe(text, 300))


def _isolated(since: Sequence[Operation]) -> _Told:
    done = next((one for one in since if one.plan.kind is ActionKind.ISOLATE and not one.plan.undo_of), None)
    if done is None:
        return Standing.OPEN, "X isolates the API"
    if done.outcome is Outcome.COMPLETED and done.ended is not None:
        return Standing.DONE, f"{_at(done.ended)} {done.plan.title}, operation {done.id}"
    return Standing.OPEN, f"{done.plan.title}: {done.outcome.value if done.outcome is not None else 'under way'}"


_SECURITY: Mapping[str, Callable[[Sequence[Operation]], _Told]] = {
    "isolate-affected-systems": _isolated,
}


def said(mark: Mark) -> SafeText:
    """`03:12 ana@bastion: blocked at the firewall`."""
    waived = "waived, " if mark.doing is Doing.WAIVED else ""
    verdict = f"{mark.verdict} " if mark.verdict else ""
    note = f": {mark.note}" if mark.note else ""
    return safe(f"{waived}{verdict}{mark.at:%Y-%m-%d %H:%M} {mark.by}{note}", 400)


def _standing(mark: Mark) -> Standing:
    return Standing.WAIVED if mark.doing is Doing.WAIVED else Standing.DONE


def _newest_well(operations: Sequence[Operation], kind: ActionKind) -> Operation | None:
    return next((one for one in operations if one.plan.kind is kind and one.outcome is Outcome.COMPLETED), None)


def _found(table: Mapping[str, Callable[..., _Told]], item: Item) -> Callable[..., _Told] | None:
    return next((does for words, does in table.items() if item.id.startswith(words)), None)


def _first(operation: Operation, phase: Phase) -> Entry | None:
    return next((one for one in operation.entries if one.phase is phase), None)


def _remark(operation: Operation, about: str) -> Entry | None:
    return next((one for one in reversed(operation.remarks) if one.data.get("about") == about), None)


def _by(said: Entry) -> SafeText:
    who = f" {said.actor.os_user}" if said.actor is not None else ""
    return safe(f"{_at(said.at)}{who}: {said.text}", 300)


def _at(instant: datetime) -> str:
    return f"{instant:%H:%M:%S}"
