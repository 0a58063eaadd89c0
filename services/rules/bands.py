"""Bands: from a number to its word, operators read literally (decisions A3, A4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.model.assessment import State, Threshold
from services.rules.windows import Track, Window, instant
from services.settings.values import Bands


def band(value: float, bands: Bands) -> State:
    """`< normal` OK, `> critical` CRIT, `> warning` WARN, and ELEVATED in the gap between normal and warning.

    Equality stays in the lower band. Where normal and warning meet (throttling: normal 0, warning > 0) there is
    no gap.
    """
    if value > bands.critical:
        return State.CRIT
    if value > bands.warning:
        return State.WARN
    if value < bands.normal or bands.normal >= bands.warning:
        return State.OK
    return State.ELEVATED


def lines(bands: Bands) -> tuple[Threshold, ...]:
    """The threshold lines of a chart, ascending; a critical line that equals the warning line stands alone."""
    warning = Threshold(bands.warning, State.WARN)
    critical = Threshold(bands.critical, State.CRIT)
    return (critical,) if bands.warning >= bands.critical else (warning, critical)


def rule(bands: Bands, state: State, figure: str, normal: str, warning: str, critical: str) -> str:
    """Why `figure` is in this band, as half a sentence."""
    if state is State.CRIT:
        return f"{figure} is above {critical}"
    if state is State.WARN:
        return f"{figure} is above {warning}"
    if state is State.ELEVATED:
        return f"{figure} is not below {normal}, not above {warning}"
    return f"{figure} is within normal" if bands.normal >= bands.warning else f"{figure} is below {normal}"


def onset(track: Track, window: Window, bands: Bands, state: State) -> datetime | None:
    """Since when: the first breaching period of the unbroken run of breaching windows that ends with `window`.

    Windows, not single periods, make the run, so that one lucky minute in a noisy breach does not restart it;
    a window without data breaks it. WARN and CRIT are one breach; ELEVATED is its own. None when not in breach.
    """
    least = {State.CRIT: State.WARN, State.WARN: State.WARN, State.ELEVATED: State.ELEVATED}.get(state)
    if least is None:
        return None
    first = window
    for value in _earlier(track, window):
        if value is None or band(value, bands).severity < least.severity:
            break
        first = first.moved(-1)
    for start in first.starts:
        value = track.value(Window(start, start + first.period, first.period))
        if value is not None and band(value, bands).severity >= least.severity:
            return instant(start)
    return instant(first.start)


def _earlier(track: Track, window: Window) -> Iterator[float | None]:
    """The measure over the same window one period earlier, two periods, …: back to the first amount."""
    earliest, length = min(track.amounts, default=window.start), window.end - window.start
    amounts, weights, present = [0.0], [0.0], [0]
    for start in range(earliest, window.end, window.period):
        known = start in track.amounts
        amounts.append(amounts[-1] + track.amounts.get(start, 0.0))
        weights.append(weights[-1] + (track.weights.get(start, 0.0) if known and track.weights is not None else 0.0))
        present.append(present[-1] + known)
    width = length // window.period
    for last in range(len(amounts) - 2, width - 1, -1):
        first = last - width
        amount = track.factor * (amounts[last] - amounts[first])
        weight = weights[last] - weights[first]
        if not present[last] - present[first] or (track.weights is not None and not weight > 0):
            yield None
            continue
        yield amount if track.weights is None else amount / weight
