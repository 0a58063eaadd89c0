"""What the log screen asks AWS for, one thing at a time and with progress.

All of it through one seam, `read` (services/watch/log_search.py): a question in, lines out, at the pace that the tail
keeps too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from services.model.log_search import LogAnswer, LogAsk, LogProgress
from services.model.log_sources import LogSources
from services.plural import several
from services.problems import AccountError
from tui.log_presets import Group, Groups, groups_of
from tui.screens.logs_moving import LogsMoving
from tui.screens.logs_typing import Typing
from widgets.bar import bar
from widgets.spans import cut_text, text_of

if TYPE_CHECKING:
    from services.aws.session import Account


MOST = 20_000
"""Lines of one answer; a history goes on from there."""


class LogsAsking(LogsMoving):
    """Asks, and can be stopped."""

    def _reset(self) -> None:
        super()._reset()
        self._there: LogSources | None = None
        """The account's log groups, and which of them are the stack's; None: not asked yet."""
        self._asked: LogAsk | None = None
        """What is being read."""

    def work(self, job: Awaitable[None]) -> None:
        """Do one thing at a time; a new one ends the one before."""
        self.run_worker(self._guarded(job), group="asking", exclusive=True)

    async def _guarded(self, job: Awaitable[None]) -> None:
        try:
            await job
        except AccountError as error:
            remedy = f" {error.problem.remedy}" if error.problem.remedy else ""
            self.answer(f"{error.problem.message.rstrip('.')}.{remedy}", refused=True)

    async def read(self, ask: LogAsk, doing: str) -> LogAnswer:
        """What `ask` wants, with a bar in the answer row while it takes. Raises AccountError when no group can be read.

        What stands in the way of one of them, or limits the answer, is said.
        """
        loop = asyncio.get_running_loop()

        def tell(progress: LogProgress) -> None:
            loop.call_soon_threadsafe(self._progress, ask, doing, progress)

        async def question(account: Account) -> LogAnswer:
            from services.watch.log_search import search

            return await search(account, ask, tell)

        self.answer(f"{doing} …")
        self._asked = ask
        try:
            found = await self.ask(question)
        finally:
            if self._asked is ask:
                self._asked = None
        if found.problems and len(found.problems) == len(ask.groups) and not found.lines:
            raise AccountError(found.problems[0][1])
        short = dict(ask.groups)
        told = [f"{short.get(name, name)}: {problem.message}" for name, problem in found.problems]
        self.answer(" · ".join([*told, *found.notes]), refused=bool(told))
        return found

    def _progress(self, ask: LogAsk, doing: str, progress: LogProgress) -> None:
        if ask is not self._asked:
            return  # it was stopped; the watch's thread has not heard of it yet
        shown = text_of(bar(progress.share, 14, charset=self._view.charset))
        waits = f" · {cut_text(progress.waiting, 60)}" if progress.waiting else ""
        self.answer(
            f"{cut_text(doing, 32)} {shown} {progress.share:.0%} · {several(progress.lines, 'line')}{waits} · esc stops"
        )

    def step_back(self) -> bool:
        asking = [one for one in self.app.workers if one.group == "asking" and one.node is self and not one.is_finished]
        if asking and not self.has_class("-panel") and self._typing is Typing.NOTHING:
            self.app.workers.cancel_group(self, "asking")
            self.answer("stopped")
            return True
        return super().step_back()

    def groups(self) -> Groups:
        """The environment's log groups, as far as they are known."""
        situation = self.picture.situation if self.picture is not None else None
        return groups_of(situation, self._environment, self._there) if situation is not None else Groups(())

    async def there(self) -> LogSources:
        """What can be followed or searched, asked for once. Raises AccountError when there is nobody to ask."""
        if self._there is None:
            found = await self.ask(self._sources)
            if not found.listed:
                return found  # what was refused now may be told the next time
            self._there = found
        return self._there

    async def _sources(self, account: Account) -> LogSources:
        from services.watch.log_sources import sources

        told = self.picture.situation if self.picture is not None else None
        if told is None:
            return LogSources()
        configured = self._environment.names.log_groups
        return await sources(account, configured, told.parts.value, told.functions.value or (), told.apis.value or ())

    def asked(self, start: int, end: int, pattern: str = "", *, newest_first: bool = True) -> LogAsk:
        """A question for the groups that are shown, between two instants in epoch milliseconds."""
        shown = tuple(one for one in self.groups().followed if one[1] not in self._hidden)
        return self.asked_of(shown, start, end, pattern=pattern, newest_first=newest_first)

    def asked_of(self, groups: tuple[Group, ...], start: int, end: int, **more: Any) -> LogAsk:
        """The same for other groups. What retention has deleted is not asked for."""
        return LogAsk(groups, start, end, most=MOST, retention=self._retention(groups), **more)

    def _retention(self, groups: tuple[Group, ...]) -> tuple[tuple[str, int], ...]:
        kept = {one.name: one.retention_days for one in self.status.claims} if self.status is not None else {}
        kept |= {str(one.name): one.retention_days for one in self._there.groups} if self._there is not None else {}
        return tuple((name, days) for name, _ in groups if (days := kept.get(name)))
