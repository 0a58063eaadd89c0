"""Labels: what CloudWatch writes when none is given, and the figures that a given one may ask for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from services.simulated.cloudwatch.identity import MetricKey

_FIGURE = re.compile(r"\$\{(MIN|MAX|AVG|SUM|FIRST|LAST)\}")


def default_labels(metrics: Mapping[str, tuple[MetricKey, str]]) -> dict[str, str]:
    """Query id → the metric's name, with the dimension values and the statistic where names alone do not tell apart."""
    names = Counter(key.name for key, _ in metrics.values())
    keys = {name: {key for key, _ in metrics.values() if key.name == name} for name in names}
    labels: dict[str, str] = {}
    for query, (key, statistic) in metrics.items():
        label = key.name
        if len(keys[key.name]) > 1:
            label = " ".join((*(value for _, value in key.dimensions), key.name))
        if names[key.name] > len(keys[key.name]):
            label = f"{label} {statistic}"
        labels[query] = label
    return labels


def filled_in(label: str, points: Mapping[int, float]) -> str:
    """`${LAST}` and its like as figures of the points; `--` when there are none."""
    if "${" not in label:
        return label
    values = [points[at] for at in sorted(points)]

    def figure(found: re.Match[str]) -> str:
        if not values:
            return "--"
        return f"{_FIGURES[found[1]](values):g}"

    return _FIGURE.sub(figure, label)


_FIGURES: Mapping[str, Callable[[list[float]], float]] = {
    "MIN": min,
    "MAX": max,
    "AVG": lambda values: sum(values) / len(values),
    "SUM": sum,
    "FIRST": lambda values: values[0],
    "LAST": lambda values: values[-1],
}
