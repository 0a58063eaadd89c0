"""Keys of screen 6, the runbook."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import moves

KEYS: tuple[Key, ...] = (
    Key("next_section", "tab", "next part", "The next part: text, checklists, maintenance.", also=("right", "l")),
    Key("former_section", "shift+tab", "part before", "The part before.", also=("left",), footer=False),
    Key("open", "enter", "open",
        "Go to the section's text; of an item or a task what it needs: the screen, the plan, the check."),
    Key("filter", "slash", "search", "Search the text: lines that have all these words."),
    Key("next", "n", "next", "The next line that was found.", footer=False),
    Key("previous", "N", "previous", "The one before.", footer=False),
    Key("tick", "t", "tick",
        "Say that it is done, with a note; kept with time and user, for every screen of the environment."),
    Key("waive", "w", "waive", "Leave it out on purpose, with the reason."),
    Key("untick", "u", "take back", "Take a tick back; what was said stays on record.", footer=False),
    Key("begin", "b", "begin", "Begin the checklist for something that is happening now."),
    Key("finish", "c", "close", "Close the checklist: the occasion is over; its ticks are kept.", footer=False),
    *moves(),
)  # fmt: skip
