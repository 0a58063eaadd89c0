"""The real screen on a watch that tells the next chapter of a night each time `r` is pressed; bell and desktop are on.

    python tests/terminal/ringing_app.py [CHAPTER]

Chapters: throttling; quiet; throttling again (a flap); quiet for a whole window, twice; throttling anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import msgspec

from services.clock import ManualClock, RealClock
from services.settings.loading import find, load
from services.settings.values import Alerting, Environment, Settings
from services.watch.updates import Update
from tests.stories.alerts_support import NOW, night, tell
from tests.stories.screen_support import ToldWatch
from tests.unit.rules_support import epoch
from tui.app import CockpitApp
from tui.session import Opened
from tui.terminal.signals import Endings

THROTTLED, QUIET = night(throttles={epoch(4): 1.0}), night()
CHAPTERS = ((0, THROTTLED), (3, QUIET), (5, THROTTLED), (8, QUIET), (14, QUIET), (20, THROTTLED))
"""Minutes after NOW, and what is told then."""


class Chapters(ToldWatch):
    """Tells a chapter with each refresh."""

    def __init__(self, environment: Environment, post: Callable[[Update], None], clock: ManualClock) -> None:
        super().__init__(environment, post)
        self.clock = clock
        self.refreshed = int(sys.argv[1]) if len(sys.argv) > 1 else 0

    def start(self) -> None:
        super().start()
        self.refresh()

    def refresh(self) -> None:
        minutes, situation = CHAPTERS[self.refreshed]
        self.refreshed += 1
        self.clock.advance(minutes * 60 - (self.clock.now() - NOW).total_seconds())
        tell(self, situation, minutes)


def main() -> int:
    clock = ManualClock(NOW)
    settings = msgspec.structs.replace(load(), alerting=Alerting(bell=True, desktop=True))

    def opener(environment: Environment, _settings: Settings, post: Callable[[Update], None]) -> Opened:
        return Opened(clock, Chapters(environment, post, clock))

    app = CockpitApp(settings, find(settings, "prod"), opener=opener, machine=RealClock())
    with Endings(app.end, app.silence_terminal):
        app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
