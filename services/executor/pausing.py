"""Waiting in the account's time, and letting go when asked to."""

from __future__ import annotations

import asyncio

from services.executor.pace import Left
from services.executor.record import Work


async def pause(work: Work, seconds: float) -> None:
    """Wait. Raises Left when asked to stop."""
    if work.stopping.asked or await work.stopping.during(asyncio.ensure_future(work.clock.sleep(seconds))):
        raise Left("asked to stop")
