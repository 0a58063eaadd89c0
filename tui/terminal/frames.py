"""A frame that the terminal cannot take is dropped, not queued.

Textual writes through a queue of 30; when the terminal stops reading, the 31st write blocks the event loop, and with
it every timer, deadline and key (performance.md 4). So a frame is drawn only while few writes wait; what was left out
is drawn once, fresh, when the queue has drained.
"""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.screen import Screen

from tui.terminal.driver import CockpitDriver

QUEUE_LIMIT = 6
"""Writes that may wait (about two frames); Textual's queue holds 30 and the end of a session needs about 12."""

RETRY = 0.1
"""Seconds between looks at a queue that is backed up."""


class DroppingFrames(App[int]):
    """An app that never waits for its terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.frames_dropped = 0
        self._repaint_owed = False

    @property
    def behind(self) -> bool:
        """Whether the terminal does not yet show what was drawn last."""
        driver = self._driver
        return self._repaint_owed or (isinstance(driver, CockpitDriver) and driver.behind)

    @property
    def picture(self) -> int:
        """The number of the first picture that holds all that was drawn by now; the next one, if frames are owed."""
        driver = self._driver
        return driver.guard.pictures_drawn + self._repaint_owed if isinstance(driver, CockpitDriver) else 0

    def has_picture(self, number: int) -> bool:
        """Whether that picture stands whole on the terminal, or stood there before a newer one."""
        driver = self._driver
        return not isinstance(driver, CockpitDriver) or driver.guard.has_picture(number)

    @property
    def terminal_frozen(self) -> bool:
        """Whether the terminal takes nothing."""
        driver = self._driver
        return isinstance(driver, CockpitDriver) and driver.guard.frozen

    def silence_terminal(self) -> bool:
        """Let nothing more out to the terminal. Returns whether it is quiet now. Any thread."""
        driver = self._driver
        return not isinstance(driver, CockpitDriver) or driver.output.silence()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        driver = self._driver
        if isinstance(driver, CockpitDriver) and self._running and (self._repaint_owed or driver.queued > QUEUE_LIMIT):
            self.frames_dropped += 1
            if not self._repaint_owed:
                self._repaint_owed = True
                self.set_timer(RETRY, self._repaint)
            self.post_display_hook()
            return
        super()._display(screen, renderable)
        if isinstance(driver, CockpitDriver):
            driver.guard.picture_drawn()

    def repaint_all(self, _resumed: object = None) -> None:
        """Send every cell again: the terminal was another program's meanwhile, and nothing of ours is on it."""
        for screen in (*self._background_screens, self.screen):
            screen.refresh()

    def _repaint(self) -> None:
        driver = self._driver
        if isinstance(driver, CockpitDriver) and driver.queued > 0:
            self.set_timer(RETRY, self._repaint)
            return
        self._repaint_owed = False
        self.repaint_all()
