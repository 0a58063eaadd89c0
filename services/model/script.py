"""A program that an environment names for its rollback, as it lies on this machine."""

from __future__ import annotations

import msgspec


class ScriptFile(msgspec.Struct, frozen=True):
    """One that is there and may be run."""

    path: str
    """As it is called, `./scripts/rollback.sh`: the first word of what is run."""
    folder: str
    """Where it is run; `path` is meant from there."""
    argument: str
    """The environment as the script calls it, `prod`."""
    digest: str
    """The beginning of its SHA-256: a plan is for this text of it and no other."""
