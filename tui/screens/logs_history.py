"""The log screen's history: further back than the tail holds, and any moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from services.model.logs import Gap, LogLine
from services.problems import AccountError
from services.safe_text import safe
from tui import log_pivots
from tui.picture import Picture
from tui.screens.logs_asking import LogsAsking
from tui.screens.logs_lines import Source
from tui.screens.logs_typing import Typing
from widgets.log_cursor import LogCursor
from widgets.log_ring import LogRing
from widgets.log_times import moment

STEP_MS = 10 * 60_000
"""How far back the first reading of a history goes; each that finds nothing is followed by a longer one."""
LONGEST_MS = 24 * 3_600_000
TRIES = 8
SEED = 20_000
"""Lines of the tail that a history begins with."""
AROUND_MS = 5 * 60_000
"""How much is read before and after a moment."""


class LogsHistory(LogsAsking):
    """Shows lines that the tail does not hold."""

    _wanted: datetime | None = None
    """The moment that was asked for before the widgets stood."""

    def do_earlier(self) -> None:
        if not self.has_class("-panel"):
            self.work(self._go_back())

    def do_later(self) -> None:
        if self._source is Source.HISTORY:
            self.work(self._go_on())
        elif not self.has_class("-panel"):
            self.answer("these are the newest lines")

    def on_log_cursor_reached(self, message: LogCursor.Reached) -> None:
        """At the edge somebody wants to go on: the history is read further."""
        message.stop()
        if message.way < 0 and self._source is not Source.FOUND:
            self.do_earlier()
        elif message.way > 0 and self._source is Source.HISTORY:
            self.do_later()

    async def _go_back(self) -> None:
        """Read what came before the oldest line, further and further until there is something or nothing is kept."""
        ring, begin = self._view.ring, self._whole_from()
        first = ring.time(0) if len(ring) else begin
        start, span = begin, STEP_MS + max(0, begin - first)
        seed = self._seed(begin)  # now: while it is read the tail goes on, and drops what it cannot hold
        kept = await self._kept_since()
        lines: list[LogLine] = []
        gaps: tuple[Gap, ...] = ()
        for _ in range(TRIES):
            if start <= kept:
                break
            end, start = start, max(kept, start - span)
            found = await self.read(self.asked(start, end), f"reading back to {moment(start)}")
            lines = [line for line in found.lines if line.at < begin]
            gaps = (*gaps, *found.gaps)
            if lines:
                break
            span = min(LONGEST_MS, span * 3)
        if not lines:
            self.answer(self._nothing_before(start, kept))
            return
        self._join(lines, -1, gaps, seed)

    def _whole_from(self) -> int:
        """Epoch milliseconds from which on the lines that are shown hold every group's: some were followed later."""
        ring = self._view.ring
        oldest = ring.time(0) if len(ring) else self.now_ms
        if self._source is not Source.LIVE or self.status is None:
            return oldest
        since = [one.since for one in self.status.claims if one.shown and one.since is not None]
        if not since:
            return oldest
        return max(*since, oldest) if ring.dropped else max(since)

    def _seed(self, begin: int) -> list[LogLine]:
        """The tail's lines from then on, with which a history begins."""
        if self._source is Source.HISTORY:
            return []
        live = self._view.ring
        place = live.first_from(begin)
        return log_pivots.taken(live, range(place, min(len(live), place + SEED)))

    async def _kept_since(self) -> int:
        """Epoch milliseconds before which no group keeps anything; 0: there is no end to it, or it is not told."""
        try:
            await self.there()
        except AccountError:
            return 0
        followed = self.groups().followed
        days = self._retention(followed)
        if not days or len(days) < len(followed):
            return 0
        return self.now_ms - max(kept for _, kept in days) * 86_400_000

    def _nothing_before(self, start: int, kept: int) -> str:
        if start <= kept:
            return f"nothing is kept from before {moment(kept)}: the groups' retention ends there"
        return f"no line since {moment(start)}; < reads further back"

    async def _go_on(self) -> None:
        """Read what came after the youngest line, further and further until there is something or it is now."""
        ring = self._view.ring
        last = end = ring.time(len(ring) - 1) if len(ring) else self.now_ms
        span = STEP_MS
        gaps: tuple[Gap, ...] = ()
        for _ in range(TRIES):
            start, end = end, min(self.now_ms, end + span)
            found = await self.read(self.asked(start, end, newest_first=False), f"reading on to {moment(end)}")
            lines = [line for line in found.lines if line.at > last]
            gaps = (*gaps, *found.gaps)
            if lines:
                self._join(lines, 1, gaps)
                return
            if end >= self.now_ms:
                break
            span = min(LONGEST_MS, span * 3)
        newest = end >= self.now_ms
        self.answer("these are the newest lines; G follows" if newest else f"no line up to {moment(end)}")

    def _join(self, lines: list[LogLine], way: int, gaps: tuple[Gap, ...], seed: Sequence[LogLine] = ()) -> None:
        """Lines beside those that are shown: with the tail's, `seed`, that makes a history, which stands still."""
        line = self._view.line
        if self._source is not Source.HISTORY:
            ring = LogRing(newest=False)
            ring.extend(seed)
            self.show_lines(Source.HISTORY, ring, "history", gaps=self._view.gaps)
        self._view.gaps = (*self._view.gaps, *gaps)
        ring = self._view.ring
        ring.newest = way > 0
        ring.extend(lines)
        self._view.said = f"Logs · history · {moment(ring.time(0))} to {moment(ring.time(len(ring) - 1))} · G follows"
        self._view.filter_by(self._view.query_shown)
        if way < 0:
            newest = lines[-1].at
            if line is None or line.at > newest or not self._view.jump(line.at):
                self._view.jump(newest)
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
            self.answer(f"{moment(at)} is still to come", refused=True)
        elif at < self._whole_from() or not self._view.jump(at):
            self.work(self._around(at))
        else:
            self.answer(f"at {moment(at)}")
        self._draw_histogram()

    def show(self, picture: Picture) -> None:
        super().show(picture)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.call_after_refresh(self.look_at, wanted)

    async def _around(self, at: int) -> None:
        found = await self.read(self.asked(at - AROUND_MS, min(self.now_ms, at + AROUND_MS)), f"reading {moment(at)}")
        ring = LogRing(newest=False)
        ring.extend(found.lines)
        said = f"Logs · history · around {moment(at)} · < earlier, > later, G follows"
        empty = f"no line in the 5 minutes before and after {moment(at)}"
        self.show_lines(Source.HISTORY, ring, said, empty, found.gaps)
        if self._view.jump(at):
            self.answer(f"at {moment(at)}")
        self._draw_histogram()
