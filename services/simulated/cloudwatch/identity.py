"""The identity of a metric: CloudWatch matches it exactly or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec


class MetricKey(msgspec.Struct, frozen=True, order=True):
    """Namespace, name and the whole dimension set; the order in which dimensions are given means nothing."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()
    """Sorted by name."""

    def shape(self) -> dict[str, Any]:
        """As botocore's `Metric`."""
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
        }


def dimensions_of(given: Iterable[Mapping[str, str]] | None) -> tuple[tuple[str, str], ...]:
    """botocore's list of dimensions, sorted."""
    return tuple(sorted((dimension["Name"], dimension["Value"]) for dimension in given or ()))


def key_of(given: Mapping[str, Any]) -> MetricKey:
    """From botocore's `Metric`, or anything with its three members."""
    return MetricKey(given.get("Namespace", ""), given.get("MetricName", ""), dimensions_of(given.get("Dimensions")))
