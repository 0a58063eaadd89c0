"""Searches that somebody made: the newest as a history, some kept under a name. One small file of the person's own.

Written in one piece and put in place of the old one; a file that cannot be read is told and left beside, never lost.
"""

from __future__ import annotations

import os

import msgspec

from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome, broken, slug
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


class SearchesDamaged(Exception):
    """The file is not what was written; the message names it and where it was put."""


class SearchStore:
    """One environment's file."""

    def __init__(self, home: JournalHome, environment: str, disk: Disk | None = None) -> None:
        self._home, self._disk = home, disk or Disk()
        self._name = f"{slug(environment)}.json"

    @classmethod
    def of(cls, environment: Environment) -> SearchStore:
        """Beside the journal; a sandbox's apart from the real one's."""
        journal = JournalHome.default(environment).path
        folder = (
            journal.parent.parent / "searches-sandbox" / journal.name
            if journal.parent.name == "journal-sandbox"
            else journal.with_name("searches")
        )
        return cls(JournalHome(folder), environment.name)

    def read(self) -> Searches:
        """What is kept; nothing of a file that is not there. Raises SearchesDamaged, JournalBroken."""
        try:
            data = self._home.read(self._name)
        except FileNotFoundError:
            return Searches()
        try:
            return _cleaned(_DECODER.decode(data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            aside = self._put_aside()
            raise SearchesDamaged(
                f"{self._home.path / self._name} is damaged ({safe(str(error), 120)}); it was renamed to {aside}."
            ) from error

    def write(self, searches: Searches) -> None:
        """Put `searches` in the place of what was kept, on the disk before it returns. Raises JournalBroken."""
        data = msgspec.json.encode(_cleaned(searches)) + b"\n"
        fresh = f"{self._name}.new"
        try:
            descriptor = self._home.create(fresh, os.O_WRONLY | os.O_TRUNC)
            try:
                if self._disk.write(descriptor, data) != len(data):
                    raise JournalBroken(f"The searches at {self._home.path / fresh} were cut: the disk may be full.")
                self._disk.sync(descriptor)
            finally:
                os.close(descriptor)
            self._replace(fresh, self._name)
        except OSError as error:
            raise broken(self._home.path / self._name, error) from error

    def _put_aside(self) -> str:
        try:
            self._replace(self._name, f"{self._name}.damaged")
        except OSError as error:
            raise broken(self._home.path / self._name, error) from error
        return f"{self._name}.damaged"

    def _replace(self, source: str, target: str) -> None:
        folder = self._home.opened()
        try:
            os.replace(source, target, src_dir_fd=folder, dst_dir_fd=folder)
            self._disk.sync(folder)
        finally:
            os.close(folder)


def _cleaned(searches: Searches) -> Searches:
    """Safe to show and without secrets, wherever it came from."""
    return Searches(
        tuple(safe(redact(one), PATTERN_LIMIT) for one in searches.history[:HISTORY]),
        tuple(
            SavedSearch(safe(one.name, NAME_LIMIT), safe(redact(one.pattern), PATTERN_LIMIT))
            for one in searches.saved[:500]
        ),
    )


_DECODER = msgspec.json.Decoder(Searches)
