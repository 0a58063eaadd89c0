"""Searches that somebody made: the newest as a history, some kept under a name."""

from __future__ import annotations

import msgspec

from services.journal.disk import Disk
from services.journal.home import JournalHome
from services.kept_file import KeptFile, kept_beside
from services.redact import redact
from services.safe_text import safe
from services.settings.values import Environment

HISTORY = 50
NAME_LIMIT = 60
PATTERN_LIMIT = 1_024


class SavedSearch(msgspec.Struct, frozen=True):
    """A search under a name."""

    name: str
    pattern: str


class Searches(msgspec.Struct, frozen=True):
    """What is kept."""

    history: tuple[str, ...] = ()
    """Patterns, the newest first."""
    saved: tuple[SavedSearch, ...] = ()
    """By name."""

    def made(self, pattern: str) -> Searches:
        """With one more search in the history; the same one stands there once."""
        rest = tuple(one for one in self.history if one != pattern)
        return msgspec.structs.replace(self, history=(pattern, *rest)[:HISTORY])

    def kept(self, name: str, pattern: str) -> Searches:
        """With a search under a name; one that has the name is replaced."""
        named = SavedSearch(safe(name, NAME_LIMIT), pattern)
        rest = [one for one in self.saved if one.name != named.name]
        return msgspec.structs.replace(self, saved=tuple(sorted([*rest, named], key=lambda one: one.name)))

    def without(self, name: str) -> Searches:
        return msgspec.structs.replace(self, saved=tuple(one for one in self.saved if one.name != name))


class SearchStore(KeptFile[Searches]):
    """One environment's file."""

    def __init__(self, home: JournalHome, environment: str, disk: Disk | None = None) -> None:
        super().__init__(home, environment, Searches(), _cleaned, disk or Disk())

    @classmethod
    def of(cls, environment: Environment) -> SearchStore:
        return cls(kept_beside(environment, "searches"), environment.name)


def _cleaned(searches: Searches) -> Searches:
    """Safe to show and without secrets, wherever it came from."""
    return Searches(
        tuple(safe(redact(one), PATTERN_LIMIT) for one in searches.history[:HISTORY]),
        tuple(
            SavedSearch(safe(one.name, NAME_LIMIT), safe(redact(one.pattern), PATTERN_LIMIT))
            for one in searches.saved[:500]
        ),
    )
