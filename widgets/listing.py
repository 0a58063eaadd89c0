"""A list to choose from: one entry a row (or a few rows), one of them selected, scrolled so that it can be seen.

Keys belong to the screen (`move`, `to`); a click selects, a second one on the same row opens. Entries are told apart
by `key_of`, so the selection stays with its entry when the order changes around it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.message import Message

from widgets.hideable import Hideable
from widgets.spans import Row, Span, cut, fit, wrap

E = TypeVar("E")


class Listing(Hideable, Generic[E]):
    """Shows entries. Subclasses say how one looks."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"picture--selected"}

    TALL: ClassVar[int] = 1
    """Rows of an entry."""

    DEFAULT_CSS = """
    Listing { height: 1fr; width: 1fr; }
    Listing > .picture--selected { background: $boost; color: $foreground; text-style: bold; }
    """

    class Opened(Message):
        """The selected entry was clicked again."""

        def __init__(self, listing: Listing[Any]) -> None:
            super().__init__()
            self.listing = listing

        @property
        def control(self) -> Listing[Any]:
            return self.listing

    class Moved(Message):
        """Another entry is selected."""

        def __init__(self, listing: Listing[Any]) -> None:
            super().__init__()
            self.listing = listing

        @property
        def control(self) -> Listing[Any]:
            return self.listing

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.entries: tuple[E, ...] = ()
        self._key: Hashable = None
        self._place = 0
        self._first = 0
        self._empty = ""

    def key_of(self, entry: E) -> Hashable:
        """What tells an entry from the others, whatever changes about it."""
        raise NotImplementedError

    def line(self, entry: E, width: int) -> Row:
        """One entry in at most `width` cells."""
        raise NotImplementedError

    def lines(self, entry: E, width: int) -> Sequence[Row]:
        """One entry as TALL rows of at most `width` cells."""
        return (self.line(entry, width),)

    def head(self, width: int) -> Row:
        """What stands above the entries; an empty row: nothing does."""
        return ()

    @property
    def selected(self) -> E | None:
        """The entry the marker is at; None of an empty list."""
        return self.entries[self._place] if self.entries else None

    def set_entries(self, entries: Sequence[E], empty: str) -> None:
        """Show `entries`; `empty` is said where there are none."""
        self.entries, self._empty = tuple(entries), empty
        keys = [self.key_of(entry) for entry in self.entries]
        self._place = keys.index(self._key) if self._key in keys else min(self._place, max(0, len(keys) - 1))
        self._key = keys[self._place] if keys else self._key
        self.redraw()

    def begin(self) -> None:
        """Forget the selection: the first entry is selected whatever comes."""
        self._key, self._place, self._first = None, 0, 0

    def move(self, by: int) -> None:
        """Select the entry `by` rows further; stops at both ends."""
        self.to(self._place + by)

    def page(self, by: int) -> None:
        """A page up (-1) or down (1)."""
        self.move(by * max(1, self._room(self.size.height) - 1))

    def to(self, place: int) -> None:
        """Select the entry at `place`, or the nearest there is."""
        self._select(max(0, min(len(self.entries) - 1, place)))

    def end(self) -> None:
        """Select the last."""
        self._select(max(0, len(self.entries) - 1))

    def _select(self, place: int) -> None:
        if not self.entries or place == self._place:
            return
        self._place = place
        self._key = self.key_of(self.entries[place])
        self.redraw()
        self.post_message(self.Moved(self))

    def needed_height(self, width: int) -> int:
        return max(1, self.TALL * len(self.entries) + self._head_rows(width))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if not self.entries:
            return [cut((Span(" "), *one), width) for one in wrap([Span(self._empty, "silent")], max(1, width - 2))]
        room = self._room(height)
        self._first = max(min(self._first, self._place, len(self.entries) - room), self._place - room + 1, 0)
        shown = range(self._first, min(self._first + room, len(self.entries)))
        head = [self.head(width)] if self._head_rows(width) else []
        return [*head, *(row for place in shown for row in self._entry(place, width))]

    def _entry(self, place: int, width: int) -> list[Row]:
        lines = self.lines(self.entries[place], max(0, width - 2))
        return [self._row(content, place, width, first=index == 0) for index, content in enumerate(lines)]

    def _row(self, content: Row, place: int, width: int, *, first: bool) -> Row:
        if place != self._place:
            return (Span("  "), *content)
        marked = tuple(
            Span(span.text, span.style if span.style not in ("", "muted") else "selected") for span in content
        )
        mark = Span(f"{self.charset.busy} " if first else "  ", "accent-strong")
        return fit((mark, *marked), width, "selected")

    def _head_rows(self, width: int) -> int:
        return 1 if self.head(width) else 0

    def _room(self, height: int) -> int:
        """Entries that fit."""
        return max(1, (height - self._head_rows(self.size.width)) // self.TALL)

    def on_click(self, event: events.Click) -> None:
        """Select what is clicked on; open what is selected."""
        place = self._first + (event.y - self._head_rows(self.size.width)) // self.TALL
        if not 0 <= place < len(self.entries):
            return
        if place == self._place:
            self.post_message(self.Opened(self))
        else:
            self._select(place)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-3)
