"""What moto does not serve of DynamoDB: whether a table's hottest keys are counted (aws.md 1.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.simulated.estate import EnvironmentEstate
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

_RULES = ("PKC", "PKT", "SKC", "SKT")
"""Partition and sort keys, consumed and throttled."""


def handlers(state: SimulatedState) -> dict[str, Handler]:
    """DynamoDB as far as we serve it; moto serves the rest. Production counts throttled keys, the others none."""

    def describe_contributor_insights(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        environment = _table(state, context, parameters["TableName"])
        index = parameters.get("IndexName")
        if index not in (None, environment.index):
            raise AwsError("ResourceNotFoundException", f"Requested resource not found: Index: {index} not found")
        found = {"TableName": environment.table} | ({"IndexName": index} if index else {})
        if environment.name != "production":
            return found | {"ContributorInsightsStatus": "DISABLED"}
        enabled = state.started - timedelta(days=40)
        of = environment.table + (f"-{index}" if index else "")
        return found | {
            "ContributorInsightsStatus": "ENABLED",
            "ContributorInsightsMode": "ACCESSED_AND_THROTTLED_KEYS",
            "ContributorInsightsRuleList": [
                f"DynamoDBContributorInsights-{rule}-{of}-{int(enabled.timestamp() * 1000)}" for rule in _RULES
            ],
            "LastUpdateDateTime": enabled,
        }

    return {"DescribeContributorInsights": describe_contributor_insights}


def _table(state: SimulatedState, context: Context, name: str) -> EnvironmentEstate:
    for environment in state.estate.environments:
        if name in (environment.table, environment.table_arn) and environment.region == context.region:
            return environment
    raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
