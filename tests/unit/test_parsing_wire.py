"""Our reading of replies is botocore's: timestamps are the same instants, plain JSON the same values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiobotocore.parsers import AioJSONParser
from botocore.model import ServiceModel
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from services.aws.logs import Search, filter_events
from services.aws.models import full
from services.aws.parsing import ParserFactory, PlainJSONParser, instant, plain
from services.problems import AccountError, ProblemKind
from services.watch.tailing_seen import Seen

LOGS: Any = ServiceModel(full().load_service_model("logs", "service-2"), "logs")
TABLES: Any = ServiceModel(full().load_service_model("dynamodb", "service-2"), "dynamodb")


@given(st.one_of(st.integers(-(10**9), 10**10), st.floats(-1e9, 1e10)))
def test_epoch_seconds_are_the_instant_that_botocore_reads(value: Any) -> None:
    assert abs((instant(value) - parse_timestamp(value)).total_seconds()) < 1e-5
    assert instant(value).utcoffset() == datetime(2026, 1, 1, tzinfo=UTC).utcoffset()


@pytest.mark.parametrize(
    "word",
    [
        "2026-11-23T10:00:00Z",
        "2026-11-23T10:00:00.123Z",
        "2026-11-23T10:00:00.1Z",
        "2026-11-23T10:00:00.123+0000",
        "2026-11-23T10:00:00+02:00",
        "Mon, 23 Nov 2026 10:00:00 GMT",
        "1795428000",
        "1795428000.5",
    ],
)
def test_every_form_of_timestamp_is_read_as_botocore_reads_it(word: str) -> None:
    assert instant(word) == parse_timestamp(word)


@pytest.mark.parametrize("word", ["", "soon", "2026-99-99T00:00:00Z", None, [], 1e300])
def test_what_is_no_timestamp_is_a_value_error_or_what_botocore_says(word: Any) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError, RuntimeError)):
        instant(word)


def test_log_events_are_plain_and_what_holds_times_is_not() -> None:
    events = LOGS.operation_model("FilterLogEvents").output_shape.members["events"]
    assert plain(events)
    table = TABLES.operation_model("DescribeTable").output_shape.members["Table"]
    assert not plain(table)
    assert not plain(table.members["CreationDateTime"])


def parsed(parser: AioJSONParser, body: bytes, model: Any) -> Any:
    return parser._handle_json_body(body, model.output_shape)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"message": st.text(max_size=40), "timestamp": st.integers(0, 2**53), "eventId": st.text(max_size=8)},
            optional={"logStreamName": st.text(max_size=8), "ingestionTime": st.integers(0, 2**53)},
        ),
        max_size=5,
    ),
    st.none() | st.text(max_size=10),
)
def test_a_page_of_events_is_what_botocore_makes_of_it(events: list[dict[str, Any]], token: str | None) -> None:
    body = json.dumps({"events": events, "nextToken": token}).encode()
    model = LOGS.operation_model("FilterLogEvents")
    assert parsed(PlainJSONParser(), body, model) == parsed(AioJSONParser(), body, model)


@pytest.mark.parametrize("body", [b"", b"no json", b'{"events": [{"message": "\\ud800"}]}', b"{}", b'{"events": []}'])
def test_an_odd_body_is_read_as_botocore_reads_it(body: bytes) -> None:
    model = LOGS.operation_model("FilterLogEvents")
    assert parsed(PlainJSONParser(), body, model) == parsed(AioJSONParser(), body, model)


def test_a_table_with_times_in_its_lists_is_walked_through() -> None:
    body = json.dumps({"Table": {"TableName": "t", "CreationDateTime": 1.5, "GlobalSecondaryIndexes": [{"x": 1}]}})
    model = TABLES.operation_model("DescribeTable")
    reply = parsed(ParserFactory().create_parser("json"), body.encode(), model)
    assert reply["Table"]["CreationDateTime"] == datetime.fromtimestamp(1.5, UTC)
    assert reply["Table"]["GlobalSecondaryIndexes"] == [{}]


class Answering:
    def __init__(self, events: Any) -> None:
        self._events = events

    async def ask(self, service: str, operation: str, *_: Any, **__: Any) -> dict[str, Any]:
        return {"events": self._events}


async def test_events_that_are_known_are_counted_and_not_made_into_lines() -> None:
    seen = Seen()
    seen.add(1_000, "a")
    events = [{"message": "one", "timestamp": 1_000, "eventId": "a"}, {"message": "two", "timestamp": 2_000}]
    page = await filter_events(Answering(events), Search("g", "g", 0), known=seen.has)
    assert [line.text for line in page.lines] == ["two"]
    assert (page.events, page.reached) == (2, 2_000)
    again = await filter_events(Answering(events[:1]), Search("g", "g", 0), known=seen.has)
    assert (again.lines, again.events, again.reached) == ((), 1, 1_000)


@pytest.mark.parametrize("events", [["text"], [None], [[]], {"0": {}}, "x"])
async def test_events_that_are_none_are_garbled(events: Any) -> None:
    with pytest.raises(AccountError) as caught:
        await filter_events(Answering(events), Search("g", "g", 0))
    assert caught.value.problem.kind is ProblemKind.GARBLED
