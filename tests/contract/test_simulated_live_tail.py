"""Live Tail of the simulated account, read by boto3 as any other client reads it, and by the house's own client."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError, EventStreamError

from services.simulated.account import SimulatedAccount
from services.simulated.estate import ACCOUNT_ID
from services.simulated.faults import Fault, FaultKind
from services.simulated.logs.flood import Flood
from services.simulated.logs.live_tail import LONGEST
from tests.contract.test_simulated_logs import APP, PROD, everything
from tests.simulated_support import START, boto, manual, simulated

BASE = int(START.timestamp() * 1000)


def arn(group: str) -> str:
    return f"arn:aws:logs:us-west-2:{ACCOUNT_ID}:log-group:{group}"


class Session:
    """One session whose account's clock the test moves, a second for each update that it waits for."""

    opened: ClassVar[list[Session]] = []

    def __init__(self, account: SimulatedAccount, *groups: str, **asked: Any) -> None:
        self._clock = manual(account)
        client = boto(account, "logs")
        self.stream = client.start_live_tail(logGroupIdentifiers=[arn(group) for group in groups], **asked)[
            "responseStream"
        ]
        self.opened.append(self)
        self._events = iter(self.stream)
        self.start: dict[str, Any] = next(self._events)["sessionStart"]

    def next(self, seconds: float = 1) -> dict[str, Any]:
        self._clock.advance(seconds)
        update: dict[str, Any] = next(self._events)["sessionUpdate"]
        return update


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as opened:
        yield opened
        while Session.opened:
            Session.opened.pop().stream.close()


@pytest.fixture
def own(account: SimulatedAccount) -> Any:
    """A client of an account that has two groups of its own."""
    client = boto(account, "logs")
    for group in ("/own/a", "/own/b"):
        client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName="one")
        client.create_log_stream(logGroupName=group, logStreamName="two")
    return client


def put(account: SimulatedAccount, client: Any, group: str, *messages: str, stream: str = "one") -> None:
    now = int(account.clock.now().timestamp() * 1000)
    events = [{"timestamp": now - 5_000, "message": message} for message in messages]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_every_line_arrives_once_in_the_second_of_its_ingestion(account: SimulatedAccount) -> None:
    session = Session(account, APP, PROD)
    assert session.start["logGroupIdentifiers"] == [arn(APP), arn(PROD)]
    arrived: list[dict[str, Any]] = []
    for second in range(90):
        update = session.next()
        until = BASE + (second + 1) * 1000
        assert all(until - 1000 <= one["ingestionTime"] < until for one in update["sessionResults"])
        arrived += update["sessionResults"]
    key = ("logStreamName", "timestamp", "ingestionTime", "message")
    told = Counter(tuple(one[name] for name in key) for one in arrived)
    client = boto(account, "logs")
    found: Counter[tuple[Any, ...]] = Counter()
    for group in (APP, PROD):
        events, _ = everything(client, group, startTime=BASE - 120_000)
        found.update(tuple(one[name] for name in key) for one in events if BASE <= one["ingestionTime"] < BASE + 90_000)
    assert len(told) > 200
    assert told == found
    assert any(one["ingestionTime"] - one["timestamp"] > 10_000 for one in arrived)


def test_an_update_comes_each_second_even_when_there_is_nothing(account: SimulatedAccount, own: Any) -> None:
    session = Session(account, "/own/a")
    assert [session.next()["sessionResults"] for _ in range(3)] == [[], [], []]
    put(account, own, "/own/a", "at last")
    (line,) = session.next()["sessionResults"]
    assert (line["message"], line["logStreamName"], line["logGroupIdentifier"]) == ("at last", "one", arn("/own/a"))
    assert "eventId" not in line


def test_pattern_and_streams_choose(account: SimulatedAccount, own: Any) -> None:
    by_pattern = Session(account, "/own/a", "/own/b", logEventFilterPattern='{ $.level = "ERROR" }')
    put(account, own, "/own/a", '{"level":"INFO"}', '{"level":"ERROR"}')
    put(account, own, "/own/b", "ERROR")
    assert [one["message"] for one in by_pattern.next()["sessionResults"]] == ['{"level":"ERROR"}']
    by_stream = Session(account, "/own/a", logStreamNamePrefixes=["tw"])
    put(account, own, "/own/a", "first")
    put(account, own, "/own/a", "second", stream="two")
    assert [one["message"] for one in by_stream.next()["sessionResults"]] == ["second"]


def test_more_than_five_hundred_a_second_are_sampled_and_said_to_be(account: SimulatedAccount) -> None:
    account.state.logs.flood("/storm", Flood(lines_per_second=2_000, begins=BASE // 1000, ends=BASE // 1000 + 600))
    session = Session(account, "/storm")
    sizes = [
        (len(update["sessionResults"]), update["sessionMetadata"]["sampled"])
        for update in [session.next() for _ in range(5)]
    ]
    assert sizes[-1] == (500, True)


def test_a_session_ends_after_three_hours(account: SimulatedAccount, own: Any) -> None:
    session = Session(account, "/own/a")
    with pytest.raises(EventStreamError, match="SessionTimeoutException"):
        session.next(LONGEST.total_seconds())


def test_a_caller_that_falls_behind_gets_the_last_ten_seconds(account: SimulatedAccount, own: Any) -> None:
    session = Session(account, "/own/a")
    put(account, own, "/own/a", "lost")
    manual(account).advance(30)
    put(account, own, "/own/a", "kept")
    manual(account).advance(1)
    updates = 0
    while not (lines := session.next(0)["sessionResults"]):
        updates += 1
    assert [one["message"] for one in lines] == ["kept"]
    assert updates <= 11


@pytest.mark.parametrize("kind", [FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER])
def test_a_cut_is_a_broken_connection(account: SimulatedAccount, own: Any, kind: FaultKind) -> None:
    account.faults.add(Fault("logs", "StartLiveTail/event", kind, nth=3))
    session = Session(account, "/own/a")
    session.next()
    with pytest.raises(Exception, match=r"(?i)connection|incomplete|checksum|aborted|reset"):
        session.next()


def test_the_service_ends_a_stream_in_its_own_words(account: SimulatedAccount, own: Any) -> None:
    account.faults.add(Fault("logs", "StartLiveTail/event", FaultKind.SERVER_ERROR, nth=2))
    session = Session(account, "/own/a")
    with pytest.raises(EventStreamError, match="SessionStreamingException"):
        session.next()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"logGroupIdentifiers": ["/own/a"]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [arn("/own/a") + ":*"]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [arn("/no/such")]}, "ResourceNotFoundException"),
        ({"logGroupIdentifiers": [arn("/own/a")] * 11}, "InvalidParameterException"),
        (
            {"logGroupIdentifiers": [arn("/own/a"), arn("/own/b")], "logStreamNames": ["one"]},
            "InvalidParameterException",
        ),
        ({"logGroupIdentifiers": [arn("/own/a")], "logEventFilterPattern": "{ broken"}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [arn("/own/rare")]}, "InvalidOperationException"),
    ],
)
def test_a_wrong_question_is_refused(account: SimulatedAccount, own: Any, asked: dict[str, Any], code: str) -> None:
    own.create_log_group(logGroupName="/own/rare", logGroupClass="INFREQUENT_ACCESS")
    with pytest.raises(ClientError) as caught:
        own.start_live_tail(**asked)
    assert caught.value.response["Error"]["Code"] == code


def test_there_are_so_many_sessions_at_one_time_and_a_closed_one_makes_room(
    account: SimulatedAccount, own: Any
) -> None:
    account.state.logs.live_tails = 3
    sessions = [Session(account, "/own/a") for _ in range(3)]
    with pytest.raises(ClientError, match="LimitExceededException"):
        Session(account, "/own/a")
    sessions[0].stream.close()
    for _ in range(200):  # the account notices when it next writes
        manual(account).advance(1)
        try:
            Session(account, "/own/a")
            break
        except ClientError:
            continue
    else:
        pytest.fail("no room was made")


async def test_the_houses_client_library_reads_the_stream(account: SimulatedAccount, own: Any) -> None:
    from aiobotocore.config import AioConfig
    from aiobotocore.session import AioSession

    keys = {"aws_access_key_id": "SIMULATED", "aws_secret_access_key": "SIMULATED"}
    config = AioConfig(inject_host_prefix=False, retries={"total_max_attempts": 1})
    made = AioSession().create_client(
        "logs", region_name="us-west-2", endpoint_url=account.endpoint, config=config, **keys
    )
    async with made as client:
        answer = await client.start_live_tail(logGroupIdentifiers=[arn("/own/a")])
        stream = answer["responseStream"]
        events = aiter(stream)
        assert "sessionStart" in await anext(events)
        await asyncio.to_thread(put, account, own, "/own/a", "hello")
        manual(account).advance(1)
        update = await anext(events)
        assert [one["message"] for one in update["sessionUpdate"]["sessionResults"]] == ["hello"]
        stream.close()
