"""What actions are called where they are confirmed and where they are refused."""

from __future__ import annotations

from services.model.plan import ActionKind, Plan

_GO = {
    ActionKind.ROLLBACK: "Roll back",
    ActionKind.INVALIDATE: "Invalidate",
    ActionKind.CONFIGURE: "Change it",
    ActionKind.RETENTION: "Change it",
    ActionKind.EXPORT: "Export",
    ActionKind.CLEAN_UP: "Delete them",
    ActionKind.BACK_UP_TABLE: "Back it up",
    ActionKind.RESTORE_TABLE: "Restore",
    ActionKind.INVOKE: "Call it",
    ActionKind.SIGN_OUT: "Sign out",
    ActionKind.INDEX: "Change it",
    ActionKind.ISOLATE: "Isolate",
}

_REFUSED = {
    ActionKind.ROLLBACK: "No rollback",
    ActionKind.INVALIDATE: "No invalidation",
    ActionKind.CONFIGURE: "No change of the function",
    ActionKind.RETENTION: "No change of retention",
    ActionKind.EXPORT: "No export",
    ActionKind.CLEAN_UP: "No clean-up",
    ActionKind.BACK_UP_TABLE: "No backup",
    ActionKind.RESTORE_TABLE: "No restore",
    ActionKind.INVOKE: "No call",
    ActionKind.SIGN_OUT: "No sign-out",
    ActionKind.INDEX: "No change of an index",
    ActionKind.ISOLATE: "Not isolated",
}


def go(plan: Plan) -> str:
    """What carries `plan` out, as it stands on the button: `Roll back`."""
    if not plan.undo_of:
        return _GO[plan.kind]
    return "Take it back" if plan.kind is ActionKind.ISOLATE else "Go forward"


def refused(kind: ActionKind) -> str:
    """What a refusal is headed with: `No rollback`."""
    return _REFUSED[kind]
