"""A dashboard's body, read. Total: whatever the body is, there is a Dashboard or one sentence why there is none.

The body is text that anyone with the permission may have written, by hand or by a generator: every text is made safe
here, every number brought within bounds, and a widget that cannot be drawn stays in its place and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from services.dashboards import placing
from services.dashboards.fields import duration, instant, items, number, table, text
from services.dashboards.lines import Defaults, lines, period_of, region_of, statistic_of
from services.dashboards.variables import applied
from services.model.dashboards import (
    AlarmWidget,
    Axis,
    Content,
    Dashboard,
    Level,
    LogWidget,
    MetricWidget,
    Moment,
    Span,
    TextWidget,
    Undrawable,
    View,
    Widget,
)
from services.safe_text import SafeText, safe, safe_lines

MOST_WIDGETS = 500
"""As many as CloudWatch lets a dashboard have."""

MOST_TEXT_LINES = 400
MOST_ALARMS = 100
MOST_ANNOTATIONS = 50
BODY_LIMIT = 4_000_000
"""Characters; CloudWatch's own bodies end far below."""

DEFAULT_SPAN = Span(3 * 3600)
"""What CloudWatch shows where a body names no range."""


class Unreadable(Exception):
    """The body is no dashboard; the message is one safe sentence."""


def parse(name: SafeText, body: str, region: str) -> Dashboard:
    """The dashboard that `body` describes; `region` is meant where a widget names none. Raises Unreadable."""
    given = _decoded(body)
    notes: list[SafeText] = []
    listed = given.get("widgets")
    if not isinstance(listed, list):
        raise Unreadable("the body of this dashboard has no list of widgets")
    if len(listed) > MOST_WIDGETS:
        notes.append(safe(f"only the first {MOST_WIDGETS} of {len(listed)} widgets are shown"))
    chosen, variables = applied(listed[:MOST_WIDGETS], given.get("variables"))
    return Dashboard(
        name=name,
        widgets=placing.placed([_widget(one, region) for one in chosen]),
        span=span(given.get("start"), given.get("end")) or DEFAULT_SPAN,
        inherit=given.get("periodOverride") == "inherit",
        variables=variables,
        notes=tuple(notes),
    )


def span(start: object, end: object) -> Span | None:
    """A time range; None when nothing usable is said."""
    relative = duration(start)
    if relative is not None:
        return Span(relative, instant(end))
    first = instant(start)
    if first is None:
        return None
    last = instant(end)
    if last is None or last <= first:
        return None
    return Span(max(60, int((last - first).total_seconds())), last)


def _decoded(body: str) -> Mapping[str, Any]:
    if len(body) > BODY_LIMIT:
        raise Unreadable(f"the body of this dashboard is longer than {BODY_LIMIT} characters")
    try:
        given = msgspec.json.decode(body)
    except RecursionError:
        raise Unreadable("the body of this dashboard is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Unreadable(f"the body of this dashboard is not JSON: {safe(error, 160)}") from error
    if not isinstance(given, dict):
        raise Unreadable("the body of this dashboard is no JSON object")
    return given


def _widget(given: object, region: str) -> tuple[Widget, bool]:
    fields = table(given)
    properties = table(fields.get("properties"))
    place, said = placing.wanted(fields)
    return Widget(place, text(properties.get("title")), _content(fields.get("type"), properties, region)), said


def _content(kind: object, properties: Mapping[str, Any], region: str) -> Content:
    match kind:
        case "metric":
            return _metric(properties, region)
        case "text":
            return _text(properties)
        case "alarm":
            return _alarms(properties, region)
        case "log":
            return _log(properties, region)
        case "explorer":
            return Undrawable(SafeText("an explorer picks its metrics by tags, in the console alone"))
        case "custom":
            where = text(properties.get("endpoint"), 120)
            return Undrawable(safe(f"a custom widget shows what its function answers, and none is called: {where}"))
    return Undrawable(safe(f"there is no widget of the type {safe(kind, 40)}" if kind else "it has no type"))


def _metric(properties: Mapping[str, Any], region: str) -> Content:
    region = region_of(properties.get("region"), region)
    annotations = table(properties.get("annotations"))
    watched = items(annotations.get("alarms"))
    if watched and not items(properties.get("metrics")):
        return _alarms({"alarms": watched}, region)
    account = properties.get("accountId")
    defaults = Defaults(
        region,
        statistic_of(properties.get("stat"), "Average"),
        period_of(properties.get("period"), 300),
        account if isinstance(account, str) and account.isdigit() and len(account) == 12 else "",
    )
    found = lines(properties.get("metrics"), defaults)
    if not found:
        return Undrawable(SafeText("it names no metrics"))
    view, remark = _view(properties.get("view"))
    axes = table(properties.get("yAxis"))
    return MetricWidget(
        view=view,
        lines=found,
        stacked=properties.get("stacked") is True,
        sparkline=properties.get("sparkline") is not False,
        whole_range=properties.get("setPeriodToTimeRange") is True,
        left=_axis(axes.get("left")),
        right=_axis(axes.get("right")),
        levels=_levels(annotations.get("horizontal")),
        moments=_moments(annotations.get("vertical")),
        span=span(properties.get("start"), properties.get("end")),
        remark=remark,
    )


def _view(given: object) -> tuple[View, SafeText]:
    if given is None:
        return View.TIME_SERIES, SafeText("")
    try:
        view = View(str(given)) if isinstance(given, str) else None
    except ValueError:
        view = None
    if view is None:
        return View.TIME_SERIES, safe(f"drawn as lines: there is no view {safe(given, 40)}")
    return view, SafeText("pie, drawn as bars" if view is View.PIE else "")


def _axis(given: object) -> Axis:
    fields = table(given)
    low, high = number(fields.get("min")), number(fields.get("max"))
    if low is not None and high is not None and high <= low:
        low = high = None
    return Axis(low, high, text(fields.get("label"), 60))


def _levels(given: object) -> tuple[Level, ...]:
    """Horizontal lines; a band is its two edges."""
    found = []
    for one in _flat(given):
        value = number(one.get("value"))
        if value is not None:
            found.append(Level(value, text(one.get("label"), 60), one.get("yAxis") == "right"))
    return tuple(found)


def _moments(given: object) -> tuple[Moment, ...]:
    found = []
    for one in _flat(given):
        at = instant(one.get("value"))
        if at is not None:
            found.append(Moment(int(at.timestamp()), text(one.get("label"), 60)))
    return tuple(found)


def _flat(given: object) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for one in items(given)[:MOST_ANNOTATIONS]:
        found += [table(edge) for edge in one[:2]] if isinstance(one, list) else [table(one)]
    return found


def _text(properties: Mapping[str, Any]) -> TextWidget:
    written = properties.get("markdown")
    return TextWidget(safe_lines(written)[:MOST_TEXT_LINES] if isinstance(written, str) else ())


def _alarms(properties: Mapping[str, Any], region: str) -> AlarmWidget | Undrawable:
    """The alarms of ARNs `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`."""
    found: dict[tuple[str, SafeText], None] = {}
    for arn in items(properties.get("alarms"))[:MOST_ALARMS]:
        parts = arn.split(":", 6) if isinstance(arn, str) else []
        if len(parts) == 7 and parts[5] == "alarm" and parts[6]:
            found[region_of(parts[3], region), safe(parts[6], 255)] = None
    if not found:
        return Undrawable(SafeText("it names no alarms"))
    states = tuple(str(one) for one in items(properties.get("states")) if isinstance(one, str))
    return AlarmWidget(tuple(found), states[:3])


def _log(properties: Mapping[str, Any], region: str) -> LogWidget:
    query = properties.get("query")
    shown = safe_lines(query.replace("|", "\n|"), 400) if isinstance(query, str) else ()
    return LogWidget(tuple(line for line in shown if line.strip())[:40], region_of(properties.get("region"), region))
