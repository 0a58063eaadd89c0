"""GetMetricData (aws.md 2.1): what is asked, checked as CloudWatch checks it; what is answered, a page at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from services.simulated.cloudwatch import checks, metricsinsights, sqlsyntax
from services.simulated.cloudwatch.identity import MetricKey, key_of
from services.simulated.cloudwatch.labels import default_labels, filled_in
from services.simulated.cloudwatch.mathsyntax import MathError, parse
from services.simulated.cloudwatch.mathvalues import Series, Value
from services.simulated.cloudwatch.metricmath import Expressions
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.cloudwatch.statistics import statistic
from services.simulated.protocol import Context
from services.simulated.world.values import Spread

MOST_QUERIES = 500
MOST_POINTS = 100_800

_ID = re.compile(r"[a-z][a-zA-Z0-9_]*\Z")


class MetricStat(msgspec.Struct, frozen=True):
    """One metric asked for by one statistic and period."""

    key: MetricKey
    statistic: str
    period: int
    unit: str = ""


class Query(msgspec.Struct, frozen=True):
    """One member of MetricDataQueries: a metric, or an expression over others."""

    id: str
    stat: MetricStat | None
    expression: str
    label: str | None
    returned: bool
    select: sqlsyntax.Select | None = None
    """The expression is a Metrics Insights query."""
    period: int = 0
    """Of such a query."""


class _Result(msgspec.Struct, frozen=True):
    """One line of the answer, points ascending."""

    id: str
    label: str
    points: tuple[tuple[int, float], ...]


def get_metric_data(reader: MetricReader, context: Context, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The operation. Points of a page are counted over all queries; a page's last one may be `PartialData`."""
    queries = queries_of(parameters.get("MetricDataQueries", ()))
    token = checks.read_token(parameters["NextToken"]) if parameters.get("NextToken") else {}
    now = checks.number_of(token, "now", context.now.timestamp())
    start, end = checks.epoch(parameters["StartTime"]), checks.epoch(parameters["EndTime"])
    if start >= end:
        raise checks.validation("The parameter StartTime must be less than the parameter EndTime.")
    results = answer(reader, context.region, queries, checks.rounded_start(start, now), int(end // 1), now)
    newest_first = parameters.get("ScanBy", "TimestampDescending") != "TimestampAscending"
    size = int(parameters.get("MaxDatapoints") or MOST_POINTS)
    if not 1 <= size <= MOST_POINTS:
        raise checks.validation(f"The parameter MaxDatapoints must be between 1 and {MOST_POINTS}.")
    math = any(query.expression for query in queries)
    return _page(results, newest_first, size, int(checks.number_of(token, "offset", 0)), now, tokens=not math)


def answer(
    reader: MetricReader, region: str, queries: Sequence[Query], start: int, end: int, now: float
) -> list[_Result]:
    """What the queries give, those that are returned, in their order."""
    read: dict[tuple[MetricKey, int, str], dict[int, Spread]] = {}
    labels = default_labels({query.id: (query.stat.key, query.stat.statistic) for query in queries if query.stat})

    def series(query: Query) -> Series:
        stat = query.stat
        assert stat is not None
        identity = (stat.key, stat.period, stat.unit)
        if identity not in read:
            read[identity] = reader.buckets(region, stat.key, start, end, stat.period, now, stat.unit)
        compute = statistic(stat.statistic)
        assert compute is not None
        points = {at: compute(sample) for at, sample in sorted(read[identity].items())}
        label = query.label if query.label is not None else labels[query.id]
        return Series(points, stat.period, label, is_metric=True)

    def found(query: Query) -> Value:
        assert query.select is not None
        several = metricsinsights.answer(reader, region, query.select, start, end, query.period, now)
        if query.select.group_by:
            return several
        return several[0] if several else Series({}, query.period)

    expressions = Expressions(
        {query.id: partial(series, query) for query in queries if query.stat},
        {query.id: query.expression for query in queries if query.expression and not query.select},
        lambda period: range(start // period * period, min(end, int(now)), period),
        {query.id: partial(found, query) for query in queries if query.select},
    )
    return [result for query in queries if query.returned for result in _results(query, expressions)]


def _results(query: Query, expressions: Expressions) -> list[_Result]:
    if query.stat is not None:
        (found,) = expressions.series(query.id)
        return [_Result(query.id, filled_in(found.label, found.points), tuple(sorted(found.points.items())))]
    try:
        several = isinstance(expressions.value(query.id), list)
        found_series = expressions.series(query.id)
    except MathError as error:
        raise checks.validation(f"Error in expression '{query.id}': {error}") from error
    results = []
    for item in found_series:
        label = query.label if query.label is not None else "" if query.select and several else query.id
        if several:
            label = f"{label} {item.label}".strip()
        results.append(_Result(query.id, filled_in(label, item.points), tuple(sorted(item.points.items()))))
    return results


def _page(
    results: Sequence[_Result], newest_first: bool, size: int, offset: int, now: float, *, tokens: bool
) -> dict[str, Any]:
    shown: list[dict[str, Any]] = []
    skip, room = offset, size
    more = False
    for result in results:
        points = result.points[::-1] if newest_first else result.points
        if skip and skip >= len(points):
            skip -= len(points)
            continue
        part = points[skip : skip + room]
        cut = skip + len(part) < len(points)
        skip = 0
        room -= len(part)
        more = more or cut
        if part or not points:
            shown.append(
                {
                    "Id": result.id,
                    "Label": result.label,
                    "Timestamps": [checks.moment(at) for at, _ in part],
                    "Values": [value for _, value in part],
                    "StatusCode": "PartialData" if cut else "Complete",
                }
            )
    found: dict[str, Any] = {"MetricDataResults": shown, "Messages": []}
    if more and tokens:
        found["NextToken"] = checks.page_token({"offset": offset + size, "now": now})
    return found


def queries_of(given: Sequence[Mapping[str, Any]]) -> list[Query]:
    """The queries, checked; ValidationError as CloudWatch words it."""
    if len(given) > MOST_QUERIES:
        raise checks.validation(f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    if not given:
        raise checks.validation("The parameter MetricDataQueries is required.")
    queries = [_query(number, member) for number, member in enumerate(given, 1)]
    if max(Counter(query.id for query in queries).values()) > 1:
        raise checks.validation("The values for parameter id in MetricDataQueries are not unique.")
    if sum(1 for query in queries if query.select) > 1:
        raise checks.validation("Only one Metrics Insights query is allowed in a GetMetricData request.")
    return queries


def _query(number: int, member: Mapping[str, Any]) -> Query:
    where = f"MetricDataQueries.member.{number}"
    name = member.get("Id", "")
    if not _ID.match(name) or len(name) > 255:
        raise checks.validation(
            f'The value "{name}" for parameter {where}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.'
        )
    expression, stat = member.get("Expression", ""), member.get("MetricStat")
    if expression and stat:
        raise checks.validation(
            f"The parameters {where}.Expression and {where}.MetricStat are mutually exclusive and you have specified "
            "both."
        )
    if not expression and not stat:
        raise checks.validation(f"The parameter {where}.Expression or {where}.MetricStat is required.")
    select = _select(where, name, member) if sqlsyntax.is_select(expression) else None
    if expression and select is None:
        _check_expression(name, expression)
    return Query(
        id=name,
        stat=_stat(where, stat) if stat else None,
        expression=expression,
        label=member.get("Label"),
        returned=bool(member.get("ReturnData", True)),
        select=select,
        period=max(60, int(member.get("Period") or 0)),  # finer data is aggregated at one minute
    )


def _select(where: str, name: str, member: Mapping[str, Any]) -> sqlsyntax.Select:
    if len(member["Expression"]) > 2048:
        raise checks.validation(f"Error in expression '{name}': it is longer than 2048 characters")
    if not member.get("Period"):
        raise checks.validation(f"The parameter {where}.Period is required for a Metrics Insights query.")
    checks.check_period(max(60, int(member["Period"])), f"{where}.Period")
    try:
        return sqlsyntax.parse(member["Expression"])
    except sqlsyntax.SqlError as error:
        raise checks.validation(f"Error in expression '{name}': {error}") from error


def _check_expression(name: str, expression: str) -> None:
    if len(expression) > 2048:
        raise checks.validation(f"Error in expression '{name}': it is longer than 2048 characters")
    try:
        parse(expression)
    except MathError as error:
        raise checks.validation(f"Error in expression '{name}': {error}") from error


def _stat(where: str, given: Mapping[str, Any]) -> MetricStat:
    key = key_of(given["Metric"])
    if not key.namespace or not key.name:
        missing = "Namespace" if not key.namespace else "MetricName"
        raise checks.validation(f"The parameter {where}.MetricStat.Metric.{missing} is required.")
    checks.check_period(int(given["Period"]), f"{where}.MetricStat.Period")
    if statistic(given["Stat"]) is None:
        raise checks.validation(f"The value {given['Stat']} for parameter {where}.MetricStat.Stat is not supported.")
    return MetricStat(key, given["Stat"], int(given["Period"]), given.get("Unit", ""))
