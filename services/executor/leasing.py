"""Leases through a table of the account: one holder of a resource among operators on different machines.

A row is written under a condition only. Its holder adds to `beat` while it works. Who finds it held watches the beat:
when it has stood still for `lease_s` on the watcher's own clock the holder is taken for dead, and the row is taken over
with a higher fence, provided that nothing of it has changed until then. No clock is compared with another machine's.

The holder counts from the instant at which its newest renewal was *sent*, so that it always thinks less of its lease
than a watcher does, and it sends nothing in the last two thirds: that is what a call may take to arrive. AWS does not
know our fence; behind it stand the comparisons that each call makes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.aws import lease_table
from services.aws.lease_table import DEADLINE_S
from services.aws.session import Account
from services.clock import Clock
from services.executor.calls import Sender
from services.executor.pace import Pace
from services.model.lease import LeaseRow
from services.problems import AccountError

KEPT_S = 30 * 86_400
"""How long after its last use a row is kept by the table's TTL."""

_TAKEN = "ConditionalCheckFailedException"

Wait = Callable[[float], Awaitable[None]]


class Lost(Exception):
    """A lease is somebody else's by now, or was removed. The message says whose."""


class Leases:
    """Those of one operation, in one life of its executor."""

    def __init__(
        self,
        reader: Account,
        sender: Sender,
        resources: Sequence[str],
        mine: LeaseRow,
        pace: Pace,
        clock: Clock,
        machine: Clock,
    ) -> None:
        """`mine`: what is written into the rows of who holds them; its resource, fence and token do not matter."""
        self._reader, self._sender, self._mine = reader, sender, mine
        self._resources, self._token = sorted(set(resources)), uuid4().hex
        self._pace, self._clock, self._machine = pace, clock, machine
        self._held: dict[str, LeaseRow] = {}
        self._renewed: dict[str, float] = {}
        self._renewing = asyncio.Lock()

    @property
    def table(self) -> str:
        return self._reader.environment.lease_table

    @property
    def fences(self) -> dict[str, int]:
        """Resource → fence, of what is held."""
        return {resource: row.fence for resource, row in self._held.items()}

    def fresh(self) -> bool:
        """Whether everything held is certainly still ours for as long as a call takes. Nothing held: nothing to ask."""
        now = self._machine.monotonic()
        return all(now - renewed <= self._pace.lease_s / 3 for renewed in self._renewed.values())

    async def take(
        self, told: Callable[[LeaseRow], None], dead: Callable[[LeaseRow], bool], wait: Wait
    ) -> LeaseRow | None:
        """Take all, in an order that two operations have in common; what is in the way of it, and then nothing is held.

        `told` hears of a holder who is watched now, `dead` may know that it is no more, `wait` is this machine's time.
        Raises AccountError, and what `wait` raises.
        """
        for resource in self._resources:
            other = await self._one(resource, told, dead, wait) if resource not in self._held else None
            if other is not None:
                await self.release()
                return other
        return None

    async def _one(
        self, resource: str, told: Callable[[LeaseRow], None], dead: Callable[[LeaseRow], bool], wait: Wait
    ) -> LeaseRow | None:
        watched: LeaseRow | None = None
        since = 0.0
        while True:
            row = await lease_table.read(self._reader, self.table, resource)
            if row is not None and row.token == self._token:  # the reply to our own claim was lost
                self._held[resource] = LeaseRow(resource, row.fence, row.beat, self._token)
                if await self._renew(resource):
                    return None
                continue
            if row is None or not row.token or row.operation == self._mine.operation or dead(row):
                if await self._claimed(resource, row):
                    return None
                continue
            if watched is None or watched.token != row.token:
                if watched is not None:
                    return row  # somebody was quicker
                watched, since = row, self._machine.monotonic()
                told(row)
            elif watched.beat != row.beat:
                return row
            elif self._machine.monotonic() - since >= self._pace.lease_s:
                if await self._claimed(resource, row):
                    return None
                continue
            await wait(self._pace.renew_s)

    async def _claimed(self, resource: str, seen: LeaseRow | None) -> bool:
        """Write ourselves in, if the row is as it was seen. Raises AccountError: then reading it tells."""
        fence, began = (seen.fence + 1 if seen is not None else 1), self._machine.monotonic()
        values = _values({**self._about(), "fence": fence, "beat": 0, "expires": self._expires()})
        condition = "attribute_not_exists(#resource)"
        if seen is not None:
            condition = "#fence = :seen AND #beat = :beaten"
            values |= {":seen": {"N": str(seen.fence)}, ":beaten": {"N": str(seen.beat)}}
        names = [name.removeprefix(":") for name in values if name not in (":seen", ":beaten")]
        update = {
            "Key": {"resource": {"S": resource}},
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in names),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in (*names, *(() if seen else ("resource",)))},
            "ExpressionAttributeValues": values,
        }
        if not await self._written(update):
            return False
        self._held[resource], self._renewed[resource] = LeaseRow(resource, fence, 0, self._token), began
        return True

    async def keep(self) -> None:
        """Renew until cancelled. What fails here is found out by `assure`, before the next call."""
        while True:
            await self._machine.sleep(self._pace.renew_s)
            for resource in tuple(self._held):
                try:
                    await self._renew(resource)
                except AccountError:
                    continue

    async def assure(self) -> None:
        """Renew everything now. Raises Lost, AccountError (not known)."""
        for resource in tuple(self._held):
            if not await self._renew(resource):
                row = await lease_table.read(self._reader, self.table, resource)
                if row is not None and row.token == self._token:
                    continue  # renewed meanwhile
                whose = f"is now {row.told}'s" if row is not None and row.token else "was taken away by hand"
                raise Lost(f"the lease on {resource} {whose}")

    async def _renew(self, resource: str) -> bool:
        async with self._renewing:  # one after the other: the beat only grows
            return await self._beat(resource)

    async def _beat(self, resource: str) -> bool:
        row, began = self._held.get(resource), self._machine.monotonic()
        if row is None:
            return True  # let go of meanwhile
        beat = row.beat + 1
        values: dict[str, str | int] = {"token": self._token, "fence": row.fence, "beat": beat}
        values["expires"] = self._expires()
        update = {
            "Key": {"resource": {"S": resource}},
            "UpdateExpression": "SET #beat = :beat, #expires = :expires",
            "ConditionExpression": "#token = :token AND #fence = :fence",
            "ExpressionAttributeNames": {f"#{name}": name for name in values},
            "ExpressionAttributeValues": _values(values),
        }
        # Counted up before it is sent: whether or not an answer comes, the next renewal has another number.
        self._held[resource] = LeaseRow(resource, row.fence, beat, self._token)
        if not await self._written(update):
            return False
        self._renewed[resource] = max(began, self._renewed.get(resource, began))
        return True

    async def release(self) -> None:
        """Let go of everything; the fences stay in the table. What cannot be written runs out by itself."""
        for resource in tuple(self._held):
            names = ("token", "operation", "who", "doing", "since")
            update = {
                "Key": {"resource": {"S": resource}},
                "UpdateExpression": "REMOVE " + ", ".join(f"#{name}" for name in names),
                "ConditionExpression": "#token = :token",
                "ExpressionAttributeNames": {f"#{name}": name for name in names},
                "ExpressionAttributeValues": _values({"token": self._token}),
            }
            with contextlib.suppress(AccountError):
                await self._written(update)
            self._held.pop(resource, None)
            self._renewed.pop(resource, None)

    async def _written(self, update: Mapping[str, Any]) -> bool:
        """Whether the condition held. Raises AccountError."""
        try:
            await self._sender.lease(update, DEADLINE_S)
        except AccountError as error:
            if error.problem.code == _TAKEN:
                return False
            raise AccountError(
                lease_table.explained(error.problem, self.table, self._reader.environment.region)
            ) from error
        return True

    def _about(self) -> dict[str, str]:
        since: datetime = self._mine.since or self._clock.now()
        return {
            "token": self._token,
            "operation": self._mine.operation,
            "who": str(self._mine.who),
            "doing": str(self._mine.doing),
            "since": since.isoformat(),
        }

    def _expires(self) -> int:
        return int(self._clock.now().timestamp()) + KEPT_S


def _values(values: Mapping[str, str | int]) -> dict[str, dict[str, str]]:
    """Names and values as DynamoDB writes them."""
    return {f":{name}": {"N" if isinstance(value, int) else "S": str(value)} for name, value in values.items()}
