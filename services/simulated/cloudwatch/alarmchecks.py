"""What PutMetricAlarm and PutCompositeAlarm refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.simulated.cloudwatch import checks
from services.simulated.cloudwatch.alarmrule import AlarmRule, RuleError
from services.simulated.cloudwatch.evaluation import COMPARISONS
from services.simulated.cloudwatch.mathsyntax import MathError, names, parse
from services.simulated.cloudwatch.queries import queries_of
from services.simulated.cloudwatch.statistics import PLAIN, extended

_DAY = 86_400
_TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def check_metric_alarm(parameters: Mapping[str, Any]) -> None:
    """ValidationError for what AWS would not take, and for what this account cannot evaluate (anomaly bands)."""
    comparison = parameters.get("ComparisonOperator", "")
    if comparison not in COMPARISONS:
        raise checks.validation(f"The comparison {comparison} is not served by the simulated account.")
    if parameters.get("Threshold") is None:
        raise checks.validation("The parameter Threshold is required.")
    periods = int(parameters["EvaluationPeriods"])
    if periods < 1:
        raise checks.validation("The parameter EvaluationPeriods must be at least 1.")
    if not 1 <= int(parameters.get("DatapointsToAlarm") or periods) <= periods:
        raise checks.validation("The parameter DatapointsToAlarm must be between 1 and EvaluationPeriods.")
    if (parameters.get("TreatMissingData") or "missing") not in _TREATMENTS:
        raise checks.validation(f"The parameter TreatMissingData must be one of {', '.join(_TREATMENTS)}.")
    period = _check_metrics(parameters["Metrics"]) if parameters.get("Metrics") else _check_single(parameters)
    if period * periods > _DAY:
        raise checks.validation(
            "Metrics cannot be checked across more than a day: EvaluationPeriods * Period is above 86400."
        )


def _check_single(parameters: Mapping[str, Any]) -> int:
    for name in ("MetricName", "Namespace", "Period"):
        if parameters.get(name) is None:
            raise checks.validation(f"The parameter {name} is required.")
    plain, more = parameters.get("Statistic"), parameters.get("ExtendedStatistic")
    if bool(plain) == bool(more):
        raise checks.invalid_combination("Exactly one of Statistic and ExtendedStatistic must be specified.")
    if (plain and plain not in PLAIN) or (more and not extended(more)):
        raise checks.validation(f"The statistic {plain or more} is not supported.")
    checks.check_period(int(parameters["Period"]))
    return int(parameters["Period"])


def _check_metrics(members: list[Mapping[str, Any]]) -> int:
    """The period that all metrics of the expression share."""
    queries = queries_of(members)
    returned = [query.id for query in queries if query.returned]
    if len(returned) != 1:
        raise checks.validation("Exactly one element of the metrics list should return data.")
    periods = {query.stat.period for query in queries if query.stat}
    if len(periods) != 1:
        raise checks.validation("All metrics of an alarm must have the same period, and there must be one.")
    known = {query.id for query in queries} | {"REPEAT", "LINEAR", "ASC", "DESC", "AVG", "SUM", "MIN", "MAX"}
    for query in queries:
        try:
            unknown = names(parse(query.expression)) - known if query.expression else set()
        except MathError as error:
            raise checks.validation(f"Error in expression '{query.id}': {error}") from error
        if unknown:
            raise checks.validation(f"Error in expression '{query.id}': Undefined variable \"{sorted(unknown)[0]}\"")
    return periods.pop()


def check_composite(parameters: Mapping[str, Any], exists: Callable[[str], bool]) -> None:
    """ValidationError for a rule that cannot be read or names an alarm that is not there."""
    try:
        rule = AlarmRule(parameters["AlarmRule"])
    except RuleError as error:
        raise checks.validation(f"AlarmRule must not contain invalid syntax: {error}.") from error
    for name in rule.alarms:
        if not exists(name.rsplit(":alarm:", 1)[-1]):
            raise checks.validation(f"Could not save the composite alarm: the alarm {name} does not exist.")
