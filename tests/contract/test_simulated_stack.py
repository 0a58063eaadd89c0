"""CloudFormation and API Gateway of the simulated account: events unfold, names lead to the parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from tests.simulated_support import START, boto, manual, simulated

STACK = "EC2Manager-production"


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        yield opened


@pytest.fixture
def client(account: SimulatedAccount) -> Any:
    return boto(account, "cloudformation")


def status(client: Any) -> str:
    return str(client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])


def test_an_update_unfolds_resource_by_resource_as_time_passes(account: SimulatedAccount, client: Any) -> None:
    manual(account).advance(119)
    before = client.describe_stack_events(StackName=STACK)["StackEvents"]
    assert status(client) == "UPDATE_COMPLETE"
    seen: list[tuple[str, str]] = []
    for _ in range(6):
        manual(account).advance(10)
        events = client.describe_stack_events(StackName=STACK)["StackEvents"]
        known = {event["EventId"] for event in before}
        fresh = [event for event in events if event["EventId"] not in known]
        assert all(event["Timestamp"] <= account.clock.now() for event in fresh)
        assert [event["Timestamp"] for event in fresh] == sorted((e["Timestamp"] for e in fresh), reverse=True)
        seen += [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(fresh)]
        before = events
    assert seen[:4] == [
        (STACK, "UPDATE_IN_PROGRESS"),
        ("ManagerFunction", "UPDATE_IN_PROGRESS"),
        ("ManagerFunction", "UPDATE_COMPLETE"),
        ("ManagerFunctionVersion42", "CREATE_IN_PROGRESS"),
    ]
    assert ("ManagerFunctionAliasLIVE", "UPDATE_COMPLETE") in seen
    assert seen[-1] == (STACK, "UPDATE_COMPLETE")


def test_the_stacks_status_follows_its_events(account: SimulatedAccount, client: Any) -> None:
    told = []
    for seconds in (60, 61, 40, 20, 60):
        manual(account).advance(seconds)
        told.append(status(client))
    assert told[0] == "UPDATE_COMPLETE"
    assert told[1:3] == ["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"]
    assert told[-1] == "UPDATE_COMPLETE"
    assert client.describe_stacks(StackName=STACK)["Stacks"][0]["LastUpdatedTime"] == START + timedelta(seconds=120)


def test_the_whole_history_is_paged_newest_first_and_each_event_once(client: Any) -> None:
    pages = list(client.get_paginator("describe_stack_events").paginate(StackName=STACK))
    assert len(pages) > 1
    events = [event for page in pages for event in page["StackEvents"]]
    assert len({event["EventId"] for event in events}) == len(events)
    assert [event["Timestamp"] for event in events] == sorted((event["Timestamp"] for event in events), reverse=True)
    assert (events[-1]["ResourceStatus"], events[-1]["ResourceStatusReason"]) == (
        "CREATE_IN_PROGRESS",
        "User Initiated",
    )


def test_a_token_stays_good_while_new_events_come(account: SimulatedAccount, client: Any) -> None:
    first = client.describe_stack_events(StackName=STACK)
    manual(account).advance(300)
    second = client.describe_stack_events(StackName=STACK, NextToken=first["NextToken"])
    assert second["StackEvents"][0]["Timestamp"] <= first["StackEvents"][-1]["Timestamp"]
    ids = {event["EventId"] for event in first["StackEvents"]}
    assert not ids & {event["EventId"] for event in second["StackEvents"]}
    with pytest.raises(ClientError, match="NextToken"):
        client.describe_stack_events(StackName=STACK, NextToken="nonsense")


def test_a_stack_answers_to_its_name_and_its_id_and_no_other(client: Any) -> None:
    identity = client.describe_stacks(StackName=STACK)["Stacks"][0]["StackId"]
    assert client.describe_stacks(StackName=identity)["Stacks"][0]["StackName"] == STACK
    with pytest.raises(ClientError) as caught:
        client.describe_stacks(StackName="EC2Manager-prod")
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert "EC2Manager-prod does not exist" in caught.value.response["Error"]["Message"]


def test_another_region_has_no_stack(account: SimulatedAccount) -> None:
    elsewhere = boto(account, "cloudformation", "us-east-1")
    assert elsewhere.describe_stacks()["Stacks"] == []
    with pytest.raises(ClientError, match="does not exist"):
        elsewhere.describe_stacks(StackName=STACK)


def test_the_stacks_resources_lead_to_things_that_are_there(account: SimulatedAccount, client: Any) -> None:
    rows = client.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    physical = {row["ResourceType"]: row["PhysicalResourceId"] for row in rows}
    boto(account, "lambda").get_function(FunctionName=physical["AWS::Lambda::Function"])
    boto(account, "apigateway").get_rest_api(restApiId=physical["AWS::ApiGateway::RestApi"])
    boto(account, "dynamodb").describe_table(TableName=physical["AWS::DynamoDB::Table"])
    boto(account, "s3").head_bucket(Bucket=physical["AWS::S3::Bucket"])
    boto(account, "cloudfront", "us-east-1").get_distribution(Id=physical["AWS::CloudFront::Distribution"])
    pool = physical["AWS::Cognito::UserPool"]
    boto(account, "cognito-idp").describe_user_pool(UserPoolId=pool)
    boto(account, "cognito-idp").describe_user_pool_client(
        UserPoolId=pool, ClientId=physical["AWS::Cognito::UserPoolClient"]
    )
    boto(account, "sns").get_topic_attributes(TopicArn=physical["AWS::SNS::Topic"])
    groups = {group["logGroupName"] for group in boto(account, "logs").describe_log_groups()["logGroups"]}
    assert {row["PhysicalResourceId"] for row in rows if row["ResourceType"] == "AWS::Logs::LogGroup"} <= groups


def test_the_stacks_alarms_and_dashboard_are_cloudwatchs(account: SimulatedAccount, client: Any) -> None:
    rows = client.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    watch = boto(account, "cloudwatch")
    alarms = {row["PhysicalResourceId"] for row in rows if row["ResourceType"] == "AWS::CloudWatch::Alarm"}
    known = {alarm["AlarmName"] for alarm in watch.describe_alarms()["MetricAlarms"]}
    assert alarms
    assert alarms <= known
    (dashboard,) = (row["PhysicalResourceId"] for row in rows if row["ResourceType"] == "AWS::CloudWatch::Dashboard")
    assert watch.get_dashboard(DashboardName=dashboard)["DashboardBody"]


def test_every_integration_calls_the_alias(account: SimulatedAccount) -> None:
    gateway = boto(account, "apigateway")
    api = account.state.estate.environment("production").api_id
    resources = gateway.get_resources(restApiId=api, embed=["methods"])["items"]
    methods = [method for one in resources for method in one.get("resourceMethods", {}).values()]
    uris = [method["methodIntegration"]["uri"] for method in methods if method["httpMethod"] != "OPTIONS"]
    assert len(uris) >= 4
    assert all("function:ec2-manager-function-prod:LIVE/invocations" in uri for uri in uris)


def test_a_stage_goes_back_to_an_older_deployment_and_refuses_an_unknown_one(account: SimulatedAccount) -> None:
    gateway = boto(account, "apigateway")
    stage = {"restApiId": account.state.estate.environment("production").api_id, "stageName": "prod"}
    now = gateway.get_stage(**stage)["deploymentId"]
    made = gateway.get_deployments(restApiId=stage["restApiId"])["items"]
    assert [one["createdDate"] for one in made] == sorted(one["createdDate"] for one in made)
    assert made[-1]["id"] == now
    patch = {"op": "replace", "path": "/deploymentId", "value": made[-2]["id"]}
    assert gateway.update_stage(**stage, patchOperations=[patch])["deploymentId"] == made[-2]["id"]
    with pytest.raises(ClientError, match="Invalid Deployment identifier"):
        gateway.update_stage(**stage, patchOperations=[patch | {"value": "nothing"}])
    assert gateway.get_stage(**stage)["deploymentId"] == made[-2]["id"]
