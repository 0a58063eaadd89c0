"""Change sets: what an update is going to touch, or has touched."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class PlannedChange(msgspec.Struct, frozen=True):
    """What happens to one resource."""

    action: SafeText
    """`Add`, `Modify`, `Remove`, `Import`, `Dynamic`."""
    logical_id: SafeText
    type: SafeText
    replacement: SafeText = SafeText("")
    """`True`, `False`, `Conditional`; empty where it does not apply."""


class ChangeSet(msgspec.Struct, frozen=True):
    """One change set, opened."""

    id: SafeText
    name: SafeText
    status: SafeText
    execution: SafeText
    """`AVAILABLE`: it waits to be executed."""
    created: datetime | None
    description: SafeText = SafeText("")
    reason: SafeText = SafeText("")
    changes: tuple[PlannedChange, ...] = ()
