"""The five checks after a rollback, made of what a screen has."""

from __future__ import annotations

from services.model.entry import Operation, Outcome
from services.model.plan import ActionKind
from services.model.validation import Validation
from services.rules.validation import validation
from tui.picture import Picture

_ENDED_WELL = frozenset({Outcome.RECOVERED, Outcome.NOT_RECOVERED, Outcome.INCONCLUSIVE, Outcome.COMPLETED})


def validation_of(picture: Picture, operation: Operation) -> Validation | None:
    """The five checks of a rollback that took effect and has ended; None for everything else."""
    applied = operation.plan.kind is ActionKind.ROLLBACK and operation.switched is not None
    if not applied or operation.outcome not in _ENDED_WELL or picture.situation is None:
        return None
    return validation(operation, picture.situation, picture.now, _unwell(picture), picture.environment.url)


def _unwell(picture: Picture) -> tuple[str, ...] | None:
    """The components that cannot do their work, as `cockpit status` has them."""
    from tui.commands.report import report

    if picture.situation is None or picture.assessment is None:
        return None
    found = report(picture.environment, picture.situation, picture.assessment)
    if found.blind:
        return None
    return tuple(f"{row.name} {row.state.value}: {row.detail}" for row in found.components if not row.usable)
