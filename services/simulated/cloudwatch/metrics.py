"""GetMetricStatistics, ListMetrics and PutMetricData."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.simulated.cloudwatch import checks
from services.simulated.cloudwatch.identity import MetricKey, dimensions_of, key_of
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.cloudwatch.statistics import PLAIN, extended, statistic
from services.simulated.protocol import Context
from services.simulated.state import SimulatedState
from services.simulated.world import draws, spreads
from services.simulated.world.values import Spread

MOST_POINTS = 1440
LIST_PAGE = 500
_LISTED_FOR = 14 * 86_400
_RECENT = 3 * 3600
_MOST_DATA = 1000


def get_metric_statistics(reader: MetricReader, context: Context, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The operation: Statistics or ExtendedStatistics, at most 1,440 points, in no particular order."""
    plain, more = parameters.get("Statistics") or [], parameters.get("ExtendedStatistics") or []
    _check_statistics(plain, more)
    period = int(parameters["Period"])
    checks.check_period(period)
    now = context.now.timestamp()
    start, end = checks.epoch(parameters["StartTime"]), checks.epoch(parameters["EndTime"])
    if start >= end:
        raise checks.invalid_value("The parameter StartTime must be less than the parameter EndTime.")
    if (end - start) / period > MOST_POINTS:
        raise checks.invalid_combination(
            f"You have requested up to {-(-int(end - start) // period):,} datapoints, which exceeds the limit of "
            f"{MOST_POINTS:,}. You may reduce the datapoints requested by increasing Period, or decreasing the time "
            "range."
        )
    key = key_of(parameters)
    unit = parameters.get("Unit", "")
    found = reader.buckets(context.region, key, checks.rounded_start(start, now), int(end // 1), period, now, unit)
    metric = reader.published().get((context.region, key))
    shown = unit or (metric.unit if metric else "None")
    # In no order, as on AWS: a client that forgets to sort finds out here.
    points = [_point(at, found[at], plain, more, shown) for at in sorted(found, key=draws.key)]
    return {"Label": key.name, "Datapoints": points}


def _check_statistics(plain: list[str], more: list[str]) -> None:
    if plain and more:
        raise checks.invalid_combination(
            "The parameters Statistics and ExtendedStatistics cannot be specified at the same time."
        )
    if not plain and not more:
        raise checks.invalid_combination("Must specify either Statistics or ExtendedStatistics.")
    for name in plain:
        if name not in PLAIN:
            raise checks.invalid_value(
                f"The parameter Statistics contains the value {name}, which is not one of "
                "SampleCount, Average, Sum, Minimum, Maximum."
            )
    for name in more:
        if not extended(name):
            raise checks.invalid_value(f"The value {name} for parameter ExtendedStatistics is not supported.")


def _point(at: int, sample: Spread, plain: list[str], more: list[str], unit: str) -> dict[str, Any]:
    point: dict[str, Any] = {"Timestamp": checks.moment(at), "Unit": unit}
    for name in plain:
        point[name] = PLAIN[name](sample)
    for name in more:
        compute = statistic(name)
        assert compute is not None
        point.setdefault("ExtendedStatistics", {})[name] = compute(sample)
    return point


def list_metrics(reader: MetricReader, context: Context, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The operation: 500 a page, without metrics silent for two weeks, or for three hours with RecentlyActive."""
    now = int(context.now.timestamp())
    recent = parameters.get("RecentlyActive")
    if recent not in (None, "PT3H"):
        raise checks.invalid_value("The only value for parameter RecentlyActive is PT3H.")
    wanted = [(given["Name"], given.get("Value")) for given in parameters.get("Dimensions") or ()]
    if len(wanted) > 10:
        raise checks.validation("The collection Dimensions must not have a size greater than 10.")
    found = sorted(
        key
        for key in reader.keys(context.region)
        if parameters.get("Namespace") in (None, key.namespace)
        and parameters.get("MetricName") in (None, key.name)
        and all(_has(key, name, value) for name, value in wanted)
        and _active(reader, context.region, key, now, _RECENT if recent else _LISTED_FOR)
    )
    page, token = checks.page_of(found, parameters.get("NextToken"), LIST_PAGE)
    answer: dict[str, Any] = {"Metrics": [key.shape() for key in page], "OwningAccounts": []}
    return answer | ({"NextToken": token} if token else {})


def _has(key: MetricKey, name: str, value: str | None) -> bool:
    return any(given == name and value in (None, is_) for given, is_ in key.dimensions)


def _active(reader: MetricReader, region: str, key: MetricKey, now: int, window: int) -> bool:
    """Whether it published anything in the window."""
    newest = reader.custom.newest(region, key)
    if newest is not None:
        return newest >= now - window
    return reader.active(region, key, now - window, now)


def put_metric_data(
    state: SimulatedState, reader: MetricReader, context: Context, parameters: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The operation. Points are visible at once; AWS needs up to a few minutes for a metric that is new."""
    namespace = parameters["Namespace"]
    if namespace.startswith("AWS/"):
        raise checks.invalid_value("The value AWS/ for parameter Namespace is invalid.")
    if parameters.get("EntityMetricData"):
        raise checks.validation("EntityMetricData is not served by the simulated account.")
    data = parameters.get("MetricData") or []
    if len(data) > _MOST_DATA:
        raise checks.validation(f"The collection MetricData must not have a size greater than {_MOST_DATA}.")
    now = context.now.timestamp()
    checked = [_datum(number, namespace, datum, now) for number, datum in enumerate(data, 1)]
    with state.lock:
        for key, at, unit, sample in checked:
            reader.custom.put(context.region, key, at, unit, sample, now)
    return None


def _datum(number: int, namespace: str, datum: Mapping[str, Any], now: float) -> tuple[MetricKey, float, str, Spread]:
    where = f"MetricData.member.{number}"
    at = checks.epoch(datum["Timestamp"]) if datum.get("Timestamp") is not None else now
    if not now - 14 * 86_400 <= at <= now + 2 * 3600:
        raise checks.invalid_value(
            f"The parameter {where}.Timestamp must specify a time within the past two weeks and the next two hours."
        )
    key = MetricKey(namespace, datum["MetricName"], dimensions_of(datum.get("Dimensions")))
    return key, at, datum.get("Unit", "None"), _sample(where, datum)


def _sample(where: str, datum: Mapping[str, Any]) -> Spread:
    """What was put: one value, values with counts, or a statistic set (of which no percentile is known)."""
    given = [member for member in ("Value", "Values", "StatisticValues") if datum.get(member) is not None]
    if len(given) != 1:
        raise checks.invalid_combination(
            f"Exactly one of {where}.Value, {where}.Values and {where}.StatisticValues must be specified."
        )
    if given[0] == "Value":
        return spreads.constant(float(datum["Value"]), 1)
    if given[0] == "Values":
        values = [float(value) for value in datum["Values"]]
        counts = [float(count) for count in datum.get("Counts") or [1.0] * len(values)]
        if len(counts) != len(values):
            raise checks.invalid_value(f"The parameters {where}.Values and {where}.Counts must be of the same size.")
        pairs = sorted(zip(values, counts, strict=True))
        return Spread(tuple(value for value, _ in pairs), tuple(count for _, count in pairs))
    return _of_statistics(datum["StatisticValues"])


def _of_statistics(given: Mapping[str, Any]) -> Spread:
    """A sample with the given count, sum and extremes: the extremes once each, the rest at their mean."""
    count, total = float(given["SampleCount"]), float(given["Sum"])
    low, high = float(given["Minimum"]), float(given["Maximum"])
    if count <= 1 or low == high:
        return spreads.constant(total / count, count) if count > 0 else spreads.EMPTY
    if count <= 2:
        return Spread((low, high), (1.0, 1.0))
    middle = (total - low - high) / (count - 2)
    return Spread((low, middle, high), (1.0, count - 2, 1.0))
