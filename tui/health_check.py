"""Where the time of the newest health check went, part by part (runbook lines 241-243)."""

from __future__ import annotations

from services.model.assessment import State
from services.model.witness import Probe, Timing
from services.rules.bands import band
from services.rules.words import duration_ms
from services.settings.values import Thresholds
from tui.picture import Picture
from widgets.health_view import PartRow


def part_rows(picture: Picture) -> tuple[PartRow, ...]:
    """The answer, then name, connection, TLS, first byte and all of it; only the reason where nothing was answered."""
    probe = newest(picture)
    if probe is None:
        return ()
    state = State.OK if probe.ok else State.STALE if probe.blind else State.CRIT
    head = PartRow("API health check", str(probe.note), state)
    return (head, *timing_rows(probe.timing, picture.settings.thresholds)) if probe.timing is not None else (head,)


def newest(picture: Picture) -> Probe | None:
    """The last one that was made."""
    found = picture.situation.probes.value if picture.situation is not None else None
    return max(found.newest, key=lambda one: one.at, default=None) if found is not None else None


def timing_rows(timing: Timing, thresholds: Thresholds) -> tuple[PartRow, ...]:
    """The time to the first byte is the service's own, and is held against what its latency may be (line 94)."""
    slow = band(timing.first_byte_ms, thresholds.api_latency_ms)
    tls = duration_ms(timing.tls_ms) if timing.tls_ms is not None else "none"
    return (
        PartRow("DNS", duration_ms(timing.dns_ms)),
        PartRow("connect", duration_ms(timing.connect_ms)),
        PartRow("TLS", tls),
        PartRow("first byte", duration_ms(timing.first_byte_ms), slow),
        PartRow("total", duration_ms(timing.total_ms)),
    )
