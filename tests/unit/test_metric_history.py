"""Windows of series: once at length, then overlapping, the newer word winning."""

from __future__ import annotations

from services.model.series import MetricId, Series, Signal
from services.watch.history import History

T0 = 1_757_818_800  # 2025-09-14T03:00:00Z


def signal(name: str = "Count", period: int = 60) -> Signal:
    return Signal("api.count", "api/prod", MetricId("us-west-2", "AWS/ApiGateway", name, ()), ("Sum",), period)


def series(of: Signal, start: int, end: int, points: dict[int, float]) -> dict[str, Series]:
    return {of.id: Series(of, {"Sum": points}, start, end)}


def test_the_first_window_is_the_whole_backfill_up_to_the_filling_minute() -> None:
    (window,) = History(3600, 900).windows([signal()], T0 + 20)
    assert (window.start, window.end) == (T0 - 3600, T0 + 60)


def test_later_windows_reach_back_by_the_overlap() -> None:
    history = History(3600, 900)
    history.fold(series(signal(), T0 - 3600, T0 + 60, {}))
    (window,) = history.windows([signal()], T0 + 70)
    assert (window.start, window.end) == (T0 + 60 - 900, T0 + 120)


def test_after_a_long_silence_the_window_reaches_back_to_where_it_began() -> None:
    history = History(3 * 3600, 900)
    history.fold(series(signal(), T0 - 3600, T0 + 60, {}))
    (window,) = history.windows([signal()], T0 + 2 * 3600)
    assert window.start == T0 + 60 - 900


def test_a_new_signal_is_backfilled_beside_known_ones() -> None:
    history, fresh = History(3600, 900), signal("5XXError")
    fresh = Signal("api.5xx", fresh.resource, fresh.metric, fresh.statistics)
    history.fold(series(signal(), T0 - 3600, T0 + 60, {}))
    windows = history.windows([signal(), fresh], T0 + 70)
    assert {(window.signals[0].key, window.start) for window in windows} == {
        ("api.count", T0 + 60 - 900),
        ("api.5xx", T0 + 60 - 3600),
    }


def test_a_later_word_replaces_the_earlier_one_and_absence_is_a_word() -> None:
    history = History(3 * 3600, 900)
    history.fold(series(signal(), T0 - 3600, T0 + 60, {T0 - 1800: 7.0, T0 - 60: 5.0, T0: 1.0}))
    history.fold(series(signal(), T0 - 60, T0 + 120, {T0: 9.0, T0 + 60: 2.0}))
    known = history.series[signal().id]
    assert known.statistic("Sum") == {T0 - 1800: 7.0, T0: 9.0, T0 + 60: 2.0}
    assert (known.asked_from, known.asked_until) == (T0 - 3600, T0 + 120)
    assert list(known.statistic("Sum")) == sorted(known.statistic("Sum"))


def test_nothing_older_than_the_backfill_is_kept() -> None:
    history = History(600, 120)
    history.fold(series(signal(), T0 - 600, T0 + 60, {T0 - 600: 1.0, T0 - 540: 1.0}))
    for minute in range(1, 60):
        end = T0 + 60 * minute + 60
        history.fold(series(signal(), end - 180, end, {end - 60: 1.0}))
    known = history.series[signal().id]
    assert len(known.statistic("Sum")) <= 12
    assert known.asked_from >= known.asked_until - 700


def test_a_series_whose_resource_is_gone_is_forgotten() -> None:
    history = History(3600, 900)
    history.fold(series(signal(), T0 - 3600, T0 + 60, {}))
    history.forget([])
    assert not history.series


def test_five_minute_periods_start_on_five_minute_boundaries() -> None:
    (window,) = History(3600, 900).windows([signal(period=300)], T0 + 431)
    assert window.start % 300 == 0
    assert window.end == T0 + 600
