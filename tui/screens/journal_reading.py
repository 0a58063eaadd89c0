"""How screen 9 reads the journal: the list again and again while it is seen, one operation whole when it is opened."""

from __future__ import annotations

import asyncio

from textual.worker import Worker

from services.journal.home import JournalBroken
from services.journal.library import Library, home_of, opened
from services.model.journal import Catalogue, Listed, Whole
from services.settings.values import Environment
from tui.picture import Picture
from tui.screens.filtering import Filtering

AGAIN_S = 2.0
"""Machine seconds between two looks while the screen is seen."""


class JournalReading(Filtering):
    """Reads on threads: the folder may be slow."""

    _is_seen = False

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._library = Library()
        self._catalogue: Catalogue | None = None
        self._problem = ""
        """Why the list cannot be read."""
        self._reading: Worker[None] | None = None
        self._opened: tuple[str, str] | None = None
        """The key of the operation that is shown whole."""
        self._whole: Whole | None = None
        """What was read of it."""
        self._awaited = ""
        """The id of the operation to open as soon as the list has it."""

    def _open(self, listed: Listed) -> None:
        """Show this operation whole."""
        raise NotImplementedError

    def _answer(self, sentence: str) -> None:
        """Say what came of a key."""
        raise NotImplementedError

    # ---- the list

    def show(self, picture: Picture) -> None:
        """The journal is no part of the picture: it is read here, for as long as it is looked at."""
        if self._is_seen and (self._reading is None or self._reading.is_finished):
            self._reading = self.run_worker(self._follow(), group="journal", exclusive=True)

    def clear(self, system: str, environment: Environment) -> None:
        self._awaited = ""  # not in `forget`, which comes before the first picture too
        super().clear(system, environment)

    def seen(self, yes: bool) -> None:
        self._is_seen = yes
        if yes and self.picture is not None:
            self.present(self.picture)

    async def _follow(self) -> None:
        """Read on while there is more, then look again and again for what is new."""
        while self._is_seen:
            try:
                found = await asyncio.to_thread(self._library.look)
                self._problem = ""
            except JournalBroken as error:
                found, self._problem = self._catalogue or Catalogue(), str(error)
            if found != self._catalogue or self._problem:
                self._catalogue = found
                self._again()
                self._open_awaited()
                self._reread()
            if not found.unread or self._problem:
                await asyncio.sleep(AGAIN_S)

    def _reread(self) -> None:
        """An opened operation that is open may have gone on: its records are read again."""
        if self._opened is not None and self._whole is not None and self._whole.listed.open:
            listed = self._listed(self._opened)
            if listed is not None:
                self.run_worker(self._read(listed), group="one", exclusive=True)

    # ---- one operation

    def _listed(self, key: tuple[str, str]) -> Listed | None:
        entries = self._catalogue.operations if self._catalogue is not None else ()
        return next((one for one in entries if one.key == key), None)

    def open_operation(self, operation: str) -> None:
        """Open an operation of the environment on the screen, as soon as it has been read."""
        self._awaited = operation
        self._open_awaited()

    def _open_awaited(self) -> None:
        entries = self._catalogue.operations if self._catalogue is not None and self._awaited else ()
        listed = next((one for one in entries if one.id == self._awaited), None)
        if listed is not None:
            self._awaited = ""
            self._open(listed)

    async def _read(self, listed: Listed) -> None:
        try:
            self._whole = await asyncio.to_thread(whole, listed)
        except FileNotFoundError:
            self._answer("it is not there any more: archived or removed meanwhile")
        except JournalBroken as error:
            self._answer(str(error))
        self._again()


def whole(listed: Listed) -> Whole:
    """An operation of the list, read whole. Slow: on a thread. Raises FileNotFoundError, JournalBroken."""
    from services.actions.by_hand import by_hand

    fresh, operation = opened((listed.folder, listed.id, listed.archived), home_of(listed))
    return Whole(fresh, operation, by_hand(operation) if operation is not None else None)
