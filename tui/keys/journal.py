"""Keys of screen 9, the journal."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import moves

KEYS: tuple[Key, ...] = (
    Key("open", "enter", "open", "Open the operation: its calls as command lines, every record, what stood before."),
    Key("filter", "slash", "filter", "Show only operations with these words; !word leaves out."),
    Key("verify", "v", "verify", "Check the chain of every file, and name the damaged ones."),
    Key("export", "x", "export", "Write what is shown, without secrets, as Markdown and as JSON lines."),
    Key("copy", "y", "copy", "Copy the opened operation's command lines to your terminal's clipboard."),
    Key("carry_on", "c", "carry on", "Have an operation carried on whose executor has gone; shows its plan and asks."),
    *moves(first=("newest", "To the newest."), last=("oldest", "To the oldest.")),
)  # fmt: skip
