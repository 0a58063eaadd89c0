"""The questions that fill a dashboard: one call of GetMetricData for each region and span, expressions beside raw rows.

Ids are unique in a call and not between widgets, so each gets its widget's number before it and expressions are
spelled anew. An expression that looks at its whole request (METRICS, SEARCH, Metrics Insights) gets a call of its own
with its widget's rows (aws.md 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.dashboards.expressions import named, renamed, stands_alone
from services.model.dashboards import Dashboard, Line, MetricWidget, Span
from services.safe_text import SafeText, safe

MOST_QUERIES = 500
MOST_POINTS = 1440
"""Of one line: more than any terminal has columns, and few enough that no page of a call overflows with math in it,
where no token would follow."""

POINTS_A_CALL = 100_800
STATISTIC_PERIODS = ((3 * 3600, 60), (24 * 3600, 300), (3 * 86_400, 900), (15 * 86_400, 3600), (63 * 86_400, 21_600))
"""Up to this range → the period that fits it, where the body leaves the choice to us."""

RETENTION = ((15 * 86_400, 60), (63 * 86_400, 300))
"""Up to this age → the finest period that still exists; 3600 s beyond."""


class Query(msgspec.Struct, frozen=True):
    """One member of MetricDataQueries and whose row it is."""

    id: str
    widget: int
    line: int
    period: int
    parameters: Mapping[str, Any]


class Ask(msgspec.Struct, frozen=True):
    """One call of GetMetricData."""

    region: str
    begin: int
    until: int
    """Epoch seconds, exclusive."""
    queries: tuple[Query, ...]

    @property
    def widgets(self) -> tuple[int, ...]:
        """The widgets it is for."""
        return tuple(dict.fromkeys(query.widget for query in self.queries))

    def only(self, widgets: Sequence[int]) -> Ask:
        """The same call for some of its widgets."""
        kept = frozenset(widgets)
        return msgspec.structs.replace(self, queries=tuple(query for query in self.queries if query.widget in kept))


def asks(dashboard: Dashboard, now: float, span: Span | None = None) -> tuple[Ask, ...]:
    """Every call that fills the dashboard as of `now` (epoch seconds). `span` replaces all of its own time ranges."""
    together: dict[tuple[str, int, int], list[Query]] = {}
    alone: list[Ask] = []
    for index, widget in enumerate(dashboard.widgets):
        content = widget.content
        if not isinstance(content, MetricWidget):
            continue
        begin, until = bounds(span or content.span or dashboard.span, now)
        periods = {
            place: period(line, content, dashboard.inherit, begin, until, now)
            for place, line in enumerate(content.lines)
        }
        for region in dict.fromkeys(line.region for line in content.lines):
            found = _queries(index, content, region, periods)
            longest = max((query.period for query in found), default=60)
            start, end = begin // longest * longest, -(-until // 60) * 60
            if any(stands_alone(line.expression) for line in content.lines if line.region == region):
                alone.append(Ask(region, start, end, found))
            elif found:
                together.setdefault((region, start, end), []).extend(found)
    packed = [
        Ask(region, start, end, part)
        for (region, start, end), found in together.items()
        for part in _packed(found, end - start)
    ]
    return tuple(one for one in (*packed, *alone) if one.queries)


def bounds(span: Span, now: float) -> tuple[int, int]:
    """Begin and end of a span in epoch seconds."""
    until = int(now) if span.end is None else int(span.end.timestamp())
    return max(0, until - span.seconds), until


def period(line: Line, content: MetricWidget, inherit: bool, begin: int, until: int, now: float) -> int:
    """Seconds of one point: the row's own, or by the range; never finer than what still exists or can be shown."""
    span = max(60, until - begin)
    kept = next((step for oldest, step in RETENTION if now - begin <= oldest), 3600)
    if content.whole_range:
        wanted = span
    elif inherit and line.period:
        wanted = line.period
    else:
        wanted = next((step for longest, step in STATISTIC_PERIODS if span <= longest), 86_400)
    return -(-max(wanted, -(-span // MOST_POINTS)) // kept) * kept


def faults(content: MetricWidget) -> Mapping[int, SafeText]:
    """Rows that cannot be asked for → why."""
    found = {place: line.fault for place, line in enumerate(content.lines) if line.fault}
    where = {line.id: line.region for line in content.lines if line.id}
    for place, line in enumerate(content.lines):
        for identity in sorted(named(line.expression)) if line.expression and not line.fault else ():
            if identity in where and where[identity] != line.region:
                found[place] = safe(f"{line.name}: {identity} is in {where[identity]}, and math is done in one region")
    return found


def _queries(index: int, content: MetricWidget, region: str, periods: Mapping[int, int]) -> tuple[Query, ...]:
    bad = faults(content)
    names = {line.id: f"w{index}_{line.id}"[:255] for line in content.lines if line.id}
    found: list[Query] = []
    given: set[str] = set()
    for place, line in enumerate(content.lines):
        if line.region != region or place in bad:
            continue
        identity = names.get(line.id, f"w{index}_{place}")
        if identity in given:
            identity = f"w{index}_{place}_again"
        given.add(identity)
        if line.metric is None and not line.expression:
            continue
        found.append(Query(identity, index, place, periods[place], _parameters(line, identity, names, periods[place])))
    return tuple(found)


def _parameters(line: Line, identity: str, names: Mapping[str, str], period: int) -> Mapping[str, Any]:
    asked: dict[str, Any] = {"Id": identity, "ReturnData": line.visible}
    if line.account:
        asked["AccountId"] = line.account
    if "${" in line.label:
        asked["Label"] = line.label
    if line.metric is None:
        return asked | {"Expression": renamed(line.expression, names), "Period": period}
    dimensions = [{"Name": name, "Value": value} for name, value in line.metric.dimensions]
    metric = {"Namespace": line.metric.namespace, "MetricName": line.metric.name, "Dimensions": dimensions}
    return asked | {"MetricStat": {"Metric": metric, "Period": period, "Stat": line.statistic}}


def _packed(queries: Sequence[Query], span: int) -> list[tuple[Query, ...]]:
    """In calls of what one may hold; a widget is never torn, its expressions need its rows."""
    calls: list[list[Query]] = [[]]
    points = 0
    for widget in dict.fromkeys(query.widget for query in queries):
        own = [query for query in queries if query.widget == widget]
        more = sum(span // query.period + 1 for query in own)
        if calls[-1] and (len(calls[-1]) + len(own) > MOST_QUERIES or points + more > POINTS_A_CALL):
            calls.append([])
            points = 0
        calls[-1] += own
        points += more
    return [tuple(call) for call in calls if call]
