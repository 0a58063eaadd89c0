"""What single pieces of work cost, each beside another of the same run: a chart, a day of metrics, a start."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import plotext

from services.model.assessment import State, Threshold
from services.simulated.account import SimulatedAccount
from tests.bench.telling import goal, ratio
from tests.unit.cloudwatch_support import CloudWatch, metric
from widgets.canvas import Plot, Window, draw, window

TIMES = 20
NOW = 1_795_403_460


def pieces() -> None:
    """Print the figures."""
    print("Single pieces of work")
    ours, theirs = _milliseconds(_chart()), _milliseconds(_plotext())
    print(f"    a chart of 300 points, 60x12: {ours:.1f} ms; plotext {theirs:.1f} ms")
    ratio("our chart / plotext's", ours, theirs, 0.1)
    # A day's minutes are made once and then kept: both are asked twice, the first time counts for neither.
    one, many = _milliseconds(_day(1), 1), _milliseconds(_day(25), 1)
    print(f"    a day of one metric of the simulated account: {one:.0f} ms; of 25: {many:.0f} ms")
    ratio("25 metrics / one", many, one, 40)
    goal("the simulated account opened again", _milliseconds(_opened, 3), 400, "ms")


def _milliseconds(work: Callable[[], object], times: int = TIMES) -> float:
    """CPU milliseconds of `work`, once it has been done."""
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) * 1000 / times


def _points() -> tuple[tuple[int, float], ...]:
    return tuple((NOW - 60 * (300 - index), float(index % 17)) for index in range(300))


def _chart() -> Callable[[], object]:
    plot = Plot(_points(), thresholds=(Threshold(5, State.WARN), Threshold(10, State.CRIT)))
    shown = Window(window(NOW, 60).start, 60, 60)
    return lambda: draw(plot, shown, 20.0, 12)


def _plotext() -> Callable[[], object]:
    times, values = zip(*_points(), strict=True)

    def work() -> object:
        shown: Any = plotext.figure
        shown.clear()
        shown.plot_size(60, 12)
        shown.draw(shown.signal(times, values, marker="braille").lines())
        return shown.build().string(True)

    return work


def _day(metrics: int) -> Callable[[], object]:
    cloudwatch = CloudWatch()
    kinds = [
        (name, stat) for name in ("Latency", "IntegrationLatency") for stat in ("Average", "Maximum", "p95", "p99")
    ]
    kinds += [(name, stat) for name in ("Count", "4XXError", "5XXError") for stat in ("Sum", "Average", "SampleCount")]
    wanted = [kinds[number % len(kinds)] for number in range(metrics)]
    queries = [metric(f"q{n}", "AWS/ApiGateway", name, cloudwatch.api, stat) for n, (name, stat) in enumerate(wanted)]
    return lambda: cloudwatch.data(queries, -86_400, 0, 0)


def _opened() -> None:
    account = SimulatedAccount(scenario="bad-deploy")
    account.open()
    account.close()
