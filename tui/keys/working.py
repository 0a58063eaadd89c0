"""Whether a key does something at this moment, and why not."""

from __future__ import annotations

import msgspec

from tui.keys.key import Key


class KeyContext(msgspec.Struct, frozen=True):
    """What decides whether a key does something at this moment."""

    read_only: bool = False
    parts_known: bool = False
    """The stack's parts have been found: there is something to plan for."""
    has_operation: bool = False
    """The journal holds an operation of this environment."""
    running: bool = False
    """One of them is under way."""
    orphaned: bool = False
    """It is, but nobody carries it on."""
    undoable: bool = False
    """One of them can be taken back."""
    waiting: int = 0
    """How many alerts nobody has acknowledged."""
    unopened: str = ""
    """Why the account cannot be asked at all; empty when it can."""
    capped: str = ""
    """Which questions the cost cap slows, for the help page; empty when it is not reached."""


LOCKED = "read-only: nothing can be changed"
"""What stands under such a plan, beside its buttons: short enough for 80 columns."""

READ_ONLY = "read-only: the plan can be looked at, nothing can be changed"


def why_off(key: Key, context: KeyContext) -> str:
    """Why `key` does nothing now, as a sentence; empty when it works."""
    if key.id == "operation" and not context.has_operation:
        return "nothing has been done in this environment yet"
    if key.id == "acknowledge" and not context.waiting:
        return "nothing waits to be acknowledged"
    if not key.changes:
        return ""
    if context.read_only:
        return READ_ONLY
    if context.unopened:
        return context.unopened
    if context.orphaned:
        return "an operation was left open, its executor is gone; o shows it, r there carries it on"
    if context.running:
        return "an operation is under way; o shows it"
    if key.id == "undo":
        return "" if context.undoable else "there is nothing to take back"
    return "" if context.parts_known else "the parts of the stack are not known yet"


def blocks(key: Key, context: KeyContext) -> bool:
    """Whether pressing `key` is answered with its reason only. Under read-only a plan may still be looked at."""
    reason = why_off(key, context)
    return bool(reason) and why_off(key, msgspec.structs.replace(context, read_only=False)) != ""
