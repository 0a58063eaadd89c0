"""Trimmed models on disk: quicker to read than to trim again. A cache that cannot be trusted or written is left alone.

Endpoints are in it, so a file counts only if it is ours: owned by us, writable by nobody else, no link, whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

LIMIT = 4 * 1024 * 1024
"""Largest file that is read, in bytes; ours are below 100 KB."""

_DIGEST = 64


class ModelCache:
    """A folder of one edition of the models. Every failure is a miss: the models are trimmed anew."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` None: nothing is kept."""
        self._folder = folder

    @classmethod
    def default(cls, edition: str) -> ModelCache:
        """`COCKPIT_CACHE_HOME`, or the platform's cache folder."""
        root = os.environ.get("COCKPIT_CACHE_HOME", "")
        try:
            if root:
                base = Path(root).expanduser()
            else:
                from platformdirs import user_cache_path

                base = user_cache_path("cockpit")
        except RuntimeError:
            return cls(None)  # there is no home
        return cls(base / "models" / edition) if base.is_absolute() else cls(None)

    def read(self, name: str) -> dict[str, Any] | None:
        """What was kept under `name`; None when there is nothing that can be trusted."""
        if self._folder is None:
            return None
        try:
            with self._opened() as folder:
                raw = _contents(name, folder)
        except OSError:
            return None
        digest, body = raw[:_DIGEST], raw[_DIGEST:]
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        try:
            found = msgspec.json.decode(body)
        except msgspec.DecodeError:
            return None
        return found if isinstance(found, dict) else None

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Keep `value`, whole or not at all; where that cannot be done, not at all."""
        if self._folder is None:
            return
        body = msgspec.json.encode(value)
        # Read-only folders, full disks and homes of others are no reason to say anything.
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._opened() as folder:
                _replace(name, hashlib.sha256(body).hexdigest().encode() + body, folder)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        assert self._folder is not None
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _ours(folder)
            yield folder
        finally:
            os.close(folder)


def _ours(descriptor: int) -> os.stat_result:
    """Raises PermissionError when somebody else could have written what is opened."""
    found = os.fstat(descriptor)
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o022:
        raise PermissionError
    return found


def _contents(name: str, folder: int) -> bytes:
    descriptor = os.open(f"{name}.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        found = _ours(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LIMIT:
            raise PermissionError
        return file.read()


def _replace(name: str, contents: bytes, folder: int) -> None:
    """Write beside and rename: another process reads the old file or the new one."""
    temporary = f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(contents)
        os.rename(temporary, f"{name}.json", src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
