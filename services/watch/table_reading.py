"""What a table is: its description each time, the operations that use it now and then."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec

from services.aws import metrics, tables
from services.aws.session import Account
from services.model.tables import Table
from services.problems import AccountError
from services.safe_text import SafeText

OPERATIONS_EVERY = 30
"""Turns of the tables between two looks at which operations use them."""


class TableReader:
    """Reads the tables of one account again and again."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._used: dict[str, tuple[int, tuple[SafeText, ...]]] = {}
        """Table → turns so far and the operations seen last."""

    async def read(self, name: str) -> Table:
        """The table with the operations it is used by. Raises AccountError when it cannot be described."""
        table, used = await asyncio.gather(tables.describe(self._account, name), self._operations(name))
        return msgspec.structs.replace(table, operations=used)

    async def _operations(self, table: str) -> tuple[SafeText, ...]:
        """Not to know them costs the latencies alone."""
        turn, known = self._used.get(table, (0, ()))
        if turn % OPERATIONS_EVERY == 0:
            with suppress(AccountError):
                known = await metrics.operations(self._account, table)
        self._used[table] = (turn + 1, known)
        return known
