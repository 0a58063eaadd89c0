"""What can be drawn of a choice on screen 2: one statistic, several side by side, one of several metrics. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from services.model.assessment import Unit
from services.model.metric_query import statistics_of, together_of
from services.model.series import MetricId
from tui.metric_choices import Choice, unit_and_scale

MOST_LINES = 8
"""Lines of one chart: more cannot be told apart."""

SHORT = {"Average": "Avg", "Maximum": "Max", "Minimum": "Min"}
"""Names of statistics where several stand together."""

ALL = "all"
"""What a sum over all lines is called."""


class Line(msgspec.Struct, frozen=True):
    """One line of a chart."""

    label: str
    """What tells it apart from the others: a statistic, a resource, or both."""
    metric: MetricId | None
    """None: the sum of the other lines."""
    statistic: str


class View(msgspec.Struct, frozen=True):
    """Lines that are drawn together. All are measured in one unit."""

    name: str
    """What is chosen: `Average`, `Avg+Max`."""
    lines: tuple[Line, ...]

    @property
    def statistic(self) -> str:
        """Of the first line: what thresholds and unit are about."""
        return self.lines[0].statistic


def views(choice: Choice) -> tuple[View, ...]:
    """What can be gone through, the most telling first; never empty."""
    if choice.mixed:
        return _of_kinds(choice)
    if choice.grouped:
        return tuple(_of_members(choice, name) for name in statistics_of(choice.metric))
    metric = choice.metric
    together = [_together(metric, names) for names in together_of(metric)]
    single = [View(name, (Line(name, metric, name),)) for name in statistics_of(metric)]
    return (*together, *single)


def view_for(choice: Choice, wanted: str) -> View:
    """The view called `wanted` where the choice has it, else its first."""
    found = views(choice)
    return next((one for one in found if one.name == wanted), found[0])


def _together(metric: MetricId, names: tuple[str, ...]) -> View:
    return View("+".join(SHORT.get(name, name) for name in names), tuple(Line(name, metric, name) for name in names))


def _of_members(choice: Choice, statistic: str) -> View:
    """One statistic of every member, and of what is counted what they come to together."""
    lines = [Line(label, metric, statistic) for label, metric in choice.members[:MOST_LINES]]
    if statistic in ("Sum", "SampleCount") and len(lines) > 1:
        lines.append(Line(ALL, None, statistic))
    return View(statistic, tuple(lines))


def _of_kinds(choice: Choice) -> tuple[View, ...]:
    """Members of different kinds: everything that tells of each, then one statistic of all."""
    first, rest = choice.members[:1], choice.members[1:]
    told = [Line(f"{label} {SHORT.get(name, name)}", metric, name) for label, metric in first for name in _TAIL]
    told += [Line(f"{label} Avg", metric, "Average") for label, metric in rest]
    whole = View("Avg+p95+p99", tuple(told[:MOST_LINES]))
    return (whole, *(_of_members(choice, name) for name in ("Average", "p95", "p99", "Maximum")))


_TAIL = ("Average", "p95", "p99")


def summed(points: Iterable[Mapping[int, float]]) -> dict[int, float]:
    """What several lines come to, period by period; a line without a point adds nothing."""
    total: dict[int, float] = {}
    for one in points:
        for at, value in one.items():
            total[at] = total.get(at, 0.0) + value
    return dict(sorted(total.items()))


def unit_of(view: View) -> tuple[Unit, float]:
    """The unit of the view and the factor that makes CloudWatch's numbers that."""
    first = view.lines[0]
    assert first.metric is not None
    return unit_and_scale(first.metric, first.statistic)
