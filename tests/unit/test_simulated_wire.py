"""Values of an API's shapes on the wire: only what must change is changed, and a wrong type is a refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.simulated.cbor import Epoch
from services.simulated.protocol import AwsError
from services.simulated.resolving import service_model
from services.simulated.wire import Codec, Format

MOMENT = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)


def shape(service: str, operation: str, kind: str) -> Any:
    model = service_model(service)
    assert model is not None
    return getattr(model.operation_model(operation), f"{kind}_shape")


@pytest.mark.parametrize(("wire", "stamp"), [("json", 1795403220.0), ("cbor", Epoch(1795403220.0))])
def test_a_result_is_written_as_its_shape_says(wire: Format, stamp: float) -> None:
    result = {
        "MetricDataResults": [
            {"Id": "m1", "Timestamps": [MOMENT], "Values": [3], "StatusCode": "Complete", "Label": None}
        ],
        "Unknown": "is left out",
    }
    written = Codec(wire).encode(shape("cloudwatch", "GetMetricData", "output"), result)
    (series,) = written["MetricDataResults"]
    assert series == {"Id": "m1", "Timestamps": [stamp], "Values": [3.0], "StatusCode": "Complete"}
    assert type(series["Timestamps"][0]) is type(stamp)
    assert isinstance(series["Values"][0], float)
    assert "Unknown" not in written


@pytest.mark.parametrize("start", [1795403220, 1795403220.0, "2026-11-23T03:07:00Z", "2026-11-23T03:07:00"])
def test_a_moment_is_read_in_every_form_clients_send(start: object) -> None:
    read = Codec("json").decode(shape("cloudwatch", "GetMetricData", "input"), {"StartTime": start})
    assert read == {"StartTime": MOMENT}


@pytest.mark.parametrize(
    "sent",
    [
        {"MetricDataQueries": "many"},
        {"MetricDataQueries": [{"Id": 5}]},
        {"MetricDataQueries": ["one"]},
        {"MaxDatapoints": "5"},
        {"MaxDatapoints": 5.5},
        {"MaxDatapoints": True},
        {"MaxDatapoints": float("inf")},
        {"MaxDatapoints": float("nan")},
        {"StartTime": float("nan")},
        {"StartTime": "noon"},
        {"StartTime": 1e300},
        [],
    ],
)
@pytest.mark.parametrize("wire", ["json", "cbor"])
def test_a_parameter_of_the_wrong_type_is_refused(wire: Format, sent: Any) -> None:
    with pytest.raises(AwsError) as caught:
        Codec(wire).decode(shape("cloudwatch", "GetMetricData", "input"), sent)
    assert caught.value.code == "SerializationException"


def test_unknown_and_null_parameters_are_dropped() -> None:
    read = Codec("json").decode(shape("logs", "FilterLogEvents", "input"), {"limit": 5, "other": 1, "nextToken": None})
    assert read == {"limit": 5}


def test_a_shape_that_holds_itself_is_compiled_once() -> None:
    item = {"M": {"a": {"L": [{"S": "x"}, {"B": b"y"}]}}}
    codec = Codec("json")
    written = codec.encode(shape("dynamodb", "GetItem", "output"), {"Item": {"id": item}})
    assert written == {"Item": {"id": {"M": {"a": {"L": [{"S": "x"}, {"B": "eQ=="}]}}}}}
    sent = {"TableName": "t", "Key": {"id": {"M": {"a": {"B": "eQ=="}}}}}
    assert codec.decode(shape("dynamodb", "GetItem", "input"), sent)["Key"]["id"]["M"]["a"]["B"] == b"y"
    with pytest.raises(AwsError):
        codec.decode(shape("dynamodb", "GetItem", "input"), {"Key": {"id": {"B": "not base64!"}}})


def test_an_event_that_needs_no_change_is_sent_as_it_stands() -> None:
    codec = Codec("json")
    events = [{"timestamp": index, "message": "m", "eventId": str(index)} for index in range(3)]
    written = codec.encode(shape("logs", "FilterLogEvents", "output"), {"events": events})
    assert all(sent is held for sent, held in zip(written["events"], events, strict=True))
    odd = [{"timestamp": 1, "message": None}, {"timestamp": 1, "ours": 2}]
    written = codec.encode(shape("logs", "FilterLogEvents", "output"), {"events": odd})
    assert written["events"] == [{"timestamp": 1}, {"timestamp": 1}]
