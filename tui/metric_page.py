"""From what is known of a metric to the page of screen 2. Pure.

Values are CloudWatch's, per statistic; the curve is the chosen statistic in its unit. A series that the watch holds
already stands in until the answer to the screen's own question is there.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from services.model.assessment import Assessment
from services.model.metric_query import Range, Stretch
from services.model.series import Series
from services.model.situation import Situation
from services.problems import Problem
from services.settings.values import Settings
from tui.metric_choices import Choice, thresholds, unit_and_scale
from widgets.chart import Curve, Points
from widgets.metric_view import MetricPage


class Compared(msgspec.Struct, frozen=True):
    """What stands behind the curve."""

    back: int
    """Seconds; 0: nothing."""
    label: str


COMPARISONS = (Compared(0, ""), Compared(86_400, "same time yesterday"), Compared(7 * 86_400, "same time last week"))


class Asked(msgspec.Struct, frozen=True):
    """What the screen wants to see."""

    choice: Choice
    stretch: Stretch
    back: int = 0
    """Seconds that the window's end lies before now."""
    compared: Compared = COMPARISONS[0]


class Answer(msgspec.Struct, frozen=True):
    """What CloudWatch said to it."""

    asked: Asked
    range: Range
    series: Series
    before: Series | None = None
    """The compared stretch, at its own times."""


class Shown(msgspec.Struct, frozen=True):
    """What the person chose about the picture."""

    statistic: str
    cursor: int | None = None


def page(
    asked: Asked,
    shown: Shown,
    answer: Answer | None,
    where: Range,
    situation: Situation | None,
    assessment: Assessment | None,
    settings: Settings,
    now: datetime,
    problem: Problem | None,
) -> MetricPage:
    """The page of this moment. `where` is the range asked for now, `answer` the newest, for whatever was asked."""
    choice, statistic = asked.choice, shown.statistic
    fresh = answer if answer is not None and answer.asked == asked else None
    where = fresh.range if fresh is not None else where
    series = fresh.series if fresh is not None else _held(choice, situation, where)
    values = _values(series, where) if series is not None else {}
    unit, scale = unit_and_scale(choice.metric, statistic)
    curve = Curve(
        points=_scaled(values.get(statistic, ()), scale),
        period=where.period,
        start=where.start,
        end=where.end,
        unit=unit,
        compared=_scaled(_moved(fresh, statistic), scale),
        thresholds=thresholds(choice.metric, statistic, settings),
        changes=assessment.changes if assessment is not None else (),
        settled_until=(int(now.timestamp()) - choice.settle) // where.period * where.period,
        cursor=shown.cursor,
        filled=statistic in ("Sum", "SampleCount"),
    )
    return MetricPage(
        title=choice.title,
        subject=f"{choice.subject}  {choice.metric.region}",
        statistic=statistic,
        statistics=choice.statistics,
        values=values,
        curve=curve,
        stretch=_stretch(asked, where),
        compared=asked.compared.label if fresh is not None and fresh.before is not None else "",
        note=_note(fresh, series, problem),
        problem=problem is not None,
        units={name: unit_and_scale(choice.metric, name) for name in choice.statistics},
    )


def _held(choice: Choice, situation: Situation | None, where: Range) -> Series | None:
    """What the watch has of this metric at this period over the whole range; None when that is less."""
    if situation is None:
        return None
    for feed in (situation.metrics.value, situation.edge_metrics.value, situation.percentiles.value):
        for series in feed.series.values() if feed is not None else ():
            same = series.signal.metric == choice.metric and series.signal.period == where.period
            if same and series.asked_from <= where.start + where.period:
                return series
    return None


def _values(series: Series, where: Range) -> dict[str, Points]:
    return {
        name: tuple((at, value) for at, value in values.items() if where.start <= at < where.end)
        for name, values in series.points.items()
    }


def _moved(answer: Answer | None, statistic: str) -> Points:
    """The compared stretch at the times of the present one."""
    if answer is None or answer.before is None:
        return ()
    by = answer.asked.compared.back
    return tuple((at + by, value) for at, value in answer.before.statistic(statistic).items())


def _scaled(points: Points, scale: float) -> Points:
    return points if scale == 1.0 else tuple((at, value * scale) for at, value in points)


def _stretch(asked: Asked, where: Range) -> str:
    if not asked.back:
        return asked.stretch.label
    return f"{asked.stretch.label} to {datetime.fromtimestamp(where.end, UTC):%Y-%m-%d %H:%M}Z"


def _note(fresh: Answer | None, series: Series | None, problem: Problem | None) -> str:
    if problem is not None:
        return f"{problem.message}. {problem.remedy}".rstrip()
    if fresh is None:
        return "asking CloudWatch for all statistics …" if series is not None else "asking CloudWatch …"
    return ""


def statistic_for(choice: Choice, wanted: str) -> str:
    """The statistic to show of a metric: the one shown before where it has it, else its own first."""
    return wanted if wanted in choice.statistics else choice.statistics[0]
