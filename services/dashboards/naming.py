"""What the lines of a widget are called where its body does not say: the least that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.dashboards import Line
from services.safe_text import SafeText, safe

LIMIT = 120


def names(lines: Sequence[Line]) -> tuple[SafeText, ...]:
    """One name a line: its label; else the metric's name, with the dimension values and the statistic that differ."""
    metrics = [line.metric for line in lines if line.metric is not None and line.visible]
    several = len({metric.name for metric in metrics}) > 1
    namespaces = len({metric.namespace for metric in metrics}) > 1
    regions = len({metric.region for metric in metrics}) > 1
    statistics = len({line.statistic for line in lines if line.metric is not None and line.visible}) > 1
    shared = set(metrics[0].dimensions).intersection(*(metric.dimensions for metric in metrics)) if metrics else set()
    found = []
    for line in lines:
        if line.label or line.metric is None:
            found.append(safe(line.name, LIMIT))
            continue
        own = [value for pair in line.metric.dimensions if pair not in shared for value in pair[1:]]
        parts = [line.metric.namespace] if namespaces and not own else []
        parts += [line.metric.region] if regions and not own else []
        parts += own
        if several or not parts:
            parts.append(line.metric.name)
        if statistics:
            parts.append(line.statistic)
        found.append(safe(" ".join(parts), LIMIT))
    return tuple(found)
