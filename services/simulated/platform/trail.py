"""CloudTrail's API: who changed what, told from the deployments and from the calls that were made (aws.md 3.6)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from services.simulated.platform.paging import page
from services.simulated.platform.trail_book import TrailBook
from services.simulated.platform.trail_events import TrailEvent, record
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState

DELIVERY_S = 300
"""How long an event takes to arrive; AWS says about 5 minutes, up to 15."""

KEPT = timedelta(days=90)


class Trail:
    """Handlers of CloudTrail over the account's book of changes."""

    def __init__(self, state: SimulatedState, book: TrailBook) -> None:
        self._state = state
        self._book = book
        self._others: list[dict[str, Any]] = []
        """Trails that were made by a call, as they are described; each delivers the same events."""

    def handlers(self) -> dict[str, Handler]:
        return {
            "LookupEvents": self.lookup_events,
            "CreateTrail": self.create_trail,
            "DescribeTrails": self.describe_trails,
            "ListTrails": self.list_trails,
            "GetTrailStatus": self.get_trail_status,
        }

    def events(self, now: datetime) -> list[TrailEvent]:
        """Everything that has been delivered by `now`, newest first."""
        return self._book.between(now - KEPT, now - timedelta(seconds=DELIVERY_S))[::-1]

    def lookup_events(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        start, end = parameters.get("StartTime"), parameters.get("EndTime")
        if start and end and start > end:
            raise AwsError("InvalidTimeRangeException", "The start time must come before the end time.")
        attributes = parameters.get("LookupAttributes") or []
        if len(attributes) > 1:
            raise AwsError("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
        size = int(parameters.get("MaxResults") or 50)
        if not 1 <= size <= 50:
            raise AwsError("InvalidMaxResultsException", "MaxResults must be between 1 and 50.")
        found = [
            event
            for event in self.events(context.now)
            if event.region == context.region
            and (start is None or event.at >= start)
            and (end is None or event.at <= end)
            and all(_matches(event, one["AttributeKey"], one["AttributeValue"]) for one in attributes)
        ]
        chosen, token = page(found, parameters.get("NextToken"), size, "InvalidNextTokenException")
        shown = [self._shown(event) for event in chosen]
        return {"Events": shown} | ({"NextToken": token} if token else {})

    def describe_trails(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        wanted = parameters.get("trailNameList") or []
        found = [one for one in self._trails if not wanted or one["Name"] in wanted or one["TrailARN"] in wanted]
        return {"trailList": found}

    def create_trail(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """One more trail of the account, beside its own."""
        name = parameters["Name"]
        if any(one["Name"] == name for one in self._trails):
            raise AwsError("TrailAlreadyExistsException", f"Trail {name} already exists for the user.")
        groups = {key: parameters[key] for key in parameters if key.startswith("CloudWatchLogs")}
        self._others.append(self._described(name, parameters["S3BucketName"], groups))
        return self._others[-1]

    def list_trails(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"Trails": [{key: one[key] for key in ("TrailARN", "Name", "HomeRegion")} for one in self._trails]}

    def get_trail_status(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["Name"]
        if not any(name in (one["Name"], one["TrailARN"]) for one in self._trails):
            raise AwsError("TrailNotFoundException", f"Unknown trail: {name} for the user: {context.account}")
        delivered = context.now - timedelta(seconds=DELIVERY_S)
        return {
            "IsLogging": True,
            "LatestDeliveryTime": delivered,
            "LatestCloudWatchLogsDeliveryTime": delivered,
            "StartLoggingTime": self._state.started - timedelta(days=60),
        }

    @property
    def _trails(self) -> list[dict[str, Any]]:
        estate = self._state.estate
        groups = {
            "CloudWatchLogsLogGroupArn": (
                f"arn:aws:logs:{estate.region}:{estate.account}:log-group:{estate.trail_log_group}:*"
            ),
            "CloudWatchLogsRoleArn": f"arn:aws:iam::{estate.account}:role/cloudtrail-logs",
        }
        return [self._described(estate.trail, estate.trail_bucket, groups), *self._others]

    def _described(self, name: str, bucket: str, groups: dict[str, str]) -> dict[str, Any]:
        estate = self._state.estate
        return {
            "Name": name,
            "S3BucketName": bucket,
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "HomeRegion": estate.region,
            "TrailARN": f"arn:aws:cloudtrail:{estate.region}:{estate.account}:trail/{name}",
            "LogFileValidationEnabled": True,
            "HasCustomEventSelectors": False,
            "HasInsightSelectors": False,
            "IsOrganizationTrail": False,
            **groups,
        }

    def _shown(self, event: TrailEvent) -> dict[str, Any]:
        return {
            "EventId": event.id,
            "EventName": event.name,
            "ReadOnly": "false",
            "EventTime": event.at,
            "EventSource": event.source,
            "Username": event.who.rpartition("/")[2],
            "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in event.resources],
            "CloudTrailEvent": json.dumps(record(event, self._state.estate.account)),
        }


def _matches(event: TrailEvent, key: str, value: str) -> bool:
    if key == "EventName":
        return event.name == value
    if key == "EventId":
        return event.id == value
    if key == "EventSource":
        return event.source == value
    if key == "Username":
        return event.who.rpartition("/")[2] == value
    if key == "ResourceName":
        return any(name == value for _, name in event.resources)
    if key == "ResourceType":
        return any(kind == value for kind, _ in event.resources)
    if key == "ReadOnly":
        return value == "false"
    return False
