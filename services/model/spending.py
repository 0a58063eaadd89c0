"""What our own questions cost."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Spending(msgspec.Struct, frozen=True):
    """Calls and dollars of this cockpit since it started, and the rate at which it goes on."""

    calls: Mapping[str, int] = {}
    """`service:Operation` → calls that were sent."""
    metrics_requested: int = 0
    """GetMetricData bills by metric, not by call."""
    dollars: float = 0.0
    per_hour: float = 0.0
    """Dollars per hour of the account's time, from the metrics asked per period and their cadence."""
    calls_per_minute: float = 0.0
    stretch: float = 1.0
    """By how much the pauses between questions have grown, so that the cost cap is kept; 1: it is not reached."""
