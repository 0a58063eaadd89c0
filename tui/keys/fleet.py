"""Keys of screen 0, the environments side by side."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import moves

KEYS: tuple[Key, ...] = (
    Key("open", "enter", "switch to it", "Leave this environment and open the one selected."),
    *moves(first=("worst", "To the worst.")),
)  # fmt: skip
