"""Other operators at work: the table through which cockpits keep out of each other's way, and who holds what in it.

A row is as services/aws/lease_table.py describes it. What its holder has renewed by now is told by the account's time
alone; a row that somebody else has taken over is left alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.simulated.estate import EnvironmentEstate, stable_id
from services.simulated.moto_backing import MotoBacking
from services.simulated.state import SimulatedState
from services.simulated.world.scenarios import OtherOperator

TABLE = "cockpit-leases"

RENEWS_S = 5.0
"""The account's time between two renewals."""

_KEPT = timedelta(days=30)
"""How long a row outlasts its last use."""

_OF_OPERATIONS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The letters of an operation's id."""


def lease_table(state: SimulatedState) -> None:
    """Make the table, empty, where the scenario has somebody who uses it."""
    if not state.scenario.others:
        return
    from moto.dynamodb.models import dynamodb_backends

    dynamodb_backends[state.estate.account][state.estate.region].create_table(
        TABLE,
        schema=[{"AttributeName": "resource", "KeyType": "HASH"}],
        throughput=None,
        attr=[{"AttributeName": "resource", "AttributeType": "S"}],
        global_indexes=None,
        indexes=None,
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[{"Key": "application", "Value": "cockpit"}],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )


class OtherOperators:
    """The scenario's, each with a lease."""

    def __init__(self, state: SimulatedState, moto: MotoBacking) -> None:
        self._state, self._moto = state, moto
        self._taken: set[str] = set()
        """Tokens of those who have taken theirs."""

    def catch_up(self, now: datetime) -> None:
        """Take and renew what is due by now, as one move among the callers' own."""
        begun = [one for one in self._state.scenario.others if self._at(one.begins) <= now]
        if not begun:
            return
        with self._moto.alone("dynamodb"):
            from moto.dynamodb.models import dynamodb_backends

            backend = dynamodb_backends[self._state.estate.account][self._state.estate.region]
            for one in begun if TABLE in backend.tables else ():
                self._renew(backend, one, now)

    def _renew(self, backend: Any, one: OtherOperator, now: datetime) -> None:
        environment = self._state.estate.environment(one.environment)
        resource, token = one.resource.format(function=environment.function), f"{one.who}/{one.begins:g}"
        found = backend.get_item(TABLE, {"resource": {"S": resource}})
        there = found.to_json()["Attributes"] if found is not None else {}
        holder = there.get("token", {}).get("S", "")
        if token not in self._taken:
            self._taken.add(token)
            if not holder:
                fence = int(there.get("fence", {}).get("N", 0)) + 1
                backend.put_item(TABLE, self._row(one, environment, resource, token, fence, now))
        elif holder == token:
            row = self._row(one, environment, resource, token, int(there["fence"]["N"]), now)
            if row != there:
                backend.put_item(TABLE, row)

    def _row(
        self, one: OtherOperator, environment: EnvironmentEstate, resource: str, token: str, fence: int, now: datetime
    ) -> dict[str, dict[str, str]]:
        began, last = self._at(one.begins), min(now, self._at(one.dies))
        beat = int((last - began).total_seconds() / RENEWS_S)
        words = {
            "resource": resource,
            "token": token,
            "operation": stable_id(self._state.seed, f"operation/{token}", 26, _OF_OPERATIONS),
            "who": one.who,
            "doing": one.doing.format(function=environment.function),
            "since": began.isoformat(),
        }
        numbers = {"fence": fence, "beat": beat, "expires": int((last + _KEPT).timestamp())}
        row = {name: {"S": text} for name, text in words.items()}
        return row | {name: {"N": str(number)} for name, number in numbers.items()}

    def _at(self, seconds: float) -> datetime:
        return self._state.started + timedelta(seconds=seconds)
