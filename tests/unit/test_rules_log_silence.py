"""A log that stops: told from the tail's own minutes, only where requests went on, and never of one that is quiet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from services.model.apis import Api
from services.model.assessment import Assessment, State
from services.model.logs import Gap, GroupClaim, TailStatus
from services.model.reading import Reading
from services.problems import ProblemKind
from services.rules import judge
from services.safe_text import safe
from tests.unit.rules_support import (
    NOW,
    SETTINGS,
    api_series,
    calm,
    epoch,
    failed,
    lambda_series,
    metrics,
    read,
    steady,
    table_series,
)

GROUP = "/aws/apigateway/api/access"
APIS = (Api(safe("a1"), safe("api"), safe("prod"), access_log_group=safe(GROUP)),)


def minutes(lines: int, since: int, until: int) -> dict[int, int]:
    """So many lines in each minute from a to b minutes ago."""
    return {epoch(ago): lines for ago in range(since, until, -1)}


def tail(lines: Mapping[int, int], *, name: str = GROUP, why: str = "", gaps: tuple[Gap, ...] = ()) -> TailStatus:
    """One group, read to its end, whose newest line is of the end of its newest minute."""
    now = epoch(0) * 1000
    newest = {"api": max(lines) * 1000 + 59_000} if lines else {}
    claim = GroupClaim(name, "api", now, gaps, sum(lines.values()), why=why)
    return TailStatus(("api",), now, gaps, newest=newest, by_minute={"api": lines}, claims=(claim,))


def judged(
    status: TailStatus | None, requests: Mapping[int, float] | None = None, reading: Reading[Any] | None = None
) -> Assessment:
    came = steady(200, 60) if requests is None else requests
    region = metrics(
        *api_series(came, dict.fromkeys(came, 0.0), dict.fromkeys(came, 120.0)),
        *lambda_series(steady(200), steady(0), steady(80)),
        *table_series({}, steady(30)),
    )
    return judge(calm(metrics=read(region), tail=reading or read(status), apis=read(APIS)), SETTINGS, NOW)


def test_a_log_that_stops_while_requests_go_on_is_told_and_is_not_green() -> None:
    found = judged(tail(minutes(200, 30, 9)))
    assert found.verdict.state is State.NO_DATA
    assert found.verdict.sentence == (
        "Cannot see what api does: no line of api since 03:02, although 1 400 requests came"
    )
    node = next(one for one in found.nodes if one.key == "cloudwatch")
    assert (node.state, node.note) == (State.NO_DATA, "no line of api since 03:02, although 1 400 requests came")


@pytest.mark.parametrize(
    "found",
    [
        judged(tail(minutes(200, 30, 0))),  # lines come
        judged(tail(minutes(200, 30, 4))),  # that may be lateness
        judged(tail(minutes(200, 30, 9)), steady(200, 60, 9)),  # nobody comes any more
        judged(tail(minutes(200, 30, 9)), steady(200, 60, 9) | steady(2, 9)),  # hardly anybody: quiet by night
        judged(tail(minutes(1, 30, 9)), steady(200, 60)),  # one in two hundred writes: seven lines may be chance
        judged(tail({epoch(30): 200, epoch(9): 200})),  # never steady
        judged(tail({})),  # without a line so far nothing is known of it
        judged(tail(minutes(200, 30, 9), name="/batch/nightly")),  # nothing to do with requests
        judged(tail(minutes(200, 30, 9), why="throttled")),  # not read to its end
        judged(tail(minutes(200, 30, 9), gaps=(Gap(epoch(8) * 1000, epoch(2) * 1000, "not asked for"),))),
        judged(None, reading=Reading()),
        judged(tail(minutes(200, 30, 9)), reading=failed(ProblemKind.DENIED, tail(minutes(200, 30, 9)))),
    ],
)
def test_what_is_quiet_or_not_known_is_no_silence(found: Assessment) -> None:
    assert (found.verdict.state, "no line of" in found.verdict.sentence) != (State.NO_DATA, True)
    assert next(one for one in found.nodes if one.key == "cloudwatch").state is State.OK
