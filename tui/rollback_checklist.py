"""The runbook's rollback checklist of one operation, made of what a screen has. Pure."""

from __future__ import annotations

from services.model.checklists import ListState
from services.model.entry import Operation
from services.model.plan import ActionKind
from services.rules.checklists import ROLLBACK, rollback_list
from tui.picture import Picture
from tui.validation import validation_of


def checklist_of(picture: Picture, operation: Operation) -> ListState | None:
    """The list as it stands; None: it is no rollback, or the runbook has no such list."""
    loaded = picture.runbook.runbook if picture.runbook is not None else None
    checklist = loaded.checklist(ROLLBACK) if loaded is not None else None
    if checklist is None or operation.plan.kind is not ActionKind.ROLLBACK:
        return None
    return rollback_list(checklist, operation, validation_of(picture, operation))


def exposed(operation: Operation) -> bool:
    """Whether it was ordered because a vulnerability is exposed: the security list belongs beside it (line 280)."""
    from services.actions.reasons import SECURITY_EXPOSED  # nothing slow comes before the first paint

    return any(entry.reason.startswith(SECURITY_EXPOSED) for entry in operation.entries)
