"""Looking at one environment's journal: its operations, its ticks; what is kept, what is put away, what is amiss."""

from __future__ import annotations

import contextlib

import msgspec

from services.checklists.store import CheckStore
from services.clock import Clock
from services.journal.archiving import archive
from services.journal.home import JournalBroken, JournalHome
from services.journal.kept import kept_with
from services.journal.leases import running
from services.journal.reading import Follower, damaged
from services.model.checklists import Marks
from services.model.entry import Operation
from services.model.kept import Deployed, KeptStack
from services.model.reading import Reading
from services.model.situation import Situation
from services.safe_text import safe
from services.settings.values import JournalKeeping


class Journal(msgspec.Struct, frozen=True):
    """One look at the journal."""

    operations: tuple[Operation, ...] | None
    """Newest first; None: as they were at the last look."""
    orphans: frozenset[str]
    kept: Reading[tuple[KeptStack, ...]] | None = None
    """What the stack was deployed with before; None: as it was at the last look."""
    damage: tuple[str, ...] = ()
    """A sentence for each operation whose records cannot be trusted to their end."""
    marks: Marks | None = None
    """What is ticked in the runbook's lists; None: as it was at the last look."""
    unarchived: str = ""
    """Why old operations could not be put away; told by the look that tried to."""


class JournalLook:
    """Looks again and again, and reads only what has changed."""

    def __init__(self, home: JournalHome, environment: str, keeping: JournalKeeping, checks: CheckStore) -> None:
        self._home, self._keeping, self._checks = home, keeping, checks
        self._follower = Follower(home, environment)
        self._archived = False
        self._deployed: Deployed | None = None
        """What was kept last."""

    def at(
        self, situation: Situation | None, clock: Clock | None, operations: tuple[Operation, ...], marks: Marks
    ) -> Journal:
        """What there is now. `operations`, `marks`: as they were known. May wait for a slow disk: on a thread.

        Raises JournalBroken.
        """
        unarchived = self._put_away(clock)
        changed = self._follower.changed()
        orphans = self._orphans(operations if changed is None else changed)
        if orphans and (ended := self._follower.changed()) is not None:
            # An executor writes its last record and goes: whoever is gone may have ended since the records were read.
            changed, orphans = ended, self._orphans(ended)
        damage: tuple[str, ...] = ()
        if changed is not None:
            with contextlib.suppress(FileNotFoundError):  # removed while it was looked at: it is not there to be told
                damage = damaged(self._home)
        told = tuple(f"{self._home.path}: {sentence}" for sentence in damage)
        # While an operation runs its records come many times a second, and nothing is planned from what is kept.
        moved = changed is not None and not any(one.open for one in changed)
        kept = self._keep(situation, clock, moved)
        return Journal(changed, orphans, kept, told, self._ticked(marks), unarchived)

    def _orphans(self, known: tuple[Operation, ...]) -> frozenset[str]:
        """Which of these are open and in nobody's hands."""
        return frozenset(one.id for one in known if one.open and not running(self._home, one.id))

    def _ticked(self, marks: Marks) -> Marks | None:
        """What is ticked, if anybody has; the ticks as they were known, with the reason, where the disk fails."""
        try:
            return self._checks.changed()
        except JournalBroken as error:
            return msgspec.structs.replace(marks, damage=safe(error, 400))

    def _keep(
        self, situation: Situation | None, clock: Clock | None, moved: bool
    ) -> Reading[tuple[KeptStack, ...]] | None:
        """Keep what the stack is deployed with, if that is news; what is kept of it, if that or an operation is."""
        deployed = situation.deployed.value if situation is not None else None
        if situation is None or clock is None or deployed is None or not (moved or deployed != self._deployed):
            return None
        self._deployed = deployed
        return kept_with(self._home, deployed, situation.kept, clock.now())

    def _put_away(self, clock: Clock | None) -> str:
        """Once, before the first look: what is long over goes into the archive. Why it could not, which may wait."""
        if self._archived or clock is None:
            return ""
        self._archived = True
        try:
            archive(self._home, self._keeping, clock.now())
        except JournalBroken as error:
            return str(error)
        return ""
