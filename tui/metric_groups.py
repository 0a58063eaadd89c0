"""Metrics that belong into one chart: one metric of several operations or resources, and all times to an answer. Pure.

DynamoDB publishes latency and throttled requests by operation alone (aws.md 1.1): a table's are only seen together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.model.series import MetricId
from services.model.situation import Situation
from tui.metric_choices import Choice, choices

_APART = {"Operation": 1, "FunctionName": 2, "TableName": 2, "ApiName": 2, "ApiId": 2, "UserPoolClient": 2}
"""Dimensions that tell the members of a group apart → from how many members on there is one."""

RESPONSE = "Response times"
"""Of API, functions and tables together (runbook line 111)."""

_KINDS = (
    (("AWS/ApiGateway", "Latency"), "API", "Stage"),
    (("AWS/Lambda", "Duration"), "Lambda", "FunctionName"),
    (("AWS/DynamoDB", "SuccessfulRequestLatency"), "table", "Operation"),
)
"""Namespace and name, what it is called, the dimension that tells several apart."""

_EACH = 3
"""Members of one kind among the response times: of more the first are shown."""


def offered(situation: Situation, browsed: Sequence[MetricId] = ()) -> tuple[Choice, ...]:
    """Everything that can be chosen: the groups, then each metric by itself."""
    found = choices(situation, browsed)
    return (*groups(found), *found)


def groups(found: Sequence[Choice]) -> tuple[Choice, ...]:
    """The groups among these single metrics."""
    response = _response(found)
    return (*([response] if response is not None else ()), *_alike(found))


def _response(found: Sequence[Choice]) -> Choice | None:
    """API, functions and tables by how long they take; None where there is only one of them."""
    members: list[tuple[str, Choice]] = []
    kinds = 0
    for kind, called, dimension in _KINDS:
        of_kind = [
            (own, one)
            for one in found
            if (one.metric.namespace, one.metric.name) == kind and (own := _own(one.metric, dimension))
        ]
        kinds += bool(of_kind)
        for own, one in of_kind[:_EACH]:
            members.append((f"{called} {own}" if len(of_kind) > 1 else called, one))
    if kinds < 2:
        return None
    return _choice(RESPONSE, "API, functions and tables: how long an answer takes", members, mixed=True)


def _own(metric: MetricId, dimension: str) -> str:
    """What tells a whole resource apart from others of its kind; empty for one version of it and for all together."""
    pairs = dict(metric.dimensions)
    return "" if {"Resource", "ExecutedVersion"} & set(pairs) else pairs.get(dimension, "")


class _Alike(NamedTuple):
    """What the members of a group have in common."""

    region: str
    namespace: str
    name: str
    rest: tuple[tuple[str, str], ...]
    dimension: str
    """Whose value tells them apart."""


def _alike(found: Sequence[Choice]) -> Iterator[Choice]:
    """Metrics that differ in the value of one dimension alone."""
    alike: dict[_Alike, list[tuple[str, Choice]]] = {}
    for one in found:
        metric = one.metric
        for place, (dimension, value) in enumerate(metric.dimensions):
            if dimension in _APART:
                rest = metric.dimensions[:place] + metric.dimensions[place + 1 :]
                key = _Alike(metric.region, metric.namespace, metric.name, rest, dimension)
                alike.setdefault(key, []).append((value, one))
    for of, members in alike.items():
        if len(members) >= _APART[of.dimension]:
            about = ", ".join([*(f"{key}={value}" for key, value in of.rest), f"each {of.dimension}"])
            yield _choice(of.name, f"{of.namespace.removeprefix('AWS/')}  {about}", members)


def _choice(name: str, about: str, members: Sequence[tuple[str, Choice]], *, mixed: bool = False) -> Choice:
    first = members[0][1]
    return Choice(
        first.metric,
        all(one.watched for _, one in members),
        max(one.settle for _, one in members),
        first.sparse,
        name,
        about,
        tuple((label, one.metric) for label, one in members),
        mixed,
    )
