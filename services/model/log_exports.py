"""What an export of log events rests on."""

from __future__ import annotations

import msgspec

from services.model.logs import LogGroup
from services.safe_text import SafeText


class ExportTask(msgspec.Struct, frozen=True):
    """logs:DescribeExportTasks."""

    id: SafeText
    name: SafeText
    group: SafeText
    status: SafeText
    """PENDING, RUNNING, PENDING_CANCEL, then COMPLETED, FAILED or CANCELLED."""
    message: SafeText = SafeText("")

    @property
    def active(self) -> bool:
        """Whether it bars another: one task of an account and region may be active."""
        return self.status in ("PENDING", "RUNNING", "PENDING_CANCEL")


class Destination(msgspec.Struct, frozen=True):
    """A bucket as CloudWatch Logs finds it."""

    bucket: SafeText
    region: str = ""
    """Empty: there is no such bucket."""
    lacking: tuple[str, ...] = ()
    """What the bucket's policy does not let CloudWatch Logs do. Conditions are left to the service."""


class ExportGround(msgspec.Struct, frozen=True):
    """Read before a plan is made."""

    groups: tuple[LogGroup, ...]
    destination: Destination
    running: ExportTask | None = None
