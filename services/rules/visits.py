"""Requests that somebody made: what an API counts, less our own health checks, which it counts among them."""

from __future__ import annotations

from collections.abc import Mapping

from services.rules.view import View

MINUTE, HOUR = 60, 3600
"""Seconds. A minute is the period of the requests and of the health checks."""

_LED = 0.5
"""Share of the checks that the API has to have counted: with fewer, the health address does not lead to it."""


def of_people(view: View, requests: Mapping[int, float]) -> dict[int, float]:
    """`requests` (minute, epoch seconds → how many) less the health checks that we sent.

    A check of a minute's last moment arrives in the next one. Checks of before the watch began are not known, nor are
    those of anybody else: they count as visits.
    """
    sent = _leading_here(view, requests)
    if not sent:
        return dict(requests)
    visits: dict[int, float] = {}
    late, before = 0.0, 0
    for start in sorted(requests.keys() | sent.keys()):
        own = sent.get(start, 0) + (late if start == before + MINUTE else 0.0)
        counted = requests.get(start, 0.0)
        late, before = min(float(sent.get(start, 0)), max(0.0, own - counted)), start
        if start in requests:
            visits[start] = max(0.0, counted - own)
    return visits


def _leading_here(view: View, requests: Mapping[int, float]) -> Mapping[int, int]:
    """The checks that went out, by minute, if the newest hour's requests have room for them: then they are of them."""
    probes = view.situation.probes.value
    if probes is None or not probes.sent or not requests:
        return {}
    last = max(requests)
    known = {start: number for start, number in probes.sent.items() if last - HOUR < start <= last}
    held = sum(min(number, requests.get(start, 0.0)) for start, number in known.items())
    return probes.sent if held > 0 and held >= _LED * sum(known.values()) else {}
