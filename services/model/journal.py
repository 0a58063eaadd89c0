"""The journal as it is looked through: a line for each operation, a finding for each file, commands for a person."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.entry import Operation, Outcome, Phase
from services.safe_text import SafeText


class Listed(msgspec.Struct, frozen=True):
    """One operation in a list: what is kept of it when its records are not."""

    folder: str
    """Empty for real accounts; the sandbox's folder name, which begins with its endpoint, for a simulated one."""
    id: str
    environment: str
    kind: str
    title: str
    ordered: datetime
    phase: Phase
    text: SafeText
    """Of the newest record."""
    who: str
    """`alice on bastion`; empty when the order does not say."""
    arn: SafeText = SafeText("")
    reason: SafeText = SafeText("")
    calls: tuple[str, ...] = ()
    """`lambda.UpdateAlias`, in the order of the plan."""
    outcome: Outcome | None = None
    ended: datetime | None = None
    damage: str = ""
    """Which record cannot be trusted; empty when the chain holds."""
    gone: bool = False
    """It is open and nobody carries it on."""
    archived: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.folder, self.id

    @property
    def open(self) -> bool:
        return self.outcome is None


class Catalogue(msgspec.Struct, frozen=True):
    """The journals of a state folder as far as they have been read."""

    operations: tuple[Listed, ...] = ()
    """Newest first."""
    unread: int = 0
    """Older ones that are still being read."""
    problems: tuple[str, ...] = ()
    """A sentence for each folder or order that could not be read."""


class FileFinding(msgspec.Struct, frozen=True):
    """What the check of one file's chain found."""

    folder: str
    name: str
    records: int
    """Good ones."""
    damage: str = ""
    """Which record is bad and how; nothing behind it is believed."""
    torn: bool = False
    """The last line has no end: its writer died in it. What stands before is good."""

    @property
    def good(self) -> bool:
        return not self.damage


class Line(msgspec.Struct, frozen=True):
    """A command line for a person's own shell."""

    about: SafeText
    """What it does, in a sentence."""
    command: str
    """Quoted for a POSIX shell; empty when there is none for this."""


class ByHand(msgspec.Struct, frozen=True):
    """How a person finishes an operation or takes it back without the cockpit."""

    look: tuple[Line, ...]
    """Reads only. Always first: what stands decides which of the others is right."""
    finish: tuple[Line, ...]
    undo: tuple[Line, ...]


class Whole(msgspec.Struct, frozen=True):
    """One operation, opened."""

    listed: Listed
    operation: Operation | None
    """None when its order cannot be read."""
    by_hand: ByHand | None = None
    """What to type to finish it or take it back; None without an operation."""
