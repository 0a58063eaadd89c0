"""Keys of an opened alert."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import scrolls

KEYS: tuple[Key, ...] = (
    Key("take", "a", "acknowledge", "Take this alert on, for every screen."),
    Key("status", "s", "status", "Step 2: what state every component is in now; stamps who looked and when."),
    Key("events", "e", "events", "Step 3: the newest ten events of the stack; stamps who looked and when."),
    Key("more_events", "m", "more", "Ten older events of the stack.", footer=False),
    Key("called", "c", "called", "Whose turn it is on the ladder has been called."),
    Key("not_called", "x", "not called", "They are not called, on purpose."),
    Key("next_rule", "n", "next", "The next alert of the runbook."),
    Key("former_rule", "N", "previous", "The one before.", footer=False),
    *scrolls("rule"),
)  # fmt: skip
