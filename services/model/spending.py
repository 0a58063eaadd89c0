"""What our own questions cost, and who waits for their answers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Need(StrEnum):
    """What a series is asked for, the most urgent first. Under the cost cap the last gives way first."""

    JUDGED = "judged"
    """Rules, alerts or the verdict are made of it."""
    SCREEN = "screened"
    """One look through hundreds of functions, for those of which judged series have to be asked at once."""
    QUIET = "quiet"
    """Judged too, of functions in which the last look found nothing, and which are looked through meanwhile."""
    DIAGNOSIS = "diagnosis"
    """It explains what was judged: percentiles, latencies by operation, what each version did."""


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
    pauses: Mapping[Need, float] = {}
    """Need → seconds between two questions, of each that is asked for now."""
    slowed: frozenset[Need] = frozenset()
    """Those that are asked more seldom than their cadence, so that the cost cap is kept."""
    remark: str = ""
    """What a look through the functions could not tell, in words; empty: it told everything."""

    @property
    def capped(self) -> bool:
        """Whether anything is asked more seldom so as not to cost more."""
        return bool(self.slowed)

    @property
    def judged_every(self) -> float:
        """Seconds between two questions for what is judged; 0 when the cap does not touch it."""
        return self.pauses.get(Need.JUDGED, 0.0) if Need.JUDGED in self.slowed else 0.0
