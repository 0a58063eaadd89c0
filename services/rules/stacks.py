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


def stack_meaning(status: str) -> str:
    """What a status says to whoever wants to know whether they are served, in a few words (aws.md 4.1)."""
    return _MEANINGS.get(status, "under way" if status.endswith("_IN_PROGRESS") else "")


_MEANINGS = {
    "CREATE_COMPLETE": "created; says nothing of health",
    "UPDATE_COMPLETE": "deployed; says nothing of health",
    "IMPORT_COMPLETE": "imported; says nothing of health",
    "UPDATE_IN_PROGRESS": "an update is under way; it can still be cancelled",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "the new version serves; only what was replaced is being deleted",
    "UPDATE_ROLLBACK_IN_PROGRESS": "the update failed and is being undone",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "the old version serves again; leftovers are being deleted",
    "UPDATE_ROLLBACK_COMPLETE": "the last deployment failed; what stood before it serves",
    "UPDATE_ROLLBACK_FAILED": "stuck half way back: the rollback has to be continued",
    "UPDATE_FAILED": "the update failed and was left as it is",
    "CREATE_FAILED": "the creation failed",
    "ROLLBACK_IN_PROGRESS": "the creation failed and is being undone",
    "ROLLBACK_COMPLETE": "the creation failed; the stack can only be deleted",
    "ROLLBACK_FAILED": "the creation failed, and so did its rollback",
    "DELETE_IN_PROGRESS": "the stack is being deleted",
    "DELETE_FAILED": "the deletion failed",
    "DELETE_COMPLETE": "the stack has been deleted",
    "REVIEW_IN_PROGRESS": "a change set waits; there are no resources yet",
    "IMPORT_ROLLBACK_FAILED": "stuck: an import could not be undone",
}
