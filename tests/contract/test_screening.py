"""More functions than the cost cap lets ask every minute: what is judged is what asking each of them would show."""

from __future__ import annotations

import pytest

from services.aws import metric_screen
from services.model.assessment import Assessment, State
from services.model.spending import Need
from tests.contract.many_support import Many, many, opened

THOUSAND = 1_000
FAILING = "orderdesk-place-order"
FEW = 40
CAP = 0.04
"""Sixty-six metrics a minute; forty functions have four each."""


def errors(assessment: Assessment) -> tuple[object, ...]:
    judgement = assessment.judgements["lambda.errors"]
    return judgement.state, judgement.value, judgement.detail, judgement.since, judgement.reason


def troubled(assessment: Assessment) -> set[tuple[str, State]]:
    """Every function of which more is said than that it is well or idle."""
    calm = (State.OK, State.NO_TRAFFIC)
    return {
        (str(one.resource), one.state)
        for key in ("lambda.errors", "lambda.duration")
        for one in assessment.judgements[key].standings
        if one.state not in calm
    }


async def test_a_thousand_functions_are_judged_as_if_each_was_asked_every_minute() -> None:
    simulation = opened(THOUSAND, "one-function-fails")
    try:
        async with many(simulation, THOUSAND) as watched:
            found = await watched.turn()
            assert (troubled(found), watched.screening.on) == (set(), True)
            began = len(simulation.calls)
            turns = [await watched.turn() for _ in range(5)]
            exact = await watched.exactly()
            states = [one.judgements["lambda.errors"].state for one in turns]
            assert states == [State.OK, State.OK, State.OK, State.CRIT, State.CRIT]
            assert errors(turns[-1]) == errors(exact)
            assert turns[-1].verdict == exact.verdict
            assert troubled(turns[-1]) == troubled(exact) == {(FAILING, State.CRIT)}
            for ours, theirs in zip(turns[-1].alerts, exact.alerts, strict=True):
                assert (ours.key, ours.state, ours.clock) == (theirs.key, theirs.state, theirs.clock)
                # The slowest of those that are well is told as of its own turn, everything else to the letter.
                assert ours == theirs or ours.key == "threshold.lambda_duration"
            looks = [one for one in watched.asked(began) if "Expression" in one]
            assert len(looks) == 1
            assert watched.account.spending.per_hour <= 0.25
    finally:
        simulation.close()


async def seen_failing(watched: Many, turns: int = 6) -> list[Assessment]:
    return [await watched.turn() for _ in range(turns)]


async def test_every_function_takes_its_turn_exactly_as_often_as_is_said() -> None:
    simulation = opened(FEW, "calm")
    try:
        async with many(simulation, FEW, CAP) as watched:
            await watched.turn()
            pause = watched.account.budget.paced(60.0, Need.QUIET)
            assert 60 < pause <= 600
            for _ in range(int(pause / 60)):
                before = len(simulation.calls)
                await watched.turn()
            asked = watched.asked(before)
            named = {pair["Value"] for one in asked for pair in one["MetricStat"]["Metric"]["Dimensions"]}
            assert named == set(watched.parts.functions)
            assert not any("Expression" in one for one in watched.asked(0))
            assert watched.account.spending.per_hour <= CAP
            assert watched.account.spending.pauses[Need.JUDGED] == 60
    finally:
        simulation.close()


async def test_between_its_turns_a_function_is_judged_up_to_where_it_was_known() -> None:
    simulation = opened(FEW, "calm")
    try:
        async with many(simulation, FEW, CAP) as watched:
            await watched.turn()
            asked_at = int(watched.clock.now().timestamp())
            found = await watched.turn()
            assert watched.seen is not None
            quiet = [one for one in watched.seen.series.values() if one.asked_until <= asked_at]
            assert len(quiet) == len(watched.signals)
            assert {one.asked_until for one in quiet} == {(asked_at - 120) // 60 * 60}
            assert troubled(found) == set()  # nobody is LATE for not having been asked
    finally:
        simulation.close()


async def test_a_list_that_was_cut_is_said_and_what_it_names_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_screen, "LISTED", 1)
    simulation = opened(FEW, "one-function-fails")
    try:
        async with many(simulation, FEW, CAP) as watched:
            *_, last = await seen_failing(watched, 5)
            assert errors(last) == errors(await watched.exactly())
            assert troubled(last) == {(FAILING, State.CRIT)}
            assert "Quiet functions have errors; they are looked through every" in watched.account.spending.remark
            await watched.turn()
            assert watched.account.spending.remark == ""  # by now the one that is asked accounts for all there are
    finally:
        simulation.close()


async def test_where_a_query_looks_at_more_than_is_ours_each_of_ours_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crowded(*_: object) -> int:
        return 3 * THOUSAND

    monkeypatch.setattr(metric_screen, "looked_at", crowded)
    simulation = opened(FEW, "one-function-fails")
    try:
        async with many(simulation, FEW, CAP) as watched:
            *_, last = await seen_failing(watched)
            assert errors(last) == errors(await watched.exactly())
            assert not any("Expression" in one for one in watched.asked(0))
    finally:
        simulation.close()


async def test_a_look_is_billed_by_what_it_looks_at() -> None:
    simulation = opened(FEW, "one-function-fails")
    try:
        async with many(simulation, FEW, CAP) as watched:
            await seen_failing(watched, 4)
            before = watched.account.spending.metrics_requested
            began = len(simulation.calls)
            await watched.turn()
            asked = watched.asked(began)
            assert sum(1 for one in asked if "Expression" in one) == 1
            # The region's two sums, the forty that the query looked at, four of the function that it named.
            assert watched.account.spending.metrics_requested - before == 2 + FEW + 4
    finally:
        simulation.close()


async def test_few_functions_or_a_higher_cap_are_asked_as_they_are() -> None:
    simulation = opened(FEW, "one-function-fails")
    try:
        async with many(simulation, FEW, 1.0) as watched:
            await seen_failing(watched, 2)
            assert not watched.screening.on
            assert not watched.account.spending.capped
        async with many(simulation, 6, 0.005) as watched:
            await seen_failing(watched, 1)
            assert not watched.screening.on
            assert watched.account.spending.slowed == {Need.JUDGED}
    finally:
        simulation.close()
