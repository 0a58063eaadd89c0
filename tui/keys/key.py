"""A key: what it is called, what it does, and where."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Group(StrEnum):
    """Chapters of the help."""

    ACT = "Act"
    LOOK = "Look"
    SCREEN = "Screens"
    GO = "Go"


class Key(msgspec.Struct, frozen=True):
    """One key and what it does."""

    id: str
    """Stable: configuration, help pages and tests name it."""
    key: str
    """As Textual spells it: `R`, `question_mark`, `ctrl+p`. Empty: only the palette has it."""
    label: str
    """In the footer, two words at most."""
    sentence: str
    """In help and palette: what happens."""
    group: Group = Group.LOOK
    also: tuple[str, ...] = ()
    """Other keys that do the same."""
    changes: bool = False
    """It prepares a change of the account: off under read-only, where its plan can still be looked at."""
    footer: bool = True
    where: str = ""
    """Id of the screen on which alone it works; empty: everywhere."""

    @property
    def shown(self) -> str:
        """As a person reads it: `R`, `?`, `^p`, `⇧tab`."""
        modifier, plus, rest = self.key.partition("+")
        if not plus:
            return _SIGNS.get(self.key, self.key)
        return {"ctrl": "^", "shift": "⇧"}[modifier] + _SIGNS.get(rest, rest)


def prepares(id: str, key: str, label: str, what: str, *, footer: bool = True) -> Key:
    """A key that opens a plan to do `what`, as it stands after "Prepare to"."""
    return Key(id, key, label, f"Prepare to {what}; shows the plan and asks.", Group.ACT, changes=True, footer=footer)


_SIGNS = {
    "apostrophe": "'",
    "dollar_sign": "$",
    "equals_sign": "=",
    "exclamation_mark": "!",
    "greater_than_sign": ">",
    "left": "←",
    "left_square_bracket": "[",
    "less_than_sign": "<",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "question_mark": "?",
    "right": "→",
    "right_square_bracket": "]",
    "slash": "/",
}
