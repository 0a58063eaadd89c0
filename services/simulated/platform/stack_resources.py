"""What a stack of the EC2 Manager is made of: logical names, types and physical names, in order of creation."""

from __future__ import annotations

import hashlib

import msgspec

from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate, stable_id, stable_uuid


class StackResource(msgspec.Struct, frozen=True):
    """One resource as the template names it and as the account knows it."""

    logical_id: str
    type: str
    physical_id: str
    seconds: float
    """How long its creation takes."""


def resources(environment: EnvironmentEstate, seed: int, version: int, deployment: str) -> tuple[StackResource, ...]:
    """The stack's resources while `version` is the newest published and `deployment` the API's newest."""
    e = environment

    def generated(logical_id: str) -> str:
        return f"{e.stack_name}-{logical_id}-{stable_id(seed, f'{e.name}/{logical_id}', 12).upper()}"

    alarms = tuple(
        StackResource(f"{alarm.title().replace('-', '')}Alarm", "AWS::CloudWatch::Alarm", name, 3)
        for alarm, name in alarm_names(e).items()
    )
    return (
        StackResource("ManagerFunctionRole", "AWS::IAM::Role", e.role_arn.rpartition("/")[2], 18),
        StackResource("AuditTable", "AWS::DynamoDB::Table", e.table, 12),
        StackResource("WebBucket", "AWS::S3::Bucket", e.bucket, 20),
        StackResource("UserPool", "AWS::Cognito::UserPool", e.user_pool, 3),
        StackResource("UserPoolClient", "AWS::Cognito::UserPoolClient", e.user_pool_client, 2),
        StackResource("AppLogGroup", "AWS::Logs::LogGroup", e.app_log_group, 3),
        StackResource("FunctionLogGroup", "AWS::Logs::LogGroup", e.lambda_log_group, 3),
        StackResource("AccessLogGroup", "AWS::Logs::LogGroup", e.access_log_group, 3),
        StackResource("ManagerFunction", "AWS::Lambda::Function", e.function, 11),
        StackResource(f"ManagerFunctionVersion{version}", "AWS::Lambda::Version", f"{e.function_arn}:{version}", 6),
        StackResource("ManagerFunctionAliasLIVE", "AWS::Lambda::Alias", e.alias_arn, 4),
        StackResource("Api", "AWS::ApiGateway::RestApi", e.api_id, 3),
        StackResource("ApiInstances", "AWS::ApiGateway::Resource", stable_id(seed, f"{e.name}/path/instances", 6), 2),
        StackResource("ApiInstance", "AWS::ApiGateway::Resource", stable_id(seed, f"{e.name}/path/instance", 6), 2),
        StackResource("ApiHealth", "AWS::ApiGateway::Resource", stable_id(seed, f"{e.name}/path/health", 6), 2),
        StackResource("ApiPermission", "AWS::Lambda::Permission", generated("ApiPermission"), 2),
        StackResource("ApiDeployment", "AWS::ApiGateway::Deployment", deployment, 2),
        StackResource("ApiStage", "AWS::ApiGateway::Stage", e.stage, 3),
        StackResource("WebDistribution", "AWS::CloudFront::Distribution", e.distribution, 190),
        StackResource("WebBucketPolicy", "AWS::S3::BucketPolicy", e.bucket, 2),
        StackResource("AlertsTopic", "AWS::SNS::Topic", e.topic_arn, 11),
        *alarms,
        StackResource("Dashboard", "AWS::CloudWatch::Dashboard", e.dashboard, 2),
    )


def nested_stack(environment: EnvironmentEstate, seed: int, logical_id: str) -> StackResource:
    """A stack within the environment's stack, as the parent knows it: its physical name is its id."""
    name = f"{environment.stack_name}-{logical_id}-{stable_id(seed, f'{environment.name}/{logical_id}', 12).upper()}"
    identity = stable_uuid(seed, f"{environment.name}/nested/{logical_id}")
    arn = f"arn:aws:cloudformation:{environment.region}:{ACCOUNT_ID}:stack/{name}/{identity}"
    return StackResource(logical_id, "AWS::CloudFormation::Stack", arn, 30)


def alarm_names(environment: EnvironmentEstate) -> dict[str, str]:
    """What each alarm of the stack watches → its name."""
    return {
        what: f"{environment.stack_name}-{what}"
        for what in ("api-5xx", "api-latency", "lambda-errors", "dynamodb-throttles")
    }


def deployment_id(seed: int, environment: str, version: int) -> str:
    """The API deployment that came with a version."""
    return stable_id(seed, f"{environment}/api-deployment/{version}", 6)


def api_url(environment: EnvironmentEstate) -> str:
    return f"https://{environment.api_id}.execute-api.{environment.region}.amazonaws.com/{environment.stage}/"


def web_url(environment: EnvironmentEstate) -> str:
    return f"https://{environment.distribution_domain}/"


def code_sha(environment: str, version: int) -> str:
    """CodeSha256 of a version, base64 as Lambda gives it; the same code has the same in every environment."""
    import base64

    return base64.b64encode(hashlib.sha256(f"ec2-manager-function/{version}".encode()).digest()).decode()
