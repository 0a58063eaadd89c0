"""Which signs this terminal can show."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import TextIO

from widgets.charset import ASCII, UNICODE, Charset

WISH = "COCKPIT_ASCII"
"""Set to anything but 0: plain ASCII, whatever the locale says."""


def signs(terminal: TextIO | None, environment: Mapping[str, str]) -> Charset:
    """Unicode on a terminal whose locale is UTF-8, else ASCII."""
    if environment.get(WISH, "0") not in ("", "0"):
        return ASCII
    encoding = getattr(terminal, "encoding", None) or "utf-8"
    try:
        return UNICODE if codecs.lookup(encoding).name == "utf-8" else ASCII
    except LookupError:
        return ASCII
