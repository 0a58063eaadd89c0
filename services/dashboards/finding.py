"""The widgets that the runbook speaks of, found in a dashboard: Business Metrics and System Health (lines 110, 111).

What these two are is defined nowhere but in the dashboard's body (decisions A16). A section is a text widget with a
heading and every widget below it, up to the next heading of the same width or more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from services.model.dashboards import Dashboard, MetricWidget, TextWidget, Widget
from services.safe_text import SafeText

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?P<title>.*?)\s*#*\s*\Z")
_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


class Section(msgspec.Struct, frozen=True):
    """A heading and the metric widgets under it."""

    title: SafeText
    widgets: tuple[Widget, ...]


class Found(msgspec.Struct, frozen=True):
    """What later panels show; None: the dashboard does not define it, and NO DATA is the honest word."""

    business: Section | None = None
    """Runbook line 110."""
    health: Section | None = None
    """Runbook line 111."""
    operations: Widget | None = None
    """EC2 operations."""
    activity: Widget | None = None
    """User activity."""
    score: Widget | None = None
    """Health score."""
    response: Widget | None = None
    """Response times."""


def find(dashboard: Dashboard) -> Found:
    """Look by the headings first, then by titles and metric names over the whole dashboard."""
    listed = tuple(sections(dashboard))
    business = next((one for one in listed if _has(one.title, "business")), None)
    health = next((one for one in listed if _has(one.title, "system", "health")), None)
    everywhere = tuple(widget for widget in dashboard.widgets if isinstance(widget.content, MetricWidget))
    of_business = (business.widgets if business else ()) + everywhere
    of_health = (health.widgets if health else ()) + everywhere
    return Found(
        business=business,
        health=health,
        operations=_first(of_business, ("ec2", "operations"), ("instance", "operations"), ("ec2", "operation")),
        activity=_first(of_business, ("user", "activity"), ("active", "users")),
        score=_first(of_health, ("health", "score")),
        response=_first(of_health, ("response", "times"), ("response", "time")),
    )


def sections(dashboard: Dashboard) -> Iterator[Section]:
    """Every heading with the metric widgets between it and the next, in reading order."""
    title: SafeText | None = None
    below: list[Widget] = []
    for widget in dashboard.widgets:
        heading = headed(widget)
        if heading is not None:
            if title is not None:
                yield Section(title, tuple(below))
            title, below = heading, []
        elif isinstance(widget.content, MetricWidget):
            below.append(widget)
    if title is not None:
        yield Section(title, tuple(below))


def headed(widget: Widget) -> SafeText | None:
    """The heading of a text widget that begins with one."""
    if not isinstance(widget.content, TextWidget):
        return None
    first = next((line for line in widget.content.lines if line.strip()), "")
    found = _HEADING.match(first)
    return SafeText(found["title"]) if found else None


def _first(widgets: tuple[Widget, ...], *wanted: tuple[str, ...]) -> Widget | None:
    for words in wanted:
        for widget in widgets:
            if _has(widget.title, *words) or any(_has(name, *words) for name in _names(widget)):
                return widget
    return None


def _names(widget: Widget) -> Iterator[str]:
    content = widget.content
    if isinstance(content, MetricWidget):
        for line in content.lines:
            yield line.label
            if line.metric is not None:
                yield line.metric.name


def _has(title: str, *words: str) -> bool:
    found = [word.lower() for word in _SPLIT.split(title) if word]
    return all(word in found for word in words)
