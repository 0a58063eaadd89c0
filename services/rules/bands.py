"""Bands: from a number to its word, operators read literally (decisions A3, A4)."""

from __future__ import annotations

from datetime import datetime

from services.model.assessment import State, Threshold
from services.rules.runs import run
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

    WARN and CRIT are one breach; ELEVATED is its own. None when not in breach.
    """
    least = {State.CRIT: State.WARN, State.WARN: State.WARN, State.ELEVATED: State.ELEVATED}.get(state)
    if least is None:
        return None
    severity = least.severity

    def bad(value: float) -> bool:
        return band(value, bands).severity >= severity

    found = run(track, window, lambda value, _: bad(value), bad)
    return instant(window.start if found is None else found.since)
