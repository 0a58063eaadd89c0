"""The real screen, told hostile things: log lines, names and sentences that try to act on the terminal.

    python tests/terminal/hostile_app.py

Half of it comes as it should (made safe where it enters), half pretends that somebody forgot.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import datetime

from services.clock import RealClock
from services.model.identity import Identity
from services.model.logs import Level, LineBatch, LogLine
from services.model.parts import Parts
from services.model.reading import Reading
from services.model.stacks import StackEvent
from services.safe_text import SafeText, safe
from services.settings.loading import find, load
from services.settings.values import Environment, Settings
from services.watch.updates import FeedUpdate, LinesArrived, Update
from tui.app import CockpitApp
from tui.session import Opened
from tui.terminal.signals import Endings

CORPUS = (
    "\x1b]0;owned\x07", "\x1b]52;c;b3duZWQ=\x07", "\x1b[2J", "\x1b[6n", "\x1b[31mred", "\x9b2J", "\x9d0;owned\x9c",
    "\x1bP+q544e\x1b\\", "\x1b_G\x1b\\", "\x0e\x0f", "\x08\x08\x08OK", "\rOK", "a\x00b", "\x7f", "\x1b[?1049l",
    "[red]markup[/red]", "[@click=app.quit]x[/]", "[/nothing]", "[link=http://x]y[/link]", "\u202eevil\u2066", "\u200b",
    "e" + "\u0301" * 200, "\ud800", "\u2028", "\U000e0041", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1bc",
)  # fmt: skip


class HostileWatch:
    """Posts everything once when it is started."""

    def __init__(self, post: Callable[[Update], None], clock: RealClock) -> None:
        self._post, self._clock = post, clock

    def start(self) -> None:
        now = self._clock.now()
        generator = random.Random(1)
        texts = [*CORPUS, *(noise(generator) for _ in range(3_000))]
        wholes = [safe(text) if index % 2 else SafeText(text) for index, text in enumerate(texts)]
        millis = int(now.timestamp() * 1000)
        lines = tuple(
            LogLine(millis + index, "app", Level.ERROR, text, request=text[:8]) for index, text in enumerate(wholes)
        )
        events = tuple(_event(now, text) for text in wholes[: len(CORPUS)])
        evil = wholes[0]
        self._post(LinesArrived(LineBatch(lines)))
        self._post(FeedUpdate("events", Reading(events, now, now)))
        self._post(FeedUpdate("identity", Reading(Identity(evil, evil), now, now)))
        self._post(FeedUpdate("parts", Reading(Parts(evil, evil, ()), now, now)))
        self._post(LinesArrived(LineBatch((LogLine(millis + 99_999, "app", Level.INFO, SafeText("the end of it")),))))

    def stop(self) -> None:
        return

    def refresh(self) -> None:
        return

    def busy_until(self, feed: str, until: datetime) -> None:
        return


def noise(generator: random.Random) -> str:
    return "".join(chr(generator.choice((generator.randrange(0x20), generator.randrange(0x100)))) for _ in range(30))


def _event(now: datetime, text: SafeText) -> StackEvent:
    return StackEvent(text, now, text, text, text, SafeText("UPDATE_FAILED"), text)


def run(watch: Callable[[Callable[[Update], None], RealClock], HostileWatch]) -> None:
    """The real command's screen on such a watch, until it is left; ends the process."""

    def opened(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        clock = RealClock()
        return Opened(clock, watch(post, clock))

    built_in = load()
    app = CockpitApp(built_in, find(built_in, "prod"), opener=opened)
    with Endings(app.end, app.silence_terminal):
        app.run()
    if app.crash:
        sys.stderr.write(app.crash)
    sys.exit(app.return_code)


if __name__ == "__main__":
    run(HostileWatch)
