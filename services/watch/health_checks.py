"""The health checks of the last hour, one more at each turn."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from services.clock import Clock
from services.model.line import Silence
from services.model.witness import Probe, Probes
from services.probes import health
from services.settings.values import Environment

PROBES_KEPT_S = 3600.0
SENT_KEPT_S = 26 * 3600
"""How long it is known how many health checks went out: a day without a request and the hour around it."""


class HealthChecks:
    """Asks an environment's health address and remembers what it said."""

    def __init__(self, environment: Environment, clock: Clock, silence: Callable[[], Silence | None]) -> None:
        """`silence`: since when the account does not answer; None while it does."""
        self._environment = environment
        self._clock = clock
        self._silence = silence
        self._probes = Probes(())

    async def read(self) -> Probes:
        """The health checks so far, with one more."""
        made = counted(self._probes, await health.probe(self._environment, self._clock))
        self._probes = blinded(made, self._silence())
        return self._probes


def blinded(known: Probes, silence: Silence | None) -> Probes:
    """`known`, those that met no answer since the account does not answer either told apart: it takes some turns until
    that is certain, and they keep it when the line is back."""
    if silence is None:
        return known
    newest = (
        msgspec.structs.replace(one, blind=True) if not one.ok and not one.status and one.at > silence.since else one
        for one in known.newest
    )
    return Probes(tuple(newest), known.sent)


def counted(known: Probes, made: Probe) -> Probes:
    """`known` with one health check more; what is too old goes."""
    at = made.at.timestamp()
    newest = (*(one for one in known.newest if at - one.at.timestamp() <= PROBES_KEPT_S), made)
    sent = {minute: number for minute, number in known.sent.items() if at - minute <= SENT_KEPT_S}
    if made.sent:
        minute = int(at // 60) * 60
        sent[minute] = sent.get(minute, 0) + 1
    return Probes(newest, sent)
