"""What a stack's status means for whoever wants to use it (aws.md 4.1)."""

from __future__ import annotations

from services.model.assessment import State


def stack_state(status: str) -> State:
    """OK at rest after a success; ELEVATED while it works; WARN after an update undone; CRIT when it is stuck."""
    if status.endswith("_FAILED") or status.startswith("DELETE_") or status == "ROLLBACK_COMPLETE":
        return State.CRIT
    if "ROLLBACK" in status:
        return State.WARN
    return State.ELEVATED if status.endswith("_IN_PROGRESS") else State.OK
