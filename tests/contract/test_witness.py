"""What is known besides metrics: our health check, CloudTrail's writes, the bucket's object versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from services.model.alerts import AlertReading, AlertState
from services.model.assessment import Assessment, State
from services.model.changes import ChangeKind
from services.problems import ProblemKind
from services.rules import judge
from services.settings import Cadence
from services.settings.loading import load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.simulated.platform.trail import DELIVERY_S
from tests.contract.watch_support import Watched, counted, watched
from tests.simulated_support import START, boto, simulated
from tui.commands.report import report

FUNCTION = "ec2-manager-function-prod"


@pytest.fixture
def calm() -> Iterator[SimulatedAccount]:
    with simulated("calm") as account:
        yield account


def failing(kind: FaultKind = FaultKind.UNAVAILABLE, times: int | None = None) -> Fault:
    """An order for the application's health route."""
    return Fault("application", "GetHealth", kind, times=times, seconds=0.1)


def judged(scene: Watched) -> Assessment:
    return judge(scene.situation, scene.settings, scene.clock.now())


def trigger(scene: Watched) -> AlertReading:
    return next(one for one in judged(scene).alerts if one.key == "trigger.health")


@pytest.mark.runbook("R099", "R105")
def test_a_health_check_that_fails_for_more_than_five_minutes_meets_the_condition_and_one_success_resets_it(
    calm: SimulatedAccount,
) -> None:
    with watched(calm) as scene:
        scene.advance(60)
        assert trigger(scene).state is AlertState.QUIET
        assert "HTTP 200" in trigger(scene).sentence
        calm.faults.add(failing())
        scene.advance(300)
        assert (trigger(scene).state, trigger(scene).clock.text) == (AlertState.COUNTING, "4:30 of 5:00")
        calm.faults.clear()
        scene.advance(30)
        assert trigger(scene).state is AlertState.QUIET
        calm.faults.add(failing())
        scene.advance(360)
        found = judged(scene)
        assert trigger(scene).state is AlertState.FIRING
        assert found.verdict.state is State.CRIT
        assert found.verdict.sentence.startswith("Health check: the last 12 probes failed")
        assert (found.verdict.key, found.verdict.remedy) == ("R", "rolls LIVE back to v40")
        health = next(node for node in found.nodes if node.key == "health")
        assert health.state is State.CRIT
        assert health.note.startswith("HTTP 503, since 03:0")
        (row,) = report(scene.watch.environment, scene.situation, found, "health").components
        assert (row.state, row.usable) == (State.CRIT, False)
        assert row.detail.startswith("API health check failed: HTTP 503, since 03:0")
        assert row.detail.endswith(f"https://api.ec2manager.com/health at {calm.endpoint}")


@pytest.mark.runbook("R077")
def test_our_own_health_checks_are_requests_of_the_api_and_nobodys_activity() -> None:
    """The API counts them, as AWS does; or low activity could never fire while somebody looks."""
    every_ten_minutes = Cadence(probes=600)
    with simulated("traffic-gone") as account, watched(account, cadence=every_ten_minutes) as scene:
        scene.advance(900, step=300)
        found = judged(scene)
        requests = found.judgements["api.requests"]
        assert (requests.state, requests.value) == (State.NO_TRAFFIC, 0.2)
        assert requests.detail == "none but our own health checks since 03:02"
        assert found.verdict.state is State.NO_TRAFFIC
        assert found.verdict.sentence.startswith("Requests: none but our own health checks since 03:02; ")
        scene.advance(10_320, step=1_720)
        alert = next(one for one in judged(scene).alerts if one.key == "alert.low_activity")
        assert (alert.state, alert.clock.text) == (AlertState.FIRING, "2:00:00 of 2:00:00")
        assert alert.sentence == "no request but our own health checks since 04:00, 2 whole hours"
        span = START + timedelta(hours=1), START + timedelta(hours=3)
        group = account.state.estate.environment("production").access_log_group
        assert counted_by_api(account, *span) == 4
        assert paths(account, group, *span) == ["/health"] * 4


def counted_by_api(account: SimulatedAccount, begins: datetime, ends: datetime) -> float:
    """The API's requests of a span, as CloudWatch has them."""
    name = {"Name": "ApiName", "Value": account.state.estate.environment("production").api_name}
    span = {"StartTime": begins, "EndTime": ends, "Period": 3600, "Statistics": ["Sum"]}
    told = boto(account, "cloudwatch").get_metric_statistics(
        Namespace="AWS/ApiGateway", MetricName="Count", Dimensions=[name], **span
    )
    return float(sum(point["Sum"] for point in told["Datapoints"]))


def paths(account: SimulatedAccount, group: str, begins: datetime, ends: datetime) -> list[str]:
    """What was asked of the API in a span, by its access log."""
    first, last = (int(at.timestamp() * 1000) for at in (begins, ends))
    pages = boto(account, "logs").get_paginator("filter_log_events")
    told = pages.paginate(logGroupName=group, startTime=first, endTime=last)
    return [json.loads(event["message"])["resourcePath"] for page in told for event in page["events"]]


@pytest.mark.runbook("R105")
def test_an_environment_without_a_health_address_is_not_probed_and_its_trigger_is_not_observable(
    calm: SimulatedAccount,
) -> None:
    with watched(calm, "staging") as scene:
        assert scene.situation.probes.waiting
        assert (trigger(scene).state, trigger(scene).sentence) == (AlertState.UNOBSERVABLE, "no probe configured")
        assert all(node.key != "health" for node in judged(scene).nodes)


@pytest.mark.runbook("R105")
def test_an_api_that_is_closed_on_purpose_fails_its_health_check_and_does_not_ask_for_a_rollback(
    calm: SimulatedAccount,
) -> None:
    with watched(calm) as scene:
        api = calm.state.estate.environment("production").api_id
        client = boto(calm, "apigateway")
        deny = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}'
        closed = [{"op": "replace", "path": "/policy", "value": deny}]
        client.update_rest_api(restApiId=api, patchOperations=closed)
        client.create_deployment(restApiId=api, stageName="prod")
        scene.advance(60)
        probes = scene.situation.probes.value
        assert probes is not None
        assert (probes.newest[-1].ok, probes.newest[-1].note) == (False, "HTTP 403")
        assert trigger(scene).state is AlertState.UNOBSERVABLE
        assert trigger(scene).sentence == "suspended: the API is isolated on purpose since 03:00"


def test_a_line_that_is_cut_is_no_failing_health_check_and_asks_for_no_rollback(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.advance(60)
        calm.faults.add(Fault("*", "*", FaultKind.RESET_BEFORE, times=None))
        scene.advance(480)
        found = judged(scene)
        assert found.verdict.state is State.STALE
        assert found.verdict.sentence.startswith("No answer since 03:01")
        assert (found.verdict.key, found.verdict.clock) == ("", "")
        assert trigger(scene).state is AlertState.UNOBSERVABLE
        health = next(node for node in found.nodes if node.key == "health")
        assert (health.state, health.note) == (State.STALE, "no answer, as from AWS, since 03:01")
        calm.faults.clear()
        for _ in range(8):  # what was met meanwhile does not count once the line is back
            scene.advance(5, step=5)
            assert trigger(scene).state is not AlertState.FIRING
            assert judged(scene).verdict.state is not State.CRIT
        assert trigger(scene).state is AlertState.QUIET


def test_a_health_address_that_alone_is_silent_is_failing(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.advance(60)
        calm.faults.add(failing(FaultKind.RESET_BEFORE))
        scene.advance(360)
        assert trigger(scene).state is AlertState.FIRING


def test_the_health_check_goes_on_while_the_credentials_are_bad(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        calm.faults.add(Fault("*", "*", FaultKind.EXPIRED, times=None))
        scene.advance(90)
        stacks, probes = scene.situation.stack, scene.situation.probes
        assert stacks.problem is not None
        assert stacks.problem.kind is ProblemKind.EXPIRED
        assert probes.taken == scene.clock.now()


def test_a_change_by_hand_is_a_suspect_once_the_trail_has_told_of_it() -> None:
    with simulated("cache-miss-storm") as account, watched(account) as scene:
        scene.advance(120 + DELIVERY_S + 60, step=120)
        (change,) = [one for one in judged(scene).changes if one.kind is ChangeKind.CONFIGURATION]
        assert change.at == START + timedelta(seconds=120)
        distribution = account.state.estate.environment("production").distribution
        assert change.sentence == f"cloudfront UpdateDistribution of {distribution} by on-call"


def test_the_trail_is_read_page_by_page_and_only_once(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        bucket = calm.state.estate.environment("production").bucket
        s3 = boto(calm, "s3")
        for number in range(55):
            tags = {"TagSet": [{"Key": "round", "Value": str(number)}]}
            s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)
        scene.advance(DELIVERY_S + 60, step=120)
        found = scene.situation.writes.value
        assert found is not None
        assert len(found.writes) == len({write.id for write in found.writes}) == 55
        assert {(write.service, write.operation, write.who) for write in found.writes} == {
            ("s3", "PutBucketTagging", "on-call")
        }
        assert found.since == START - timedelta(hours=3)


def test_a_refused_call_and_one_by_a_service_are_told_apart(calm: SimulatedAccount) -> None:
    with simulated("bad-deploy") as account, watched(account) as scene:
        client = boto(account, "lambda")
        with pytest.raises(client.exceptions.PreconditionFailedException):
            client.update_alias(FunctionName=FUNCTION, Name="LIVE", FunctionVersion="40", RevisionId="stale")
        scene.advance(180 + DELIVERY_S, step=160)
        told = scene.situation.writes.value
        assert told is not None
        by = {(write.operation, write.by_service, write.error) for write in told.writes}
        assert ("UpdateAlias20150331", "", "PreconditionFailedException") in by
        assert ("UpdateAlias20150331", "cloudformation.amazonaws.com", "") in by
        assert all(one.kind is not ChangeKind.CONFIGURATION for one in judged(scene).changes)


def test_a_trail_that_may_not_be_read_is_said_where_no_change_is_known() -> None:
    with simulated("hot-partition") as account, watched(account) as scene:
        account.faults.add(Fault("cloudtrail", "LookupEvents", FaultKind.DENY, times=None))
        scene.advance(600, step=120)
        reading = scene.situation.writes
        assert reading.problem is not None
        assert reading.problem.kind is ProblemKind.DENIED
        breach = next(one for one in judged(scene).suspects if one.key == "table.throttles")
        assert breach.sentence.startswith(
            "no known change in the hour before; changes not known: CloudTrail: not allowed: cloudtrail:LookupEvents"
        )


def test_the_trail_is_asked_more_often_while_a_cause_is_looked_for(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.advance(60)
        before = counted(calm)["cloudtrail:LookupEvents"]
        scene.advance(120, step=20)
        usual = counted(calm)["cloudtrail:LookupEvents"] - before
        scene.watch.busy_until("writes", scene.clock.now() + timedelta(seconds=300))
        scene.settle()
        before = counted(calm)["cloudtrail:LookupEvents"]
        scene.advance(120, step=20)
        assert (usual, counted(calm)["cloudtrail:LookupEvents"] - before) == (4, 12)


def test_content_that_is_written_and_deleted_is_told_as_one_publication(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        bucket, s3 = calm.state.estate.environment("production").bucket, boto(calm, "s3")
        scene.advance(30)
        for name in ("index.html", "app.js"):
            s3.put_object(Bucket=bucket, Key=name, Body=b"broken")
        s3.delete_object(Bucket=bucket, Key="style.css")
        at = scene.clock.now()
        scene.advance(300, step=150)
        bursts = scene.situation.bursts.value
        assert bursts is not None
        assert (bursts[0].bucket, bursts[0].began, bursts[0].written, bursts[0].deleted) == (bucket, at, 2, 1)
        assert [burst.written for burst in bursts[1:]] == [3, 3, 3, 3]
        (change,) = [one for one in judged(scene).changes if one.at == at]
        assert change.kind is ChangeKind.CONTENT
        assert change.sentence == f"2 objects of {bucket} were written, 1 deleted"


def test_the_listings_of_the_bucket_are_in_the_price(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        prices = load().prices
        scene.advance(15)
        spent = scene.situation.spending
        listings = spent.calls["s3:ListObjectVersions"] * prices.per_1000_lists / 1000
        metrics = spent.metrics_requested * prices.per_1000_metrics / 1000
        assert listings > 0
        assert spent.dollars == pytest.approx(metrics + listings)


def test_alarms_of_every_type_are_listed_as_what_they_are(calm: SimulatedAccount) -> None:
    with watched(calm, "staging") as scene:
        scene.advance(30)  # the alarms were first asked for before the API's name was known
        listed = scene.situation.alarms.value
        assert listed is not None
        kinds = {alarm.name.removeprefix("EC2Manager-staging-"): alarm.kind for alarm in listed}
        assert {name: kind for name, kind in kinds.items() if kind != "metric"} == {
            "app-errors": "log",
            "unusual-traffic": "anomaly",
            "function-query": "insights",
        }
        assert {alarm.state for alarm in listed if alarm.kind != "metric"} == {"OK"}
