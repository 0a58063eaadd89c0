"""How long one turn of a feed takes, told in the account's time."""

from __future__ import annotations

TURN_S = 2.0
"""Seconds of this machine's time that a question may take, answered and shown, before its feed is late."""


def turn(pause: float, speed: float) -> float:
    """Seconds of the account's time from one turn to the next where `pause` lies between them.

    What a question takes passes on this machine. Where the account's time runs `speed` times as fast it is that much
    more of it, and no sign that anything has gone silent; at life's pace nothing is added.
    """
    return pause + TURN_S * max(0.0, speed - 1.0)
