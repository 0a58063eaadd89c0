"""The keys that move through a screen: its list, or what lies over it and scrolls."""

from __future__ import annotations

from typing import Any

from textual.containers import VerticalScroll

from widgets.listing import Listing


class Moving:
    """Mixed into a screen whose view keys are `down`, `up`, `page_down`, `page_up`, `first` and `last`."""

    def moved_list(self) -> Listing[Any]:
        """The list that is shown now."""
        raise NotImplementedError

    def moved_scroll(self) -> VerticalScroll | None:
        """What the keys move when it is not the list."""
        raise NotImplementedError

    def do_down(self) -> None:
        self._move(1)

    def do_up(self) -> None:
        self._move(-1)

    def _move(self, by: int) -> None:
        scroll = self.moved_scroll()
        if scroll is None:
            self.moved_list().move(by)
        else:
            scroll.scroll_relative(y=by, animate=False)

    def do_page_down(self) -> None:
        scroll = self.moved_scroll()
        if scroll is None:
            self.moved_list().page(1)
        else:
            scroll.scroll_page_down(animate=False)

    def do_page_up(self) -> None:
        scroll = self.moved_scroll()
        if scroll is None:
            self.moved_list().page(-1)
        else:
            scroll.scroll_page_up(animate=False)

    def do_first(self) -> None:
        scroll = self.moved_scroll()
        if scroll is None:
            self.moved_list().to(0)
        else:
            scroll.scroll_home(animate=False)

    def do_last(self) -> None:
        scroll = self.moved_scroll()
        if scroll is None:
            self.moved_list().end()
        else:
            scroll.scroll_end(animate=False)
