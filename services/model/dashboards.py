"""CloudWatch dashboards: what a body says is to be drawn, and what was read for it.

Dashboard     a body, parsed: widgets with their places, the time range, notes on what was odd
Board         the answers for one dashboard at one moment: a line for each row of each widget, alarm states
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.alarms import Alarm
from services.model.series import MetricId
from services.problems import Problem
from services.safe_text import SafeText

COLUMNS = 24
"""Width of every dashboard in grid units."""


class ListedDashboard(msgspec.Struct, frozen=True):
    """One line of ListDashboards."""

    name: SafeText
    modified: datetime | None = None
    size: int = 0
    """Bytes of its body."""


class Place(msgspec.Struct, frozen=True):
    """Where a widget stands, in grid units: COLUMNS across, any number down."""

    x: int
    y: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        return self.y + self.height


class Span(msgspec.Struct, frozen=True):
    """A stretch of time as a body says it: a duration before the end, or two instants."""

    seconds: int
    """Length."""
    end: datetime | None = None
    """None: it ends now and moves on."""


class View(StrEnum):
    """How a metric widget wants its lines drawn."""

    TIME_SERIES = "timeSeries"
    SINGLE_VALUE = "singleValue"
    GAUGE = "gauge"
    BAR = "bar"
    PIE = "pie"
    TABLE = "table"


class ValueUnit(StrEnum):
    """What a line's values are counted in; AWS tells it by the metric and never with the data."""

    MILLISECONDS = "ms"
    SECONDS = "s"
    PERCENT = "%"
    COUNT = "count"
    BYTES = "B"
    PLAIN = ""
    """Unknown, or none: the number alone."""


class Line(msgspec.Struct, frozen=True):
    """One row of a widget's `metrics`: a metric by one statistic, or an expression over other rows."""

    id: str
    """The body's id, which expressions name; empty without one."""
    statistic: str
    period: int
    """Seconds; 0 where nothing is said of it."""
    metric: MetricId | None = None
    """Exactly as AWS is to be asked; None for an expression."""
    expression: str = ""
    region: str = ""
    account: str = ""
    """Another account's id, for cross-account dashboards."""
    label: SafeText = SafeText("")
    right: bool = False
    """On the right axis."""
    visible: bool = True
    fault: SafeText = SafeText("")
    """Why this row cannot be asked for; empty when it can."""

    @property
    def name(self) -> SafeText:
        """What it is called where it has no label."""
        if self.label:
            return self.label
        if self.metric is not None:
            return SafeText(self.metric.name)
        return SafeText(self.expression or self.id)


class Axis(msgspec.Struct, frozen=True):
    """One side's axis as the body wants it; None: by the data."""

    low: float | None = None
    high: float | None = None
    label: SafeText = SafeText("")


class Level(msgspec.Struct, frozen=True):
    """A horizontal annotation."""

    value: float
    label: SafeText = SafeText("")
    right: bool = False


class Moment(msgspec.Struct, frozen=True):
    """A vertical annotation; `at` in epoch seconds."""

    at: int
    label: SafeText = SafeText("")


class MetricWidget(msgspec.Struct, frozen=True):
    """Lines, numbers, bars."""

    view: View
    lines: tuple[Line, ...]
    stacked: bool = False
    sparkline: bool = True
    whole_range: bool = False
    """One value over the whole range instead of the newest period (`setPeriodToTimeRange`)."""
    left: Axis = Axis()
    right: Axis = Axis()
    levels: tuple[Level, ...] = ()
    moments: tuple[Moment, ...] = ()
    span: Span | None = None
    """Its own time range; None: the dashboard's."""
    remark: SafeText = SafeText("")
    """What it is drawn as when its own view has no likeness in a terminal."""


class TextWidget(msgspec.Struct, frozen=True):
    """Markdown, line by line; each line made safe, the marks still in it."""

    lines: tuple[SafeText, ...]


class AlarmWidget(msgspec.Struct, frozen=True):
    """The states of named alarms."""

    alarms: tuple[tuple[str, SafeText], ...]
    """Region and name."""
    states: tuple[str, ...] = ()
    """Only alarms in these states are shown; empty: all."""


class LogWidget(msgspec.Struct, frozen=True):
    """A Logs Insights query, which is not run: each run is paid by the gigabyte it scans."""

    query: tuple[SafeText, ...]
    region: str = ""


class Undrawable(msgspec.Struct, frozen=True):
    """A widget that has no likeness here."""

    reason: SafeText


Content = MetricWidget | TextWidget | AlarmWidget | LogWidget | Undrawable


class Widget(msgspec.Struct, frozen=True):
    """One widget of a dashboard."""

    place: Place
    title: SafeText
    content: Content


class Variable(msgspec.Struct, frozen=True):
    """What a dashboard lets its reader choose; the default is what is shown."""

    label: SafeText
    value: SafeText
    """Empty: it has no default and the body is drawn as written."""


class Dashboard(msgspec.Struct, frozen=True):
    """A body, parsed."""

    name: SafeText
    widgets: tuple[Widget, ...]
    """In reading order: from above, then from the left."""
    span: Span
    inherit: bool = False
    """Every line keeps its own period (`periodOverride: inherit`); else the range decides it."""
    variables: tuple[Variable, ...] = ()
    notes: tuple[SafeText, ...] = ()
    """What was odd in the body, a sentence each."""


class Answer(msgspec.Struct, frozen=True):
    """One line as AWS answered it. A SEARCH gives several."""

    line: int
    """Index of the row in its widget's `lines`."""
    label: SafeText
    points: tuple[tuple[int, float], ...]
    """Period start (epoch seconds) and value, ascending, gaps left out."""
    period: int
    unit: ValueUnit = ValueUnit.PLAIN


class Filled(msgspec.Struct, frozen=True):
    """What was read for one metric widget."""

    answers: tuple[Answer, ...] = ()
    """In the order of its lines; invisible lines have none."""
    problem: Problem | None = None
    """Why there is nothing, or not everything."""
    begin: int = 0
    until: int = 0
    """The span that was asked for, epoch seconds."""


class Board(msgspec.Struct, frozen=True):
    """A dashboard with everything that was read for it."""

    dashboard: Dashboard
    filled: Mapping[int, Filled]
    """Index of a metric widget → its lines."""
    alarms: Mapping[tuple[str, str], Alarm]
    """Region and name → the alarm, of those that exist."""
    at: datetime
    """When it was read, the account's time."""
    alarm_problem: Problem | None = None
    span: Span | None = None
    """The range that was read; None: the dashboard's own."""
    every: float = 60.0
    """Seconds after which it is worth reading again."""
