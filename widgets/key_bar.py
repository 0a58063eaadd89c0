"""The keys that work here, at the foot of the screen. A key that is off says so; `?` says why."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual import events
from textual.message import Message

from widgets.picture import Picture
from widgets.spans import Row, Span, cells


class KeyHint(msgspec.Struct, frozen=True):
    """One key."""

    key: str
    """As it is shown: `R`, `?`, `ctrl+p`."""
    label: str
    enabled: bool = True
    why: str = ""
    """Why it is off; for help."""
    priority: int = 0
    """The lowest are left out first where there is no room; the order on the screen is the order given."""
    instead: KeyHint | None = None
    """What stands in the place of all that share it where not all hints fit: `0-9 screens`."""


class KeyBar(Picture):
    """Shows KeyHints in one row."""

    DEFAULT_CSS = """
    KeyBar { height: 1; background: $surface; }
    """

    class Pressed(Message):
        """A hint was clicked."""

        def __init__(self, hint: KeyHint) -> None:
            super().__init__()
            self.hint = hint

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._hints: tuple[KeyHint, ...] = ()

    def show(self, hints: tuple[KeyHint, ...]) -> None:
        """Show `hints`, in this order."""
        if hints != self._hints:
            self._hints = hints
            self.redraw()

    def needed_height(self, width: int) -> int:
        return 1

    def draw(self, width: int, height: int) -> Sequence[Row]:
        chosen, gap = fitting(self._hints, width)
        spans: list[Span] = [Span(" ")]
        for hint in chosen:
            spans += [*_spans(hint), Span(" " * gap)]
        return [tuple(spans[:-1])]

    def on_click(self, event: events.Click) -> None:
        """Post what was clicked on."""
        chosen, gap = fitting(self._hints, self.size.width)
        place = 1
        for hint in chosen:
            size = cells(_spans(hint))
            if place <= event.x < place + size:
                self.post_message(self.Pressed(hint))
                return
            place += size + gap


def fitting(hints: Sequence[KeyHint], width: int) -> tuple[tuple[KeyHint, ...], int]:
    """The hints that fit into `width` cells and the gap between them: narrower gaps first, then one hint in the place
    of several, then fewer."""
    chosen = list(hints)
    while chosen:
        for gap in (3, 2):
            if 1 + sum(cells(_spans(hint)) for hint in chosen) + gap * (len(chosen) - 1) <= width:
                return tuple(chosen), gap
        if any(hint.instead for hint in chosen):
            chosen = list(dict.fromkeys(hint.instead or hint for hint in chosen))
            continue
        lowest = min(hint.priority for hint in chosen)
        last = max(index for index, hint in enumerate(chosen) if hint.priority == lowest)
        del chosen[last]
    return (), 2


def _spans(hint: KeyHint) -> Row:
    if hint.enabled:
        return (Span(hint.key, "key"), Span(f" {hint.label}", "muted"))
    return (Span(hint.key, "faint"), Span(f" {hint.label}", "key-off"))
