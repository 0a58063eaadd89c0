"""What the lines of a widget are called where its body does not say: the least that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.dashboards import Line
from services.safe_text import SafeText, safe

LIMIT = 120


def names(lines: Sequence[Line]) -> tuple[SafeText, ...]:
    """One name a line: its label; else the metric's name and as much else as tells it apart."""
    own = [line for line in lines if line.metric is not None and line.visible and not line.label]
    parts = [_parts(line) for line in own]
    kept = [place for place in range(5) if len({part[place] for part in parts}) > 1]
    chosen: list[int] = []
    for place in kept:  # the name first, then as little more as makes them all different
        if len({tuple(part[one] for one in chosen) for part in parts}) == len(parts):
            break
        chosen.append(place)
    if 0 not in chosen:
        chosen = [*([] if chosen and len(own) > 1 else [0]), *chosen]
    shared = set(own[0].metric.dimensions) if own and own[0].metric is not None else set()
    for line in own[1:]:
        shared &= set(line.metric.dimensions) if line.metric is not None else set()
    return tuple(_name(line, chosen, shared) for line in lines)


def _parts(line: Line) -> tuple[object, ...]:
    metric = line.metric
    assert metric is not None
    return metric.name, line.statistic, metric.dimensions, metric.namespace, metric.region


def _name(line: Line, chosen: Sequence[int], shared: set[tuple[str, str]]) -> SafeText:
    metric = line.metric
    if line.label or metric is None:
        return safe(line.name, LIMIT)
    said = {
        0: metric.name,
        1: line.statistic,
        2: " ".join(value for pair in metric.dimensions if pair not in shared for value in pair[1:]),
        3: metric.namespace,
        4: metric.region,
    }
    return safe(" ".join(said[place] for place in chosen if said[place]) or metric.name, LIMIT)
