"""Every operation that is read with, in one table: what the trimmed service models hold. Pure.

An operation that is missing here works all the same, with botocore's whole model of its service: slower to begin, and
some megabytes more. A test names it.

What changes an account is not here on purpose. The executor's clients have botocore's full models; those of the watch
have no method with which anything could be changed.
"""

from __future__ import annotations

from collections.abc import Mapping

ALL: frozenset[str] = frozenset()
"""Every operation of the service: those of identities are few, and botocore chooses among them itself."""

READ: Mapping[str, frozenset[str]] = {
    "apigateway": frozenset(
        {"GetRestApi", "GetStage", "GetStages", "GetDeployment", "GetDeployments", "GetResources", "GetAccount"}
    ),
    "apigatewayv2": frozenset({"GetApi", "GetStage", "GetStages", "GetDeployments", "GetIntegrations", "GetRoutes"}),
    "cloudformation": frozenset(
        {
            *("DescribeStacks", "ListStackResources", "DescribeStackEvents", "ListChangeSets", "DescribeChangeSet"),
            "GetTemplate",
            *("DetectStackDrift", "DescribeStackDriftDetectionStatus", "DescribeStackResourceDrifts"),
        }
    ),
    "cloudfront": frozenset({"GetDistribution", "GetMonitoringSubscription", "ListInvalidations", "GetInvalidation"}),
    "ce": frozenset({"GetCostAndUsage"}),
    "cloudtrail": frozenset({"LookupEvents", "DescribeTrails"}),
    "cloudwatch": frozenset(
        {
            *("GetMetricData", "GetMetricStatistics", "ListMetrics", "ListDashboards", "GetDashboard"),
            *("DescribeAlarms", "DescribeAlarmHistory", "ListAlarmMuteRules", "GetAlarmMuteRule"),
        }
    ),
    "cognito-idp": frozenset(
        {"DescribeUserPool", "GetLogDeliveryConfiguration", "ListUsers", "DescribeUserPoolClient"}
    ),
    "dynamodb": frozenset(
        {
            *("DescribeTable", "GetItem", "Scan"),
            *("DescribeContinuousBackups", "ListBackups", "DescribeBackup"),
        }
    ),
    "ec2": frozenset({"DescribeSecurityGroups"}),
    "iam": frozenset(
        {
            *("SimulatePrincipalPolicy", "ListAttachedRolePolicies", "ListRolePolicies"),
            *("ListPolicies", "GetPolicyVersion", "GetAccountSummary"),
        }
    ),
    "lambda": frozenset(
        {
            *("GetFunctionConfiguration", "GetAlias", "ListVersionsByFunction"),
            *("ListAliases", "ListEventSourceMappings"),
            *("ListProvisionedConcurrencyConfigs", "GetProvisionedConcurrencyConfig"),
        }
    ),
    "logs": frozenset(
        {
            *("FilterLogEvents", "DescribeLogGroups", "StartLiveTail", "DescribeExportTasks"),
            *("StartQuery", "GetQueryResults", "StopQuery"),
        }
    ),
    "s3": frozenset(
        {
            *("HeadBucket", "GetBucketVersioning", "GetBucketLifecycleConfiguration"),
            *("GetBucketLocation", "GetBucketPolicy", "HeadObject", "ListObjectVersions", "GetBucketEncryption"),
            "ListObjectsV2",
        }
    ),
    "sts": ALL,
    # Asked by botocore itself for credentials: SSO, `aws login`.
    "signin": ALL,
    "sso": ALL,
    "sso-oidc": ALL,
}
"""botocore's service name → its operations."""

PREFIXES: Mapping[str, str] = {
    "apigatewayv2": "apigateway",
    "cloudwatch": "monitoring",
    "sso": "portal.sso",
    "sso-oidc": "oidc",
}
"""botocore's service name → its name in endpoints.json, where that is another."""


def trimmed(service: str, operation: str) -> bool:
    """Whether the trimmed models hold this operation; any other needs the full model."""
    held = READ.get(service)
    return held is not None and (held is ALL or operation in held)
