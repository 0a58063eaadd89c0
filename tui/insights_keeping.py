"""The Logs Insights queries that somebody typed: a history, some under a name. A file beside that of the searches."""

from __future__ import annotations

from services.journal.home import JournalBroken
from services.kept_file import KeptDamaged, kept_beside
from services.log_searches import Searches, SearchStore
from services.settings.values import Environment


class QueryShelf:
    """One environment's queries. Reading and writing take as long as the disk does: not on the screen's loop."""

    def __init__(self, environment: Environment) -> None:
        # A file of its own: a query is no filter pattern.
        self._store = SearchStore(kept_beside(environment, "queries"), environment.name)
        self.kept = Searches()

    def read(self) -> str:
        """Read what is kept; what is wrong with it, or nothing."""
        try:
            self.kept = self._store.read()
        except (KeptDamaged, JournalBroken) as error:
            return str(error)
        return ""

    def write(self) -> str:
        """Write what is kept; why it could not be, or nothing."""
        try:
            self._store.write(self.kept)
        except JournalBroken as error:
            return str(error)
        return ""

    def made(self, text: str) -> None:
        """One more query was asked."""
        self.kept = self.kept.made(text)

    def keep(self, name: str, text: str) -> None:
        """Keep a query under a name."""
        self.kept = self.kept.kept(name, text)

    def remove(self, name: str) -> None:
        """Forget the query of that name."""
        self.kept = self.kept.without(name)
