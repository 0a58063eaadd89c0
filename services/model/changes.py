"""Changes: whatever may have caused what the charts show. Drawn as markers, ranked as suspects."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.safe_text import SafeText


class ChangeKind(StrEnum):
    STACK = "stack"
    ALIAS = "alias"
    VERSION = "version"
    STAGE = "stage"
    INVALIDATION = "invalidation"
    ROLLBACK = "rollback"
    """One of ours, from the journal."""
    CONFIGURATION = "configuration"
    """A write that CloudTrail recorded and nothing else tells of."""
    CONTENT = "content"
    """Objects of a bucket written or deleted in close succession."""


class Change(msgspec.Struct, frozen=True):
    """One thing that changed, when it took effect."""

    at: datetime
    kind: ChangeKind
    label: SafeText
    """Short, for a marker: `v42`, `stack`, `inval`."""
    sentence: SafeText
    """For a person: `v42 went live`, `stack update finished`."""
