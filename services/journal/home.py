"""Where the journal lives: one folder that only its owner can read, opened once and never followed through a link."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from pathlib import Path

from services.settings.values import Environment, EnvironmentKind


class JournalBroken(Exception):
    """The journal cannot be written or trusted. Without it nothing is sent. The message names path and remedy."""


class JournalHome:
    """A folder of operations: `<id>.order.jsonl`, `<id>.jsonl`, `<id>.remarks.jsonl`, `<id>.beat`, `<id>.lock`, …

    Every file is opened relative to the folder's own descriptor with O_NOFOLLOW, mode 0600.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()  # the executor must find it wherever it is started

    @classmethod
    def default(cls, environment: Environment | None = None) -> JournalHome:
        """`COCKPIT_STATE_HOME`, or the platform's state folder.

        A sandbox has a folder of its own per endpoint: what was done to a simulated account must never be taken
        for something that was done to the real one of the same name.
        """
        root = os.environ.get("COCKPIT_STATE_HOME", "")
        if root:
            base = Path(root).expanduser()
        else:
            from platformdirs import user_state_path

            base = user_state_path("cockpit")
        if environment is not None and environment.kind is EnvironmentKind.SANDBOX:
            return cls(base / "journal-sandbox" / slug(environment.endpoint_url or environment.name))
        return cls(base / "journal")

    def opened(self) -> int:
        """A descriptor of the folder, which is made if it is missing (0700). Raises JournalBroken."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise broken(self.path, error) from error
        try:
            self._guard(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise broken(self.path, error) from error
        except JournalBroken:
            os.close(descriptor)
            raise
        return descriptor

    def _guard(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        if found.st_uid != os.getuid():
            raise JournalBroken(
                f"The journal's folder {self.path} belongs to another user (uid {found.st_uid}). "
                "Set COCKPIT_STATE_HOME to a folder of your own."
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.fchmod(descriptor, 0o700)

    def names(self) -> tuple[str, ...]:
        """Names of the files there are; none when there is no folder yet."""
        try:
            with os.scandir(self.path) as found:
                return tuple(entry.name for entry in found)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise broken(self.path, error) from error

    def existing(self, name: str) -> int:
        """A descriptor of a file that is there, for reading. Raises OSError, JournalBroken."""
        folder = self.opened()
        try:
            return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        finally:
            os.close(folder)

    def read(self, name: str) -> bytes:
        """A file whole. Raises FileNotFoundError, JournalBroken."""
        try:
            with os.fdopen(self.existing(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise broken(self.path / name, error) from error

    def create(self, name: str, flags: int) -> int:
        """A descriptor of one of our files, 0600 whatever the umask; `flags` as of os.open. Raises OSError."""
        folder = self.opened()
        try:
            descriptor = os.open(name, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder)
        finally:
            os.close(folder)
        try:
            os.fchmod(descriptor, 0o600)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def slug(text: str) -> str:
    """`text` as part of a file name: readable, and different for different texts."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.")[:60]
    return f"{readable}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space, or set COCKPIT_STATE_HOME to a folder on another disk.",
    errno.EDQUOT: "The quota is used up: free some space, or set COCKPIT_STATE_HOME to another folder.",
    errno.EROFS: "The file system is read-only: set COCKPIT_STATE_HOME to a folder that can be written.",
    errno.EACCES: "Permission denied: set COCKPIT_STATE_HOME to a folder of your own.",
    errno.ELOOP: "It is a symbolic link, which is never followed: remove the link.",
    errno.ENOTDIR: "It is not a folder, or a symbolic link, which is never followed: move it away.",
}


def broken(path: Path, error: OSError) -> JournalBroken:
    """What went wrong with the journal, and what to do."""
    remedy = _REMEDIES.get(error.errno or 0, "Set COCKPIT_STATE_HOME to a folder on a disk that works.")
    return JournalBroken(f"Cannot use the journal at {path}: {error.strerror or error}. {remedy}")
