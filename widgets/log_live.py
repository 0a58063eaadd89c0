"""Live Tail in few words: what it costs so far, until when it runs, what AWS left out. Pure."""

from __future__ import annotations

from services.model.live import LiveStatus

HELD_S = 3.0
"""Seconds between two updates from which on they are told: one should come each second."""


def said(live: LiveStatus | None) -> str:
    """`● LIVE 12 min $0.12, until 06:11 · ▲ sampled 3 times`; empty while it is off."""
    if live is None:
        return ""
    if live.ended:
        return f"Live Tail ended: {live.ended} · {cost(live)}"
    if not live.connected:
        why = f": {live.problem.message}" if live.problem is not None else ""
        return f"○ LIVE connecting{' again' if live.reconnects or live.minutes else ''}{why} · {cost(live)}"
    left_out = f" · ▲ {left_out_of(live)}; the tail fills it in" if left_out_of(live) else ""
    until = f", until {live.until:%H:%M}" if live.until is not None else ""
    return f"● LIVE {cost(live)}{until}{left_out}"


def cost(live: LiveStatus) -> str:
    """`12 min, $0.12`."""
    return f"{live.minutes:.0f} min, ${live.dollars:.2f}"


def left_out_of(live: LiveStatus) -> str:
    """What AWS sampled or dropped; empty: nothing that is known of."""
    parts = []
    if live.sampled:
        parts.append(f"sampled {live.sampled} time{'' if live.sampled == 1 else 's'}")
    if live.silent_s >= HELD_S:
        parts.append(f"silent for up to {live.silent_s:.0f} s")
    return ", ".join(parts)
