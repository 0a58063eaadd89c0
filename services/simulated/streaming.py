"""A stream of events on its way to the caller, each met by a fault that was ordered for `OPERATION/event`."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from services.clock import Clock
from services.simulated import event_stream
from services.simulated.errors import Answer
from services.simulated.faults import Fault, FaultKind, Faults
from services.simulated.protocol import AwsError
from services.simulated.resolving import Call
from services.simulated.serving import cut

LOOK_S = 0.02
"""Seconds of this machine between two looks for what a stream has next."""


def events(
    answer: Answer, call: Call, environ: dict[str, Any], faults: Faults, clock: Clock, closing: threading.Event
) -> Iterator[bytes]:
    """The answer's bytes, as they come, until the stream ends or the account closes."""
    yield answer.body
    assert answer.stream is not None
    # A caller that is gone closes this generator, and with it what the stream holds.
    with contextlib.closing(answer.stream) as items:
        for item in items:
            if closing.is_set() or (item is None and closing.wait(LOOK_S)):
                return
            if item is None:
                continue
            fault = faults.take(call.service, f"{call.operation}/event", call.region, clock.now())
            yield from _sent(item, fault, environ, closing)
            if fault is not None:
                return


def _sent(
    item: tuple[str, Any] | AwsError, fault: Fault | None, environ: dict[str, Any], closing: threading.Event
) -> Iterator[bytes]:
    framed = _framed(item)
    if fault is None:
        yield framed
    elif fault.kind is FaultKind.EXPIRED:
        yield event_stream.refusal("SessionTimeoutException", "The session has expired.")
    elif fault.kind in (FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.HANG):
        if fault.kind is FaultKind.RESET_AFTER:
            yield framed[: len(framed) // 2]  # torn in the middle of a message
        if fault.kind is FaultKind.HANG:
            closing.wait(fault.seconds)
        cut(environ)
        raise ConnectionResetError("a fault was ordered for this stream")
    else:
        yield event_stream.refusal("SessionStreamingException", "An unknown error occurred while streaming.")


def _framed(item: tuple[str, Any] | AwsError) -> bytes:
    if isinstance(item, AwsError):
        return event_stream.refusal(item.code, item.message)
    return event_stream.event(*item)
