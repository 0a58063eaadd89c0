"""Alarms of the simulated account: the User Guide's tables, and the course of the account's own alarms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.simulated.cloudwatch.alarmrule import AlarmRule, RuleError
from services.simulated.cloudwatch.evaluation import Rule, evaluate, reason
from services.simulated.protocol import AwsError
from tests.unit.cloudwatch_support import CloudWatch, at, dimensions_of, seconds

KEEP = None
INSUFFICIENT = "INSUFFICIENT_DATA"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def state_of(shown: str, to_alarm: int, missing: str) -> str | None:
    """The state that points give; `0` within the threshold, `X` above it, `-` missing."""
    values = {"0": 0.0, "X": 9.0, "-": None}
    points = [(60 * index, values[sign]) for index, sign in enumerate(shown.split())]
    rule = Rule(threshold=5.0, comparison="GreaterThanThreshold", periods=3, to_alarm=to_alarm, missing=missing)
    return evaluate(rule, points).state


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("0 - X - X", ("OK", "OK", "OK", "OK")),
        ("0 - - - -", ("OK", "OK", "OK", "OK")),
        ("- - - - -", (INSUFFICIENT, KEEP, "ALARM", "OK")),
        ("0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("- - - - X", (INSUFFICIENT, KEEP, "ALARM", "OK")),
        ("X - - - -", ("ALARM", KEEP, "ALARM", "OK")),
    ],
)
def test_three_out_of_three_gives_what_the_guide_s_table_gives(shown: str, expected: tuple[str | None, ...]) -> None:
    assert tuple(state_of(shown, 3, missing) for missing in TREATMENTS) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 - X - -", ("OK", "OK", "ALARM", "OK")),
        ("- - - - 0", ("OK", "OK", "ALARM", "OK")),
        ("- - - - X", (INSUFFICIENT, KEEP, "ALARM", "OK")),
    ],
)
def test_two_out_of_three_gives_what_the_guide_s_table_gives(shown: str, expected: tuple[str | None, ...]) -> None:
    assert tuple(state_of(shown, 2, missing) for missing in TREATMENTS) == expected


def test_reasons_are_in_cloudwatch_s_words() -> None:
    start = int(at(0).timestamp())
    rule = Rule(2.0, "GreaterThanThreshold", 3, 2)
    points = [(start, 1.0), (start + 60, 5.0), (start + 120, 6.5)]
    assert reason(rule, evaluate(rule, points), "OK") == (
        "Threshold Crossed: 2 out of the last 3 datapoints [6.5 (23/11/26 03:02:00), 5.0 (23/11/26 03:01:00)] were "
        "greater than the threshold (2.0) (minimum 2 datapoints for OK -> ALARM transition)."
    )
    one = Rule(3.0, "GreaterThanOrEqualToThreshold", 1, 1, "notBreaching")
    assert reason(one, evaluate(one, [(start, 0.0)]), "ALARM") == (
        "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (23/11/26 03:00:00)] was not greater than or equal to "
        "the threshold (3.0) (minimum 1 datapoint for ALARM -> OK transition)."
    )
    assert reason(one, evaluate(one, [(start, None)]), "ALARM") == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
        "[NonBreaching]."
    )
    missing = Rule(3.0, "GreaterThanThreshold", 2, 2)
    assert reason(missing, evaluate(missing, [(start, None)]), "OK") == "Insufficient Data: 2 datapoints were unknown."


def alarms(cloudwatch: CloudWatch, now: float, **parameters: Any) -> dict[str, dict[str, Any]]:
    answer = cloudwatch.ask("DescribeAlarms", now, MaxRecords=100, **parameters)
    return {alarm["AlarmName"]: alarm for alarm in answer["MetricAlarms"] + answer["CompositeAlarms"]}


BOTH = ["MetricAlarm", "CompositeAlarm"]


def test_in_calm_no_alarm_rings_and_those_of_production_are_ok() -> None:
    cloudwatch = CloudWatch()
    for now in (0.0, 3600.0, 4 * 3600.0):
        found = alarms(cloudwatch, now, AlarmTypes=BOTH)
        assert not [name for name, alarm in found.items() if alarm["StateValue"] == "ALARM"]
        own = {alarm["StateValue"] for name, alarm in found.items() if "-production-" in name}
        assert own == {"OK"}


def test_a_bad_release_rings_and_going_back_ends_it() -> None:
    cloudwatch = CloudWatch("bad-deploy", (120.0, 42), (900.0, 41))
    during = alarms(cloudwatch, 899.0, StateValue="ALARM", AlarmTypes=BOTH)
    assert set(during) == {
        "EC2Manager-production-api-5xx",
        "EC2Manager-production-lambda-errors",
        "EC2Manager-production-impaired",
    }
    rang = during["EC2Manager-production-api-5xx"]
    assert 120 + 60 < seconds(rang["StateTransitionedTimestamp"]) <= 120 + 240
    assert "greater than or equal to the threshold (3.0)" in rang["StateReason"]
    assert json.loads(rang["StateReasonData"])["statistic"] == "Sum"
    assert not alarms(cloudwatch, 900.0 + 900.0, StateValue="ALARM", AlarmTypes=BOTH)
    history = cloudwatch.ask(
        "DescribeAlarmHistory",
        1800.0,
        AlarmName="EC2Manager-production-api-5xx",
        HistoryItemType="StateUpdate",
        StartDate=at(0),
    )["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
    ]
    assert json.loads(history[1]["HistoryData"])["newState"]["stateValue"] == "ALARM"


def test_asking_rarely_or_often_tells_the_same_course() -> None:
    often, rarely = (CloudWatch("bad-deploy", (120.0, 42), (900.0, 41)) for _ in range(2))
    for now in range(0, 1800, 45):
        alarms(often, float(now))
    assert alarms(often, 1800.0) == alarms(rarely, 1800.0)
    assert often.ask("DescribeAlarmHistory", 1800.0) == rarely.ask("DescribeAlarmHistory", 1800.0)


def test_composite_alarms_are_left_out_unless_asked_for() -> None:
    cloudwatch = CloudWatch()
    assert "EC2Manager-production-impaired" not in alarms(cloudwatch, 0.0)
    assert set(alarms(cloudwatch, 0.0, AlarmTypes=["CompositeAlarm"])) == {"EC2Manager-production-impaired"}


def test_filters_narrow_down_and_go_together() -> None:
    cloudwatch = CloudWatch()
    assert set(alarms(cloudwatch, 0.0, AlarmNamePrefix="EC2Manager-staging", StateValue=INSUFFICIENT)) == {
        "EC2Manager-staging-dynamodb-throttles"
    }
    assert set(alarms(cloudwatch, 0.0, AlarmNames=["EC2Manager-dev-api-5xx", "none"])) == {"EC2Manager-dev-api-5xx"}
    assert set(alarms(cloudwatch, 0.0, region="us-east-1")) == {"EC2Manager-production-cloudfront-4xx"}
    mute = [name for name, alarm in alarms(cloudwatch, 0.0).items() if not alarm["AlarmActions"]]
    assert "EC2Manager-production-lambda-duration" in mute
    first = cloudwatch.ask("DescribeAlarms", MaxRecords=5)
    rest = cloudwatch.ask("DescribeAlarms", MaxRecords=100, NextToken=first["NextToken"])
    assert len(first["MetricAlarms"]) == 5
    names = [alarm["AlarmName"] for alarm in first["MetricAlarms"] + rest["MetricAlarms"]]
    assert names == sorted(alarms(cloudwatch, 0.0))


def test_a_composite_alarm_and_what_it_stands_on_find_each_other() -> None:
    cloudwatch = CloudWatch()
    parent = "EC2Manager-production-impaired"
    children = {"EC2Manager-production-api-5xx", "EC2Manager-production-lambda-errors"}
    assert set(alarms(cloudwatch, 0.0, ChildrenOfAlarmName=parent, AlarmTypes=BOTH)) == children
    for child in children:
        assert set(alarms(cloudwatch, 0.0, ParentsOfAlarmName=child, AlarmTypes=BOTH)) == {parent}


@pytest.mark.parametrize(
    ("operation", "member"),
    [("ListAlarmMuteRules", "AlarmMuteRuleSummaries"), ("DescribeAnomalyDetectors", "AnomalyDetectors")],
)
def test_what_the_account_has_none_of_is_an_empty_list(operation: str, member: str) -> None:
    assert CloudWatch().ask(operation) == {member: []}


OWN: dict[str, Any] = {
    "AlarmName": "mine",
    "Namespace": "Mine",
    "MetricName": "depth",
    "Dimensions": dimensions_of({"Queue": "a"}),
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 10.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "AlarmActions": ["arn:aws:sns:us-west-2:123456789012:t"],
}


def put(cloudwatch: CloudWatch, now: float, value: float) -> None:
    datum = {"MetricName": "depth", "Dimensions": dimensions_of({"Queue": "a"}), "Value": value, "Timestamp": at(now)}
    cloudwatch.ask("PutMetricData", now, Namespace="Mine", MetricData=[datum])


def test_an_alarm_on_a_custom_metric_is_born_insufficient_and_follows_its_points() -> None:
    cloudwatch = CloudWatch()
    cloudwatch.ask("PutMetricAlarm", 5.0, **OWN)

    def now_is(now: float) -> str:
        return str(alarms(cloudwatch, now, AlarmNames=["mine"])["mine"]["StateValue"])

    born = alarms(cloudwatch, 6.0, AlarmNames=["mine"])["mine"]
    assert (born["StateValue"], born["StateReason"]) == (INSUFFICIENT, "Unchecked: Initial alarm creation")
    put(cloudwatch, 10.0, 3.0)
    assert now_is(59.0) == INSUFFICIENT
    assert now_is(60.0) == "OK"
    put(cloudwatch, 70.0, 30.0)
    assert now_is(120.0) == "OK"
    put(cloudwatch, 130.0, 31.0)
    assert now_is(180.0) == "ALARM"
    assert seconds(alarms(cloudwatch, 200.0)["mine"]["StateTransitionedTimestamp"]) == 180
    actions = cloudwatch.ask("DescribeAlarmHistory", 200.0, AlarmName="mine", HistoryItemType="Action")
    assert len(actions["AlarmHistoryItems"]) == 1


def test_a_point_that_arrives_late_changes_no_state_of_the_past() -> None:
    late, never = CloudWatch(), CloudWatch()
    for cloudwatch in (late, never):
        cloudwatch.ask("PutMetricAlarm", 0.0, **(OWN | {"EvaluationPeriods": 1, "TreatMissingData": "notBreaching"}))
    datum = {"MetricName": "depth", "Dimensions": dimensions_of({"Queue": "a"}), "Value": 99.0, "Timestamp": at(10)}
    late.ask("PutMetricData", 3000.0, Namespace="Mine", MetricData=[datum])
    assert alarms(late, 3000.0)["mine"] == alarms(never, 3000.0)["mine"]


def test_a_dynamodb_alarm_stays_where_it_was_when_its_metric_is_silent() -> None:
    cloudwatch = CloudWatch()
    cloudwatch.ask(
        "SetAlarmState",
        30.0,
        AlarmName="EC2Manager-staging-dynamodb-throttles",
        StateValue="ALARM",
        StateReason="throttled long ago",
    )
    kept = alarms(cloudwatch, 7200.0)["EC2Manager-staging-dynamodb-throttles"]
    assert (kept["StateValue"], seconds(kept["StateTransitionedTimestamp"])) == ("ALARM", 30)


def test_a_state_that_was_set_lasts_until_the_next_evaluation() -> None:
    cloudwatch = CloudWatch()
    name = "EC2Manager-production-api-5xx"
    cloudwatch.ask("SetAlarmState", 61.0, AlarmName=name, StateValue="ALARM", StateReason="a drill")
    forced = alarms(cloudwatch, 62.0)[name]
    assert (forced["StateValue"], forced["StateReason"]) == ("ALARM", "a drill")
    assert alarms(cloudwatch, 119.0)[name]["StateValue"] == "ALARM"
    assert alarms(cloudwatch, 120.0)[name]["StateValue"] == "OK"


def test_actions_can_be_switched_off_and_on() -> None:
    cloudwatch = CloudWatch()
    name = "EC2Manager-production-api-5xx"
    cloudwatch.ask("DisableAlarmActions", AlarmNames=[name, "nobody"])
    assert alarms(cloudwatch, 0.0)[name]["ActionsEnabled"] is False
    cloudwatch.ask("EnableAlarmActions", AlarmNames=[name])
    assert alarms(cloudwatch, 0.0)[name]["ActionsEnabled"] is True


def test_a_deleted_alarm_is_gone_and_deleting_takes_all_or_none() -> None:
    cloudwatch = CloudWatch()
    with pytest.raises(AwsError) as raised:
        cloudwatch.ask("DeleteAlarms", AlarmNames=["EC2Manager-dev-api-5xx", "nobody"])
    assert raised.value.code == "ResourceNotFound"
    assert "EC2Manager-dev-api-5xx" in alarms(cloudwatch, 0.0)
    cloudwatch.ask("DeleteAlarms", AlarmNames=["EC2Manager-dev-api-5xx"])
    assert "EC2Manager-dev-api-5xx" not in alarms(cloudwatch, 0.0)


def test_alarms_of_a_metric_are_found_by_its_whole_identity() -> None:
    cloudwatch = CloudWatch()
    asked: dict[str, Any] = {"Namespace": "AWS/ApiGateway", "MetricName": "5XXError"}
    found = cloudwatch.ask("DescribeAlarmsForMetric", Dimensions=dimensions_of(cloudwatch.api), **asked)
    assert [alarm["AlarmName"] for alarm in found["MetricAlarms"]] == ["EC2Manager-production-api-5xx"]
    api_only = dimensions_of({"ApiName": cloudwatch.production.api_name})
    assert cloudwatch.ask("DescribeAlarmsForMetric", Dimensions=api_only, **asked)["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "GreaterThanUpperThreshold is not served"),
        ({"DatapointsToAlarm": 3}, "DatapointsToAlarm"),
        ({"Period": 61}, "multiple of 60"),
        ({"Period": 3600, "EvaluationPeriods": 25}, "more than a day"),
        ({"Statistic": "p95"}, "p95 is not supported"),
        ({"ExtendedStatistic": "p95"}, "Exactly one of"),
        ({"TreatMissingData": "somehow"}, "TreatMissingData"),
        ({"Metrics": [{"Id": "e", "Expression": "m1 / m2"}]}, "same period"),
    ],
)
def test_what_putmetricalarm_refuses(given: dict[str, Any], says: str) -> None:
    with pytest.raises(AwsError, match=says):
        CloudWatch().ask("PutMetricAlarm", **(OWN | given))


def test_an_alarm_by_metric_math_evaluates_its_expression() -> None:
    cloudwatch = CloudWatch()
    of = {"Namespace": "Mine", "MetricName": "depth", "Dimensions": dimensions_of({"Queue": "a"})}
    given: dict[str, Any] = {
        "AlarmName": "math",
        "EvaluationPeriods": 1,
        "Threshold": 50.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [
            {"Id": "twice", "Expression": "depth * 2"},
            {"Id": "depth", "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        ],
    }
    cloudwatch.ask("PutMetricAlarm", 0.0, **given)
    put(cloudwatch, 10.0, 30.0)
    assert alarms(cloudwatch, 61.0)["math"]["StateValue"] == "ALARM"


@pytest.mark.parametrize(
    ("text", "ringing", "met"),
    [
        ('ALARM("a")', "a", True),
        ("ALARM(a) AND ALARM(b)", "a", False),
        ("ALARM(a) OR ALARM(b) AND ALARM(c)", "a", True),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(c)", "a", False),
        ("NOT ALARM(a)", "", True),
        ("ALARM('a b') AND NOT OK(\"c\")", "a b", False),
        ("TRUE AND NOT FALSE", "", True),
        ("INSUFFICIENT_DATA(a)", "a", False),
    ],
)
def test_composite_rules_are_read_as_documented(text: str, ringing: str, met: bool) -> None:
    assert AlarmRule(text).met(lambda name: "ALARM" if name == ringing else "OK") is met


@pytest.mark.parametrize("text", ["", "ALARM", "ALARM(a", "a", "ALARM(a) XOR OK(b)", "ALARM(a) AND", "()"])
def test_a_rule_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        AlarmRule(text)
    with pytest.raises(AwsError, match="AlarmRule"):
        CloudWatch().ask("PutCompositeAlarm", AlarmName="c", AlarmRule=text)


def test_a_composite_alarm_needs_the_alarms_that_it_names() -> None:
    with pytest.raises(AwsError, match="nobody does not exist"):
        CloudWatch().ask("PutCompositeAlarm", AlarmName="c", AlarmRule='ALARM("nobody")')
