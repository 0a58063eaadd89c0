"""Screen 3: every log line. Filter, history, kinds of errors, groups, searches; from a line to what belongs to it.

Three layers: the lines themselves (`logs_lines.py`), what is asked of AWS beside the tail (`logs_asking.py`), and the
lists and files here.
"""

from __future__ import annotations

import asyncio
from fnmatch import fnmatchcase
from pathlib import Path
from statistics import median

from textual.content import Content

from services.journal.home import JournalBroken
from services.line_search.fields import document
from services.line_search.query import Query
from services.log_patterns.checking import SYNTAX, check
from services.log_searches import Searches, SearchesDamaged, SearchStore
from services.model.logs import LogLine, TailStatus
from services.problems import AccountError
from services.safe_text import safe
from services.watch.log_history import Stretch
from tui import log_out
from tui.log_presets import PRESETS, Group, Preset, chosen
from tui.screens.logs_asking import LogsAsking
from tui.screens.logs_lines import Source, Typing
from widgets.listing import Listing
from widgets.log_alike import Alike, Kind, kinds
from widgets.log_choices import LogChoice
from widgets.log_ring import LogRing, Row
from widgets.log_times import Times, told
from widgets.spans import cut_text
from widgets.wording import grouped

HOUR_MS = 3_600_000
SAMPLE = 20
"""Lines of a group that say whether it writes JSON."""
EVERYTHING = "all groups of this stack"


class LogsScreen(LogsAsking):
    """Key `3`."""

    def _reset(self) -> None:
        super()._reset()
        self._panel = Typing.NOTHING
        self._kinds: tuple[Kind, ...] | None = None
        self._searches: Searches | None = None
        self._pattern = ""
        """The newest search, for keeping it under a name."""

    # ---- lists

    def _open_panel(self, what: Typing) -> None:
        self._panel = what
        self._choices.begin()
        self.add_class("-panel")
        self.answer("")

    def close_panel(self) -> None:
        self._panel = Typing.NOTHING
        super().close_panel()

    def typed(self, what: Typing, text: str) -> None:
        if what is Typing.GROUPS:
            self._list_groups()
        elif what is Typing.PATTERN:
            self._list_searches()

    def submitted(self, what: Typing, text: str) -> None:
        if what is Typing.GROUPS:
            self.opened()
        elif what is Typing.PATTERN:
            if text.strip():
                self._search_pattern(text.strip())
            else:
                self.opened()
        elif what is Typing.NAME:
            self._keep(text)
        else:
            super().submitted(what, text)

    def opened(self) -> None:
        selected = self._choices.selected
        if selected is None:
            return
        if self._panel is Typing.GROUPS:
            self._toggle_group(str(selected.key))
        elif self._panel is Typing.PATTERN:
            self._take_search(str(selected.key))
        else:
            self._show_kind(str(selected.key))

    def on_listing_opened(self, event: Listing.Opened) -> None:
        event.stop()
        self.opened()

    def on_listing_moved(self, event: Listing.Moved) -> None:
        """One of a kind, in its own words, under the list."""
        event.stop()
        selected = self._choices.selected
        if self.has_class("-panel") and self._panel is Typing.NOTHING and selected is not None:
            kind = next((one for one in self._kinds or () if _kind_key(one) == selected.key), None)
            self.answer(cut_text(f"such as: {kind.sample}", 400) if kind is not None else "")

    # ---- kinds of errors

    def do_kinds(self) -> None:
        """Count the errors by kind, a few hundred at a time."""
        self._open_panel(Typing.NOTHING)
        self._kinds = ()
        self._list_kinds(more=True)
        self.run_worker(self._count_kinds(), group="kinds", exclusive=True)

    async def _count_kinds(self) -> None:
        for found in kinds(self._view.ring):
            self._kinds = found
            await asyncio.sleep(0)
        self._list_kinds(more=False)

    def _list_kinds(self, *, more: bool) -> None:
        found = self._kinds or ()
        total = sum(one.count for one in found)
        said = "counting …" if more else f"{grouped(total)} errors of {len(found)} kinds · enter shows the lines of one"
        self._panel_title.update(Content(f"Errors by kind · {said}"))
        rows = [
            LogChoice(
                _kind_key(one),
                safe(f"{one.group:<7.7} {one.shape}", 400),
                safe(f"{grouped(one.count)} ×  {told(one.first, Times.UTC, 0)} – {told(one.last, Times.UTC, 0)}"),
            )
            for one in found
        ]
        self._choices.set_entries(rows, "counting …" if more else "no error among these lines")

    def _show_kind(self, key: str) -> None:
        kind = next((one for one in self._kinds or () if _kind_key(one) == key), None)
        if kind is None:
            return
        self._extra = Query(cut_text(kind.shape, 60), groups=(), terms=(Alike(kind.shape),))
        self.close_panel()
        self.apply_filter()
        self._view.jump(kind.first)
        self.answer(f"{grouped(kind.count)} lines like: {cut_text(kind.shape, 200)} · esc shows all again")

    # ---- groups

    def do_groups(self) -> None:
        self._open_panel(Typing.GROUPS)
        self.type_for(Typing.GROUPS)
        self._list_groups()
        self.work(self._learn_groups())

    async def _learn_groups(self) -> None:
        await self.listed()
        self._list_groups()

    def _list_groups(self) -> None:
        if self._panel is not Typing.GROUPS:
            return
        words = self._words.value.strip().lower()
        followed = self.groups().followed
        status = self.picture.situation.tail.value if self.picture is not None and self.picture.situation else None
        about = {str(one.name): _about(one.retention_days, one.kind, one.stored_bytes) for one in self._listed or ()}
        rows = [LogChoice(EVERYTHING, safe(EVERYTHING), safe("shown" if not self._hidden else ""), " ")]
        for name, short in followed:
            state = _claim(name, status)
            facts = " · ".join(one for one in (short, state, about.get(name, "")) if one)
            rows.append(LogChoice(name, safe(name), safe(facts), "○" if short in self._hidden else "●"))
        names = {name for name, _ in followed}
        rows += [LogChoice(name, safe(name), safe(said), " ") for name, said in about.items() if name not in names]
        rows = [one for one in rows if not words or _like(one.name.lower(), words)]
        waiting = "" if self._listed is not None else " · asking which others there are …"
        self._panel_title.update(Content(f"Log groups · ● shown ○ not{waiting}"))
        self._choices.set_entries(rows, "no log group is called so")

    def _toggle_group(self, key: str) -> None:
        if key == EVERYTHING:
            self._hidden = frozenset()
        else:
            short = next((short for name, short in self.groups().followed if name == key), None)
            if short is None:
                self._search(f"{key}, the last hour", ((key, key.rpartition("/")[2][:10] or key[:10]),), ("",))
                return
            self._hidden ^= {short}
        self.apply_filter()
        self._list_groups()

    # ---- searches

    def do_search(self) -> None:
        self._open_panel(Typing.PATTERN)
        self.type_for(Typing.PATTERN)
        self._list_searches()
        self.run_worker(self._learn_searches(), group="searches", exclusive=True)

    async def _learn_searches(self) -> None:
        if self._searches is None:
            try:
                self._searches = await asyncio.to_thread(SearchStore.of(self._environment).read)
            except (SearchesDamaged, JournalBroken) as error:
                self._searches = Searches()
                self.notify(str(error), title="Searches", severity="warning", timeout=15, markup=False)
        self._list_searches()
        try:
            await self.listed()
        except AccountError:
            return  # a group that cannot be listed is missing in the presets, which say so
        self._list_searches()

    def _list_searches(self) -> None:
        if self._panel is not Typing.PATTERN:
            return
        text = self._words.value.strip()
        kept = self._searches or Searches()
        if text:
            fault = check(text)
            title = f"Search · {fault.sentence}" if fault else "Search · enter asks AWS for the last hour"
            rows = [LogChoice(("help", shape), safe(shape), safe(what)) for shape, what in SYNTAX]
        else:
            title = "Search the last hour · type a pattern, or choose; ^s keeps one, ^r forgets it"
            rows = [LogChoice(f"preset {one.id}", safe(one.title), safe("runbook"), "●") for one in PRESETS]
            rows += [
                LogChoice(f"saved {one.name}", safe(one.name), safe(cut_text(one.pattern, 50)), "◆")
                for one in kept.saved
            ]
            rows += [LogChoice(f"again {one}", safe(one), safe("searched before"), "·") for one in kept.history]
        self._panel_title.update(Content(title))
        self._choices.set_entries(rows, "nothing")

    def _take_search(self, key: str) -> None:
        kind, _, what = key.partition(" ")
        if kind == "preset":
            self._run_preset(next(one for one in PRESETS if one.id == what))
        elif kind == "saved":
            saved = next((one for one in (self._searches or Searches()).saved if one.name == what), None)
            if saved is not None:
                self._search_pattern(saved.pattern)
        elif kind == "again":
            self._search_pattern(what)

    def _run_preset(self, preset: Preset) -> None:
        groups, patterns = chosen(preset, self.groups(), self._is_json)
        if not groups:
            self.answer(preset.missing, refused=True)
            return
        self._pattern = patterns[0]
        self._search(preset.title, groups, patterns)

    def _is_json(self, group: Group) -> bool:
        """Whether the newest lines of a group are JSON; of a group without lines a trail's are."""
        live = self._live
        newest: list[str] = []
        for place in range(len(live) - 1, max(-1, len(live) - 5_000), -1):
            if live[place].group == group[1]:
                newest.append(live.text(place))
                if len(newest) == SAMPLE:
                    break
        return sum(text.startswith("{") for text in newest) * 2 > len(newest) if newest else group[1] == "trail"

    def _search_pattern(self, pattern: str) -> None:
        """Search for what somebody typed, as it stands: what is wrong with it was told, but the service decides."""
        self._pattern = pattern
        self._searches = (self._searches or Searches()).made(pattern)
        self.run_worker(self._write_searches(self._searches), group="keeping")
        groups = tuple(one for one in self.groups().followed if one[1] not in self._hidden)
        self._search(pattern, groups, (pattern,) * len(groups))

    def _search(self, title: str, groups: tuple[Group, ...], patterns: tuple[str, ...]) -> None:
        self.close_panel()
        self.clear_filter()
        self.work(self._search_for(title, groups, patterns))

    async def _search_for(self, title: str, groups: tuple[Group, ...], patterns: tuple[str, ...]) -> None:
        end = self.now_ms
        stretch = Stretch(groups, end - HOUR_MS, end, patterns=patterns)
        found = await self.read(stretch, f"searching {title}")
        ring = LogRing()
        ring.extend(found.lines)
        since = told(max(found.reached, stretch.start), Times.UTC, 0)
        said = f"search · {cut_text(title, 60)} · {grouped(len(found.lines))} lines since {since} · esc goes back"
        self.show_lines(Source.FOUND, ring, said, f"nothing since {since}: {cut_text(title, 60)}")
        reports = _reports(found.lines)
        if reports:
            self.answer(reports)

    def do_keep(self) -> None:
        text = self._words.value.strip() if self._typing is Typing.PATTERN else ""
        fault = check(text)
        if fault is not None:
            self.answer(fault.sentence, refused=True)
            return
        self._pattern = text or self._pattern
        if not self._pattern:
            self.answer("there is no search to keep: s makes one")
            return
        self.type_for(Typing.NAME)

    def _keep(self, name: str) -> None:
        if not name.strip():
            self.answer("a name is missing", refused=True)
            return
        self._searches = (self._searches or Searches()).kept(name.strip(), self._pattern)
        self.run_worker(self._write_searches(self._searches), group="keeping")
        self.stop_typing()
        self.answer(f"kept as {safe(name.strip(), 60)}; s lists it")
        if self._panel is Typing.PATTERN:
            self.type_for(Typing.PATTERN)
            self._list_searches()

    def do_remove(self) -> None:
        selected = self._choices.selected
        kind, _, name = str(selected.key).partition(" ") if selected is not None else ("", "", "")
        if self._panel is not Typing.PATTERN or kind != "saved":
            self.answer("choose a search that was kept (◆) in the list of searches")
            return
        self._searches = (self._searches or Searches()).without(name)
        self.run_worker(self._write_searches(self._searches), group="keeping")
        self._list_searches()

    async def _write_searches(self, searches: Searches) -> None:
        try:
            await asyncio.to_thread(SearchStore.of(self._environment).write, searches)
        except JournalBroken as error:
            self.notify(str(error), title="Searches", severity="warning", timeout=15, markup=False)

    # ---- out

    def do_copy(self) -> None:
        line = self._line()
        if line is None:
            return
        try:
            sequence = log_out.clipboard(log_out.as_text([line]).rstrip("\n"))
        except log_out.TooLarge as error:
            self.answer(f"not copied: {error}; x writes it into a file", refused=True)
            return
        driver = self.app._driver
        if driver is not None:
            driver.write(sequence)
        self.answer(f"copied, {len(sequence)} bytes, if your terminal takes it (OSC 52); x writes files")

    def do_export(self) -> None:
        lines = self._view.shown_lines()
        if not lines:
            self.answer("there is no line to write")
            return
        stem = log_out.file_stem(self._environment.name, lines, self.picture.now if self.picture else self.app.now())  # type: ignore[attr-defined]
        self.run_worker(self._export(stem, lines), group="export", exclusive=True)

    async def _export(self, stem: str, lines: list[Row]) -> None:
        self.answer(f"writing {grouped(len(lines))} lines …")
        try:
            text, jsonl = await asyncio.to_thread(log_out.write, Path.cwd(), stem, lines)
        except OSError as error:
            self.answer(f"nothing written: {error}", refused=True)
            return
        self.answer(f"written: {text.name} and {jsonl.name}, {grouped(len(lines))} lines, in {text.parent}")


def _kind_key(kind: Kind) -> str:
    return f"{kind.group} {kind.shape}"


def _about(days: int | None, kind: str, stored: int) -> str:
    """`14 d · 1.2 MB`, and the class where it is not the usual one."""
    size = f"{stored / 1e9:.1f} GB" if stored >= 1e9 else f"{stored / 1e6:.1f} MB" if stored >= 1e5 else ""
    kept = f"kept {days} d" if days else "kept for ever"
    return " · ".join(one for one in (kept, size, kind.lower() if kind != "STANDARD" else "") if one)


def _claim(name: str, status: TailStatus | None) -> str:
    """What the tail promises of one group: complete to when, how many gaps, or why not."""
    claim = next((one for one in status.claims if one.name == name), None) if status is not None else None
    if status is None or claim is None:
        return "waiting"
    if name in status.denied:
        return "denied"
    if name in status.missing:
        return "no such log group"
    if claim.complete_to is None:
        return cut_text(claim.why, 60) if claim.why else "waiting"
    gaps = f", ▲ {len(claim.gaps)} gap{'' if len(claim.gaps) == 1 else 's'}" if claim.gaps else ""
    return f"complete to {told(claim.complete_to, Times.UTC, 0)}{gaps}"


def _like(name: str, words: str) -> bool:
    return all(fnmatchcase(name, f"*{one}*") if "*" in one else one in name for one in words.split())


def _reports(lines: tuple[LogLine, ...]) -> str:
    """What REPORT lines say together; empty when there are none."""
    found = [fields for line in lines if line.text.startswith("REPORT ") and (fields := document(line.text))]
    used = [float(one["used_mb"]) for one in found if isinstance(one.get("used_mb"), float)]
    billed = [float(one["billed_ms"]) for one in found if isinstance(one.get("billed_ms"), float)]
    starts = [float(one["init_ms"]) for one in found if isinstance(one.get("init_ms"), float)]
    if not used or not billed:
        return ""
    cold = f" · {len(starts)} cold starts, median {median(starts):.0f} ms" if starts else ""
    size = max(float(one.get("memory_mb", 0)) for one in found)
    return (
        f"{grouped(len(found))} reports · memory used: median {median(used):.0f}, most {max(used):.0f} of {size:.0f} MB"
        f" · billed: median {median(billed):.0f}, most {max(billed):.0f} ms{cold}"
    )
