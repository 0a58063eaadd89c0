"""Screen 9: everything that was done from this state folder, by whom, with the exact calls and their outcome.

All environments stand in it, simulated accounts told apart by word and colour. It is read on a thread, the newest
first, only while the screen is seen; an operation that is opened is read from the disk whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import Worker

from services.journal.home import JournalBroken
from services.journal.library import Library, home_of, opened
from services.journal.verifying import summary as found_in
from services.journal.verifying import verified
from services.model.entry import Operation
from services.model.journal import Catalogue, FileFinding, Listed, Whole
from services.settings.values import Environment
from tui.journal_rows import matching, summary
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from tui.screens.moving import Moving
from tui.screens.operation import OperationScreen
from widgets.journal_table import JournalTable
from widgets.journal_view import FindingsView, JournalView

if TYPE_CHECKING:
    from tui.session import Session

AGAIN_S = 2.0
"""Machine seconds between two looks while the screen is seen."""

CHECKED = 200
"""Files whose chains are checked in one go, between two words on the progress."""

INSIDE = ("-one", "-verify")
"""Classes of what stands in place of the list."""


class JournalScreen(Moving, FrameScreen):
    """Key `9`."""

    IDENTITY = "journal"

    DEFAULT_CSS = """
    JournalScreen #title { height: 1; padding: 0 1; color: $foreground 82%; }
    JournalScreen #filter { height: 1; background: $boost; border: none; padding: 0 1; display: none; }
    JournalScreen.-filtering #filter { display: block; }
    JournalScreen #table { height: auto; max-height: 65%; }
    JournalScreen #preview { height: 1fr; border-top: solid $foreground 22%; scrollbar-size-vertical: 1; }
    JournalScreen #one, JournalScreen #findings { display: none; height: 1fr; scrollbar-size-vertical: 1; }
    JournalScreen.-one #list, JournalScreen.-verify #list { display: none; }
    JournalScreen.-one #one { display: block; }
    JournalScreen.-verify #findings { display: block; }
    """

    AUTO_FOCUS = ""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._library = Library()
        self._catalogue: Catalogue | None = None
        self._shown: tuple[Listed, ...] = ()
        self._wanted = ""
        self._problem = ""
        self._said = ""
        self._is_seen = False
        self._reading: Worker[None] | None = None
        self._opened: tuple[str, str] | None = None
        self._awaited = ""
        self._whole: Whole | None = None
        self._title = Static(id="title", markup=False)
        self._table = JournalTable(id="table")
        self._preview = JournalView(brief=True, id="preview-view")
        self._view = JournalView(id="one-view")
        self._findings = FindingsView(id="findings-view")
        self._field = Input(id="filter", placeholder="words; !word leaves out", compact=True, max_length=200)
        self._one = VerticalScroll(id="one", can_focus=False)
        self._checked = VerticalScroll(id="findings", can_focus=False)

    # ---- the picture

    def body(self) -> ComposeResult:
        yield self._title
        with Vertical(id="list"):
            yield self._table
            with VerticalScroll(id="preview", can_focus=False):
                yield self._preview
            yield self._field
        with self._one:
            yield self._view
        with self._checked:
            yield self._findings

    def show(self, picture: Picture) -> None:
        """The journal is no part of the picture: it is read here, for as long as it is looked at."""
        if self._is_seen and (self._reading is None or self._reading.is_finished):
            self._reading = self.run_worker(self._follow(), group="journal", exclusive=True)

    def clear(self, system: str, environment: Environment) -> None:
        self._awaited = ""  # not in `forget`, which comes before the first picture too
        super().clear(system, environment)

    def forget(self) -> None:
        self._wanted, self._opened, self._whole, self._said = "", None, None, ""
        self._field.value = ""
        self.remove_class(*INSIDE, "-filtering")
        self._table.begin()
        self._view.show(None)
        self._findings.show((), "")
        self._again()

    def seen(self, yes: bool) -> None:
        self._is_seen = yes
        if yes and self.picture is not None:
            self.present(self.picture)

    async def _follow(self) -> None:
        """Read on while there is more, then look again and again for what is new."""
        while self._is_seen:
            try:
                found = await asyncio.to_thread(self._library.look)
                self._problem = ""
            except JournalBroken as error:
                found, self._problem = self._catalogue or Catalogue(), str(error)
            if found != self._catalogue or self._problem:
                self._catalogue = found
                self._again()
                self._open_awaited()
                self._reread()
            if not found.unread or self._problem:
                await asyncio.sleep(AGAIN_S)

    def _reread(self) -> None:
        """An opened operation that is open may have gone on: its records are read again."""
        if self._opened is not None and self._whole is not None and self._whole.listed.open:
            listed = self._listed(self._opened)
            if listed is not None:
                self.run_worker(self._read(listed), group="one", exclusive=True)

    def _again(self) -> None:
        if not self._stands:
            return
        entries = self._catalogue.operations if self._catalogue is not None else ()
        shown = matching(entries, self._wanted)
        if shown != self._shown or not shown:
            self._shown = shown
            self._table.show(shown, None, self._empty(bool(entries)))
        self._preview.show(self._table.selected)
        if self._opened is not None:
            self._view.show(self._listed(self._opened), self._whole)
        self._say()
        self.show_keys()

    def _empty(self, any_at_all: bool) -> str:
        if any_at_all:
            return f"no operation has {self._wanted}"
        if self._problem:
            return self._problem
        return "reading …" if self._catalogue is None else "nothing has been done from here yet"

    def _say(self) -> None:
        if self._said:
            title = self._said
        elif self.has_class("-verify"):
            title = "The chains of every file"
        elif self._problem:
            title = self._problem
        else:
            title = summary(self._catalogue or Catalogue(), len(self._shown), self._wanted)
        self._title.update(Content(title))

    def _answer(self, sentence: str) -> None:
        """Say what came of a key, where the title stands, until the next key."""
        self._said = sentence
        self._say()

    def _listed(self, key: tuple[str, str]) -> Listed | None:
        entries = self._catalogue.operations if self._catalogue is not None else ()
        return next((one for one in entries if one.key == key), None)

    @property
    def _chosen(self) -> Listed | None:
        """The operation that keys are about: the opened one, else the selected."""
        return self._listed(self._opened) if self._opened is not None else self._table.selected

    # ---- one operation

    def do_open(self) -> None:
        """Read the selected operation whole and show it."""
        listed = self._table.selected
        if listed is not None and not any(self.has_class(name) for name in INSIDE):
            self._open(listed)

    def open_operation(self, operation: str) -> None:
        """Open an operation of the environment on the screen, as soon as it has been read."""
        self._awaited = operation
        self._open_awaited()

    def _open_awaited(self) -> None:
        entries = self._catalogue.operations if self._catalogue is not None and self._awaited else ()
        listed = next((one for one in entries if one.id == self._awaited), None)
        if listed is not None:
            self._awaited = ""
            self._open(listed)

    def _open(self, listed: Listed) -> None:
        self._opened, self._whole, self._said = listed.key, None, ""
        self._only("-one")
        self._one.scroll_home(animate=False)
        self.run_worker(self._read(listed), group="one", exclusive=True)
        self._again()

    async def _read(self, listed: Listed) -> None:
        try:
            self._whole = await asyncio.to_thread(whole, listed)
        except FileNotFoundError:
            self._answer("it is not there any more: archived or removed meanwhile")
        except JournalBroken as error:
            self._answer(str(error))
        self._again()

    def on_listing_opened(self) -> None:
        self.do_open()

    def on_listing_moved(self) -> None:
        self._said = ""
        self._again()

    def do_carry_on(self) -> None:
        """Have an operation carried on that nobody carries on; its plan is shown and confirmed anew."""
        listed, session = self._chosen, self._session
        if listed is None or session is None:
            return
        if not listed.open:
            self._answer("it has ended: there is nothing to carry on")
        elif not listed.gone:
            self._answer("it is being carried on; o follows it")
        elif not _of(session, listed):
            self._answer(f"it is of {listed.environment}: switch there (e) to carry it on")
        else:
            self.post_message(OperationScreen.Resume(listed.id))

    @property
    def _session(self) -> Session | None:
        session: Session | None = self.app.session  # type: ignore[attr-defined]
        return session

    # ---- the chains

    def do_verify(self) -> None:
        """Check every chain anew, or go back to the list."""
        self._said = ""
        if self.has_class("-verify"):
            self._only("")
        else:
            self._only("-verify")
            self._findings.show((), "checking …")
            self.run_worker(self._verify(), group="verify", exclusive=True)
        self._again()

    async def _verify(self) -> None:
        findings: tuple[FileFinding, ...] = ()
        try:
            source = verified()
            while some := await asyncio.to_thread(_some, source):
                findings += some
                self._findings.show((), f"checking … {len(findings)} files so far")
            self._findings.show(findings, found_in(findings))
        except JournalBroken as error:
            self._findings.show(findings, str(error))

    # ---- out

    def do_copy(self) -> None:
        """The command lines by hand, to the terminal's clipboard."""
        if self._whole is None or self._whole.by_hand is None or self._opened is None:
            self._answer("open an operation first: what is copied are its command lines")
            return
        from services.actions.by_hand import as_text
        from services.redact import redact
        from tui.log_out import TooLarge, clipboard

        try:
            sequence = clipboard(redact(as_text(self._whole.by_hand)))
        except TooLarge as error:
            self._answer(f"not copied: {error}; x writes them into a file")
            return
        if self.app._driver is not None:
            self.app._driver.write(sequence)
        self._answer("command lines copied, if your terminal takes it (OSC 52); x writes files")

    def do_export(self) -> None:
        """Write what is shown – the opened operation, or those of the list – as Markdown and as JSON lines."""
        listed = self._listed(self._opened) if self._opened is not None else None
        chosen = (listed,) if listed is not None else self._shown
        if not chosen:
            self._answer("there is no operation to write")
            return
        self._answer(f"writing {len(chosen)} operations …")
        self.run_worker(self._export(chosen), group="export", exclusive=True)

    async def _export(self, chosen: tuple[Listed, ...]) -> None:
        name = chosen[0].environment if len({one.environment for one in chosen}) == 1 else "all"
        now = self.picture.now if self.picture is not None else chosen[0].ordered
        try:
            written = await asyncio.to_thread(_write, chosen, name, now)
        except (OSError, JournalBroken) as error:
            self._answer(f"nothing more was written: {error}")
            return
        self._answer(f"written: {' and '.join(path.name for path in written)} in {written[0].parent}")

    # ---- keys

    def step_back(self) -> bool:
        """What is open closes, one a press: the operation or the check, then the filter."""
        self._said = ""
        if any(self.has_class(name) for name in INSIDE):
            self._only("")
            self._again()
            return True
        if self._wanted or self.has_class("-filtering"):
            self._wanted = ""
            self._close_filter()
            self._again()
            return True
        return False

    def _only(self, name: str) -> None:
        self.remove_class(*INSIDE)
        if name:
            self.add_class(name)
        if name != "-one":
            self._opened = self._whole = None
            self._view.show(None)

    def moved_scroll(self) -> VerticalScroll | None:
        """What the keys move when it is not the list."""
        if self.has_class("-one"):
            return self._one
        return self._checked if self.has_class("-verify") else None

    def moved_list(self) -> JournalTable:
        return self._table

    # ---- the filter

    def do_filter(self) -> None:
        """Type words; the list follows."""
        self._only("")
        self._said = ""
        self.add_class("-filtering")
        self._field.focus()
        self._again()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = event.value.strip()
        self._again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The words stay, the keys go back to the list."""
        event.stop()
        self._close_filter()

    def _close_filter(self) -> None:
        self.remove_class("-filtering")
        if self._field.value.strip() != self._wanted:
            self._field.value = self._wanted
        self.set_focus(None)


def whole(listed: Listed) -> Whole:
    """An operation of the list, read whole. Slow: on a thread. Raises FileNotFoundError, JournalBroken."""
    from services.actions.by_hand import by_hand

    fresh, operation = opened((listed.folder, listed.id, listed.archived), home_of(listed))
    return Whole(fresh, operation, by_hand(operation) if operation is not None else None)


def _of(session: Session, listed: Listed) -> bool:
    """Whether an operation is of the environment on the screen, and of the same account: real or that sandbox."""
    try:
        same = home_of(listed).path == session.home.path
    except (FileNotFoundError, JournalBroken):
        return False
    return same and listed.environment == session.environment.name


def _some(source: Iterator[FileFinding]) -> tuple[FileFinding, ...]:
    return tuple(islice(source, CHECKED))


def _write(chosen: tuple[Listed, ...], name: str, now: datetime) -> tuple[Path, ...]:
    from tui import journal_out

    stem = journal_out.file_stem(name, chosen[0].id if len(chosen) == 1 else "", now)
    paths = []
    for kind in journal_out.KINDS:
        path = Path.cwd() / f"{stem}.{journal_out.SUFFIX[kind]}"
        journal_out.write(path, journal_out.written(kind, _each(chosen)))
        paths.append(path)
    return tuple(paths)


def _each(chosen: tuple[Listed, ...]) -> Iterator[tuple[Listed, Operation | None]]:
    """One after the other, so that thousands need the memory of one."""
    for listed in chosen:
        try:
            yield opened((listed.folder, listed.id, listed.archived), home_of(listed))
        except FileNotFoundError:
            continue
