"""Following a stack's operation without a watch: status and events, as often as it moves, until it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import msgspec

from services.aws import stacks
from services.aws.session import Account
from services.model.stacks import Stack, StackEvent
from services.watch.stack_events import EventReader

EVERY_S = 5.0
"""Seconds of the account's time between two looks while something moves (aws.md 4.2)."""


class Look(msgspec.Struct, frozen=True):
    """One look at a stack."""

    stack: Stack
    events: tuple[StackEvent, ...]
    """Everything known, newest first."""
    at: datetime


async def follow(account: Account, stack: str) -> AsyncIterator[Look]:
    """Looks, for ever; the status is read before the events, so that an ended operation's events are all there.

    Raises AccountError.
    """
    reader = EventReader(account, stack)
    while True:
        described = await stacks.describe(account, stack)
        yield Look(described, await reader.read(), account.clock.now())
        await account.clock.sleep(EVERY_S)
