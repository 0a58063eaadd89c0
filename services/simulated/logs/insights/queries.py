"""StartQuery, GetQueryResults, StopQuery, DescribeQueries, GetLogRecord: an account's queries and their life.

A query is Scheduled for a moment, then Running for as long as the account's clock says and its work takes, then
Complete; its results stay for seven days. The caller holds the groups' lock.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.simulated.logs.checks import invalid, not_found, now_ms
from services.simulated.logs.groups import Groups
from services.simulated.logs.insights.asking import groups_of, span_of
from services.simulated.logs.insights.commands import LIMIT, MOST, compile_query
from services.simulated.logs.insights.records import Record
from services.simulated.logs.insights.running import Running
from services.simulated.logs.insights.values import text
from services.simulated.protocol import AwsError, Context

CONCURRENT = 100
"""Queries of an account and region that may run at one time (the service's model)."""

PAGE = 10_000
KEPT = timedelta(days=7)
TIMEOUT = timedelta(minutes=60)

_SCHEDULED = timedelta(milliseconds=300)
_LEAST = timedelta(milliseconds=900)
_BYTES_A_SECOND = 50_000_000
_REMEMBERED = 1_000
_ACTIVE = ("Scheduled", "Running")


class Query(msgspec.Struct):
    """One query and what has become of it."""

    id: str
    region: str
    text: str
    groups: tuple[str, ...]
    began: datetime
    work: Running
    ended: str = ""
    """Cancelled or Timeout; empty: see `status`."""

    def status(self, now: datetime) -> str:
        if self.ended:
            return self.ended
        if self.work.failed:
            return "Failed"
        age = now - self.began
        needs = _LEAST + timedelta(seconds=self.work.bytes / _BYTES_A_SECOND)
        if self.work.finished and age >= needs:
            return "Complete"
        if age >= TIMEOUT and not self.work.finished:
            self.work.stop()
            self.ended = "Timeout"
            return self.ended
        return "Running" if age >= _SCHEDULED else "Scheduled"


class Queries:
    """Every query of the account, newest last."""

    def __init__(self) -> None:
        self._queries: OrderedDict[str, Query] = OrderedDict()
        self.most = CONCURRENT

    def start(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        chosen = groups_of(groups, context, parameters)
        if parameters.get("queryLanguage", "CWLI") != "CWLI":
            raise invalid(f"The simulated account does not run queries in {parameters['queryLanguage']}.")
        limit = parameters.get("limit")
        if limit is not None and not 1 <= int(limit) <= MOST:
            raise invalid(f"limit must be from 1 to {MOST}.")
        plan = compile_query(str(parameters["queryString"]))
        span = span_of(chosen, context, parameters)
        running = [one for one in self._queries.values() if one.region == context.region]
        if sum(one.status(context.now) in _ACTIVE for one in running) >= self.most:
            raise AwsError(
                "LimitExceededException",
                f"Account maximum query concurrency limit of [{self.most}] reached.",
            )
        work = Running(plan, span, int(limit) if limit is not None else LIMIT, groups.lock)
        query = Query(
            str(uuid.uuid4()),
            context.region,
            str(parameters["queryString"]),
            tuple(group.name for group in chosen),
            context.now,
            work,
        )
        self._remember(query, context.now)
        work.begin()
        return {"queryId": query.id}

    def results(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        query = self._find(context, parameters)
        status = query.status(context.now)
        work = query.work
        found = work.results if status == "Complete" else []
        first = _offset(parameters.get("nextToken"), query.id)
        most = int(parameters.get("maxItems") or PAGE)
        if not 0 < most <= PAGE:
            raise invalid(f"maxItems must be from 1 to {PAGE}.")
        answer: dict[str, Any] = {
            "queryLanguage": "CWLI",
            "status": status,
            "results": found[first : first + most],
            "statistics": {
                "recordsMatched": float(work.matched),
                "recordsScanned": float(work.scanned),
                "bytesScanned": float(work.bytes),
                "estimatedRecordsSkipped": 0.0,
                "estimatedBytesSkipped": 0.0,
                "logGroupsScanned": float(len(query.groups)),
            },
        }
        if first + most < len(found):
            answer["nextToken"] = base64.b64encode(f"{query.id}/{first + most}".encode()).decode()
        return answer

    def stop(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        query = self._find(context, parameters)
        if query.status(context.now) not in _ACTIVE:
            raise invalid("Query is not in Running or Scheduled status.")
        query.work.stop()
        query.ended = "Cancelled"
        return {"success": True}

    def describe(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        name, status = parameters.get("logGroupName"), parameters.get("status")
        most = int(parameters.get("maxResults") or 1_000)
        if not 1 <= most <= 1_000:
            raise invalid("maxResults must be from 1 to 1000.")
        found = [
            one
            for one in reversed(self._queries.values())
            if one.region == context.region
            and (not name or name in one.groups)
            and (not status or one.status(context.now) == status)
        ]
        first = _offset(parameters.get("nextToken"), "describe")
        answer: dict[str, Any] = {"queries": [_described(one, context.now) for one in found[first : first + most]]}
        if first + most < len(found):
            answer["nextToken"] = base64.b64encode(f"describe/{first + most}".encode()).decode()
        return answer

    def record(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """GetLogRecord: every field of the event that an @ptr names."""
        try:
            place = msgspec.json.decode(
                base64.b64decode(str(parameters["logRecordPointer"]), validate=True), type=tuple[str, int, int, str]
            )
        except (msgspec.DecodeError, binascii.Error, ValueError):
            raise invalid("The specified log record pointer is invalid.") from None
        name, at, ingestion, sequence = place
        group = groups.find(context.region, name)
        for event in group.visible(at // 1000 // group.slot * group.slot, now_ms(context)) if group else ():
            if (event.timestamp, event.ingestion, str(event.sequence)) == (at, ingestion, sequence):
                fields = Record(context.account, name, event).discovered()
                return {"logRecord": {key: text(value) for key, value in fields.items()}}
        raise not_found("The specified log record does not exist.")

    def _find(self, context: Context, parameters: dict[str, Any]) -> Query:
        query = self._queries.get(str(parameters["queryId"]))
        if query is None or query.region != context.region or context.now - query.began > KEPT:
            raise not_found("Query does not exist.")
        return query

    def _remember(self, query: Query, now: datetime) -> None:
        self._queries[query.id] = query
        while len(self._queries) > _REMEMBERED or now - next(iter(self._queries.values())).began > KEPT:
            self._queries.popitem(last=False)


def _described(query: Query, now: datetime) -> dict[str, Any]:
    return {
        "queryLanguage": "CWLI",
        "queryId": query.id,
        "queryString": query.text,
        "status": query.status(now),
        "createTime": int(query.began.timestamp() * 1000),
        "logGroupName": query.groups[0],
        "bytesScanned": float(query.work.bytes),
    }


def _offset(token: Any, owner: str) -> int:
    if not token:
        return 0
    try:
        whose, _, first = base64.b64decode(str(token), validate=True).decode().partition("/")
    except (binascii.Error, ValueError):
        raise invalid("The specified nextToken is invalid.") from None
    if whose != owner or not first.isdecimal():
        raise invalid("The specified nextToken is invalid.")
    return int(first)
