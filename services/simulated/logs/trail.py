"""The trail's log group: CloudTrail's record of every change that steers the world.

CloudTrail delivers some minutes late (aws.md 3.5: about 5, up to 15); so do these events.
"""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime, timedelta

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.logs.events import SEQUENCE_LIMIT, Event
from services.simulated.state import SimulatedState


class TrailLog:
    """Alias moves and invalidations of all environments, as CloudTrail writes them."""

    def __init__(self, state: SimulatedState) -> None:
        self._controls = state.controls
        self._estate = state.estate
        self._seed = state.seed
        self._rollouts = tuple(
            (
                deployment.environment,
                state.started + timedelta(seconds=deployment.begins),
                state.started + timedelta(seconds=deployment.begins + deployment.cleanup_ends),
            )
            for deployment in state.scenario.deployments
        )

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
            "userIdentity": {
                "type": "AssumedRole",
                "arn": self._caller(environment, at),
                "accountId": self._estate.account,
            },
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

    def _caller(self, environment: EnvironmentEstate, at: datetime) -> str:
        """Whoever deploys, during a deployment; the operator at any other time."""
        deploying = any(name == environment.name and begins <= at <= ends for name, begins, ends in self._rollouts)
        return self._estate.deployer_arn if deploying else self._estate.caller_arn


def _alias(environment: EnvironmentEstate, version: int) -> dict[str, object]:
    return {"functionName": environment.function, "name": environment.alias, "functionVersion": str(version)}
