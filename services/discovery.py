"""From a stack's resources to the names that everything else uses. Nothing is guessed (decisions D1, D3)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.aws import stacks
from services.aws.session import Account
from services.model.parts import Parts, StackResource
from services.safe_text import SafeText
from services.settings.values import Environment


async def discover(account: Account, environment: Environment) -> Parts:
    """What the environment's stack is made of. NOT_FOUND when there is no such stack. Raises AccountError."""
    stack, resources = await asyncio.gather(
        stacks.describe(account, environment.stack), stacks.resources(account, environment.stack)
    )
    return parts_of(stack.name, stack.id, resources)


def parts_of(stack_name: SafeText, stack_id: SafeText, resources: Sequence[StackResource]) -> Parts:
    """Sort resources by type. Deleted ones and those that have no name yet are left out."""
    there = [one for one in resources if one.physical_id and one.status != "DELETE_COMPLETE"]

    def named(kind: str) -> tuple[SafeText, ...]:
        return tuple(one.physical_id for one in there if one.type == kind)

    return Parts(
        stack_name=stack_name,
        stack_id=stack_id,
        resources=tuple(resources),
        rest_apis=named("AWS::ApiGateway::RestApi"),
        http_apis=named("AWS::ApiGatewayV2::Api"),
        functions=named("AWS::Lambda::Function"),
        aliases=tuple(filter(None, map(_alias, named("AWS::Lambda::Alias")))),
        tables=named("AWS::DynamoDB::Table") + named("AWS::DynamoDB::GlobalTable"),
        distributions=named("AWS::CloudFront::Distribution"),
        buckets=named("AWS::S3::Bucket"),
        user_pools=named("AWS::Cognito::UserPool"),
        user_pool_clients=named("AWS::Cognito::UserPoolClient"),
        log_groups=named("AWS::Logs::LogGroup"),
        alarms=named("AWS::CloudWatch::Alarm") + named("AWS::CloudWatch::CompositeAlarm"),
        dashboards=named("AWS::CloudWatch::Dashboard"),
    )


def stages(parts: Parts) -> tuple[SafeText, ...]:
    """Names of the API stages that the stack made."""
    kinds = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
    return tuple(one.physical_id for one in parts.resources if one.type in kinds)


def _alias(physical_id: SafeText) -> tuple[SafeText, SafeText] | None:
    """`arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS` → (NAME, ALIAS)."""
    _, found, rest = physical_id.partition(":function:")
    function, _, alias = rest.partition(":")
    return (SafeText(function), SafeText(alias)) if found and function and alias else None
