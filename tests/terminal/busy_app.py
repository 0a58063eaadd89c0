"""A small app that paints a whole screen twenty times a second and keeps a diary: what a stalled terminal does to it.

python tests/terminal/busy_app.py DIARY
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.terminal.driver import CockpitDriver
from tui.terminal.frames import DroppingFrames
from tui.terminal.signals import Endings
from tui.terminal.stall import StallGuard


class BusyApp(DroppingFrames):
    """Writes `beat TIME`, `key NAME`, `frozen SECONDS KEYS` and `dropped N` lines."""

    def __init__(self, diary: Path) -> None:
        self.guard = StallGuard(time.monotonic)
        super().__init__(driver_class=CockpitDriver)
        self._diary = diary.open("a", buffering=1)
        self._count = 0

    def compose(self) -> ComposeResult:
        yield Static(id="all", markup=False)

    def on_mount(self) -> None:
        self.set_interval(0.05, self._paint)

    def _paint(self) -> None:
        self._diary.write(f"beat {time.monotonic()}\n")
        report = self.guard.beat(self.behind)
        if report is not None:
            self._diary.write(f"frozen {report.seconds} {report.keys}\n")
            self._diary.write(f"dropped {self.frames_dropped}\n")
        self._count += 1
        rows = [
            f"{self._count} " + chr(33 + (self._count + row) % 90) * (self.size.width - 12)
            for row in range(self.size.height)
        ]
        self.query_one("#all", Static).update(Content("\n".join(rows)))

    def on_key(self, event: events.Key) -> None:
        self._diary.write(f"key {event.key}\n")
        if event.key == "q":
            self.exit(0, return_code=0)

    def end(self, code: int) -> None:
        """For signal handlers."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(lambda: self.exit(0, return_code=code))

    def terminal_gone(self) -> None:
        """Nobody there."""
        os._exit(99)


if __name__ == "__main__":
    app = BusyApp(Path(sys.argv[1]))
    with Endings(app.end, app.silence_terminal):
        app.run()
    sys.exit(app.return_code)
