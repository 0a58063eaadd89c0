"""What scenarios show beyond metrics: logs, events, aliases, trails, refusals; asked over HTTP as anybody would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from services.simulated.world.scenarios import SCENARIOS
from tests.simulated_support import START, boto, manual, simulated

STACK = "EC2Manager-production"
FUNCTION = "ec2-manager-function-prod"
TRAIL_DELIVERED = 600


def lines(account: SimulatedAccount, group: str, begins: float, ends: float, pattern: str = "") -> list[dict[str, Any]]:
    """Every event of [begins, ends), seconds after the start."""
    client = boto(account, "logs")
    asked: dict[str, Any] = {"logGroupName": group, "startTime": _ms(begins), "endTime": _ms(ends) - 1}
    if pattern:
        asked["filterPattern"] = pattern
    pages = client.get_paginator("filter_log_events").paginate(**asked)
    return [event for page in pages for event in page["events"]]


def _ms(seconds: float) -> int:
    return int((START + timedelta(seconds=seconds)).timestamp() * 1000)


def refused(call: Callable[[], Any]) -> str:
    """AWS's error code; empty when the call is answered."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_scenario_opens_tells_its_name_and_lets_an_hour_pass(scenario: str) -> None:
    with simulated(scenario) as account:
        manual(account).advance(3_600)
        assert account.state.scenario.name == scenario
        stack = boto(account, "cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        assert not stack["StackStatus"].endswith("IN_PROGRESS")
        found = boto(account, "lambda").get_alias(FunctionName=FUNCTION, Name="LIVE")
        assert found["FunctionVersion"] in ("41", "42", "43")


def test_a_canary_is_a_weight_of_the_alias_and_going_back_takes_it_away() -> None:
    with simulated("canary") as account:
        client = boto(account, "lambda")
        manual(account).advance(150)
        assert "RoutingConfig" not in client.get_alias(FunctionName=FUNCTION, Name="LIVE")
        manual(account).advance(10)
        alias = client.get_alias(FunctionName=FUNCTION, Name="LIVE")
        assert alias["FunctionVersion"] == "41"
        assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {"42": 0.1}}
        manual(account).advance(TRAIL_DELIVERED)
        wanted = [{"AttributeKey": "EventName", "AttributeValue": "UpdateAlias20150331"}]
        (event,) = boto(account, "cloudtrail").lookup_events(LookupAttributes=wanted, StartTime=START)["Events"]
        asked = json.loads(event["CloudTrailEvent"])["requestParameters"]
        assert asked["routingConfig"] == {"additionalVersionWeights": {"42": 0.1}}
        routing: dict[str, dict[str, float]] = {"AdditionalVersionWeights": {}}
        client.update_alias(FunctionName=FUNCTION, Name="LIVE", FunctionVersion="41", RoutingConfig=routing)
        after = int(account.clock.now().timestamp()) // 60 * 60 + 60
        assert set(account.state.world.minute("production", after).versions) == {41}


def test_another_operator_renews_the_lease_until_they_die_and_what_is_taken_over_from_them_is_left_alone() -> None:
    (other,) = SCENARIOS["two-operators"].others
    resource = {"resource": {"S": other.resource.format(function=FUNCTION)}}

    with simulated("two-operators") as account:
        client, clock = boto(account, "dynamodb"), manual(account)

        def row_at(seconds: float) -> dict[str, dict[str, str]]:
            clock.advance((START + timedelta(seconds=seconds) - clock.now()).total_seconds())
            item: dict[str, dict[str, str]] = client.get_item(TableName=account.lease_table, Key=resource).get("Item")
            return item

        assert row_at(other.begins - 1) is None
        beats = [int(row_at(at)["beat"]["N"]) for at in (other.begins, other.begins + 60, other.dies, other.dies + 600)]
        assert beats[0] == 0 < beats[1] < beats[2] == beats[3]
        row = row_at(other.dies + 600)
        assert (row["who"]["S"], row["fence"]["N"]) == ("sam on bastion-2", "1")
        assert row["doing"]["S"] == f"Roll back LIVE of {FUNCTION} from v42 to v41"
        ours = {**row, "token": {"S": "ours"}, "fence": {"N": "2"}}
        client.put_item(TableName=account.lease_table, Item=ours)
        assert row_at(other.dies + 700) == ours
    with simulated("bad-deploy") as account:
        assert account.lease_table == ""
        assert account.lease_table not in boto(account, "dynamodb").list_tables()["TableNames"]


def test_an_update_that_fails_tells_the_cause_cancels_the_rest_and_goes_back() -> None:
    with simulated("bad-deploy-rolled-back") as account:
        client = boto(account, "cloudformation")
        statuses: list[str] = []
        for _ in range(26):
            manual(account).advance(10)
            status = client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
            if status not in statuses[-1:]:
                statuses.append(status)
        assert statuses == [
            "UPDATE_COMPLETE",
            "UPDATE_IN_PROGRESS",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE",
        ]
        events = client.describe_stack_events(StackName=STACK)["StackEvents"]
        own = [event for event in reversed(events) if event["Timestamp"] >= START]
        failed = [event for event in own if event["ResourceStatus"] == "UPDATE_FAILED"]
        assert failed[0]["LogicalResourceId"] == "AuditTable"
        assert "more than one GSI" in failed[0]["ResourceStatusReason"]
        assert {event["ResourceStatusReason"] for event in failed[1:]} == {"Resource update cancelled"}
        assert len(failed) == 3
        rolling = next(event for event in own if event["ResourceStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS")
        assert set(re.findall(r"\w+", rolling["ResourceStatusReason"].rpartition("[")[2])) == {
            event["LogicalResourceId"] for event in failed
        }
        assert len({event["ClientRequestToken"] for event in own}) == 1
        assert [event["Timestamp"] for event in own] == sorted(event["Timestamp"] for event in own)
        touched = {event["LogicalResourceId"] for event in own if event["ResourceStatus"] == "UPDATE_IN_PROGRESS"}
        last = {event["LogicalResourceId"]: event["ResourceStatus"] for event in own}
        assert all(last[name] == "UPDATE_COMPLETE" for name in touched - {STACK})
        versions = boto(account, "lambda").list_versions_by_function(FunctionName=FUNCTION)["Versions"]
        assert "42" not in {version["Version"] for version in versions}
        assert not any(
            "Version42" in row["LogicalResourceId"]
            for row in client.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
        )


def test_the_two_tellings_of_the_trail_are_one() -> None:
    with simulated("bad-deploy") as account:
        manual(account).advance(400)
        boto(account, "lambda").update_alias(FunctionName=FUNCTION, Name="LIVE", FunctionVersion="41")
        distribution = account.state.estate.environment("production").distribution
        batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "again"}
        boto(account, "cloudfront").create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
        boto(account, "lambda").update_function_configuration(FunctionName=FUNCTION, MemorySize=1024)
        manual(account).advance(TRAIL_DELIVERED)
        looked_up = [
            json.loads(event["CloudTrailEvent"])
            for region in ("us-west-2", "us-east-1")
            for event in boto(account, "cloudtrail", region).lookup_events(StartTime=START)["Events"]
        ]
        written = [
            json.loads(event["message"]) for event in lines(account, "/aws/cloudtrail/ec2-manager-trail", 0, 900)
        ]
        assert sorted(written, key=lambda event: event["eventID"]) == sorted(
            looked_up, key=lambda event: event["eventID"]
        )
        by_hand = {e["eventName"]: e for e in looked_up if "on-call" in e["userIdentity"]["arn"]}
        assert set(by_hand) == {"UpdateAlias20150331", "CreateInvalidation", "UpdateFunctionConfiguration20150331v2"}
        assert by_hand["CreateInvalidation"]["awsRegion"] == "us-east-1"


def test_the_pipelines_own_invalidation_of_the_past_is_in_the_trail() -> None:
    with simulated() as account:
        wanted = [{"AttributeKey": "EventName", "AttributeValue": "CreateInvalidation"}]
        found = boto(account, "cloudtrail", "us-east-1").lookup_events(LookupAttributes=wanted)["Events"]
        assert found
        assert {event["Username"] for event in found} == {"pipeline"}


def test_a_change_by_hand_alone_explains_the_cache() -> None:
    with simulated("cache-miss-storm") as account:
        client = boto(account, "cloudfront")
        identity = account.state.estate.environment("production").distribution
        before = client.get_distribution(Id=identity)
        manual(account).advance(120 + TRAIL_DELIVERED)
        after = client.get_distribution(Id=identity)
        assert after["ETag"] != before["ETag"]
        assert after["Distribution"]["LastModifiedTime"] == START + timedelta(seconds=120)
        policies = [
            one["Distribution"]["DistributionConfig"]["DefaultCacheBehavior"]["CachePolicyId"]
            for one in (before, after)
        ]
        (event,) = boto(account, "cloudtrail", "us-east-1").lookup_events(StartTime=START)["Events"]
        told = json.loads(event["CloudTrailEvent"])
        asked = told["requestParameters"]
        assert (told["eventName"], asked["id"]) == ("UpdateDistribution", identity)
        assert asked["distributionConfig"]["defaultCacheBehavior"]["cachePolicyId"] == policies[1] != policies[0]
        assert event["Resources"] == [{"ResourceType": "AWS::CloudFront::Distribution", "ResourceName": identity}]


@pytest.mark.runbook("R070")
def test_the_attacks_sign_ins_are_in_the_pools_log_with_their_addresses() -> None:
    with simulated("auth-failures") as account:
        manual(account).advance(900)
        production = account.state.estate.environment("production")
        users = boto(account, "cognito-idp")
        delivered = users.get_log_delivery_configuration(UserPoolId=production.user_pool)["LogDeliveryConfiguration"]
        (configuration,) = delivered["LogConfigurations"]
        group = configuration["CloudWatchLogsConfiguration"]["LogGroupArn"].partition(":log-group:")[2]
        failed = [
            json.loads(event["message"])["message"]
            for event in lines(account, group, 180, 480, '{ $.message.eventResponse = "Fail" }')
        ]
        attack = [one for one in failed if one["ipAddress"].startswith("203.0.113.")]
        assert len(attack) == 13 * 5
        assert {one["clientId"] for one in attack} == {production.user_pool_client, "Invalid"}
        minutes = [int(START.timestamp()) + 60 * minute for minute in range(3, 8)]
        counted = [account.state.world.minute("production", start) for start in minutes]
        assert len(failed) == sum(one.sign_in_failures + one.unknown_client_sign_ins for one in counted)


def test_other_pools_deliver_no_log_and_an_unknown_one_is_refused() -> None:
    with simulated() as account:
        users = boto(account, "cognito-idp")
        pool = account.state.estate.environment("staging").user_pool
        delivered = users.get_log_delivery_configuration(UserPoolId=pool)["LogDeliveryConfiguration"]
        assert delivered["LogConfigurations"] == []
        unknown = refused(lambda: users.get_log_delivery_configuration(UserPoolId="us-west-2_nothing"))
        assert unknown == "ResourceNotFoundException"


def test_the_client_of_nobody_is_listed_only_once_somebody_used_it() -> None:
    for scenario, expected in (("calm", 0), ("auth-failures", 1)):
        with simulated(scenario) as account:
            manual(account).advance(1_500)
            dimensions = [{"Name": "UserPoolClient", "Value": "Invalid"}]
            found = boto(account, "cloudwatch").list_metrics(Namespace="AWS/Cognito", Dimensions=dimensions)
            assert len(found["Metrics"]) == expected


def test_a_leak_shows_in_the_reports_and_ends_in_time_outs() -> None:
    with simulated("memory-leak") as account:
        manual(account).advance(3_600)

        def reports(begins: float) -> list[str]:
            found = lines(account, f"/aws/lambda/{FUNCTION}", begins, begins + 300, "REPORT")
            return [event["message"] for event in found]

        def used(begins: float) -> float:
            memory = [int(re.search(r"Max Memory Used: (\d+) MB", text)[1]) for text in reports(begins)]  # type: ignore[index]  # None would fail the test
            return sum(memory) / len(memory)

        assert used(-10_000) < 130 < 200 < used(-3_600) < used(-1_200) < used(3_000)
        assert used(3_000) > 400
        assert not any("Status: timeout" in text for text in reports(-300))
        assert any("Status: timeout" in text for text in reports(3_000))
        ended = lines(account, f"/aws/lambda/{FUNCTION}", 3_000, 3_300, '"Task timed out"')
        assert ended
        access = lines(account, "/aws/apigateway/ec2-manager-api-production/access", 3_000, 3_300, "{ $.status = 504 }")
        assert abs(len(access) - len(ended)) <= 3  # a line comes half a minute after its request


def test_a_cold_starts_report_says_what_the_api_waited_for() -> None:
    with simulated("cold-starts") as account:
        manual(account).advance(900)
        found = lines(account, f"/aws/lambda/{FUNCTION}", 180, 300, '"Init Duration"')
        told = [float(re.search(r"Init Duration: ([\d.]+) ms", event["message"])[1]) for event in found]  # type: ignore[index]  # None would fail the test
        assert len(told) > 60
        assert 1_500 < sum(told) / len(told) < 2_300
        world = account.state.world
        cold = [
            request
            for minute in (3, 4)
            for request in world.requests("production", int(START.timestamp()) + 60 * minute)
            if request.cold
        ]
        assert all(request.integration_ms > request.duration_ms + request.init_ms for request in cold)


def test_the_application_falls_silent_and_no_other_log_does() -> None:
    with simulated("log-silence") as account:
        manual(account).advance(900)
        production = account.state.estate.environment("production")
        assert lines(account, production.app_log_group, 0, 180)
        assert lines(account, production.app_log_group, 180, 800) == []
        others = (production.lambda_log_group, production.access_log_group, production.api_log_group)
        assert all(lines(account, group, 700, 760) for group in others)
        staging = account.state.estate.environment("staging")
        assert lines(account, staging.app_log_group, 180, 800)


def test_throttled_writes_are_warned_of_by_the_application() -> None:
    with simulated("hot-partition") as account:
        manual(account).advance(600)
        warned = lines(account, "/aws/ec2-manager/prod", 240, 540, '{ $.level = "WARN" && $.message = "DynamoDB*" }')
        assert len(warned) > 50
        dynamo = boto(account, "dynamodb")
        table = account.state.estate.environment("production").table
        insights = dynamo.describe_contributor_insights(TableName=table)
        assert insights["ContributorInsightsStatus"] == "ENABLED"
        quiet = account.state.estate.environment("dev").table
        assert dynamo.describe_contributor_insights(TableName=quiet)["ContributorInsightsStatus"] == "DISABLED"
        missing = refused(lambda: dynamo.describe_contributor_insights(TableName=table, IndexName="none"))
        assert missing == "ResourceNotFoundException"


def _metrics(account: SimulatedAccount, region: str = "us-west-2") -> str:
    now = account.clock.now()
    query = {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "A", "MetricName": "B"}, "Period": 60, "Stat": "Sum"}}
    client = boto(account, "cloudwatch", region)
    span = {"StartTime": now - timedelta(minutes=5), "EndTime": now}
    return refused(lambda: client.get_metric_data(MetricDataQueries=[query], **span))


def test_the_cockpit_is_denied_what_the_scenario_says_and_nothing_else() -> None:
    with simulated("cockpit-denied") as account:
        table = account.state.estate.environment("production").table
        group = {"logGroupName": "/aws/ec2-manager/prod"}
        denied = {
            "alarms": refused(lambda: boto(account, "cloudwatch").describe_alarms()),
            "events": refused(lambda: boto(account, "cloudformation").describe_stack_events(StackName=STACK)),
            "table": refused(lambda: boto(account, "dynamodb").describe_table(TableName=table)),
            "trail": refused(lambda: boto(account, "cloudtrail").lookup_events()),
            "lines": refused(lambda: boto(account, "logs").filter_log_events(**group)),
        }
        assert all(code.startswith("AccessDenied") for code in denied.values()), denied
        assert refused(lambda: boto(account, "cloudformation").describe_stacks(StackName=STACK)) == ""
        assert (_metrics(account), _metrics(account, "us-east-1")) == ("", "")
        manual(account).advance(300)
        assert _metrics(account, "us-east-1").startswith("AccessDenied")
        assert _metrics(account) == ""


@pytest.mark.parametrize(
    ("seconds", "throttled"), [(119, False), (120, True), (299, True), (300, False), (600, True), (1_200, False)]
)
def test_the_cockpit_is_throttled_in_stretches(seconds: int, throttled: bool) -> None:
    with simulated("cockpit-throttled") as account:
        manual(account).advance(seconds)
        assert _metrics(account).startswith("Throttling") is throttled
        lines_refused = refused(lambda: boto(account, "logs").filter_log_events(logGroupName="/aws/ec2-manager/prod"))
        assert lines_refused.startswith("Throttling") is throttled
        assert _metrics(account, "us-east-1") == ""  # each region has quotas of its own


def newest(client: Any, now: datetime, namespace: str, name: str, dimensions: dict[str, str]) -> list[int]:
    """Starts, seconds after the account's, of the minutes of the last half hour that can be seen."""
    found = client.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=30),
        EndTime=now,
        Period=60,
        Statistics=["SampleCount"],
    )
    return sorted(int((point["Timestamp"] - START).total_seconds()) for point in found["Datapoints"])


def test_late_points_come_six_to_ten_minutes_late_each_and_in_the_end_all_are_there() -> None:
    with simulated("late-metrics") as account:
        production = account.state.estate.environment("production")
        api = {"ApiName": production.api_name, "Stage": production.stage}
        edge = {"DistributionId": production.distribution, "Region": "Global"}
        home, global_region = boto(account, "cloudwatch"), boto(account, "cloudwatch", "us-east-1")
        arrived: dict[int, int] = {}
        for elapsed in range(0, 2_700, 60):
            for start in newest(home, account.clock.now(), "AWS/ApiGateway", "Count", api):
                arrived.setdefault(start, elapsed)
            at_edge = newest(global_region, account.clock.now(), "AWS/CloudFront", "Requests", edge)
            assert elapsed - at_edge[-1] <= 300
            manual(account).advance(60)
        delays = {start: arrived[start] - start for start in range(180, 1_800, 60)}
        assert all(60 + 360 <= delay <= 60 + 60 + 60 + 600 for delay in delays.values()), delays
        assert len(set(delays.values())) > 2
        assert all(arrived[start] - start <= 120 for start in range(60, 180, 60))
        assert sorted(start for start in arrived if 0 <= start < 1_800) == list(range(0, 1_800, 60))
