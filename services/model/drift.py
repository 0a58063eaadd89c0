"""Drift: where the account differs from the stack's template."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class Difference(msgspec.Struct, frozen=True):
    """One property that is not as the template says."""

    path: SafeText
    expected: SafeText
    actual: SafeText


class DriftedResource(msgspec.Struct, frozen=True):
    """One resource of the last detection."""

    logical_id: SafeText
    type: SafeText
    status: SafeText
    """`IN_SYNC`, `MODIFIED`, `DELETED`, `NOT_CHECKED`."""
    at: datetime | None = None
    differences: tuple[Difference, ...] = ()


class Detection(msgspec.Struct, frozen=True):
    """A drift detection that was asked for."""

    id: SafeText
    status: SafeText
    """`DETECTION_IN_PROGRESS`, `DETECTION_COMPLETE`, `DETECTION_FAILED`."""
    result: SafeText = SafeText("")
    reason: SafeText = SafeText("")

    @property
    def running(self) -> bool:
        return self.status == "DETECTION_IN_PROGRESS"
