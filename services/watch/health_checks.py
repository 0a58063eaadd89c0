"""The health checks of the last hour, one more at each turn."""

from __future__ import annotations

from services.clock import Clock
from services.model.witness import Probe, Probes
from services.probes import health
from services.settings.values import Environment

PROBES_KEPT_S = 3600.0
SENT_KEPT_S = 26 * 3600
"""How long it is known how many health checks went out: a day without a request and the hour around it."""


class HealthChecks:
    """Asks an environment's health address and remembers what it said."""

    def __init__(self, environment: Environment, clock: Clock) -> None:
        self._environment = environment
        self._clock = clock
        self._probes = Probes(())

    async def read(self) -> Probes:
        """The health checks so far, with one more."""
        self._probes = counted(self._probes, await health.probe(self._environment, self._clock))
        return self._probes


def counted(known: Probes, made: Probe) -> Probes:
    """`known` with one health check more; what is too old goes."""
    at = made.at.timestamp()
    newest = (*(one for one in known.newest if at - one.at.timestamp() <= PROBES_KEPT_S), made)
    sent = {minute: number for minute, number in known.sent.items() if at - minute <= SENT_KEPT_S}
    if made.sent:
        minute = int(at // 60) * 60
        sent[minute] = sent.get(minute, 0) + 1
    return Probes(newest, sent)
