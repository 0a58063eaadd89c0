"""The trail's log group: CloudTrail's record of every change that steers the world.

CloudTrail delivers some minutes late (aws.md 3.5: about 5, up to 15); so do these events.
"""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime

import msgspec

from services.simulated.estate import EnvironmentEstate, Estate, stable_uuid
from services.simulated.logs.events import SEQUENCE_LIMIT, Event
from services.simulated.world.controls import Controls


class TrailLog:
    """Alias moves and invalidations of all environments, as CloudTrail writes them."""

    def __init__(self, controls: Controls, estate: Estate, seed: int) -> None:
        self._controls = controls
        self._estate = estate
        self._seed = seed

    def minute(self, start: int) -> list[Event]:
        """The records of calls made in the minute that starts at epoch second `start`, sorted."""
        events: list[Event] = []
        for environment in self._estate.environments:
            for at, state in self._controls.alias_history(environment.name)[1:]:
                if start <= at.timestamp() < start + 60:
                    events.append(
                        self._event(
                            environment, at, "lambda", "UpdateAlias20150331", _alias(environment, state.version)
                        )
                    )
            for entry in self._controls.invalidations(environment.name):
                if start <= entry.created.timestamp() < start + 60:
                    wanted: dict[str, object] = {"distributionId": environment.distribution, "paths": list(entry.paths)}
                    events.append(self._event(environment, entry.created, "cloudfront", "CreateInvalidation", wanted))
        return sorted(events)

    def _event(
        self, environment: EnvironmentEstate, at: datetime, service: str, name: str, wanted: dict[str, object]
    ) -> Event:
        key = f"trail/{environment.name}/{at.isoformat()}/{name}"
        message = {
            "eventVersion": "1.11",
            "userIdentity": {"type": "AssumedRole", "arn": self._estate.caller_arn, "accountId": self._estate.account},
            "eventTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": environment.region if service != "cloudfront" else "us-east-1",
            "requestParameters": wanted,
            "eventID": stable_uuid(self._seed, key),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self._estate.account,
        }
        timestamp = int(at.timestamp() * 1000)
        late = 120_000 + zlib.crc32(key.encode()) % 300_000
        sequence = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=16).digest()) % SEQUENCE_LIMIT
        stream = f"{self._estate.account}_CloudTrail_{self._estate.region}"
        return Event(timestamp, timestamp + late, sequence, stream, msgspec.json.encode(message).decode())


def _alias(environment: EnvironmentEstate, version: int) -> dict[str, object]:
    return {"functionName": environment.function, "name": environment.alias, "functionVersion": str(version)}
