"""A list in the place of the log screen's lines: what it needs to be open, moved in, and chosen from."""

from __future__ import annotations

from enum import StrEnum

from tui.screens.logs_pivots import LogsPivots
from widgets.key_bar import KeyHint
from widgets.listing import Listing


class Panel(StrEnum):
    """Which list is open."""

    NOTHING = ""
    KINDS = "kinds"
    GROUPS = "groups"
    SEARCHES = "searches"
    INSIGHTS = "insights"


TO_LINES = ("filter", "time")
"""Keys that close the list and go on among the lines."""

OF_LINES = frozenset(
    ("follow", "hide", "next", "previous", "request", "chart", "version", "before", "least", "earlier", "later"),
).union(("mark", "next_mark", "wrap", "clock", "copy", "export"))
"""Keys that would do something to lines that nobody sees."""

LIST_HINTS = (
    KeyHint("up/down", "move", priority=5),
    KeyHint("enter", "choose", priority=5),
    KeyHint("esc", "lines", priority=6),
)


class LogsPanel(LogsPivots):
    """Opens and closes the list. Those who fill it take `chosen` and `pointed` for a panel of theirs."""

    def _reset(self) -> None:
        super()._reset()
        self._panel = Panel.NOTHING

    def open_panel(self, what: Panel) -> None:
        """Show an empty list instead of the lines."""
        self._panel = what
        self._choices.begin()
        self.add_class("-panel")
        self.answer("")
        self.show_keys()

    def close_panel(self) -> None:
        self._panel = Panel.NOTHING
        super().close_panel()
        self.show_keys()

    def action_view(self, identity: str) -> None:
        """Among a list the keys of lines do nothing out of sight."""
        if self._panel is not Panel.NOTHING and identity in OF_LINES:
            self.answer("that is done with lines; esc shows them again")
            return
        if self._panel is not Panel.NOTHING and identity in TO_LINES:
            self.close_panel()
        super().action_view(identity)

    def hints(self) -> tuple[KeyHint, ...]:
        """In a list other keys count than among the lines."""
        return LIST_HINTS if self._panel is not Panel.NOTHING else super().hints()

    def typing_hints(self) -> tuple[KeyHint, ...]:
        """The list moves while its field is typed into."""
        return LIST_HINTS if self._panel is not Panel.NOTHING else super().typing_hints()

    def chosen(self, key: object) -> None:
        """`enter` on an entry."""

    def pointed(self, key: object) -> None:
        """The selection has moved to an entry."""

    def opened(self) -> None:
        selected = self._choices.selected
        if selected is not None:
            self.chosen(selected.key)

    def on_listing_opened(self, event: Listing.Opened) -> None:
        event.stop()
        self.opened()

    def on_listing_moved(self, event: Listing.Moved) -> None:
        event.stop()
        selected = self._choices.selected
        if selected is not None:
            self.pointed(selected.key)
