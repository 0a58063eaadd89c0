"""The alarms that the account has had all along: the runbook's critical alerts (lines 129-135), as teams set them."""

from __future__ import annotations

from typing import Any

from services.simulated.cloudwatch.published import EDGE_REGION
from services.simulated.estate import EnvironmentEstate, Estate

Seed = tuple[str, dict[str, Any]]
"""Region, and the parameters of PutMetricAlarm, PutCompositeAlarm or PutLogAlarm."""


def alarm_name(environment: EnvironmentEstate, what: str) -> str:
    """`EC2Manager-production-api-5xx`."""
    return f"{environment.stack_name}-{what}"


def seeds(estate: Estate) -> list[Seed]:
    """In the order in which they can be put: composite alarms after those they stand on."""
    found: list[Seed] = []
    for environment in estate.environments:
        found += ((environment.region, alarm) for alarm in _of_stack(environment))
    staging = estate.environment("staging")
    found += ((staging.region, alarm) for alarm in (_logged(staging), _band(staging), _insight(staging)))
    production = estate.environment("production")
    found += ((production.region, alarm) for alarm in (_slow_function(production), _impaired(production)))
    return [*found, (EDGE_REGION, _edge(production))]


def _of_stack(environment: EnvironmentEstate) -> list[dict[str, Any]]:
    """The four that the stack's template makes."""
    throttles = _plain_throttles if environment.name == "staging" else _throttles
    return [_api_errors(environment), _api_latency(environment), _function_errors(environment), throttles(environment)]


def _metric(namespace: str, name: str, **dimensions: str) -> dict[str, Any]:
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }


def _alarm(environment: EnvironmentEstate, what: str, description: str, *, notifies: bool = True) -> dict[str, Any]:
    actions = [environment.topic_arn] if notifies else []
    return {
        "AlarmName": alarm_name(environment, what),
        "AlarmDescription": description,
        "ActionsEnabled": True,
        "AlarmActions": actions,
        "OKActions": actions,
        "InsufficientDataActions": [],
    }


def _api_errors(environment: EnvironmentEstate) -> dict[str, Any]:
    return (
        _alarm(environment, "api-5xx", "API server errors: 3 or more in 10 minutes.")
        | _metric("AWS/ApiGateway", "5XXError", ApiName=environment.api_name, Stage=environment.stage)
        | {"Statistic": "Sum", "Period": 600, "EvaluationPeriods": 1, "Threshold": 3.0}
        | {"ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"}
    )


def _api_latency(environment: EnvironmentEstate) -> dict[str, Any]:
    return (
        _alarm(environment, "api-latency", "High latency: above 2 s on average for 15 minutes.")
        | _metric("AWS/ApiGateway", "Latency", ApiName=environment.api_name, Stage=environment.stage)
        | {"Statistic": "Average", "Period": 300, "EvaluationPeriods": 3, "DatapointsToAlarm": 3, "Threshold": 2000.0}
        | {"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}
    )


def _function_errors(environment: EnvironmentEstate) -> dict[str, Any]:
    """More than 5 % of the invocations, by metric math."""
    function = {"FunctionName": environment.function}
    return _alarm(environment, "lambda-errors", "Function errors: above 5 % of the invocations.") | {
        "Metrics": [
            {"Id": "rate", "Expression": "100 * errors / invocations", "Label": "Error rate", "ReturnData": True},
            _queried("errors", _metric("AWS/Lambda", "Errors", **function)),
            _queried("invocations", _metric("AWS/Lambda", "Invocations", **function)),
        ],
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def _throttles(environment: EnvironmentEstate) -> dict[str, Any]:
    """Filled with 0, because an alarm on the metric itself would never leave INSUFFICIENT_DATA (aws.md 0.10)."""
    table = {"TableName": environment.table}
    return _alarm(environment, "dynamodb-throttles", "DynamoDB throttling: any event.") | {
        "Metrics": [
            {
                "Id": "events",
                "Expression": "FILL(reads, 0) + FILL(writes, 0)",
                "Label": "Throttles",
                "ReturnData": True,
            },
            _queried("reads", _metric("AWS/DynamoDB", "ReadThrottleEvents", **table)),
            _queried("writes", _metric("AWS/DynamoDB", "WriteThrottleEvents", **table)),
        ],
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def _queried(name: str, metric: dict[str, Any]) -> dict[str, Any]:
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": False}


def _slow_function(environment: EnvironmentEstate) -> dict[str, Any]:
    """Notifies nobody: somebody made it for a dashboard and forgot the action."""
    return (
        _alarm(environment, "lambda-duration", "Function slower than 10 s on average.", notifies=False)
        | _metric("AWS/Lambda", "Duration", FunctionName=environment.function)
        | {"Statistic": "Average", "Period": 300, "EvaluationPeriods": 1, "Threshold": 10_000.0}
        | {"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}
    )


def _impaired(environment: EnvironmentEstate) -> dict[str, Any]:
    errors, function = alarm_name(environment, "api-5xx"), alarm_name(environment, "lambda-errors")
    return _alarm(environment, "impaired", "The API fails and the function is the reason.") | {
        "AlarmRule": f'ALARM("{errors}") AND ALARM("{function}")'
    }


def _edge(environment: EnvironmentEstate) -> dict[str, Any]:
    """CloudFront's metrics, and so its alarms, are in us-east-1 alone."""
    return (
        _alarm(environment, "cloudfront-4xx", "CloudFront 4xx rate above 20 %.")
        | {"AlarmActions": [_in(environment.topic_arn, EDGE_REGION)], "OKActions": []}
        | _metric("AWS/CloudFront", "4xxErrorRate", DistributionId=environment.distribution, Region="Global")
        | {"Statistic": "Average", "Period": 300, "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": 20.0}
        | {"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}
    )


def _in(arn: str, region: str) -> str:
    """The same name in another region."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)


def _plain_throttles(environment: EnvironmentEstate) -> dict[str, Any]:
    """As most people write it: on the sparse metric itself, so it has never had any data."""
    return (
        _alarm(environment, "dynamodb-throttles", "DynamoDB throttling: any write event.")
        | _metric("AWS/DynamoDB", "WriteThrottleEvents", TableName=environment.table)
        | {"Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 0.0}
        | {"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}
    )


def _logged(environment: EnvironmentEstate) -> dict[str, Any]:
    """On the lines of the application's log, by a query of every five minutes."""
    return _alarm(environment, "app-errors", "More than five error lines in five minutes, twice.") | {
        "ScheduledQueryConfiguration": {
            "QueryString": 'fields @timestamp | filter level = "ERROR"',
            "LogGroupIdentifiers": [environment.app_log_group],
            "ScheduledQueryRoleARN": environment.role_arn,
            "ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 300},
            "AggregationExpression": "count(*)",
        },
        "QueryResultsToEvaluate": 2,
        "QueryResultsToAlarm": 2,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def _band(environment: EnvironmentEstate) -> dict[str, Any]:
    """On what is usual: CloudWatch's own model of the metric, and not on a number."""
    requests = _metric("AWS/ApiGateway", "Count", ApiName=environment.api_name, Stage=environment.stage)
    return _alarm(environment, "unusual-traffic", "Requests outside of what is usual.", notifies=False) | {
        "Metrics": [
            {"Id": "m1", "MetricStat": {"Metric": requests, "Period": 300, "Stat": "Sum"}, "ReturnData": True},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 6)", "ReturnData": True},
        ],
        "ThresholdMetricId": "band",
        "EvaluationPeriods": 1,
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
        "TreatMissingData": "notBreaching",
    }


def _insight(environment: EnvironmentEstate) -> dict[str, Any]:
    """By Metrics Insights, which finds the function by what it is called."""
    where = f"WHERE FunctionName = '{environment.function}'"
    return _alarm(environment, "function-query", "The function fails more than 20 times in five minutes.") | {
        "Metrics": [
            {
                "Id": "q1",
                "Expression": f'SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName) {where}',  # noqa: S608 - no SQL: CloudWatch's
                "Period": 300,
                "ReturnData": True,
            }
        ],
        "EvaluationPeriods": 1,
        "Threshold": 20.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
