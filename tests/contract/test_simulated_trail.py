"""CloudTrail of the simulated account: who changed what, a few minutes late."""

from __future__ import annotations

import json
from datetime import timedelta

from services.simulated.platform.trail import DELIVERY_S
from tests.simulated_support import START, boto, manual, simulated

FUNCTION = "ec2-manager-function-prod"


def test_an_operators_change_arrives_late_and_names_the_caller() -> None:
    with simulated() as account:
        trail = boto(account, "cloudtrail")
        boto(account, "lambda").update_alias(FunctionName=FUNCTION, Name="LIVE", FunctionVersion="40")
        wanted = [{"AttributeKey": "EventName", "AttributeValue": "UpdateAlias20150331"}]
        own = {"LookupAttributes": wanted, "StartTime": START - timedelta(minutes=1)}
        assert trail.lookup_events(**own)["Events"] == []
        manual(account).advance(DELIVERY_S)
        (event,) = trail.lookup_events(**own)["Events"]
        assert (event["EventTime"], event["Username"]) == (START, "on-call")
        told = json.loads(event["CloudTrailEvent"])
        assert told["requestParameters"]["functionVersion"] == "40"
        assert told["userIdentity"]["arn"] == account.state.estate.caller_arn


def test_a_deployments_changes_are_the_pipelines_by_way_of_cloudformation() -> None:
    with simulated("bad-deploy") as account:
        manual(account).advance(120 + 60 + DELIVERY_S)
        events = boto(account, "cloudtrail").lookup_events(StartTime=START)["Events"]
        assert [event["EventName"] for event in events] == [
            "UpdateStage",
            "UpdateAlias20150331",
            "PublishVersion20150331",
            "UpdateFunctionCode20150331v2",
            "UpdateStack",
        ]
        assert {event["Username"] for event in events} == {"pipeline"}
        told = json.loads(events[1]["CloudTrailEvent"])
        assert told["userIdentity"]["invokedBy"] == "cloudformation.amazonaws.com"
        assert told["requestParameters"]["functionVersion"] == "42"


def test_reading_is_no_change_and_a_refused_change_says_so() -> None:
    with simulated() as account:
        client = boto(account, "lambda")
        client.get_alias(FunctionName=FUNCTION, Name="LIVE")
        alias = {"FunctionName": FUNCTION, "Name": "LIVE", "FunctionVersion": "40"}
        refused: list[str] = []
        try:
            client.update_alias(**alias, RevisionId="stale")
        except client.exceptions.PreconditionFailedException as error:
            refused.append(error.response["Error"]["Code"])
        assert refused == ["PreconditionFailedException"]
        manual(account).advance(DELIVERY_S)
        events = boto(account, "cloudtrail").lookup_events(StartTime=START)["Events"]
        assert [json.loads(event["CloudTrailEvent"])["errorCode"] for event in events] == refused


def test_the_trail_names_its_log_group() -> None:
    with simulated() as account:
        (trail,) = boto(account, "cloudtrail").describe_trails()["trailList"]
        assert account.state.estate.trail_log_group in trail["CloudWatchLogsLogGroupArn"]
