"""What makes a tail hard, over HTTP: storms, late and repeated lines, empty pages, quotas, retention, bad writers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.logs import hostile
from services.simulated.logs.flood import Flood, FloodLog
from services.simulated.logs.throttle import QUOTAS
from services.simulated.logs.writing import RETENTIONS
from tests.contract.test_simulated_logs import APP, BASE, PROD, everything
from tests.simulated_support import boto, manual, simulated

SECOND = BASE // 1000
DAY = 86_400_000


def code(caught: Any) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_a_flood_is_pure_late_and_out_of_order_and_arrives_once() -> None:
    flood = Flood(lines_per_second=1_000, begins=SECOND, ends=SECOND + 70, hostile_every=100)
    log, again = FloodLog("/a", flood), FloodLog("/a", flood)
    events = [event for second in range(SECOND - 5, SECOND + 80) for event in log.second(second)]
    assert events == [event for second in range(SECOND, SECOND + 70) for event in again.second(second)]
    assert len({event.id for event in events}) == len(events) == 70_000 == log.count(0, SECOND + 1_000)
    assert events == sorted(events)
    lags = [event.ingestion - event.timestamp for event in events]
    assert 0.045 < sum(lag > 2_500 for lag in lags) / len(lags) < 0.055
    assert max(lags) < 60_000
    assert Counter(event.timestamp for event in events).most_common(1)[0][1] >= 4
    assert {event.message for event in events} >= set(hostile.SMALL)
    arrived = [event for ms in range(BASE, BASE + 140_000, 700) for event in log.arriving(ms, ms + 700)]
    assert Counter(arrived) == Counter(events)
    assert [event.ingestion for event in arrived] == sorted(event.ingestion for event in arrived)


def test_planted_lines_come_each_at_least_once_some_twice_and_some_pages_empty() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")
        lines = [
            ("s", BASE + n // 7, BASE + n // 7 + (30_000 if n % 20 == 0 else 500), f"line {n}") for n in range(2_000)
        ]
        planted = account.state.logs.plant("/own/group", lines, redelivered=0.01)
        manual(account).advance(2)
        early, _ = everything(client, "/own/group", startTime=BASE - 10, limit=200)
        manual(account).advance(60)
        pages = Counter[int]()
        for start in range(BASE - 8, BASE):
            events, _ = everything(client, "/own/group", startTime=start, limit=200)
            told = Counter(event["eventId"] for event in events)
            assert set(told) == {event.id for event in planted}
            assert [event["timestamp"] for event in sorted(events, key=lambda one: one["eventId"])] == sorted(
                event["timestamp"] for event in events
            )
            pages.update(told.values())
        assert 0.004 < pages[2] / pages.total() < 0.03
        first = [client.filter_log_events(logGroupName="/own/group", startTime=BASE - n, limit=1) for n in range(40)]
        assert any(not page["events"] and page["nextToken"] for page in first)
        known = {event["eventId"] for event in early}
        assert known == {event.id for event in planted if event.ingestion <= BASE + 2_000}
        assert 0 < len(known) < len(planted)


def test_a_storm_is_served_whole_with_its_huge_and_hostile_lines() -> None:
    with simulated("log-storm") as account:
        account.state.logs.throttle.quotas.clear()
        manual(account).advance(200)
        client = boto(account, "logs")
        for group in (PROD, APP):
            asked = {"startTime": BASE + 122_000, "endTime": BASE + 123_999}
            events, sizes = everything(client, group, **asked)
            assert max(sizes) <= 10_000
            flood = account.state.logs.find("us-west-2", group).floods[0]  # type: ignore[union-attr]  # it is there
            wanted = {event.id for second in range(2) for event in flood.second(SECOND + 122 + second)}
            told = {event["eventId"] for event in events}
            assert len(wanted) == 5_000 and wanted < told  # the world's own lines stand among them
            streams = client.describe_log_streams(logGroupName=group, logStreamNamePrefix="storm/")["logStreams"]
            assert {one["logStreamName"] for one in streams} == set(flood.streams)
        messages = {event["message"] for event in events}
        assert messages & set(hostile.SMALL)
        huge = Flood(lines_per_second=60, begins=SECOND, ends=SECOND + 1, late_share=0, huge_every=10)
        log = account.state.logs.flood("/own/huge", huge)
        events, sizes = everything(client, "/own/huge", startTime=BASE)
        assert [event["message"] for event in events] == [event.message for event in log.second(SECOND)]
        assert {event["message"] for event in events} > set(hostile.huge())
        assert max(sizes) < 60


def test_streams_come_with_cold_starts_go_with_their_containers_and_tell_late_of_their_last_line() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")

        def streams() -> dict[str, dict[str, Any]]:
            pages = client.get_paginator("describe_log_streams").paginate(logGroupName=PROD)
            return {one["logStreamName"]: one for page in pages for one in page["logStreams"]}

        before = streams()
        manual(account).advance(3 * 3_600)
        after = streams()
        assert before and after and not before.keys() & after.keys()
        now = BASE + 3 * 3_600_000
        events, _ = everything(client, PROD, startTime=now - 1_200_000)
        newest = {event["logStreamName"]: event["timestamp"] for event in events}
        cold = {event["logStreamName"] for event in events if event["message"].startswith("INIT_START")}
        assert cold <= after.keys()
        behind = [newest[name] - one["lastEventTimestamp"] for name, one in after.items() if name in newest]
        assert max(behind) > 60_000
        assert min(behind) == 0


def test_more_calls_than_the_quota_are_throttled_region_by_region() -> None:
    with simulated("log-storm") as account:
        client, east = boto(account, "logs"), boto(account, "logs", "us-east-1")
        quota = int(QUOTAS["FilterLogEvents"])
        for _ in range(quota):
            client.filter_log_events(logGroupName=APP, startTime=BASE, limit=1)
        with pytest.raises(ClientError) as caught:
            client.filter_log_events(logGroupName=APP, startTime=BASE, limit=1)
        assert (code(caught), caught.value.response["Error"]["Message"]) == ("ThrottlingException", "Rate exceeded")
        with pytest.raises(east.exceptions.ResourceNotFoundException):
            east.filter_log_events(logGroupName=APP)
        manual(account).advance(1)
        client.filter_log_events(logGroupName=APP, startTime=BASE, limit=1)


def test_what_retention_has_let_go_does_not_come_back() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")
        account.state.logs.plant("/own/group", [("s", BASE - 3 * DAY, BASE - 3 * DAY, "old"), ("s", BASE, BASE, "new")])
        for group in ("/own/group", APP):
            asked = {"startTime": BASE - 3 * DAY, "endTime": BASE - 3 * DAY + 600_000}
            assert everything(client, group, **asked)[0]
            client.put_retention_policy(logGroupName=group, retentionInDays=1)
            assert not everything(client, group, **asked)[0]
            client.put_retention_policy(logGroupName=group, retentionInDays=365)
            assert not everything(client, group, **asked)[0]
            client.delete_retention_policy(logGroupName=group)
            assert not everything(client, group, **asked)[0]
            assert "retentionInDays" not in client.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
        assert [event["message"] for event in everything(client, "/own/group", startTime=0)[0]] == ["new"]
        for days in (0, 2, 31, 3_654):
            assert days not in RETENTIONS
            with pytest.raises(client.exceptions.InvalidParameterException):
                client.put_retention_policy(logGroupName=APP, retentionInDays=days)


def test_a_token_is_good_for_a_day() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")
        asked = {"logGroupName": APP, "startTime": BASE - DAY}
        token = client.filter_log_events(**asked)["nextToken"]
        manual(account).advance(23 * 3_600)
        client.filter_log_events(nextToken=token, **asked)
        manual(account).advance(2 * 3_600)
        with pytest.raises(client.exceptions.InvalidParameterException, match="nextToken is invalid"):
            client.filter_log_events(nextToken=token, **asked)


def test_a_group_can_be_denied_and_deleted() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")
        account.state.logs.find("us-west-2", APP).denied = True  # type: ignore[union-attr]  # it is there
        with pytest.raises(ClientError, match=f"logs:FilterLogEvents on resource: .*:log-group:{APP}:") as caught:
            client.filter_log_events(logGroupName=APP)
        assert code(caught) == "AccessDeniedException"
        client.delete_log_group(logGroupName=PROD)
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.filter_log_events(logGroupName=PROD)


def test_what_a_writer_puts_wrong_is_rejected_and_named() -> None:
    with simulated("calm") as account:
        client = boto(account, "logs")
        client.create_log_group(logGroupName="/own")
        client.put_retention_policy(logGroupName="/own", retentionInDays=3)
        client.create_log_stream(logGroupName="/own", logStreamName="s")

        def put(*events: tuple[int, str]) -> dict[str, Any]:
            given = [{"timestamp": BASE + at, "message": message} for at, message in events]
            answer: dict[str, Any] = client.put_log_events(logGroupName="/own", logStreamName="s", logEvents=given)
            rejected: dict[str, Any] = answer.get("rejectedLogEventsInfo", {})
            return rejected

        assert put((-15 * DAY, "a"), (-15 * DAY + 1, "b")) == {"tooOldLogEventEndIndex": 2}
        assert put((-4 * DAY, "a"), (-4 * DAY + 1, "b")) == {"expiredLogEventEndIndex": 2}
        assert put((0, "kept"), (7_300_000, "c"), (7_400_000, "d")) == {"tooNewLogEventStartIndex": 1}
        assert put((1, "half of a pair: \ud83d, nul: \x00, whole: \U0001f600"), (1, "x" * 200_000)) == {}
        found, _ = everything(client, "/own", startTime=0)
        assert [event["message"] for event in found][:2] == [
            "kept",
            "half of a pair: \ufffd, nul: \x00, whole: \U0001f600",
        ]
        wrong: tuple[tuple[tuple[int, str], ...], ...] = (
            ((1, "a"), (0, "b")),
            ((-DAY - 1, "a"), (0, "b")),
            ((0, "x" * 1_048_551),),
            ((0, "x" * 600_000), (0, "y" * 600_000)),
        )
        for events in wrong:
            with pytest.raises(client.exceptions.InvalidParameterException):
                put(*events)


def test_lines_are_planted_over_many_groups_and_each_group_tells_its_size() -> None:
    with simulated("calm") as account:
        for number in range(12):
            lines = ((f"s{n % 5}", BASE + n // 3, BASE + n // 3 + 900, f"line {n}") for n in range(200))
            assert len(account.state.logs.plant(f"/own/{number:02d}", lines)) == 200
        manual(account).advance(60)
        groups = boto(account, "logs").describe_log_groups(logGroupNamePrefix="/own/")["logGroups"]
        assert len(groups) == 12
        assert {group["storedBytes"] for group in groups} == {sum(26 + len(f"line {n}") for n in range(200))}
