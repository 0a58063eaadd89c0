"""Lambda's log of one invocation in its JSON format: platform events, and the runtime's own lines with a level.

Source: the Lambda guide, "Log and system log event schema" and "Python: structured JSON logs".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.simulated.estate import EnvironmentEstate
from services.simulated.logs.lines import RUNTIME, RUNTIME_ARN, Line, as_json, overhead, stamp
from services.simulated.world.values import Request


def function_json_lines(request: Request, estate: EnvironmentEstate) -> Iterator[Line]:
    """The same moments as the text format tells of; nothing when the request never reached the function."""
    if request.version is None:
        return
    begins, runs = overhead(request), request.duration_ms
    if request.cold:
        record: dict[str, object] = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": RUNTIME,
            "runtimeVersionArn": RUNTIME_ARN,
        }
        yield begins - 5, _platform(request, begins - 5, "platform.initStart", record)
    started = {"requestId": request.id, "version": str(request.version)}
    yield begins, _platform(request, begins, "platform.start", started)
    yield begins + 1, _line(request, begins + 1, "INFO", f"{request.method} {request.path} by {request.user}")
    if request.note:
        yield begins + runs * 0.6, _line(request, begins + runs * 0.6, "WARN", request.note)
    if request.error and request.status != 504:
        yield begins + runs * 0.98, _failure(request, begins + runs * 0.98)
    yield begins + runs, _report(request, begins + runs)


def _report(request: Request, at: float) -> str:
    metrics: dict[str, object] = {
        "durationMs": round(request.duration_ms, 3),
        "billedDurationMs": int(request.duration_ms + request.init_ms) + 1,
        "memorySizeMB": 512,
        "maxMemoryUsedMB": request.memory_mb,
    }
    if request.cold:
        metrics["initDurationMs"] = round(request.init_ms, 3)
    status = "timeout" if request.status == 504 else "error" if request.error else "success"
    record: dict[str, object] = {"requestId": request.id, "metrics": metrics, "status": status}
    if status == "error":
        record["errorType"] = request.error.split(":", 1)[0]
    return _platform(request, at, "platform.report", record)


def _failure(request: Request, at: float) -> str:
    kind, _, said = request.error.partition(":")
    trace = ['  File "/var/task/handler.py", line 88, in handle\n    return route(event)\n']
    fields: dict[str, Any] = {"stackTrace": trace, "errorType": kind, "errorMessage": said.strip()}
    return _line(request, at, "ERROR", request.error, **fields)


def _line(request: Request, at: float, level: str, message: str, **fields: Any) -> str:
    head = {"timestamp": stamp(request, at), "level": level, "message": message, "logger": "root"}
    return as_json({**head, **fields, "requestId": request.id})


def _platform(request: Request, at: float, kind: str, record: object) -> str:
    return as_json({"time": stamp(request, at), "type": kind, "record": record})
