"""The account's front door: one WSGI application in front of our own handlers, and of moto for the rest.

Every request is understood first (service, operation, parameters), then met by a fault that was ordered for it,
answered by our handler or by moto, and recorded. What nothing serves is refused as IAM refuses; no HTML ever leaves.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from http import HTTPStatus
from typing import Any

from moto.core.request import Request
from werkzeug.exceptions import HTTPException

from services.simulated.errors import Answer, denied, error_answer, expired, throttled
from services.simulated.faults import Fault, FaultKind, Faults
from services.simulated.moto_backing import MotoBacking
from services.simulated.protocol import AwsError, Context, Handler, LeftToMoto
from services.simulated.recording import RecordedCall, Recording
from services.simulated.resolving import (
    Call,
    missing_parameter,
    parameters_of,
    protocol_of,
    resolve,
    result_answer,
    service_model,
    target_of,
)
from services.simulated.serving import cut
from services.simulated.state import SimulatedState
from services.simulated.streaming import events

_log = logging.getLogger("services.simulated")

Observer = Callable[[RecordedCall], None]
Page = Callable[[Request, datetime], Answer | None]
"""Something that is no AWS API: answers requests that carry no signature, or leaves them to the next."""

Comparing = Callable[[Context, str, dict[str, Any]], AbstractContextManager[None]]
"""Looks before moto writes, and lets nobody in between. Refuses with AwsError."""

_PORTAL = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the guest network.</body></html>"


class Facade:
    """WSGI application. Thread-safe as far as its handlers are."""

    def __init__(
        self,
        state: SimulatedState,
        handlers: Mapping[str, Mapping[str, Handler]],
        moto: MotoBacking,
        recording: Recording,
        faults: Faults,
        *,
        shared: Iterable[str] = (),
        pages: Iterable[Page] = (),
        before: Callable[[], None] = lambda: None,
        after: Iterable[Observer] = (),
        comparing: Comparing | None = None,
    ) -> None:
        """A service that has handlers is ours alone unless it is `shared` with moto.

        `comparing` surrounds what moto does for S3.
        `before` runs ahead of every request (the clock's effects catch up), each of `after` behind every answered one.
        """
        self._state = state
        self._handlers = handlers
        self._moto = moto
        self._shared = frozenset(shared)
        self._pages = tuple(pages)
        self._before = before
        self._after = tuple(after)
        self._comparing = comparing
        self.recording = recording
        self.faults = faults
        self.closing = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return self._served(environ, start_response)
        except ConnectionError:
            raise
        except HTTPException as error:  # werkzeug's own refusals: a body too large, a header that is none
            refused = AwsError("BadRequest", error.description or error.name, error.code or 400)
        except Exception:  # the outermost edge: the server behind us would answer with a page of HTML
            _log.exception("a request could not be served")
            refused = AwsError("InternalFailure", "The request processing has failed.", 500)
        return _send(error_answer(refused, "rest-json", "", None, str(uuid.uuid4())), start_response)

    def _served(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()
        self._before()
        target = target_of(request)
        if target is None:
            answer = self._page(request)
            return _send(answer, start_response)
        request_id = str(uuid.uuid4())
        model = service_model(target.service)
        if model is None:
            error = AwsError("UnrecognizedClientException", f"There is no service called {target.service}.", 400)
            return _send(error_answer(error, "rest-json", target.service, None, request_id), start_response)
        protocol = protocol_of(request, model)
        now = self._state.clock.now()
        parameters: dict[str, Any] = {}
        call: Call | None = None
        fault: Fault | None = None
        code = ""
        try:
            call = resolve(request, target, model, protocol)
            fault = self.faults.take(call.service, call.operation, call.region, now)
            parameters = parameters_of(call, request, body)
            if fault is not None:
                answer = self._faulted(fault, call, parameters, environ, body, now, request_id)
            else:
                answer = self._answered(call, parameters, environ, body, now, request_id)
        except AwsError as error:
            code = error.code
            answer = error_answer(error, protocol, target.service, model, request_id)
        except _Cut:
            self._record(call, target.region, parameters, now, 0, "", request_id)
            cut(environ)
            raise ConnectionResetError("a fault was ordered for this call") from None
        self._record(call, target.region, parameters, now, answer.status, code, request_id, target.service)
        if fault is not None and fault.kind is FaultKind.SLOW_BODY:
            return self._dripped(answer, fault.seconds, start_response)
        if answer.stream is not None and call is not None:
            start_response(_status(answer.status), list(answer.headers.items()))
            return events(answer, call, environ, self.faults, self._state.clock, self.closing)
        return _send(answer, start_response)

    def _answered(
        self,
        call: Call,
        parameters: dict[str, Any],
        environ: dict[str, Any],
        body: bytes,
        now: datetime,
        request_id: str,
    ) -> Answer:
        context = Context(call.region, self._state.estate.account, call.operation, now)
        handler = self._handlers.get(call.service, {}).get(call.operation)
        if handler is None:
            return self._by_others(call, context, parameters, environ, body, request_id)
        refusal = missing_parameter(call, parameters)
        if refusal is not None:
            raise refusal
        try:
            return result_answer(call, handler(context, parameters), request_id)
        except LeftToMoto:
            return self._by_others(call, context, parameters, environ, body, request_id)
        except AwsError:
            raise
        except Exception as error:  # the edge: a mistake of ours becomes what AWS's mistakes look like, and is logged
            _log.exception("%s:%s failed", call.service, call.operation)
            raise AwsError("InternalFailure", f"{call.operation} failed: {type(error).__name__}", 500) from error

    def _by_others(
        self,
        call: Call,
        context: Context,
        parameters: dict[str, Any],
        environ: dict[str, Any],
        body: bytes,
        request_id: str,
    ) -> Answer:
        """What no handler of ours answers."""
        ours_alone = call.service in self._handlers and call.service not in self._shared
        if ours_alone or not self._moto.knows(call.service, call.region):
            raise self._not_served(call)
        if call.service == "s3" and self._comparing is not None:
            with self._comparing(context, call.operation, parameters):
                return self._by_moto(call, environ, body, request_id)
        return self._by_moto(call, environ, body, request_id)

    def _by_moto(self, call: Call, environ: dict[str, Any], body: bytes, request_id: str) -> Answer:
        try:
            answer = self._moto.answer(call.service, environ, body)
        except NotImplementedError as error:
            raise self._not_served(call) from error
        except Exception as error:  # the edge to moto: whatever it trips over must not reach the caller as HTML
            _log.warning("moto failed on %s:%s: %r", call.service, call.operation, error)
            raise AwsError("InternalFailure", f"{call.operation} failed: {type(error).__name__}", 500) from error
        kind = answer.headers.get("Content-Type", "")
        if answer.status in (404, 405) and kind.startswith("text/html") and call.service != "s3":
            raise self._not_served(call)
        if answer.status >= 500 and kind.startswith("text/html"):
            raise AwsError("InternalFailure", f"{call.operation} failed.", 500)
        answer.headers.setdefault("x-amzn-RequestId", request_id)
        return answer

    def _not_served(self, call: Call) -> AwsError:
        reason = "with an explicit deny: the simulated account does not serve this action"
        return denied(self._state.estate.caller_arn, call.service, call.operation, call.protocol, reason)

    def _faulted(
        self,
        fault: Fault,
        call: Call,
        parameters: dict[str, Any],
        environ: dict[str, Any],
        body: bytes,
        now: datetime,
        request_id: str,
    ) -> Answer:
        kind = fault.kind
        if kind is FaultKind.THROTTLE:
            raise throttled(call.service, call.protocol)
        if kind is FaultKind.DENY:
            raise denied(self._state.estate.caller_arn, call.service, call.operation, call.protocol)
        if kind is FaultKind.EXPIRED:
            raise expired(call.service, call.protocol)
        if kind is FaultKind.CONFLICT:
            text = "The conditional request cannot succeed due to a conflicting operation against this resource."
            raise AwsError("ConditionalRequestConflict", text, 409)
        if kind is FaultKind.SERVER_ERROR:
            raise AwsError("InternalFailure", "We encountered an internal error. Please try again.", 500)
        if kind is FaultKind.UNAVAILABLE:
            raise AwsError("ServiceUnavailable", "Service is unable to handle request.", 503)
        if kind in (FaultKind.HTML_200, FaultKind.HTML_502):
            return Answer(200 if kind is FaultKind.HTML_200 else 502, {"Content-Type": "text/html"}, _PORTAL)
        if kind is FaultKind.RESET_BEFORE:
            raise _Cut
        if kind is FaultKind.HANG:
            self.closing.wait(fault.seconds)
            raise _Cut
        answer = self._answered(call, parameters, environ, body, now, request_id)
        if kind is FaultKind.RESET_AFTER:
            raise _Cut
        return answer

    def _dripped(self, answer: Answer, seconds: float, start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response(_status(answer.status), [*answer.headers.items(), ("Content-Length", str(len(answer.body)))])
        for index in range(len(answer.body)):
            if self.closing.wait(seconds):
                return
            yield answer.body[index : index + 1]

    def _record(
        self,
        call: Call | None,
        region: str,
        parameters: dict[str, Any],
        now: datetime,
        status: int,
        code: str,
        request_id: str,
        service: str = "",
    ) -> None:
        kept = {name: value for name, value in parameters.items() if not isinstance(value, bytes | bytearray)}
        recorded = RecordedCall(
            at=now,
            service=call.service if call is not None else service,
            operation=call.operation if call is not None else "",
            region=region,
            parameters=kept,
            status=status,
            error=code,
            id=request_id,
        )
        self.recording.add(recorded)
        for observe in self._after:
            observe(recorded)

    def _page(self, request: Request) -> Answer:
        now = self._state.clock.now()
        for page in self._pages:
            answer = page(request, now)
            if answer is not None:
                return answer
        # An unsigned request to AWS is an anonymous one to S3.
        return error_answer(AwsError("AccessDenied", "Access Denied", 403), "rest-xml", "s3", None, str(uuid.uuid4()))


class _Cut(Exception):
    """The connection is to be reset instead of answered."""


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _send(answer: Answer, start_response: Callable[..., Any]) -> Iterable[bytes]:
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "connection"}
    if "content-length" not in {name.lower() for name in headers}:
        headers["Content-Length"] = str(len(answer.body))
    start_response(_status(answer.status), list(headers.items()))
    return [answer.body]
