"""The keys that move in a list and those that scroll a page: one hand on every screen, told in its own words."""

from __future__ import annotations

from tui.keys.key import Key

_MOVES = {
    "down": ("j", ("down",)),
    "up": ("k", ("up",)),
    "first": ("g", ("home",)),
    "last": ("G", ("end",)),
    "page_down": ("pagedown", ("ctrl+f",)),
    "page_up": ("pageup", ("ctrl+b",)),
}

_WORDS = {
    "down": ("down", "To the next."),
    "up": ("up", "To the one before."),
    "first": ("first", "To the first."),
    "last": ("last", "To the last."),
    "page_down": ("page down", "A page further."),
    "page_up": ("page up", "A page back."),
}


def moves(**words: tuple[str, str] | None) -> tuple[Key, ...]:
    """The keys of a list; by id, another label and sentence than the usual ones, or None where a list lacks one."""
    told = {**_WORDS, **words}
    return tuple(
        Key(id, key, *said, also=also, footer=False) for id, (key, also) in _MOVES.items() if (said := told[id])
    )


def scrolls(what: str) -> tuple[Key, ...]:
    """The keys of a page that scrolls; their ids begin with `what`."""
    return (
        Key(f"{what}_down", "j", "down", "A row down.", also=("down",), footer=False),
        Key(f"{what}_up", "k", "up", "A row up.", also=("up",), footer=False),
        Key(f"{what}_page_down", "pagedown", "page down", "A page down.", also=("space", "ctrl+f"), footer=False),
        Key(f"{what}_page_up", "pageup", "page up", "A page up.", also=("ctrl+b",), footer=False),
    )


def ends(what: str) -> tuple[Key, ...]:
    """The keys to both ends of a long page that scrolls."""
    return (
        Key(f"{what}_top", "g", "top", "To the top.", also=("home",), footer=False),
        Key(f"{what}_end", "G", "end", "To the end.", also=("end",), footer=False),
    )
