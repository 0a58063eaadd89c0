"""What a request leaves behind in each log group: the texts as AWS and the application write them.

Function log: Lambda's text format (INIT_START, START, Python logging lines, END, REPORT). API execution log: API
Gateway's own sentences (aws.md 3.5). Access log and application log: JSON lines. One request has the same ids in all.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from services.simulated.estate import EnvironmentEstate
from services.simulated.world.values import Request

Line = tuple[float, str]
"""Milliseconds after the request's arrival, and the message."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RUNTIME = "python:3.12.v38"
RUNTIME_ARN = "arn:aws:lambda:us-west-2::runtime:8eeff65f6809a3ce81507fe733fe09b835899b99481ba22fd75b5a7338290ec1"


def function_lines(request: Request, estate: EnvironmentEstate) -> Iterator[Line]:
    """Lambda's log of one invocation; nothing when the request never reached the function."""
    if request.version is None:
        return
    begins = overhead(request)
    runs = request.duration_ms
    if request.cold:
        yield begins - 5, f"INIT_START Runtime Version: {RUNTIME}\tRuntime Version ARN: {RUNTIME_ARN}\n"
    yield begins, f"START RequestId: {request.id} Version: {request.version}\n"
    yield (
        begins + 1,
        f"[INFO]\t{stamp(request, begins + 1)}\t{request.id}\t{request.method} {request.path} by {request.user}\n",
    )
    timed_out = request.status == 504
    if request.note:
        yield begins + runs * 0.6, f"[WARNING]\t{stamp(request, begins + runs * 0.6)}\t{request.id}\t{request.note}\n"
    if timed_out:
        yield begins + runs, f"{stamp(request, begins + runs)} {request.id} {request.error}\n\n"
    elif request.error:
        kind = request.error.split(":", 1)[0]
        yield (
            begins + runs * 0.98,
            f"[ERROR]\t{stamp(request, begins + runs * 0.98)}\t{request.id}\t"
            f"{request.error}\nTraceback (most recent call last):\n"
            f'  File "/var/task/handler.py", line 88, in handle\n    return route(event)\n'
            f'  File "/var/task/instances.py", line 41, in {_action(request)[0]}\n{kind}\n',
        )
    yield begins + runs, f"END RequestId: {request.id}\n"
    tail = f"\tInit Duration: {request.init_ms:.2f} ms" if request.cold else ""
    tail += "\tStatus: timeout" if timed_out else ""
    billed = int(runs + request.init_ms) + 1
    yield (
        begins + runs,
        f"REPORT RequestId: {request.id}\tDuration: {runs:.2f} ms\tBilled Duration: {billed} ms\t"
        f"Memory Size: 512 MB\tMax Memory Used: {request.memory_mb} MB{tail}\t\n",
    )


def execution_lines(request: Request, estate: EnvironmentEstate) -> Iterator[Line]:
    """API Gateway's execution log of one request."""
    prefix = f"({request.api_id}) "
    answered = overhead(request) + request.integration_ms
    ends = max(request.latency_ms, answered)
    yield 0.0, f"{prefix}Starting execution for request: {request.api_id}"
    yield 0.0, f"{prefix}HTTP Method: {request.method}, Resource Path: {request.path}"
    if request.version is None:
        yield from _refused(prefix, request, ends)
    else:
        yield (
            1.0,
            f"{prefix}Endpoint request URI: https://lambda.{estate.region}.amazonaws.com/2015-03-31/functions/"
            f"{estate.alias_arn}/invocations",
        )
        if request.status == 504:
            yield answered, f"{prefix}Execution failed due to a timeout error"
            yield ends, f"{prefix}Method completed with status: {request.status}"
            return
        yield (
            answered,
            f"{prefix}Received response. Status: 200, Integration latency: {request.integration_ms:.0f} ms",
        )
        if request.error:
            yield (
                answered,
                f"{prefix}Lambda execution failed with status 200 due to customer function error: "
                f"{request.error}. Lambda request id: {request.id}",
            )
    yield ends, f"{prefix}Method completed with status: {request.status}"
    if request.version is not None:
        yield ends, f"{prefix}AWS Integration Endpoint RequestId : {request.id}"


def access_lines(request: Request, estate: EnvironmentEstate) -> Iterator[Line]:
    """The stage's access log: one JSON line when the request is answered."""
    yield (
        request.latency_ms,
        as_json(
            {
                "requestId": request.api_id,
                "ip": request.ip,
                "user": request.user,
                "requestTime": (_EPOCH + timedelta(milliseconds=request.at_ms)).strftime("%d/%b/%Y:%H:%M:%S +0000"),
                "httpMethod": request.method,
                "resourcePath": request.path,
                "status": request.status,
                "responseLatency": round(request.latency_ms),
                "integrationRequestId": request.id if request.version is not None else "-",
            }
        ),
    )


def application_lines(request: Request, estate: EnvironmentEstate) -> Iterator[Line]:
    """The application's own JSON lines; nothing when the code never ran."""
    if request.version is None or request.status == 504:
        return  # an instance that runs into its time-out is ended without another word
    ends = overhead(request) + request.duration_ms
    common = {"request_id": request.id, "version": request.version, "user": request.user}
    if request.error:
        failed = {
            "level": "ERROR",
            "message": f"{' '.join(_action(request))} failed: {request.error}",
            **common,
            "exception": request.error.split(":", 1)[0],
            "path": request.path,
        }
        yield ends * 0.97, as_json({"timestamp": stamp(request, ends * 0.97), **failed})
        return
    if request.note:
        warned = {"level": "WARN", "message": request.note, **common}
        yield ends * 0.6, as_json({"timestamp": stamp(request, ends * 0.6), **warned})
    if request.duration_ms > 3_000:
        slow = {"level": "WARN", "message": f"slow answer from EC2: {request.duration_ms:.0f} ms", **common}
        yield ends * 0.9, as_json({"timestamp": stamp(request, ends * 0.9), **slow})
    elif request.status >= 400:
        refused = {"level": "WARN", "message": f"{request.method} {request.path} refused: {request.status}", **common}
        yield ends, as_json({"timestamp": stamp(request, ends), **refused})
        return
    done = {"level": "INFO", "message": _success(request), **common, "duration_ms": round(request.duration_ms)}
    yield ends, as_json({"timestamp": stamp(request, ends), **done})


def _refused(prefix: str, request: Request, ends: float) -> Iterator[Line]:
    if request.status in (401, 403):
        yield ends, f"{prefix}Unauthorized request: {request.api_id}"
    elif request.status == 429:
        yield ends, f"{prefix}Method throttled: Too Many Requests"
    elif request.status >= 500:
        cause = request.note or "Rate Exceeded. Lambda throttled the request"
        yield ends, f"{prefix}Execution failed due to configuration error: {cause}"


def overhead(request: Request) -> float:
    """Milliseconds that API Gateway itself takes before the function runs."""
    return max(2.0, (request.latency_ms - request.integration_ms) / 2)


def _action(request: Request) -> tuple[str, str]:
    """Verb and object of a request: `start`, `instance i-6caf930e`; `list`, `instances`."""
    parts = request.path.strip("/").split("/")
    if len(parts) >= 3:
        return parts[2], f"{parts[0].rstrip('s')} {parts[1][:10]}"
    if len(parts) == 2:
        return "show", f"{parts[0].rstrip('s')} {parts[1][:10]}"
    return {"GET": "list", "POST": "create", "PUT": "update", "DELETE": "remove"}.get(request.method, "handle"), parts[
        0
    ]


_PAST = {"stop": "stopped", "show": "showed", "update": "updated", "create": "created", "remove": "removed"}


def _success(request: Request) -> str:
    verb, what = _action(request)
    past = _PAST.get(verb, f"{verb}ed")
    return f"{past} {1 + _draw(request.id) % 23} {what}" if verb == "list" else f"{past} {what}"


def stamp(request: Request, offset: float) -> str:
    """The moment `offset` milliseconds after the request's arrival, as log lines tell it."""
    second, thousandths = divmod(int(request.at_ms + offset), 1000)
    return f"{_second(second)}.{thousandths:03d}Z"


@functools.lru_cache(4096)
def _second(at: int) -> str:
    """Most lines of a minute share their second with others."""
    return (_EPOCH + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%S")


def _draw(key: str) -> int:
    return zlib.crc32(key.encode())


def as_json(fields: dict[str, object]) -> str:
    """One JSON line."""
    return msgspec.json.encode(fields).decode()
