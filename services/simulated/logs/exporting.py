"""CreateExportTask, DescribeExportTasks, CancelExportTask: log data into a bucket, as files by stream (aws.md 3.6).

One task of an account and region may be active. It waits a few seconds, runs for some tens of seconds by the account's
clock, and what is in the log group's archive by then lies in the bucket: PREFIX/TASK/STREAM/000000.gz. "Log data can
take up to 12 hours to become available for export": the newest hours are not in it.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from services.simulated.estate import stable_uuid
from services.simulated.logs.checks import group_of, invalid, limit_of, not_found, now_ms
from services.simulated.logs.export_files import write
from services.simulated.logs.group import Group
from services.simulated.logs.groups import Groups
from services.simulated.platform.bucket_access import service_may
from services.simulated.protocol import AwsError, Context

PREFIX = "exportedlogs"
PAGE = 50
PENDING = timedelta(seconds=5)
CANCELLING = timedelta(seconds=2)

HOUR_MS = 3_600_000
LEAST_BEHIND_MS = 2 * HOUR_MS
MOST_BEHIND_MS = 12 * HOUR_MS

_CHECK = "call on the given bucket failed. Please check if CloudWatch Logs has been granted permission to perform this"
_ACTIVE = ("PENDING", "RUNNING", "PENDING_CANCEL")


class Buckets(Protocol):
    """The account's buckets."""

    def region(self, name: str) -> str | None: ...
    def policy(self, name: str) -> bytes | None: ...
    def put(self, name: str, key: str, body: bytes, moment: datetime) -> None: ...


class Task(msgspec.Struct):
    """One export."""

    id: str
    region: str
    asked: Mapping[str, Any]
    """The parameters of its creation."""
    began: datetime
    runs: timedelta
    stop: threading.Event
    done: threading.Event
    cancelled: datetime | None = None

    def status(self, now: datetime) -> str:
        if self.cancelled is not None:
            return "CANCELLED" if now - self.cancelled >= CANCELLING else "PENDING_CANCEL"
        if now - self.began < PENDING:
            return "PENDING"
        return "COMPLETED" if self.done.is_set() and now - self.began >= PENDING + self.runs else "RUNNING"

    def completed(self) -> datetime:
        return self.cancelled + CANCELLING if self.cancelled is not None else self.began + PENDING + self.runs


class Exports:
    """The account's export tasks, oldest first. The caller holds the groups' lock."""

    def __init__(self, seed: int, buckets: Buckets) -> None:
        self._seed = seed
        self._buckets = buckets
        self._tasks: list[Task] = []

    def create(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        group = group_of(groups, context, parameters)
        _check_span(group, context, parameters)
        self._check_bucket(context, parameters)
        if any(one.region == context.region and one.status(context.now) in _ACTIVE for one in self._tasks):
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        number = len(self._tasks)
        runs = timedelta(seconds=20 + zlib.crc32(f"{self._seed}/export/{number}".encode()) % 40)
        task = Task(
            stable_uuid(self._seed, f"export/{number}"),
            context.region,
            parameters,
            context.now,
            runs,
            threading.Event(),
            threading.Event(),
        )
        self._tasks.append(task)
        self._put(task, "aws-logs-write-test", b"Permission Check Successful")
        span = (int(parameters["from"]), min(int(parameters["to"]), now_ms(context) - self._behind(group)))
        worker = threading.Thread(target=self._run, args=(groups, group, task, span), daemon=True)
        worker.name = "simulated-export"
        worker.start()
        return {"taskId": task.id}

    def describe(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        limit = limit_of(parameters, PAGE, PAGE)
        wanted, code = parameters.get("taskId"), parameters.get("statusCode")
        if wanted and code:
            raise invalid("taskId and statusCode cannot be used together.")
        found = [
            one
            for one in reversed(self._tasks)
            if one.region == context.region
            and (not wanted or one.id == wanted)
            and (not code or one.status(context.now) == code)
        ]
        token = str(parameters.get("nextToken") or "0")
        if not token.isdecimal():
            raise invalid("The specified nextToken is invalid.")
        first = int(token)
        answer: dict[str, Any] = {"exportTasks": [_described(one, context.now) for one in found[first : first + limit]]}
        return answer | ({"nextToken": str(first + limit)} if first + limit < len(found) else {})

    def cancel(self, groups: Groups, context: Context, parameters: dict[str, Any]) -> None:
        task = next((one for one in self._tasks if one.id == parameters["taskId"]), None)
        if task is None or task.region != context.region:
            raise not_found("The specified export task does not exist.")
        status = task.status(context.now)
        if status not in ("PENDING", "RUNNING"):
            raise AwsError("InvalidOperationException", f"The specified export task has already {_ENDED[status]}.")
        task.cancelled = context.now
        task.stop.set()

    def _check_bucket(self, context: Context, parameters: dict[str, Any]) -> None:
        bucket = str(parameters["destination"])
        region = self._buckets.region(bucket)
        if region is None:
            raise invalid("The given bucket does not exist. Please provide an existing bucket.")
        if region != context.region:
            raise invalid(f"The given bucket is in {region}. It must be in the same region as the log group.")
        policy, service = self._buckets.policy(bucket), f"logs.{context.region}.amazonaws.com"
        name, arn = str(parameters["logGroupName"]), f"arn:aws:logs:{context.region}:{context.account}:log-group:"
        facts = {
            "aws:SourceAccount": context.account,
            "aws:SourceArn": f"{arn}{name}:*",
            "s3:x-amz-acl": "bucket-owner-full-control",
        }
        if not service_may(policy, service, "s3:GetBucketAcl", f"arn:aws:s3:::{bucket}", facts):
            raise invalid(f"GetBucketAcl {_CHECK} operation.")
        test = f"arn:aws:s3:::{bucket}/{_prefix(parameters)}/aws-logs-write-test"
        if not service_may(policy, service, "s3:PutObject", test, facts):
            raise invalid(f"PutObject {_CHECK} operation.")

    def _behind(self, group: Group) -> int:
        """Milliseconds of the newest data that the archive has not got yet."""
        draw = zlib.crc32(f"{self._seed}/{group.name}/archive".encode())
        return LEAST_BEHIND_MS + draw % (MOST_BEHIND_MS - LEAST_BEHIND_MS)

    def _run(self, groups: Groups, group: Group, task: Task, span: tuple[int, int]) -> None:
        try:
            stream = str(task.asked.get("logStreamNamePrefix") or "")
            for name, body in write(group, groups.lock, span, stream, task.stop):
                if task.stop.is_set():
                    return
                self._put(task, f"{task.id}/{name.replace('/', '-')}/000000.gz", body)
        finally:
            task.done.set()

    def _put(self, task: Task, key: str, body: bytes) -> None:
        self._buckets.put(str(task.asked["destination"]), f"{_prefix(task.asked)}/{key}", body, task.began + PENDING)


_ENDED = {"COMPLETED": "completed", "CANCELLED": "been cancelled", "PENDING_CANCEL": "been asked to cancel"}


def _prefix(parameters: Mapping[str, Any]) -> str:
    return str(parameters.get("destinationPrefix") or PREFIX)


def _check_span(group: Group, context: Context, parameters: dict[str, Any]) -> None:
    if group.kind != "STANDARD":
        raise invalid(f"Log groups in the {group.kind} log class cannot be exported.")
    begin, end = int(parameters["from"]), int(parameters["to"])
    if begin < 0 or begin >= end:
        raise invalid("The specified time range is invalid: from must be earlier than to.")
    if end < group.created:
        raise invalid("The specified time range is invalid: to must not be earlier than the log group was created.")


def _described(task: Task, now: datetime) -> dict[str, Any]:
    status = task.status(now)
    info = {"creationTime": int(task.began.timestamp() * 1000)}
    if status in ("COMPLETED", "CANCELLED"):
        info["completionTime"] = int(task.completed().timestamp() * 1000)
    told = {"code": status}
    if status == "COMPLETED":
        told["message"] = "Completed successfully"
    names = ("taskName", "logGroupName", "from", "to", "destination")
    answer = {name: task.asked[name] for name in names if name in task.asked}
    return answer | {
        "taskId": task.id,
        "destinationPrefix": _prefix(task.asked),
        "status": told,
        "executionInfo": info,
    }
