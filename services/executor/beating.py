"""Signs of life: one small file beside the journal, rewritten every few seconds of machine time."""

from __future__ import annotations

import asyncio
import os

import msgspec

from services.clock import Clock
from services.journal.home import JournalHome
from services.journal.reading import Beat

_SIZE = 128
"""Bytes: one write of one size, so that a reader never sees half of it."""


async def beat(home: JournalHome, operation: str, clock: Clock, every_s: float) -> None:
    """Beat until cancelled. A disk that refuses ends the beating, never the operation: its records say more."""
    try:
        descriptor = home.create(f"{operation}.beat", os.O_WRONLY)
    except OSError:
        return
    try:
        while True:
            line = msgspec.json.encode(Beat(at=clock.now(), pid=os.getpid()))
            os.pwrite(descriptor, line.ljust(_SIZE), 0)
            await asyncio.sleep(every_s)
    except OSError:
        return
    finally:
        os.close(descriptor)
