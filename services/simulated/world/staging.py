"""What the API's stage does to a minute's requests: a path whose integration is wrong fails before the function, and a
stage that is closed, by its throttle or by its policy, lets nothing through."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from datetime import datetime

from services.simulated.world import draws
from services.simulated.world.columns import Row
from services.simulated.world.controls import StageState
from services.simulated.world.traffic import ROUTES

WRONG = "Invalid permissions on Lambda function"
"""What API Gateway's execution log says of an integration whose function it may not call."""

History = Sequence[tuple[datetime, StageState]]


def touch(seed: int, environment: str, start: int, rows: Sequence[Row], history: History) -> None:
    """Let the requests fail that met a broken path: HTTP 500 from the API itself, and no invocation of anything."""
    times = [round(at.timestamp() * 1000) for at, _ in history]
    for row in rows:
        index = bisect.bisect_right(times, row.at_ms) - 1
        if index < 0:
            continue
        state = history[index][1]
        refusal = refused(state, row)
        if refusal:
            _turn_away(row, refusal)
            continue
        if row.status in (401, 403):
            continue
        broken = state.broken
        if state.canary_share and draws.uniform(seed, environment, start, "canary", row.index) < state.canary_share:
            broken = state.canary_broken
        if ROUTES[row.route].path in broken:
            _refuse(row)


def refused(state: StageState, row: Row) -> int:
    """What the gateway itself answers to a request of the row's route; 0: it is let in."""
    if state.denied:
        return 403
    route = ROUTES[row.route]
    return 429 if f"{route.method} {route.path}" in state.throttled else 0


def _refuse(row: Row) -> None:
    _turn_away(row, 500, WRONG)


def _turn_away(row: Row, status: int, note: str = "") -> None:
    """The API answers by itself: no function is called."""
    overhead = row.latency - row.integration
    row.status, row.version, row.error, row.note = status, 0, "", note
    row.duration = row.integration = row.init = 0.0
    row.latency, row.cold = overhead, False
    row.table_throttles = row.index_throttles = row.leaked_mb = 0
