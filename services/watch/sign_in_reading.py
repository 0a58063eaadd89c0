"""Failed sign-ins out of the user pools' own logs: the last hours once, later only what may be new."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.aws import log_sources
from services.aws.logs import Search, filter_events
from services.aws.session import Account
from services.log_reports.security import SIGN_IN_PATTERN, failed_sign_ins
from services.model.sign_ins import FailedSignIn, SignInLog
from services.problems import AccountError, ProblemKind
from services.safe_text import SafeText

BACK_MS = 15 * 60_000
"""How far back a look goes at most, the first one or one after a pause: three times what the alert counts in."""

KEPT_MS = 3 * 3_600_000
"""How long a failure is remembered: since when it has been going on."""

LATE_MS = 120_000
"""How far back each look goes again: a log's lines take seconds, rarely minutes (aws.md 3.2)."""

AGAIN_MS = 10_000
"""A look so soon after another brings nothing: lines take as long to come."""

PAGES = 3
"""Pages of one look at a group: what they do not reach, the next look begins with."""

FAILED_KEPT = 5_000

GROUPS_EVERY = 10
"""Turns between two looks at where the pools deliver to."""


class SignInReader:
    """Reads one environment's pools again and again."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._turn = 0
        self._known = SignInLog()

    async def read(self, pools: Sequence[str]) -> SignInLog:
        """The failures of the last while; without groups where no pool delivers its log. Raises AccountError."""
        if self._turn % GROUPS_EVERY == 0:
            found = await asyncio.gather(*(self._delivered(pool) for pool in pools))
            groups = tuple(dict.fromkeys(name for several in found for name in several))
            if groups != self._known.groups:
                self._known = SignInLog(groups)
        self._turn += 1
        now = int(self._account.clock.now().timestamp() * 1000)
        if self._known.groups and now - self._known.until >= AGAIN_MS:
            self._known = await self._looked(self._known, now)
        return self._known

    async def _delivered(self, pool: str) -> tuple[SafeText, ...]:
        """Where a pool delivers its log to; nowhere, if the account says that there is no such pool."""
        try:
            return await log_sources.of_pool(self._account, pool)
        except AccountError as error:
            if error.problem.kind is ProblemKind.NOT_FOUND:
                return ()
            raise

    async def _looked(self, known: SignInLog, now: int) -> SignInLog:
        start = max(known.until - LATE_MS, now - BACK_MS)
        found = {one.id: one for one in known.failed if one.at >= now - KEPT_MS}
        until = now
        for group in known.groups:
            failed, reached = await self._failed(group, start, now)
            found |= {one.id: one for one in failed}
            until = min(until, reached)
        failed = sorted(found.values(), key=lambda one: (one.at, one.id))
        return SignInLog(known.groups, tuple(failed[-FAILED_KEPT:]), max(known.until, until))

    async def _failed(self, group: SafeText, start: int, end: int) -> tuple[list[FailedSignIn], int]:
        """What failed from `start` on, and up to where the group was read; 0: nowhere.

        Asked beside the tail, and not in the place of one of its looks: if too much is asked for, in the next turn.
        """
        found: list[FailedSignIn] = []
        token, reached = "", 0
        for _ in range(PAGES):
            if not self._account.log_pace.ahead():
                break
            page = await filter_events(self._account, Search(group, "users", start, end, SIGN_IN_PATTERN), token)
            found += failed_sign_ins(page.lines)
            token, reached = page.token, page.reached or reached
            if not token:
                return found, end
        return found, reached
