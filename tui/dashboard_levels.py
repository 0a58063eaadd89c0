"""The runbook's thresholds on the charts of a dashboard, where a chart shows a metric that they are about. Pure."""

from __future__ import annotations

import msgspec

from services.model.dashboards import Board, Filled, Level, Line, MetricWidget, View, Widget
from services.safe_text import SafeText
from services.settings.values import Settings
from tui.metric_choices import thresholds, unit_and_scale


def with_thresholds(board: Board, settings: Settings) -> Board:
    """`board` with a line at each threshold that its curves have come half way to; what the body draws itself stays."""
    widgets = tuple(
        _lined(widget, board.filled.get(index, Filled()), settings)
        for index, widget in enumerate(board.dashboard.widgets)
    )
    return msgspec.structs.replace(board, dashboard=msgspec.structs.replace(board.dashboard, widgets=widgets))


def _lined(widget: Widget, filled: Filled, settings: Settings) -> Widget:
    content = widget.content
    if not isinstance(content, MetricWidget) or content.view is not View.TIME_SERIES or content.stacked:
        return widget
    found = [level for right in (False, True) for level in _levels(content, filled, right, settings)]
    if not found:
        return widget
    return msgspec.structs.replace(widget, content=msgspec.structs.replace(content, levels=(*content.levels, *found)))


def _levels(content: MetricWidget, filled: Filled, right: bool, settings: Settings) -> list[Level]:
    """Those of one side. Where different things share a side, no line would say which of them it is about."""
    shown = [line for line in content.lines if line.visible and line.right == right]
    peak = max(
        (value for one in filled.answers if content.lines[one.line].right == right for _, value in one.points),
        default=0.0,
    )
    known = {(level.value, level.right) for level in content.levels}
    limits = {_limits(line, settings) for line in shown}
    if len(limits) != 1 or len({line.metric.name for line in shown if line.metric is not None}) != 1:
        return []
    return [
        Level(value, SafeText(word.lower()), right)
        for value, word in limits.pop()
        if value <= 2 * peak and (value, right) not in known
    ]


def _limits(line: Line, settings: Settings) -> tuple[tuple[float, str], ...]:
    """Value in CloudWatch's own unit, and the word of the band above it."""
    if line.metric is None or line.expression:
        return ()
    _, scale = unit_and_scale(line.metric, line.statistic)
    return tuple((one.value / scale, one.state.value) for one in thresholds(line.metric, line.statistic, settings))
