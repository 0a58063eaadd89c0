"""What CloudFormation permits in each state of a stack, and what it would do (aws.md 4.1). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Way(StrEnum):
    """A way back that CloudFormation has."""

    CANCEL = "cancel the update"
    """CancelUpdateStack."""
    CONTINUE = "continue the rollback"
    """ContinueUpdateRollback."""
    ROLL_BACK = "roll the stack back"
    """RollbackStack: to the last stable state."""
    REDEPLOY = "deploy the earlier template again"
    """UpdateStack: the only way out of a completed operation."""


class Permitted(msgspec.Struct, frozen=True):
    """The ways of one state; without any, what is left to do."""

    ways: tuple[Way, ...]
    text: str
    """For a person, as a part of a sentence."""
    keep_failed: bool = False
    """UpdateStack works only with DisableRollback."""
    deletes: bool = False
    """RollbackStack would delete the stack: it is never offered."""


_REDEPLOY = Permitted((Way.REDEPLOY,), "the only way back is to deploy the earlier template again")
_WAIT = Permitted((), "nothing can be called before it has ended")

STATES: Mapping[str, Permitted] = {
    "UPDATE_IN_PROGRESS": Permitted((Way.CANCEL,), "the update can be cancelled, which rolls it back"),
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": Permitted(
        (), "the new version serves, only old resources are deleted: wait"
    ),
    "UPDATE_COMPLETE": _REDEPLOY,
    "CREATE_COMPLETE": _REDEPLOY,
    "IMPORT_COMPLETE": _REDEPLOY,
    "IMPORT_ROLLBACK_COMPLETE": _REDEPLOY,
    "UPDATE_FAILED": Permitted(
        (Way.ROLL_BACK, Way.REDEPLOY), "the stack can be rolled back to its last stable state", keep_failed=True
    ),
    "UPDATE_ROLLBACK_IN_PROGRESS": _WAIT,
    "UPDATE_ROLLBACK_FAILED": Permitted(
        (Way.CONTINUE,), "the rollback can be continued, without the resources that cannot be rolled back if need be"
    ),
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": _WAIT,
    "UPDATE_ROLLBACK_COMPLETE": Permitted(
        (Way.REDEPLOY,), "the last deployment failed and the version before serves; another template can be deployed"
    ),
    "CREATE_FAILED": Permitted(
        (Way.REDEPLOY,),
        "a rollback would delete the stack; a mended template can be deployed on it",
        keep_failed=True,
        deletes=True,
    ),
    "ROLLBACK_COMPLETE": Permitted((), "the creation failed: the stack can only be deleted"),
    "ROLLBACK_FAILED": Permitted((), "the creation's rollback failed: the stack can only be deleted"),
    "DELETE_FAILED": Permitted((), "the deletion failed: it can only be tried again"),
    "REVIEW_IN_PROGRESS": Permitted((), "a change set waits to be executed; there is no resource yet"),
    "IMPORT_ROLLBACK_FAILED": Permitted((), "the import's rollback failed: AWS support has to look at it"),
}
"""Every state that is not merely an operation on its way to its end."""


def permitted(status: str) -> Permitted:
    """What is permitted in `status`; nothing while any other operation runs, nor in a state that is not known."""
    found = STATES.get(status)
    if found is not None:
        return found
    return _WAIT if status.endswith("_IN_PROGRESS") else Permitted((), "what it permits is not known here")
