"""Bodies of dashboards for tests, and what they parse to."""

from __future__ import annotations

import json
from typing import Any

from services.dashboards.parsing import parse
from services.model.dashboards import Dashboard, MetricWidget
from services.safe_text import safe

API = ["AWS/ApiGateway", "Latency", "ApiName", "api", "Stage", "prod"]


def metric(*rows: Any, place: tuple[int, int, int, int] = (0, 0, 6, 6), **properties: Any) -> dict[str, Any]:
    """A metric widget of a body."""
    return widget("metric", place, metrics=list(rows), **properties)


def widget(kind: str, place: tuple[int, int, int, int] = (0, 0, 6, 6), **properties: Any) -> dict[str, Any]:
    """A widget of a body at x, y, width, height."""
    x, y, width, height = place
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}


def parsed(*widgets: Any, **fields: Any) -> Dashboard:
    """The dashboard of these widgets."""
    return parse(safe("board"), json.dumps({"widgets": list(widgets), **fields}), "us-west-2")


def first(dashboard: Dashboard) -> MetricWidget:
    """Its first widget, which draws metrics."""
    content = dashboard.widgets[0].content
    assert isinstance(content, MetricWidget)
    return content
