"""What a region's sum says of functions that were not asked: nothing failed among them, or somebody has to look."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services import catalogue
from services.aws.session import Account
from services.clock import ManualClock
from services.model.series import Series, Signal
from services.model.spending import Need
from services.settings.values import Environment
from services.watch.screening import CLOSE, Screening, asked_up_to, surplus
from tests.unit.rules_support import NOW

MINUTES = range(0, 900, 60)
SUM, THROTTLES = catalogue.region_sums("us-west-2")
COUNTS = st.dictionaries(st.sampled_from(list(MINUTES)), st.integers(0, 9).map(float), max_size=8)


def series(counts: dict[int, float], until: int = 900, signal: Signal = SUM) -> Series:
    return Series(signal, {"Sum": counts}, 0, until)


@settings(deadline=None)
@given(st.lists(COUNTS, max_size=5), st.integers(0, 5))
def test_a_sum_that_the_asked_account_for_leaves_the_others_with_none(parts: list[dict[int, float]], cut: int) -> None:
    total = {at: sum(one.get(at, 0.0) for one in parts) for at in MINUTES}
    asked, others = parts[:cut], parts[cut:]
    left = surplus(series(total), [series(one) for one in asked], MINUTES)
    for at in MINUTES:
        assert left[at] == sum(one.get(at, 0.0) for one in others)
        if left[at] == 0:
            assert all(one.get(at, 0.0) == 0 for one in others)


def test_only_those_that_were_asked_up_to_the_end_account_for_anything() -> None:
    old, new = series({0: 1.0}, until=840), series({0: 1.0}, until=900)
    assert asked_up_to(900, [old, new]) == [new]


def test_the_sums_are_the_regions_own_metrics_without_dimensions() -> None:
    assert [(one.metric.name, one.metric.dimensions, one.statistics) for one in (SUM, THROTTLES)] == [
        ("Errors", (), ("Sum",)),
        ("Throttles", (), ("Sum",)),
    ]


def functions(count: int) -> list[Signal]:
    from tests.unit.test_catalogue import ENVIRONMENT, parts

    names = tuple(f"fn-{number:03}" for number in range(count))
    found = catalogue.signals(parts(functions=names), (), (), (), ENVIRONMENT)  # type: ignore[arg-type]  # names need no SafeText here
    return list(catalogue.of_feed("metrics", found))


def test_those_that_fail_most_are_asked_every_minute_then_the_throttled_and_slow() -> None:
    screening = Screening(Account(Environment("p", "S", "us-west-2"), ManualClock(NOW)), normal_ms=5_000)
    signals = functions(40)
    known = {one.id: series({}, signal=one) for one in signals}
    for number in range(30):
        failing = next(one for one in signals if (one.key, one.resource) == ("lambda.errors", f"fn-{number:03}"))
        known[failing.id] = series({840: 1.0 + number}, signal=failing)
    slow = next(one for one in signals if (one.key, one.resource) == ("lambda.duration", "fn-039"))
    known[slow.id] = Series(slow, {"Average": {840: 4_500.0}}, 0, 900)
    screening.switch(True)
    screening.choose(signals, known)
    close = {one.resource for one in signals if screening.need_of(one) is Need.JUDGED}
    assert close == {f"fn-{number:03}" for number in range(30 - CLOSE, 30)}
    assert screening.left_out == 5
    screening.choose(signals, {**known, **{one.id: series({}, signal=one) for one in signals if one is not slow}})
    assert {one.resource for one in signals if screening.need_of(one) is Need.JUDGED} == {"fn-039"}
    screening.switch(False)
    assert all(screening.need_of(one) is catalogue.need_of(one) for one in signals)
