"""Restored content is judged by what CloudFront counts as errors in whole settled minutes after the proof."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.actions.criterion import criterion_of_edge
from services.model.entry import Outcome
from services.rules.edge_recovery import edge_recovered
from services.rules.recovery import RecoveryVerdict, fresh_start
from tests.unit.actions_support import NOW, PRODUCTION, SETTINGS

CRITERION = criterion_of_edge("E1", PRODUCTION, SETTINGS)
FIRST = fresh_start(NOW)
WHOLE_S = 660.0
"""Five minutes, their settling, and the rest of the minute of the switch."""


def judged(
    requests: float = 400, client: float = 2.0, server: float = 0.0, after_s: float = WHOLE_S, minutes: int = 5
) -> RecoveryVerdict:
    starts = [FIRST + 60 * number for number in range(minutes)]
    every = dict.fromkeys(starts, requests)
    failed, broken = (dict.fromkeys(starts, rate) for rate in (client, server))
    return edge_recovered(CRITERION, every, failed, broken, NOW, NOW + timedelta(seconds=after_s))


def test_it_is_about_the_distribution_in_the_region_that_has_its_metrics() -> None:
    assert CRITERION.requests is not None
    assert CRITERION.requests.region == "us-east-1"
    assert dict(CRITERION.requests.dimensions) == {"DistributionId": "E1", "Region": "Global"}
    assert CRITERION.latency is None
    assert "CloudFront 4xx < 5 %, 5xx < 1 %" in CRITERION.text


@pytest.mark.parametrize(
    ("client", "server", "outcome", "word"),
    [
        (2.0, 0.0, Outcome.RECOVERED, "CloudFront 4xx 2 %, 5xx 0 % of 2 000 requests over 5 min"),
        (5.0, 0.0, Outcome.NOT_RECOVERED, "4xx is not below 5 %"),
        (33.0, 0.0, Outcome.NOT_RECOVERED, "4xx is not below 5 %"),
        (2.0, 1.0, Outcome.NOT_RECOVERED, "5xx is not below 1 %"),
    ],
)
def test_rates_below_both_limits_are_recovered(client: float, server: float, outcome: Outcome, word: str) -> None:
    found = judged(client=client, server=server)
    assert found.outcome is outcome
    assert word in found.sentence.replace("\u202f", " ").replace("\xa0", " ")


def test_nothing_is_judged_before_its_minutes_have_settled() -> None:
    found = judged(after_s=500)
    assert found.outcome is None
    assert "settled minutes at the edge" in found.sentence


def test_minutes_count_by_their_requests() -> None:
    starts = [FIRST + 60 * number for number in range(5)]
    requests = dict(zip(starts, (1000.0, 10.0, 10.0, 10.0, 10.0), strict=True))
    client = dict(zip(starts, (0.0, 90.0, 90.0, 90.0, 90.0), strict=True))
    found = edge_recovered(
        CRITERION, requests, client, dict.fromkeys(starts, 0.0), NOW, NOW + timedelta(seconds=WHOLE_S)
    )
    assert found.outcome is Outcome.RECOVERED, found.sentence


def test_too_few_requests_are_waited_for_and_then_said_beside_what_was_proved() -> None:
    assert judged(requests=3).outcome is None
    late = judged(requests=3, after_s=CRITERION.patience_s)
    assert late.outcome is Outcome.RECOVERED
    assert "too few for a rate" in late.sentence


def test_a_rate_that_does_not_come_is_no_verdict() -> None:
    starts = [FIRST + 60 * number for number in range(5)]
    requests = dict.fromkeys(starts, 400.0)

    def at(seconds: float) -> RecoveryVerdict:
        return edge_recovered(CRITERION, requests, {}, {}, NOW, NOW + timedelta(seconds=seconds))

    assert at(WHOLE_S).outcome is None
    assert at(CRITERION.patience_s).outcome is Outcome.INCONCLUSIVE
