"""The user pool's own log: every sign-in, where the pool was told to deliver its log (aws.md 3, Cognito).

Cognito makes no log group by itself. In production the pool delivers `userAuthEvents` to the group that the runbook
names (line 874); the others deliver nothing.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

import msgspec

from services.simulated.estate import EnvironmentEstate
from services.simulated.logs.events import SEQUENCE_LIMIT, Event
from services.simulated.state import SimulatedState
from services.simulated.world.sign_ins import WEB, SignIn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SignInLog:
    """Sign-ins of one pool as Cognito exports them: one JSON line each."""

    def __init__(self, state: SimulatedState, environment: EnvironmentEstate) -> None:
        self._world = state.world
        self._environment = environment

    def minute(self, start: int) -> list[Event]:
        """The events of the minute that starts at epoch second `start`, sorted."""
        return sorted(self._event(one) for one in self._world.sign_ins(self._environment.name, start))

    def _event(self, one: SignIn) -> Event:
        sequence = int(one.id.replace("-", ""), 16) % SEQUENCE_LIMIT
        late = 1_500 + zlib.crc32(one.id.encode()) % 9_000
        stream = self._environment.user_pool
        return Event(one.at_ms, one.at_ms + late, sequence, stream, msgspec.json.encode(self._told(one)).decode())

    def _told(self, one: SignIn) -> dict[str, object]:
        at = _EPOCH + timedelta(milliseconds=one.at_ms)
        return {
            "eventTimestamp": str(one.at_ms),
            "eventSource": "USER_ACTIVITY",
            "logLevel": "INFO",
            "message": {
                "version": "1",
                "eventId": one.id,
                "eventType": "SignIn",
                "userName": one.user,
                "userPoolId": self._environment.user_pool,
                "clientId": self._environment.user_pool_client if one.client == WEB else one.client,
                "creationDate": at.strftime("%a %b %d %H:%M:%S UTC %Y"),
                "eventResponse": "Pass" if one.succeeded else "Fail",
                "riskDecision": "NoRisk",
                "ipAddress": one.ip,
                "hasContextData": "false",
            },
            "logSourceId": {"userPoolId": self._environment.user_pool},
        }
