"""The log screen's keys that move among its lines, and those for a single line: unfold, mark, wrap, clock."""

from __future__ import annotations

from tui.screens.logs_lines import LogsLines


class LogsMoving(LogsLines):
    """Moves the cursor; while a list is open, that one's."""

    def _moved(self, by: int, *, page: bool = False) -> None:
        if self.has_class("-panel"):
            self._choices.page(by) if page else self._choices.move(by)
            return
        self._view.page(by) if page else self._view.move(by)
        self._point()

    def do_down(self) -> None:
        self._moved(1)

    def do_up(self) -> None:
        self._moved(-1)

    def do_page_down(self) -> None:
        self._moved(1, page=True)

    def do_page_up(self) -> None:
        self._moved(-1, page=True)

    def do_first(self) -> None:
        if self.has_class("-panel"):
            self._choices.to(0)
        else:
            self._view.oldest()
            self._point()

    def do_last(self) -> None:
        if self.has_class("-panel"):
            self._choices.end()
        elif not self.back_to_live():
            self._view.follow()
            self._point()

    def do_follow(self) -> None:
        self._view.toggle_pause()
        self._point()

    def do_unfold(self) -> None:
        if self.has_class("-panel"):
            self.opened()
        else:
            self._view.toggle_open()

    def opened(self) -> None:
        """`enter` on the selected entry of a list."""

    def do_hide(self) -> None:
        if self._query is None and self._extra is None:
            self.answer("nothing is filtered; / filters, then h marks what passes instead of leaving out the rest")
            return
        self._view.toggle_hides()
        self._draw_histogram()

    def do_next(self) -> None:
        self._next(1)

    def do_previous(self) -> None:
        self._next(-1)

    def _next(self, way: int) -> None:
        if not self._view.next_hit(way):
            what = "line that passes" if self._query is not None and not self._view.hides else "error"
            self.answer(f"no {'younger' if way > 0 else 'older'} {what}")
        self._point()

    def do_least(self) -> None:
        self._view.action_cycle_level()
        self._draw_histogram()

    def do_mark(self) -> None:
        self._view.toggle_mark()

    def do_next_mark(self) -> None:
        if not self._view.next_mark():
            self.answer("no line is marked; m marks one")
        self._point()

    def do_wrap(self) -> None:
        self._view.toggle_wrap()

    def do_clock(self) -> None:
        self._view.cycle_times()
        self._draw_histogram()
