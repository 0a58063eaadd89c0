"""The rollback script that an environment names: whether it is there, and its digest. Reads this machine's disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from services.model.script import ScriptFile
from services.settings.values import Environment

SHOWN = 16
"""Hexadecimal digits that are compared, so that a plan can show all of them."""

SIZE_LIMIT = 16_000_000
"""Largest program that is taken for a script, in bytes."""


def find_script(environment: Environment) -> ScriptFile | None:
    """The script, if it is a file that may be run; None: roll back natively. A slow disk makes it slow: on a thread."""
    named = environment.rollback_script
    if named is None:
        return None
    digest = digest_of(named.folder, named.path)
    argument = named.argument or next(iter(environment.short), environment.name)
    return ScriptFile(named.path, named.folder, argument, digest) if digest else None


def digest_of(folder: str, path: str) -> str:
    """The beginning of the program's SHA-256; empty: there is none that may be run."""
    place = Path(folder or ".") / path
    try:
        if not place.is_file() or not os.access(place, os.X_OK) or place.stat().st_size > SIZE_LIMIT:
            return ""
        return hashlib.sha256(place.read_bytes()).hexdigest()[:SHOWN]
    except OSError:
        return ""
