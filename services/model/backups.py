"""What a table could be restored from: its backups, and the window of point-in-time recovery."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class Recovery(msgspec.Struct, frozen=True):
    """dynamodb:DescribeContinuousBackups. `ContinuousBackupsStatus` is on for every table and tells nothing."""

    enabled: bool
    earliest: datetime | None = None
    """The oldest instant that can be restored; None while disabled."""
    latest: datetime | None = None
    """The newest, about five minutes ago."""
    days: int = 0
    """How far back it is meant to reach."""

    def holds(self, instant: datetime) -> bool:
        """Whether `instant` can be restored."""
        return (
            self.enabled
            and self.earliest is not None
            and self.latest is not None
            and self.earliest <= instant <= self.latest
        )


class Backup(msgspec.Struct, frozen=True):
    """One backup of a table."""

    arn: SafeText
    name: SafeText
    type: SafeText
    """`USER`, `SYSTEM`."""
    status: SafeText
    """`CREATING`, `AVAILABLE`, `DELETED`."""
    size_bytes: int
    created: datetime | None


class Copies(msgspec.Struct, frozen=True):
    """Everything that a table could be restored from, as it was just read."""

    table: SafeText
    status: SafeText
    recovery: Recovery
    backups: tuple[Backup, ...]
    """Newest first."""


class Target(msgspec.Struct, frozen=True):
    """A name that a restored table could have."""

    name: SafeText
    status: SafeText
    """Of the table that has the name already; empty: the name is free."""
    free: SafeText
    """A name that is free: this one, or one like it; empty when none of the few that were tried is."""


class RestoredTable(msgspec.Struct, frozen=True):
    """A table, with what it was restored from."""

    name: SafeText
    status: SafeText
    backup: SafeText = SafeText("")
    """ARN of the backup; empty: from none."""
    source: SafeText = SafeText("")
    """Name of the table whose data it has; empty: it was not restored."""
    instant: datetime | None = None
    """The point in time."""
