"""The simulation's own pages, for whoever runs it in another process: its clock, its calls, faults on order.

GET  /_simulated/clock    {"now", "speed", "scenario", "seed"}
GET  /_simulated/calls    what was asked of the account, oldest first; `?since=N` leaves the first N out
POST /_simulated/faults   order a fault: the members of `Fault` as JSON
POST /_simulated/events   what AWS says of itself from now on: [{"service": "dynamodb-us-west-2", "summary": …}]
GET  /public/currentevents  what AWS says of itself, in its own form (JSON in UTF-16 with its mark)
GET  /                    that this account is simulated, and what it holds
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from moto.core.request import Request

from services.simulated.errors import Answer
from services.simulated.faults import Fault, Faults
from services.simulated.recording import Recording
from services.simulated.state import SimulatedState

PREFIX = "/_simulated/"
EVENTS = "/public/currentevents"


class Pages:
    """Answers unsigned requests for the simulation itself, and leaves all others."""

    def __init__(self, state: SimulatedState, recording: Recording, faults: Faults) -> None:
        self._state = state
        self._recording = recording
        self._faults = faults

    def page(self, request: Request, now: datetime) -> Answer | None:
        if request.path == "/" and request.method in ("GET", "HEAD") and not request.query_string:
            environments = [one.name for one in self._state.estate.environments]
            held = {"simulated": True, "account": self._state.estate.account, "environments": environments}
            return _json(held | self._about(now))
        if request.path == EVENTS and request.method == "GET":
            return self._events()
        if not request.path.startswith(PREFIX):
            return None
        asked = (request.method, request.path.removeprefix(PREFIX))
        if asked == ("GET", "clock"):
            return _json(self._about(now))
        if asked == ("GET", "calls"):
            return self._calls(request.args.get("since", "0"))
        if asked == ("POST", "faults"):
            return self._order(request.get_data())
        if asked == ("POST", "events"):
            return self._say(request.get_data(), now)
        return _json({"error": f"there is no {request.method} {request.path}"}, 404)

    def _about(self, now: datetime) -> dict[str, Any]:
        state = self._state
        scenario = state.scenario.name
        return {"now": now.isoformat(), "speed": state.clock.speed, "scenario": scenario, "seed": state.seed}

    def _calls(self, since: str) -> Answer:
        if not since.isdecimal():
            return _json({"error": "since is the number of calls to leave out"}, 400)
        calls = self._recording.snapshot()[int(since) :]
        return Answer(200, {"Content-Type": "application/json"}, msgspec.json.encode(calls))

    def _order(self, body: bytes) -> Answer:
        try:
            self._faults.add(msgspec.json.decode(body, type=Fault))
        except (msgspec.DecodeError, ValueError) as error:
            return _json({"error": f"no fault: {error}"}, 400)
        return _json({"pending": self._faults.pending})

    def _events(self) -> Answer:
        with self._state.lock:
            body = json.dumps(self._state.aws_events)
        headers = {"Content-Type": "application/json;charset=utf-16"}
        return Answer(200, headers, codecs.BOM_UTF16_BE + body.encode("utf-16-be"))

    def _say(self, body: bytes, now: datetime) -> Answer:
        """Take the rows; those without a date begin now, those without a status are open."""
        try:
            rows = msgspec.json.decode(body, type=list[dict[str, str]])
        except msgspec.DecodeError as error:
            return _json({"error": f"no list of events: {error}"}, 400)
        with self._state.lock:
            usual = {"date": str(int(now.timestamp())), "status": "1", "summary": ""}
            self._state.aws_events = [usual | row for row in rows]
        return _json({"events": len(rows)})


def _json(value: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value).encode())
