"""What `cockpit logs` says on standard error: the claim, gaps as they open and close, throttling, groups that come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from services.model.log_search import LogProgress
from services.model.logs import Gap, TailStatus
from services.plural import several

SETTLED_MS = 15_000
"""A gap that is shorter is told only when it stays: a single call that failed is asked again within seconds."""


PROGRESS_S = 10.0
"""Machine seconds between two sentences on how far a reading has come."""


def clock(at: int) -> str:
    """Epoch milliseconds as a time of day, UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S")


def claim(status: TailStatus) -> str:
    """`complete to 03:11:20, 0 gaps`, or why not."""
    if status.complete_to is None:
        whys = [f"{claim.short}: {claim.why}" for claim in status.claims if claim.why]
        return f"not complete: {whys[0] if whys else 'not every group has answered yet'}"
    gaps = len(status.gaps)
    told = f"complete to {clock(status.complete_to)}, {gaps} gap{'' if gaps == 1 else 's'}"
    hidden = [f"{len(status.denied)} denied" if status.denied else "", _missing(status)]
    return ", ".join([told, *filter(None, hidden)])


def gap(found: Gap) -> str:
    """`gap 03:01:00-03:02:10: throttled`."""
    stays = " (stays)" if found.lasting else ""
    return f"gap {clock(found.start)}-{clock(found.end)}{stays}: {found.why}"


class Progress:
    """Tells how a long reading goes on: what it has to wait for, each cause once, and how far it has come."""

    def __init__(self, say: Callable[[str], None], monotonic: Callable[[], float], *, watched: bool) -> None:
        """`monotonic`: machine seconds. `watched`: somebody looks on; otherwise only causes are told."""
        self._say, self._monotonic, self._watched = say, monotonic, watched
        self._last = monotonic()
        self._causes: set[str] = set()

    def told(self, progress: LogProgress) -> None:
        """A step has been made, or has failed and is made again."""
        if progress.waiting and progress.waiting not in self._causes:
            self._causes.add(progress.waiting)
            self._say(f"waiting: {progress.waiting}; it is asked again")
        now = self._monotonic()
        if self._watched and now - self._last >= PROGRESS_S:
            self._last = now
            self._say(f"{progress.share:.0%} of the time is read, {several(progress.lines, 'line')} so far")


class Talk:
    """Tells what has changed since it was last told, each thing once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._gaps: dict[tuple[int, str], Gap] = {}
        self._slow = False
        self._notes = 0
        self._shut: set[str] = set()

    def told(self, status: TailStatus) -> None:
        """Say what is new in `status`."""
        self._of_gaps(status)
        slow = status.spacing_s > 0
        if slow and not self._slow:
            self._say(f"slowed: AWS throttles, now one call every {status.spacing_s:.1f} s")
        elif self._slow and not slow:
            self._say("back at the usual pace")
        self._slow = slow
        for note in status.notes:
            if note.at > self._notes:
                self._say(note.text)
        self._notes = max([self._notes, *(note.at for note in status.notes)])
        for name, why in _shut(status):
            if name not in self._shut:
                self._say(f"{name}: {why}")
        self._shut = {name for name, _ in _shut(status)}

    def _of_gaps(self, status: TailStatus) -> None:
        now = {(found.start, found.why): found for found in status.gaps}
        for key, found in now.items():
            if key not in self._gaps and (found.lasting or found.end - found.start >= SETTLED_MS):
                self._say(gap(found))
                self._gaps[key] = found
        for key in [key for key in self._gaps if key not in now]:
            filled = self._gaps.pop(key)
            self._say(f"gap from {clock(filled.start)} filled; {claim(status)}")


def _shut(status: TailStatus) -> list[tuple[str, str]]:
    return [
        *((name, "may not be read (logs:FilterLogEvents denied)") for name in status.denied),
        *((name, "there is no such log group") for name in status.missing),
        *((name, "is of a class that can be read with --insights only") for name in status.unreadable),
    ]


def _missing(status: TailStatus) -> str:
    return f"{len(status.missing)} missing" if status.missing else ""
