"""One widget of a dashboard in its box. Pure. What cannot be drawn says why in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from services.model.alarms import Alarm
from services.model.assessment import State
from services.model.changes import Change
from services.model.dashboards import (
    AlarmWidget,
    Board,
    Filled,
    LogWidget,
    MetricWidget,
    TextWidget,
    Undrawable,
    View,
    Widget,
)
from services.problems import Problem, ProblemKind
from widgets import dashboard_chart as chart
from widgets import dashboard_numbers as numbers
from widgets import dashboard_text as markdown
from widgets import wording
from widgets.axis import axis
from widgets.charset import Charset
from widgets.panel_box import frame
from widgets.raster import window
from widgets.spans import Row, Span, cells, centred, columns, cut, row, spread, squeeze_text, wrap
from widgets.states import SIGNS, sign, style

DAY = 86_400
ALARM_STATES = {"ALARM": State.CRIT, "OK": State.OK}
"""What an alarm's own word looks like; every other state is a silence."""

QUIET_METRICS = ("ThrottleEvents", "ThrottledRequests", "SystemErrors", "UserErrors")
"""Ends of the names of metrics that AWS publishes only when something happened (aws.md 1.2)."""

TALLEST_TEXT = 14
"""Rows of a text where widgets stand under each other."""


class Scene(msgspec.Struct, frozen=True):
    """What every tile is drawn from."""

    board: Board
    alarms: Mapping[tuple[str, str], Alarm]
    """The stack's alarms as the watch knows them: fresher than those read with the dashboard."""
    changes: tuple[Change, ...]
    now: float
    """The account's time, epoch seconds."""


Tops = tuple[float | None, float | None]


def needed(widget: Widget, width: int, charset: Charset) -> int:
    """Rows of a widget that has the whole width for itself."""
    content = widget.content
    match content:
        case TextWidget():
            if markdown.heading(content.lines) is not None:
                return 1
            return min(TALLEST_TEXT, max(1, len(markdown.rows(content.lines, width - 2, charset))))
        case AlarmWidget():
            return min(12, len(content.alarms) + 2)
        case LogWidget():
            return min(9, len(content.query) + 3)
        case Undrawable():
            return 4
        case MetricWidget(view=View.TIME_SERIES):
            return 8
        case MetricWidget(view=View.SINGLE_VALUE | View.GAUGE):
            return 6
        case _:
            return min(12, len(content.lines) + 3)


def draw(scene: Scene, index: int, width: int, height: int, charset: Charset, tops: Tops = (None, None)) -> list[Row]:
    """Exactly `height` rows of at most `width` cells."""
    widget = scene.board.dashboard.widgets[index]
    match widget.content:
        case TextWidget() as text:
            rows = _text(text, width, height, charset)
        case AlarmWidget() as alarms:
            rows = _alarms(scene, widget, alarms, width, height, charset)
        case LogWidget() as log:
            rows = _log(widget, log, width, height, charset)
        case Undrawable() as nothing:
            rows = _boxed(
                widget,
                (),
                _centred(f"cannot be drawn: {nothing.reason}", width - 4, height - 2),
                width,
                height,
                charset,
            )
        case MetricWidget() as metric:
            rows = _metric(scene, index, metric, width, height, charset, tops)
    return [*rows, *([()] * (height - len(rows)))][:height]


def tops(scene: Scene, index: int, before: Tops) -> Tops:
    """The tops of a chart's scales, steady against those shown before."""
    content = scene.board.dashboard.widgets[index].content
    if not isinstance(content, MetricWidget) or content.view is not View.TIME_SERIES:
        return None, None
    left, right = chart.scales(_view(scene, index, content, before))
    return left.high, right.high if right is not None else None


def silence(content: MetricWidget, filled: Filled) -> str:
    """Why there is no curve."""
    if filled.problem is not None:
        return reason(filled.problem)
    if not filled.until:
        return "nothing of it can be asked for"
    metrics = [line.metric for line in content.lines if line.metric is not None]
    if metrics and all(metric.name.endswith(QUIET_METRICS) for metric in metrics):
        return "nothing published: AWS sends this only when it happens"
    span = wording.age(filled.until - filled.begin)
    return f"NO DATA: nothing was published in {span}"


def reason(problem: Problem) -> str:
    """A problem in a tile: what it is, and AWS's own words."""
    word = "DENIED: " if problem.kind is ProblemKind.DENIED else ""
    return f"{word}{problem.message}"


def _view(scene: Scene, index: int, content: MetricWidget, tops: Tops) -> chart.View:
    filled = scene.board.filled.get(index, Filled())
    markers = tuple(int(change.at.timestamp()) for change in scene.changes)
    return chart.View(content, filled, scene.now, scene.board.at.timestamp(), tops, markers)


def _metric(
    scene: Scene, index: int, content: MetricWidget, width: int, height: int, charset: Charset, tops: Tops
) -> list[Row]:
    widget = scene.board.dashboard.widgets[index]
    view = _view(scene, index, content, tops)
    state = _period(view)
    if height < 3:
        return [_one_line(widget, view, width)]
    inner, room = max(1, width - 4), height - 2
    remark = content.remark or (reason(view.filled.problem) if view.filled.problem and view.filled.answers else "")
    below = [cut((Span(f"{SIGNS[State.WARN]} {remark}", "elevated"),), inner)] if remark and room > 2 else []
    room -= len(below)
    if not any(one.points for one in view.filled.answers):
        said = _centred(silence(content, view.filled), inner, room)
        return _boxed(widget, state, said, width, height, charset)
    if content.view is not View.TIME_SERIES:
        body = numbers.draw(view, inner, room, charset)
        return _boxed(widget, state, [*body, *([()] * (room - len(body))), *below], width, height, charset)
    size = chart.room(view, inner)
    if size < 8 or room < 2:
        return _boxed(widget, state, [*chart.legend(view, inner, room), *below], width, height, charset)
    shown = window(view.filled.begin, view.filled.until, size)
    body = chart.draw(view, shown, inner, room, charset)
    foot = _foot(scene, view, shown.start, chart.room_left(view) + 1, width - 2, charset)
    return _boxed(widget, state, [*body, *below], width, height, charset, foot)


def _foot(scene: Scene, view: chart.View, start: int, offset: int, width: int, charset: Charset) -> Row:
    """The line under a chart: its start, changes, the age of the newest point; days where it is about days."""
    newest = max((one.points[-1][0] + one.period for one in view.filled.answers if one.points), default=None)
    age = "" if newest is None else wording.age(max(0.0, view.now - newest))
    if view.filled.until - view.filled.begin <= DAY:
        shown = window(view.filled.begin, view.filled.until, chart.room(view, width - 2))
        return axis(shown, scene.changes, age, offset=offset, width=width, charset=charset)
    left, right = (f"{datetime.fromtimestamp(at, UTC):%m-%d %H:%M}" for at in (start, view.filled.until))
    middle = max(0, width - len(left) - len(right) - 6)
    return row(
        Span(charset.across, "rule"), Span(f" {left} ", "muted"), Span(charset.across * middle, "rule"),
        Span(f" {right} ", "muted"), Span(charset.across, "rule"),
    )  # fmt: skip


def _period(view: chart.View) -> Row:
    """How much time a value stands for, once it is known."""
    periods = {one.period for one in view.filled.answers}
    if len(periods) != 1:
        return ()
    period = periods.pop()
    text = wording.age(period) if period >= 120 else "1 min"
    return (Span(text, "faint"),)


def _one_line(widget: Widget, view: chart.View, width: int) -> Row:
    found = chart.legend(view, max(1, width - len(widget.title) - 2), 1) if view.filled.answers else [()]
    return cut((Span(f"{widget.title}  ", "title"), *found[0]), width)


def _boxed(
    widget: Widget, state: Row, body: Sequence[Row], width: int, height: int, charset: Charset, foot: Row | None = None
) -> list[Row]:
    if height < 3 or width < 8:
        return [cut((Span(widget.title, "title"), Span("  "), *(body[0] if body else ())), width)]
    title = widget.title or _untitled(widget)
    shown = state if cells(state) + columns([title]) + 9 <= width else ()
    rows = frame((Span(title, "title"),), shown or (Span(" "),), body, width, height, charset, foot)
    if not shown:
        rows[0] = _head(title, width, charset)
    return rows


def _head(title: str, width: int, charset: Charset) -> Row:
    """The upper rule with nothing at its right."""
    corners, across = charset.corners, charset.across
    name = cut((Span(f" {title} ", "title"),), max(0, width - 4)) if title else ()
    rest = max(0, width - 3 - cells(name))
    return row(Span(f"{corners[0]}{across}", "rule"), *name, Span(f"{across * rest}{corners[1]}", "rule"))


def _untitled(widget: Widget) -> str:
    """What stands in the frame of a widget without a title: the names of its lines, as in CloudWatch."""
    content = widget.content
    if isinstance(content, MetricWidget):
        return ", ".join(dict.fromkeys(line.name for line in content.lines if line.visible))
    return {AlarmWidget: "Alarms", LogWidget: "Logs"}.get(type(content), "")


def _text(text: TextWidget, width: int, height: int, charset: Charset) -> list[Row]:
    title = markdown.heading(text.lines)
    if title is not None:
        return [*([()] * (min(height, 2) - 1)), markdown.section(title, width, charset)]
    rows = markdown.rows(text.lines, max(1, width - 2), charset)
    if len(rows) > height:
        left = len(rows) - height + 1
        rows = [*rows[: height - 1], row(Span(f"… {left} more lines", "muted"))]
    return [row(" ", *one) for one in rows]


def _log(widget: Widget, log: LogWidget, width: int, height: int, charset: Charset) -> list[Row]:
    said: list[Row] = [(Span("not drawn: Logs Insights query", "silent"),)]
    for line in log.query:
        said += wrap((Span(line, "muted"),), max(1, width - 4), hang=2)
    return _boxed(widget, (Span(log.region, "faint"),), said, width, height, charset)


def _alarms(scene: Scene, widget: Widget, content: AlarmWidget, width: int, height: int, charset: Charset) -> list[Row]:
    inner, room = max(1, width - 4), height - 2
    listed = [(name, scene.alarms.get((region, name)) or scene.board.alarms.get((region, name)))
              for region, name in content.alarms]  # fmt: skip
    if content.states:
        listed = [(name, alarm) for name, alarm in listed if alarm is None or alarm.state in content.states]
    ringing = sum(1 for _, alarm in listed if alarm is not None and alarm.state == "ALARM")
    state = (
        Span(f" {SIGNS[State.CRIT]} {ringing} in alarm ", "badge-crit") if ringing else Span(f"{len(listed)}", "faint"),
    )
    common = _prefix([name for name, _ in listed])
    if columns(name for name, _ in listed) + 18 <= inner:
        common = 0
    rows = [_alarm(name, alarm, scene, common, inner) for name, alarm in listed]
    if not rows:
        rows = [row(Span("none in the states that it shows", "silent"))]
    if len(rows) > room > 0:
        rows = [*rows[: room - 1], row(Span(f"… {len(rows) - room + 1} more", "muted"))]
    return _boxed(widget, state, rows, width, height, charset)


def _alarm(name: str, alarm: Alarm | None, scene: Scene, common: int, width: int) -> Row:
    """State and name, without the `common` first letters; since when, where there is room."""
    if alarm is None:
        problem = scene.board.alarm_problem
        unknown = "not known" if problem is not None else "no such alarm"
        return spread(
            [Span(f"{SIGNS[State.NO_DATA]} ", "silent"), Span(name[common:], "muted")], [Span(unknown, "silent")], width
        )
    state = ALARM_STATES.get(alarm.state, State.NO_DATA)
    word = Span(f" {alarm.state.replace('INSUFFICIENT_DATA', 'NO DATA')}", style(state))
    since = "" if alarm.since is None else f" {wording.age(scene.now - alarm.since.timestamp())}"
    text, right = name[common:], row(Span(since, "faint"), word)
    if columns([text]) + cells(right) + 3 > width:
        right = row(word)
    shown = squeeze_text(text, max(1, width - cells(right) - 3))
    return spread([sign(state), Span(f" {shown}", "strong" if state is State.CRIT else "")], right, width)


def _prefix(names: Sequence[str]) -> int:
    """Length of what all names begin with, up to a sign between words."""
    if len(names) < 2:
        return 0
    size = 0
    for letters in zip(*names, strict=False):
        if len(set(letters)) > 1:
            break
        size += 1
    return max((place + 1 for place in range(size) if names[0][place] in "-_/. "), default=0)


def _centred(text: str, width: int, height: int) -> list[Row]:
    lines = wrap([Span(text, "silent")], max(1, width - 2))
    if len(lines) > max(1, height):
        lines = [*lines[: max(1, height) - 1], cut((*lines[max(1, height) - 1], Span(" …", "silent")), width - 2)]
    above = max(0, (height - len(lines)) // 2)
    return [()] * above + [centred(line, width) for line in lines]
