"""Did it help? Judged on whole settled periods that begin after the switch, never on those before (decisions C9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.model.entry import Outcome
from services.model.plan import Criterion
from services.rules.windows import Window, averaged, floor, instant, share, usable
from services.rules.words import clock, count, duration_ms, minutes, percent
from services.safe_text import SafeText, safe

PERIOD = 60
"""Seconds of the series that recovery is judged on."""


class RecoveryVerdict(msgspec.Struct, frozen=True):
    """What can be said now."""

    outcome: Outcome | None
    """RECOVERED, NOT RECOVERED or INCONCLUSIVE; None while it is still waited for."""
    periods: tuple[int, int]
    """Settled periods since the switch (at most as many as are needed), periods needed."""
    sentence: SafeText
    judge_at: datetime
    """When the window is complete and settled, at the earliest."""
    until: int
    """Epoch seconds: the end of the minutes that are judged, of those that have settled so far."""
    requests: float = 0.0
    """In these minutes."""


def fresh_start(switched: datetime) -> int:
    """Epoch seconds of the first whole minute that begins at or after the switch."""
    return -floor(-switched.timestamp(), PERIOD)


def recovered(
    criterion: Criterion,
    requests: Mapping[int, float],
    errors: Mapping[int, float],
    latency: Mapping[int, float],
    latency_count: Mapping[int, float],
    switched: datetime,
    now: datetime,
) -> RecoveryVerdict:
    """The verdict on one-minute series (period start, epoch seconds → value; latency means in ms).

    The window begins with the first whole minute after the switch and is complete after `window_s`; with fewer
    than `min_requests` it grows until it has them or `patience_s` is over: then INCONCLUSIVE. A minute of the
    window without any point is given a second settling time before it counts as a minute without requests.
    """
    first = fresh_start(switched)
    needed = max(1, criterion.window_s // PERIOD)
    end = floor(now.timestamp() - criterion.settle_s, PERIOD)
    complete = first + needed * PERIOD
    judge_at = instant(complete + criterion.settle_s)
    settled = max(0, (end - first) // PERIOD)
    periods = (min(settled, needed), needed)
    impatient = (now - switched).total_seconds() >= criterion.patience_s
    counts = usable(requests, end, first)

    window: Window | None = None

    def verdict(outcome: Outcome | None, sentence: str) -> RecoveryVerdict:
        until = window.end if window is not None else max(first, end)
        total = sum(value for start, value in counts.items() if start < until)
        return RecoveryVerdict(outcome, periods, safe(sentence), judge_at, until, total)

    if settled < needed and not impatient:
        return verdict(None, f"{settled} of {needed} settled minutes; judged at {clock(judge_at, now)}")
    window = shortest(counts, first, complete, end, criterion.min_requests)
    if window is None:
        told = f"{count(sum(counts.values()))} requests in {settled} settled minutes"
        told += f"; {count(criterion.min_requests)} are needed"
        return verdict(Outcome.INCONCLUSIVE if impatient else None, told)
    if not impatient and _missing(counts, window, now, criterion):
        return verdict(None, f"waiting for late points of the minutes to {clock(window.ends_at, now)}")
    counts = usable(requests, window.end, first)
    total = sum(counts.values())
    rate = share(usable(errors, window.end, first), counts).value(window)
    mean = averaged(usable(latency, window.end, first), usable(latency_count, window.end, first) or counts).value(
        window
    )
    if rate is None or mean is None:
        lacking = "error rate" if rate is None else "latency"
        return verdict(Outcome.INCONCLUSIVE if impatient else None, f"no {lacking} since {clock(instant(first), now)}")
    return verdict(*_judged(criterion, window, total, rate, mean, now))


def shortest(counts: Mapping[int, float], first: int, complete: int, end: int, enough: int) -> Window | None:
    """The window that is judged: complete, and grown no further than it takes to hold enough requests."""
    for until in range(complete, end + 1, PERIOD):
        if sum(value for start, value in counts.items() if start < until) >= enough:
            return Window(first, until, PERIOD)
    return None


def _missing(counts: Mapping[int, float], window: Window, now: datetime, criterion: Criterion) -> bool:
    """Whether the newest minutes may still be on their way: empty, and not yet twice the settling time old."""
    recent = now.timestamp() - 2 * criterion.settle_s
    return any(start not in counts and start + PERIOD > recent for start in window.starts)


def _judged(
    criterion: Criterion, window: Window, total: float, rate: float, mean: float, now: datetime
) -> tuple[Outcome, str]:
    over = minutes(window.end - window.start)
    facts = (
        f"errors {percent(rate)} of {count(total)} requests, latency {duration_ms(mean)} "
        f"over {over} from {clock(instant(window.start), now)}"
    )
    failed = []
    if not rate < criterion.max_error_rate:
        failed.append(f"errors are not below {percent(criterion.max_error_rate)}")
    if not mean < criterion.max_latency_ms:
        failed.append(f"latency is not below {duration_ms(criterion.max_latency_ms)}")
    if failed:
        return Outcome.NOT_RECOVERED, f"{facts}: {' and '.join(failed)}"
    return Outcome.RECOVERED, facts
