"""From what is known of a metric to the page of screen 2. Pure.

Values are CloudWatch's, per statistic; the curve is the chosen statistic in its unit. A series that the watch holds
already stands in until the answer to the screen's own question is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from services.model.assessment import Assessment, Threshold
from services.model.metric_query import Range, statistics_of
from services.model.series import MetricId, Series
from services.model.situation import Situation
from services.problems import Problem
from services.settings.values import Settings
from tui.metric_choices import Choice, thresholds, timeout
from tui.metric_views import MOST_LINES, Line, View, summed, unit_of, view_for, views
from tui.metric_window import TimeWindow
from widgets.chart import Curve, Points, Strand
from widgets.metric_view import MetricPage


class Asked(msgspec.Struct, frozen=True):
    """What the screen wants to see."""

    choice: Choice
    window: TimeWindow = TimeWindow()


class Answer(msgspec.Struct, frozen=True):
    """What CloudWatch said to it."""

    asked: Asked
    range: Range
    series: Mapping[MetricId, Series]
    before: Mapping[MetricId, Series] | None = None
    """The compared stretch, at its own times."""


class Shown(msgspec.Struct, frozen=True):
    """What the person chose about the picture."""

    view: str
    """Its name; one that the choice does not have is its first."""
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
    choice, view = asked.choice, view_for(asked.choice, shown.view)
    fresh = answer if answer is not None and answer.asked == asked else None
    where = fresh.range if fresh is not None else where
    known = fresh.series if fresh is not None else _held(choice, situation, where)
    unit, scale = unit_of(view)
    drawn = [(line.label, _scaled(_points(line, view, known, where), scale)) for line in view.lines]
    first = view.lines[0]
    curve = Curve(
        points=drawn[0][1],
        period=where.period,
        start=where.start,
        end=where.end,
        unit=unit,
        compared=_scaled(_moved(fresh, first), scale),
        thresholds=_limits(choice, view, settings, situation),
        changes=assessment.changes if assessment is not None else (),
        settled_until=(int(now.timestamp()) - choice.settle) // where.period * where.period,
        cursor=shown.cursor,
        filled=len(drawn) == 1 and view.statistic in ("Sum", "SampleCount"),
        label=first.label,
        others=tuple(Strand(label, points) for label, points in drawn[1:]),
    )
    told = _told(choice, view)
    return MetricPage(
        title=choice.title,
        subject=f"{choice.subject}  {choice.metric.region}",
        statistic=view.name,
        statistics=tuple(one.name for one in views(choice)),
        values={line.label: points for line in told if (points := _points(line, view, known, where))},
        curve=curve,
        stretch=_stretch(asked, where),
        compared=_compared(fresh, view),
        note=_note(choice, fresh, known, problem),
        problem=problem is not None,
        units={line.label: unit_of(View("", (line,))) if line.metric is not None else (unit, scale) for line in told},
    )


def _told(choice: Choice, view: View) -> tuple[Line, ...]:
    """What the cursor and the table tell: of one metric every statistic, of several the lines that are drawn."""
    if choice.grouped:
        return view.lines
    return tuple(Line(name, choice.metric, name) for name in statistics_of(choice.metric))


def _limits(choice: Choice, view: View, settings: Settings, situation: Situation | None) -> tuple[Threshold, ...]:
    """The lines across: only where they are about everything that is drawn."""
    if choice.mixed:
        return ()
    found = thresholds(choice.metric, view.statistic, settings)
    functions = (situation.functions.value or ()) if situation is not None else ()
    if choice.grouped or view.statistic in ("Sum", "SampleCount"):
        return found
    return (*found, *timeout(choice.metric, functions))


def _held(choice: Choice, situation: Situation | None, where: Range) -> dict[MetricId, Series]:
    """What the watch has of these metrics at this period over the whole range."""
    wanted = {metric for _, metric in choice.members} or {choice.metric}
    found: dict[MetricId, Series] = {}
    if situation is None:
        return found
    for feed in (situation.metrics.value, situation.edge_metrics.value, situation.percentiles.value):
        for series in feed.series.values() if feed is not None else ():
            whole = series.signal.period == where.period and series.asked_from <= where.start + where.period
            if whole and series.signal.metric in wanted:
                found.setdefault(series.signal.metric, series)
    return found


def _points(line: Line, view: View, known: Mapping[MetricId, Series], where: Range) -> Points:
    """CloudWatch's numbers of a line inside the range."""
    if line.metric is None:
        parts = [_points(one, view, known, where) for one in view.lines if one.metric is not None]
        return tuple(summed(dict(one) for one in parts).items())
    series = known.get(line.metric)
    values = series.statistic(line.statistic) if series is not None else {}
    return tuple((at, value) for at, value in values.items() if where.start <= at < where.end)


def _moved(answer: Answer | None, line: Line) -> Points:
    """The compared stretch at the times of the present one."""
    if answer is None or answer.before is None or line.metric is None or line.metric not in answer.before:
        return ()
    by = answer.asked.window.compared.back
    return tuple((at + by, value) for at, value in answer.before[line.metric].statistic(line.statistic).items())


def _compared(answer: Answer | None, view: View) -> str:
    """`same time yesterday`; with whose it is where several lines are drawn."""
    if answer is None or answer.before is None:
        return ""
    label = answer.asked.window.compared.label
    return f"{view.lines[0].label}, {label}" if len(view.lines) > 1 else label


def _scaled(points: Points, scale: float) -> Points:
    return points if scale == 1.0 else tuple((at, value * scale) for at, value in points)


def _stretch(asked: Asked, where: Range) -> str:
    if not asked.window.back:
        return asked.window.stretch.label
    return f"{asked.window.stretch.label} to {datetime.fromtimestamp(where.end, UTC):%Y-%m-%d %H:%M}Z"


def _note(choice: Choice, fresh: Answer | None, known: Mapping[MetricId, Series], problem: Problem | None) -> str:
    if problem is not None:
        return f"{problem.message}. {problem.remedy}".rstrip()
    if fresh is None:
        return "asking CloudWatch for all statistics …" if known else "asking CloudWatch …"
    left = len(choice.members) - MOST_LINES
    return f"{left} more are not drawn: choose one by itself" if left > 0 else ""
