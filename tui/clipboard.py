"""Text out of the screen, to the clipboard of the terminal one sits at, over SSH too (OSC 52)."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any

from textual.app import App

LARGEST = 74_994
"""Encoded bytes of a clipboard sequence: more is dropped by terminals without a word (facts/peers.md, k9s)."""


class TooLarge(ValueError):
    """The text is larger than terminals take."""


def clipboard(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The sequence that puts `text` on the clipboard. Raises TooLarge.

    Inside tmux both forms are sent, plain and wrapped: which of them gets through depends on its settings.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    if len(encoded) > LARGEST:
        raise TooLarge(f"{len(encoded)} bytes are more than the {LARGEST} that terminals take")
    plain = f"\x1b]52;c;{encoded}\x07"
    if environment.get("TMUX"):
        return plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environment.get("TERM", "").startswith("screen"):
        return f"\x1bP{plain}\x1b\\"
    return plain


def copy(app: App[Any], text: str) -> int:
    """Send `text` to the app's terminal, which never says whether it took it; the bytes sent. Raises TooLarge."""
    sequence = clipboard(text)
    driver = app._driver
    if driver is not None:
        driver.write(sequence)
    return len(sequence)
