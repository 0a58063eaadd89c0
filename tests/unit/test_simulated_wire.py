"""The codecs of the simulated account: compiled once, whoever asks first."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from botocore.session import get_session

from services.simulated.wire import Codec


def _alarms() -> dict[str, Any]:
    return {"MetricAlarms": [{"AlarmName": f"alarm-{number}", "Threshold": 3} for number in range(20)]}


def test_threads_that_ask_for_the_same_shape_at_once_never_meet_one_that_is_half_made() -> None:
    shape = get_session().get_service_model("cloudwatch").operation_model("DescribeAlarms").output_shape
    expected = Codec("json").encode(shape, _alarms())
    threads = 8
    former = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(30):
                codec, barrier = Codec("json"), Barrier(threads)

                def encode(codec: Codec = codec, barrier: Barrier = barrier) -> Any:
                    barrier.wait()
                    return codec.encode(shape, _alarms())

                assert [one.result() for one in [pool.submit(encode) for _ in range(threads)]] == [expected] * threads
    finally:
        sys.setswitchinterval(former)


def test_a_shape_that_holds_itself_is_compiled() -> None:
    shape = get_session().get_service_model("dynamodb").operation_model("GetItem").output_shape
    nested: dict[str, Any] = {"S": "deep"}
    for _ in range(5):
        nested = {"M": {"inner": nested}}
    assert Codec("json").encode(shape, {"Item": {"key": nested}}) == {"Item": {"key": nested}}
