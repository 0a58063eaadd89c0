"""One small file of a person's own: read whole, put whole in the place of the old one; damage is told, never lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome, broken, slug
from services.safe_text import safe
from services.settings.values import Environment

T = TypeVar("T")


class KeptDamaged(Exception):
    """The file is not what was written; the message names it and where it was put."""


class KeptFile(Generic[T]):
    """One environment's file of one kind of thing."""

    def __init__(self, home: JournalHome, environment: str, empty: T, cleaned: Callable[[T], T], disk: Disk) -> None:
        """`empty`: what is kept where there is no file; `cleaned`: safe to show and to keep, wherever it came from."""
        self._home, self._disk = home, disk
        self._name = f"{slug(environment)}.json"
        self._empty, self._cleaned = empty, cleaned

    def read(self) -> T:
        """What is kept; nothing of a file that is not there. Raises KeptDamaged, JournalBroken."""
        try:
            data = self._home.read(self._name)
        except FileNotFoundError:
            return self._empty
        try:
            return self._cleaned(msgspec.json.decode(data, type=type(self._empty)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            aside = self._put_aside()
            raise KeptDamaged(
                f"{self._home.path / self._name} is damaged ({safe(str(error), 120)}); it was renamed to {aside}."
            ) from error

    def write(self, kept: T) -> None:
        """Put `kept` in the place of what was kept, on the disk before it returns. Raises JournalBroken."""
        data = msgspec.json.encode(self._cleaned(kept)) + b"\n"
        fresh = f"{self._name}.new"
        try:
            descriptor = self._home.create(fresh, os.O_WRONLY | os.O_TRUNC)
            try:
                if self._disk.write(descriptor, data) != len(data):
                    raise JournalBroken(f"What was to be kept at {self._home.path / fresh} was cut: is the disk full?")
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


def kept_beside(environment: Environment, what: str) -> JournalHome:
    """The folder of `what`, beside the journal; a sandbox's apart from the real one's."""
    journal = JournalHome.default(environment).path
    if journal.parent.name == "journal-sandbox":
        return JournalHome(journal.parent.parent / f"{what}-sandbox" / journal.name)
    return JournalHome(journal.with_name(what))
