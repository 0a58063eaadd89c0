"""Every key, by group; those that are off with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from widgets.key_bar import KeyHint
from widgets.picture import Picture
from widgets.spans import Row, Span, cells, columns, fit, wrap

COLUMN = 38
"""Least width of a column of keys."""


class HelpGroup(msgspec.Struct, frozen=True):
    """Keys that belong together."""

    title: str
    hints: tuple[KeyHint, ...]


class HelpView(Picture):
    """Shows groups of keys in as many columns as fit; scrolls with what holds it."""

    DEFAULT_CSS = """
    HelpView { height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._groups: tuple[HelpGroup, ...] = ()
        self._wanted = ""

    def show(self, groups: tuple[HelpGroup, ...], wanted: str = "") -> None:
        """Show `groups`; with `wanted`, only keys whose key, label or reason holds it."""
        self._groups, self._wanted = groups, wanted
        self.redraw()

    def needed_height(self, width: int) -> int:
        return max(1, len(help_rows(self._groups, width, self._wanted)))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return help_rows(self._groups, width, self._wanted)


def help_rows(groups: Sequence[HelpGroup], width: int, wanted: str = "") -> list[Row]:
    """The groups side by side where they fit, the tallest column as short as can be."""
    blocks = [_block(group, wanted) for group in groups]
    found = [block for block in blocks if len(block) > 1]
    if not found:
        return wrap([Span(f"no key matches “{wanted}”", "silent")], width)
    size = max(1, min(len(found), width // COLUMN))
    room = width // size
    piles: list[list[Row]] = [[] for _ in range(size)]
    for block in found:
        pile = min(piles, key=len)
        if pile:
            pile.append(())
        for line in block:
            pile += wrap(line, room - 1, hang=10)
    height = max(len(pile) for pile in piles)
    padded = [[*pile, *[()] * (height - len(pile))] for pile in piles]
    return [tuple(span for part in line for span in fit(part, room)) for line in zip(*padded, strict=True)]


def _block(group: HelpGroup, wanted: str) -> list[Row]:
    sought = wanted.casefold()
    hints = [hint for hint in group.hints if sought in f"{hint.key} {hint.label} {hint.why}".casefold()]
    keys = max(8, columns(hint.key for hint in hints))
    rows: list[Row] = [(Span(group.title, "strong"),)]
    for hint in hints:
        line: list[Span] = [*fit([Span(hint.key, "key" if hint.enabled else "faint")], keys), Span("  ")]
        line.append(Span(hint.label, "" if hint.enabled else "key-off"))
        if not hint.enabled and hint.why:
            line.append(Span(f" ({hint.why})", "faint"))
        rows.append(tuple(line))
    return rows if cells(rows[0]) else []
