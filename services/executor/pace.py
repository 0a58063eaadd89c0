"""How patient the executor is. Values, so that a test need not wait."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec


class Pace(msgspec.Struct, frozen=True):
    """`_s` in seconds; which clock they are of is said at each."""

    beat_s: float = 5.0
    """Machine time between signs of life."""
    settle_s: float = 15.0
    """The account's time after giving up a reply before `not applied` is believed: the call may be on its way."""
    settle_gap_s: float = 5.0
    """The account's time between two looks until then."""
    read_tries: int = 60
    """Failed reads in a row before the executor gives up and leaves the operation to a resume."""
    read_gap_s: float = 2.0
    """Machine time after the first failed read; doubled up to 30 s."""
    confirm_s: float = 60.0
    """The account's time for an accepted call to be seen by a read (eventual consistency)."""
    confirm_gap_s: float = 2.0
    poll_s: float = 5.0
    """The account's time between two looks at an invalidation."""
    completion_s: float = 1800.0
    """The account's time until an invalidation that does not complete is called INCONCLUSIVE."""
    stack_s: float = 4 * 3600.0
    """The same for a stack's operation: a distribution alone takes a quarter of an hour."""
    export_s: float = 6 * 3600.0
    """The same for a log export or a table's restore, which AWS does when it has the time."""
    lease_s: float = 30.0
    """Machine time for which a lease that nobody renews is left alone by others."""
    renew_s: float = 5.0
    """Machine time between its renewals."""
    script_s: float = 3600.0
    """Machine time until a script that does not end is ended."""
    pause_s: float = 3600.0
    """Machine time for which renewed credentials are waited for, in all, before the operation is left to a resume."""


QUICKEST = 3.0
"""How many times as fast leases go at most: below ten seconds a busy machine would be taken for a dead one."""


def paced(speed: float) -> Pace:
    """The pace in an account whose time goes `speed` times as fast as this machine's.

    All who share a lease table read the same speed, so that they agree on how long a holder may be silent. AWS has 1.
    """
    usual, factor = Pace(), min(max(speed, 1.0), QUICKEST)
    return msgspec.structs.replace(usual, lease_s=usual.lease_s / factor, renew_s=usual.renew_s / factor)


class Left(Exception):
    """The executor lets go with the operation open: it can be resumed. The message says why."""


class Stopping:
    """Somebody asked the process to end: the step under way is finished and recorded, nothing new is begun."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ask(self) -> None:
        self._event.set()

    @property
    def asked(self) -> bool:
        return self._event.is_set()

    async def during(self, waiting: asyncio.Future[None]) -> bool:
        """Wait for `waiting` to end, or to be asked to stop; whether the latter. `waiting` is cancelled then."""
        stop: asyncio.Future[Any] = asyncio.ensure_future(self._event.wait())
        both: set[asyncio.Future[Any]] = {waiting, stop}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        return self.asked
