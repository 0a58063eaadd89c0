"""The one table of keys: footer, help, palette and bindings all read it.

A key that works everywhere stands in `everywhere.py`, an action without a key in `by_name.py`, a key of one screen in
the file of that screen, which `_OF_SCREENS` names. Every key has a stable id, a reason when it is off (`working.py`),
and a sentence for the help.
"""

from __future__ import annotations

import msgspec

from tui.keys import alarms, alert, dashboard, deployments, fleet, journal, logs, metrics, operation, runbook
from tui.keys.by_name import BY_NAME
from tui.keys.everywhere import KEYS
from tui.keys.key import Group, Key
from tui.keys.working import LOCKED, READ_ONLY, KeyContext, blocks, why_off

__all__ = [
    "BY_NAME", "KEYS", "LOCKED", "READ_ONLY", "Group", "Key", "KeyContext", "blocks", "key_by_id", "key_by_shown",
    "view_keys", "why_off",
]  # fmt: skip

_OF_SCREENS = {
    "fleet": fleet.KEYS,
    "logs": logs.KEYS,
    "alarms": alarms.KEYS,
    "journal": journal.KEYS,
    "metrics": metrics.KEYS,
    "dashboard": dashboard.KEYS,
    "deployments": deployments.KEYS,
    "runbook": runbook.KEYS,
    "alert": alert.KEYS,
    "operation": operation.KEYS,
}
"""Id of a screen → its own keys, in the order of its footer. They come before those of everywhere."""

VIEW_KEYS = {
    screen: tuple(msgspec.structs.replace(key, where=screen) for key in keys) for screen, keys in _OF_SCREENS.items()
}


def view_keys(screen: str) -> tuple[Key, ...]:
    """The keys of one screen's own, in the order of its footer."""
    return VIEW_KEYS.get(screen, ())


def key_by_id(identity: str) -> Key:
    """The key with this id. Raises KeyError."""
    for key in (*KEYS, *BY_NAME):
        if key.id == identity:
            return key
    raise KeyError(identity)


def key_by_shown(shown: str) -> Key | None:
    """The key of everywhere that a person reads as `shown`; None when there is none."""
    return next((key for key in KEYS if key.shown == shown), None)
