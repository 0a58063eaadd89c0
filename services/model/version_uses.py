"""What holds on to a function's published versions: read before any of them is deleted."""

from __future__ import annotations

import msgspec

from services.model.functions import Alias, FunctionVersion, Provisioned
from services.safe_text import SafeText


class VersionUses(msgspec.Struct, frozen=True):
    """One function's versions, and everything in Lambda that names one of them."""

    function: SafeText
    versions: tuple[FunctionVersion, ...]
    """Published ones, newest first."""
    aliases: tuple[Alias, ...] = ()
    """All of them, not only the one that serves."""
    provisioned: tuple[Provisioned, ...] = ()
    sources: tuple[tuple[SafeText, SafeText], ...] = ()
    """(qualifier, name of the queue or stream) of each event source mapping."""
