"""From one line of the log screen to what belongs to it: its request, its minute, its version, lines like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from services.line_search.shapes import longest_word
from services.model.logs import Level, LogLine
from services.plural import several
from services.safe_text import safe
from tui import log_pivots
from tui.messages import OpenMetricsAt
from tui.screens.logs_history import LogsHistory
from tui.screens.logs_lines import Source
from widgets.log_alike import shape_of
from widgets.log_ring import LogRing
from widgets.log_ring import Row as LogRow
from widgets.log_times import age, moment
from widgets.wording import grouped

COMPARED = timedelta(hours=1)
"""Longest time before and after a deployment that is compared."""


class LogsPivots(LogsHistory):
    """Follows a line."""

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
        if self._level_before is None:  # from one request to the next it stays that of the lines before
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
            found = await self.read(self.asked(line.at - log_pivots.AROUND_MS, end, pattern), "asking for the request")
            lines = log_pivots.merged(lines, found.lines)
            ids |= log_pivots.linked((one.text for one in found.lines), ids)
        self._show_request(line, lines)

    def _show_request(self, line: LogRow, lines: list[LogLine]) -> None:
        ring = LogRing()
        ring.extend(lines)
        groups = len({one.group for one in lines})
        took = age((lines[-1].at - lines[0].at) // 1000) if lines else ""
        found = f"{several(len(lines), 'line')} of {several(groups, 'group')} in {took}"
        said = f"request {line.request} · {found} · esc goes back"
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
            ask = self.asked(line.at - log_pivots.AROUND_MS, end, log_pivots.any_of(ids))
            found = await self.read(ask, "asking for the request")
            texts = [one.text for one in found.lines]
            version = next(filter(None, (log_pivots.version_of(texts, one) for one in sorted(ids))), "")
        self.answer(
            self._version_said(version) if version else "no line of this request says which version answered it"
        )

    def _version_said(self, version: str) -> str:
        changes = self.picture.assessment.changes if self.picture is not None and self.picture.assessment else ()
        live = next((one for one in changes if one.label == f"v{version}"), None)
        since = f": {live.sentence}, {moment(round(live.at.timestamp() * 1000))}" if live is not None else ""
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
        ask = self.asked(at - length, min(self.now_ms, at + length), f'"{word}"' if word else "")
        groups = tuple(one for one in ask.groups if one[1] == line.group) or ask.groups
        found = await self.read(msgspec.structs.replace(ask, groups=groups), "counting lines like it")
        before = log_pivots.count_alike(found.lines, shape, at - length, at)
        after = log_pivots.count_alike(found.lines, shape, at, at + length + 1)
        cut = f" (counted from {moment(found.reached)} on)" if found.reached > ask.start else ""
        span = age(length // 1000)
        verdict = "new with it" if after and not before else "there before it" if before else "not seen around it"
        self.answer(
            f"{verdict}: {several(before, 'line')} like this in the {span} before, "
            f"{grouped(after)} in the {span} since {sentence} ({moment(at)}){cut}"
        )
