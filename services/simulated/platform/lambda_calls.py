"""What a call of a function answers: as the version that is called would, with its profile's error, or well.

The call leaves its lines in the function's log, as any other does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from services.simulated.estate import stable_uuid
from services.simulated.platform.functions import FunctionStore, Version
from services.simulated.platform.lambda_names import refusal
from services.simulated.protocol import Context
from services.simulated.state import SimulatedState

TAIL = 4_096
"""Bytes of the log that come back with an answer."""

INGESTED_MS = 900


class Calls:
    """Runs a version for one event."""

    def __init__(self, state: SimulatedState) -> None:
        self._state = state
        self._calls = 0

    def answer(
        self, store: FunctionStore, version: Version, context: Context, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        """The result of Invoke, RequestResponse."""
        event = _event(parameters.get("Payload"))
        self._calls += 1
        request = stable_uuid(self._state.seed, f"{store.name}/call/{self._calls}/{context.now.isoformat()}")
        error = self._error(store, version, context.now)
        lines = _lines(store, version, context.now, request, event, error)
        self._keep(store, version, context, lines)
        body: object = {"statusCode": 200, "body": json.dumps({"status": "ok", "version": version.name})}
        if error:
            kind, _, message = error.partition(": ")
            trace = ['  File "/var/task/handler.py", line 88, in handle\n    return route(event)\n']
            body = {"errorMessage": message, "errorType": kind, "requestId": request, "stackTrace": trace}
        told: dict[str, Any] = {
            "StatusCode": 200,
            "ExecutedVersion": version.name,
            "Payload": json.dumps(body).encode(),
        }
        if error:
            told["FunctionError"] = "Unhandled"
        if parameters.get("LogType") == "Tail":
            told["LogResult"] = base64.b64encode("".join(lines).encode()[-TAIL:]).decode()
        return told

    def _error(self, store: FunctionStore, version: Version, now: datetime) -> str:
        """The exception that the scenario gives this version, as often as it says; empty: it answers well."""
        profile = self._state.scenario.profiles.get(_release(store, version))
        if profile is None or not profile.exception or store.environment.name != "production":
            return ""
        # Which calls fail is drawn from the instant, as the world's own requests are drawn from theirs.
        drawn = hashlib.blake2b(f"{self._state.seed}/{now.isoformat()}".encode(), digest_size=4).digest()
        return str(profile.exception) if int.from_bytes(drawn) / 2**32 < profile.error_rate else ""

    def _keep(self, store: FunctionStore, version: Version, context: Context, lines: list[str]) -> None:
        estate, at = store.environment, int(context.now.timestamp() * 1000)
        instance = hashlib.blake2b(store.name.encode(), digest_size=16).hexdigest()
        stream = f"{context.now:%Y/%m/%d}/[{version.name}]{instance}"
        planted = [(stream, at + place, at + INGESTED_MS + place, line) for place, line in enumerate(lines)]
        self._state.logs.plant(estate.lambda_log_group, planted, region=estate.region)


def _event(payload: object) -> str:
    """The event as text. Lambda takes nothing but JSON."""
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes | bytearray) else str(payload or "{}")
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise refusal("InvalidRequestContentException", message, 400) from error
    return text


def _release(store: FunctionStore, version: Version) -> int:
    """The published version whose code runs; `$LATEST` has that of one of them, or its own."""
    if version.number is not None:
        return version.number
    return max((number for number, known in store.versions.items() if known.sha == version.sha), default=-1)


def _lines(store: FunctionStore, version: Version, now: datetime, request: str, event: str, error: str) -> list[str]:
    stamp = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"
    told = [
        f"START RequestId: {request} Version: {version.name}\n",
        f"[INFO]\t{stamp}\t{request}\tno request of the API: {event[:500]}\n",
    ]
    if error:
        told.append(
            f"[ERROR]\t{stamp}\t{request}\t{error}\nTraceback (most recent call last):\n"
            f'  File "/var/task/handler.py", line 88, in handle\n    return route(event)\n{error}\n'
        )
    told.append(f"END RequestId: {request}\n")
    told.append(
        f"REPORT RequestId: {request}\tDuration: 38.42 ms\tBilled Duration: 39 ms\t"
        f"Memory Size: {version.settings.memory_mb} MB\tMax Memory Used: 96 MB\t\n"
    )
    return told
