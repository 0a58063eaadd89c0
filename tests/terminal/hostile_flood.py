"""The real screen, poured full of hostile log lines: a screenful, and the next one when the last was seen.

    python tests/terminal/hostile_flood.py STRINGS A_TIME FIFO

Each line begins with its number, and a byte that arrives in FIFO asks for the next A_TIME of them. They enter where
the tail hands its lines over. Half are made safe as they should be, half pretend that somebody forgot.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from itertools import islice

from services.model.logs import Level, LineBatch, LogLine
from services.safe_text import SafeText, safe
from services.watch.updates import LinesArrived
from tests.terminal.hostile_app import CORPUS, HostileWatch, noise, run

LEVELS = (Level.INFO, Level.REPORT, Level.WARN, Level.ERROR)
"""Those that are shown at first."""


class FloodWatch(HostileWatch):
    """Posts A_TIME lines for each byte that arrives in the FIFO, until there have been STRINGS."""

    def start(self) -> None:
        threading.Thread(target=self._pour, daemon=True).start()

    def _pour(self) -> None:
        generator = random.Random(time.time_ns())
        numbers = iter(range(int(sys.argv[1])))
        with open(sys.argv[3], "rb", buffering=0) as asked:  # noqa: PTH123 - a FIFO
            while asked.read(1):
                lines = tuple(_line(number, generator) for number in islice(numbers, int(sys.argv[2])))
                self._post(LinesArrived(LineBatch(lines)))


def _line(number: int, generator: random.Random) -> LogLine:
    text = f"#{number:07d}#{generator.choice(CORPUS)}{_wild(generator)}"
    shown = safe(text) if number % 2 else SafeText(text)
    return LogLine(1_790_000_000_000 + number, "app", LEVELS[number % len(LEVELS)], shown, request=shown[9:17])


def _wild(generator: random.Random) -> str:
    """Thirty bytes as Latin-1, or as many characters from anywhere in Unicode, or a sequence cut anywhere."""
    kind = generator.randrange(4)
    if kind == 0:
        return "".join(chr(generator.randrange(0x110000)) for _ in range(12))
    if kind == 1:
        one = generator.choice(CORPUS)
        return one[: generator.randrange(len(one) + 1)] + generator.choice(CORPUS)
    return noise(generator)


if __name__ == "__main__":
    run(FloodWatch)
