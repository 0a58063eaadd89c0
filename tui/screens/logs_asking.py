"""What the log screen asks AWS for: history, a moment, a request, what came before a deployment, searches.

All of it through one seam, `read` (services/watch/log_history.py): a stretch in, lines out, with progress. It asks
FilterLogEvents backwards; whoever has a better reader of stretches puts it there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from services.line_search.shapes import longest_word
from services.model.logs import Gap, Level, LogGroup, LogLine
from services.problems import AccountError
from services.safe_text import safe
from tui import log_pivots
from tui.log_presets import Groups, groups_of
from tui.messages import OpenMetricsAt
from tui.picture import Picture
from tui.screens.logs_lines import LogsLines, Source, Typing
from widgets.bar import bar
from widgets.log_alike import shape_of
from widgets.log_ring import LogRing
from widgets.log_ring import Row as LogRow
from widgets.log_times import Times, age, told
from widgets.log_view import LogView
from widgets.spans import cut_text, text_of
from widgets.wording import grouped

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.watch.log_history import Found, Progress, Stretch

STEP_MS = 10 * 60_000
"""How far back the first reading of a history goes; each that finds nothing is followed by a longer one."""
LONGEST_MS = 24 * 3_600_000
TRIES = 8
SEED = 20_000
"""Lines of the tail that a history begins with."""
AROUND_MS = 5 * 60_000
"""How much is read before and after a moment."""
COMPARED = timedelta(hours=1)
"""Longest time before and after a deployment that is compared."""


class LogsAsking(LogsLines):
    """Shows lines that the tail does not hold."""

    _wanted: datetime | None = None
    """The moment that was asked for before the widgets stood."""

    def _reset(self) -> None:
        super()._reset()
        self._listed: tuple[LogGroup, ...] | None = None
        """The account's log groups; None: not asked yet."""

    # ---- asking

    def work(self, job: Awaitable[None]) -> None:
        """Do one thing at a time; a new one ends the one before."""
        self.run_worker(self._guarded(job), group="asking", exclusive=True)

    async def _guarded(self, job: Awaitable[None]) -> None:
        try:
            await job
        except AccountError as error:
            remedy = f" {error.problem.remedy}" if error.problem.remedy else ""
            self.answer(f"{error.problem.message.rstrip('.')}.{remedy}", refused=True)

    async def read(self, stretch: Stretch, doing: str) -> Found:
        """Lines of a stretch, with a bar in the answer row while it takes. Raises AccountError."""
        loop = asyncio.get_running_loop()

        def tell(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._progress, doing, progress)

        async def question(account: Account) -> Found:
            from services.watch.log_history import read

            return await read(account, stretch, tell)

        self.answer(f"{doing} …")
        found = await self.ask(question)
        self.answer("")
        for short, problem in found.problems:
            self.answer(f"{short}: {problem.message}", refused=True)
        return found

    def _progress(self, doing: str, progress: Progress) -> None:
        shown = text_of(bar(progress.done, 14, charset=self._view.charset))
        self.answer(f"{cut_text(doing, 32)} {shown} {progress.done:.0%} · {grouped(progress.lines)} lines · esc stops")

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
        return groups_of(situation, self._environment, self._listed or ()) if situation is not None else Groups(())

    async def listed(self) -> tuple[LogGroup, ...]:
        """The account's log groups, asked for once. Raises AccountError."""
        if self._listed is None:

            async def question(account: Account) -> tuple[LogGroup, ...]:
                from services.aws.logs import describe_groups

                return await describe_groups(account)

            self._listed = await self.ask(question)
        return self._listed

    def _stretch(self, start: int, end: int, pattern: str = "") -> Stretch:
        from services.watch.log_history import Stretch

        shown = tuple(one for one in self.groups().followed if one[1] not in self._hidden)
        return Stretch(shown, start, end, pattern)

    # ---- history

    def do_earlier(self) -> None:
        if not self.has_class("-panel"):
            self.work(self._go_back())

    def do_later(self) -> None:
        if self._source is Source.HISTORY:
            self.work(self._go_on())
        elif not self.has_class("-panel"):
            self.answer("these are the newest lines")

    def on_log_view_reached(self, message: LogView.Reached) -> None:
        """At the edge somebody wants to go on: the history is read further."""
        message.stop()
        if message.way < 0 and self._source is not Source.FOUND:
            self.do_earlier()
        elif message.way > 0 and self._source is Source.HISTORY:
            self.do_later()

    async def _go_back(self) -> None:
        """Read what came before the oldest line, further and further until there is something or nothing is kept."""
        ring = self._view.ring
        begin = ring.time(0) if len(ring) else self.now_ms
        start, span = begin, STEP_MS
        kept = await self._kept_since()
        lines: list[LogLine] = []
        for _ in range(TRIES):
            if start <= kept:
                break
            end, start = start, max(kept, start - span)
            found = await self.read(self._stretch(start, end), f"reading back to {_moment(start)}")
            lines = [line for line in found.lines if not len(ring) or line.at < begin]
            start = found.reached if lines else start
            if lines:
                break
            span = min(LONGEST_MS, span * 3)
        if not lines:
            self.answer(self._nothing_before(start, kept))
            return
        self._join(lines, -1)

    async def _kept_since(self) -> int:
        """Epoch milliseconds before which no group keeps anything; 0: there is no end to it."""
        names = {name for name, _ in self.groups().followed}
        days = [one.retention_days for one in await self.listed() if one.name in names]
        if not days or any(one is None for one in days):
            return 0
        return self.now_ms - max(one for one in days if one is not None) * 86_400_000

    def _nothing_before(self, start: int, kept: int) -> str:
        if start <= kept:
            return f"nothing is kept from before {_moment(kept)}: the groups' retention ends there"
        return f"no line since {_moment(start)}; < reads further back"

    async def _go_on(self) -> None:
        ring = self._view.ring
        last = ring.time(len(ring) - 1) if len(ring) else self.now_ms
        end = min(self.now_ms, last + STEP_MS)
        found = await self.read(self._stretch(last, end), "reading on")
        lines = [line for line in found.lines if line.at > last]
        if not lines:
            self.answer(
                f"no line up to {_moment(end)}" if end < self.now_ms else "these are the newest lines; G follows"
            )
            return
        if found.reached > last:
            self._view.gaps = (*self._view.gaps, Gap(last, found.reached, "more lines than are read at once"))
        self._join(lines, 1)

    def _join(self, lines: list[LogLine], way: int) -> None:
        """Lines beside those that are shown: with the tail's that makes a history, which stands still."""
        if self._source is not Source.HISTORY:
            live = self._view.ring
            index = self._view.index
            ring = LogRing(newest=False)
            ring.extend(log_pivots.taken(live, range(min(len(live), SEED))))
            gaps = self._view.gaps
            at = live.time(index) if index is not None else 0
            self.show_lines(Source.HISTORY, ring, "history", gaps=gaps)
            if at:
                self._view.jump(at)
        ring = self._view.ring
        ring.newest = way > 0
        ring.extend(lines)
        self._view.said = f"Logs · history · {_moment(ring.time(0))} to {_moment(ring.time(len(ring) - 1))} · G follows"
        self._view.filter_by(self._view.query_shown)
        if way < 0:
            self._view.jump(lines[-1].at)
        self._draw_histogram()

    # ---- a moment

    def do_time(self) -> None:
        self.type_for(Typing.TIME)

    def submitted(self, what: Typing, text: str) -> None:
        if what is not Typing.TIME:
            super().submitted(what, text)
            return
        now = self.picture.now if self.picture is not None else datetime.fromtimestamp(0, UTC)
        found = log_pivots.instant(text, now)
        if found is None:
            self.answer(
                f"{safe(text, 40) or 'nothing'} is no time: write 03:07, 2026-11-22 03:07, 15m or 2h", refused=True
            )
            return
        self.stop_typing()
        self.look_at(found)

    def look_at(self, instant: datetime) -> None:
        """The lines of a moment: from the tail where it reaches so far, else from AWS."""
        if not self._stands or self.picture is None:
            self._wanted = instant
            return
        self.back_to_live()
        at = round(instant.timestamp() * 1000)
        if at > self.now_ms:
            self.answer(f"{_moment(at)} is still to come", refused=True)
        elif not self._view.jump(at):
            self.work(self._around(at))
        else:
            self.answer(f"at {_moment(at)}")
        self._draw_histogram()

    def show(self, picture: Picture) -> None:
        super().show(picture)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.call_after_refresh(self.look_at, wanted)

    async def _around(self, at: int) -> None:
        found = await self.read(
            self._stretch(at - AROUND_MS, min(self.now_ms, at + AROUND_MS)), f"reading {_moment(at)}"
        )
        ring = LogRing(newest=False)
        ring.extend(found.lines)
        said = f"Logs · history · around {_moment(at)} · < earlier, > later, G follows"
        self.show_lines(Source.HISTORY, ring, said, f"no line in the 5 minutes before and after {_moment(at)}")
        if self._view.jump(at):
            self.answer(f"at {_moment(at)}")
        self._draw_histogram()

    # ---- pivots

    def _line(self) -> LogRow | None:
        """The line at the cursor; without one that is said."""
        line = self._view.line if not self.has_class("-panel") else None
        if line is None:
            self.answer("choose a line first: k and j move to one")
        return line

    def _line_of_request(self) -> LogRow | None:
        line = self._line()
        if line is not None and not line.request:
            self.answer("this line names no request")
            return None
        return line

    def do_request(self) -> None:
        line = self._line_of_request()
        if line is not None:
            self._view.hold(self._view.index or 0)
            self.work(self._request(line))

    async def _request(self, line: LogRow) -> None:
        """Everything of a request: what is here at once, then what AWS has around it, by every id that it has."""
        ids = {line.request}
        live = self._view.ring
        ids |= log_pivots.linked((live.text(place) for place in live.holding(line.request)), ids)
        lines = log_pivots.of_request(live, ids)
        self._level_before = self._view.level
        self._view.level = Level.DEBUG
        if self._query is not None or self._extra is not None:
            self.clear_filter()
        self._show_request(line, lines)
        asked: set[str] = set()
        for _ in range(2):
            if not ids - asked:
                break
            pattern = log_pivots.any_of(ids - asked)
            asked |= ids
            end = min(self.now_ms, line.at + log_pivots.AROUND_MS)
            found = await self.read(
                self._stretch(line.at - log_pivots.AROUND_MS, end, pattern), "asking for the request"
            )
            lines = log_pivots.merged(lines, found.lines)
            ids |= log_pivots.linked((one.text for one in found.lines), ids)
        self._show_request(line, lines)

    def _show_request(self, line: LogRow, lines: list[LogLine]) -> None:
        ring = LogRing()
        ring.extend(lines)
        groups = len({one.group for one in lines})
        took = age((lines[-1].at - lines[0].at) // 1000) if lines else ""
        said = f"request {line.request} · {len(lines)} lines of {groups} groups in {took} · esc goes back"
        self.show_lines(Source.FOUND, ring, said)
        self._view.jump(line.at)

    def do_chart(self) -> None:
        line = self._line()
        if line is not None:
            self.post_message(OpenMetricsAt(datetime.fromtimestamp(line.at / 1000, UTC)))

    def do_version(self) -> None:
        line = self._line_of_request()
        if line is not None:
            self.work(self._version(line))

    async def _version(self, line: LogRow) -> None:
        ring = self._view.ring
        texts = [ring.text(place) for place in ring.holding(line.request)]
        ids = {line.request} | log_pivots.linked(texts, {line.request})
        texts = [one.text for one in log_pivots.of_request(ring, ids)]
        version = next(filter(None, (log_pivots.version_of(texts, one) for one in sorted(ids))), "")
        if not version:
            end = min(self.now_ms, line.at + log_pivots.AROUND_MS)
            stretch = self._stretch(line.at - log_pivots.AROUND_MS, end, log_pivots.any_of(ids))
            found = await self.read(stretch, "asking for the request")
            texts = [one.text for one in found.lines]
            version = next(filter(None, (log_pivots.version_of(texts, one) for one in sorted(ids))), "")
        self.answer(
            self._version_said(version) if version else "no line of this request says which version answered it"
        )

    def _version_said(self, version: str) -> str:
        changes = self.picture.assessment.changes if self.picture is not None and self.picture.assessment else ()
        live = next((one for one in changes if one.label == f"v{version}"), None)
        since = f": {live.sentence}, {_moment(round(live.at.timestamp() * 1000))}" if live is not None else ""
        return f"written by version {safe(version, 40)}{since}"

    def do_before(self) -> None:
        line = self._line()
        if line is None or self.picture is None:
            return
        changes = self.picture.assessment.changes if self.picture.assessment is not None else ()
        deploy = log_pivots.newest_deploy(changes, self.picture.now)
        if deploy is None:
            self.answer("no deployment is known of to compare with")
            return
        self.work(self._before(line, round(deploy.at.timestamp() * 1000), f"{deploy.sentence}"))

    async def _before(self, line: LogRow, at: int, sentence: str) -> None:
        """Count lines like this one over the same time before and after a change; AWS is asked for both."""
        shape = shape_of(line.text)
        length = max(60_000, min(self.now_ms - at, round(COMPARED.total_seconds() * 1000)))
        word = longest_word(shape)
        stretch = self._stretch(at - length, min(self.now_ms, at + length), f'"{word}"' if word else "")
        groups = tuple(one for one in stretch.groups if one[1] == line.group) or stretch.groups
        from services.watch.log_history import Stretch

        found = await self.read(Stretch(groups, stretch.start, stretch.end, stretch.pattern), "counting lines like it")
        before = log_pivots.count_alike(found.lines, shape, at - length, at)
        after = log_pivots.count_alike(found.lines, shape, at, at + length + 1)
        cut = f" (counted from {_moment(found.reached)} on)" if found.reached > stretch.start else ""
        span = age(length // 1000)
        verdict = "new with it" if after and not before else "there before it" if before else "not seen around it"
        self.answer(
            f"lines like this: {grouped(before)} in the {span} before, {grouped(after)} in the {span} since "
            f"{sentence} ({_moment(at)}){cut} · {verdict}"
        )


def _moment(at: int) -> str:
    """`03:07:12`, with the day in front when it is not plain which: epoch milliseconds, UTC."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%d %b} {told(at, Times.UTC, 0)}"
