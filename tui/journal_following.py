"""The app follows the journal of the environment on its screen: folds what it tells, says what is wrong with it."""

from __future__ import annotations

import asyncio

from textual import work

from services.journal.home import JournalBroken
from services.model.entry import Operation
from tui.journal_look import Journal
from tui.pressing import Pressing
from tui.session import Session


class JournalFollowing(Pressing):
    """The screen follows the journal: the hands are another process."""

    lively = True
    """Whether somebody is at it, or something goes on that is followed by the second."""

    _journal_problem = ""
    """Why the journal could not be read at the last look; told once, until it can be again."""

    _damage_told: frozenset[str] = frozenset()

    @work(group="journal", exclusive=True)
    async def follow_journal(self, session: Session) -> None:
        """Read the journal for as long as the session is on the screen; its file system may be slow, so on a thread."""
        self._journal_problem = ""
        while session is self.session:
            found = await self._read_journal(session)
            if found is not None and session is self.session:
                self._take_journal(session, found)
            await asyncio.sleep(0.25 if session.operating else 1.0 if self.lively else 3.0)

    async def _read_journal(self, session: Session) -> Journal | None:
        try:
            found = await asyncio.to_thread(session.read_journal)
        except JournalBroken as error:
            if not self._journal_problem:
                self.notify(str(error), title="Journal", severity="error", timeout=15, markup=False)
            self._journal_problem = str(error)
            return None
        self._journal_problem = ""
        return found

    def _take_journal(self, session: Session, found: Journal) -> None:
        """What was found goes where it is shown; what stayed as it was is left alone."""
        self._tell_damage(found.damage)
        if found.unarchived:
            self.notify(found.unarchived, title="Journal archive", severity="warning", timeout=15, markup=False)
        if found.kept is not None:
            session.fold_kept(found.kept)
        if found.marks is not None and found.marks != session.marks:
            session.marks = found.marks
            self.present_soon()
        if found.orphans != session.orphans:
            session.fold_orphans(found.orphans)
            self.present_soon()
        if found.operations is not None:
            first = session.situation is not None and session.situation.operations.waiting
            session.fold_journal(found.operations)
            self.present_soon()
            if first:
                self._show_open_operation(found.operations)

    def _tell_damage(self, damage: tuple[str, ...]) -> None:
        """Each damaged file is told once: what stands behind the damage is not believed, and somebody should look."""
        for sentence in damage:
            if sentence not in self._damage_told:
                self._damage_told |= {sentence}
                said = f"{sentence}. What was written after that is not believed."
                self.notify(said, title="Journal damaged", severity="error", timeout=30, markup=False)

    def _show_open_operation(self, operations: tuple[Operation, ...]) -> None:
        """What was under way before this screen began is the first thing a person has to see."""
        running = next((one for one in operations if one.open), None)
        if running is not None and self.screen is self.overview:
            self.show_operation(running.id)
