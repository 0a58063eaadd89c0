"""Screen 9: everything that was done from this state folder, by whom, with the exact calls and their outcome.

All environments stand in it, simulated accounts told apart by word and colour. It is read on a thread, the newest
first, only while the screen is seen; an operation that is opened is read from the disk whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from services.journal.home import JournalBroken
from services.journal.library import home_of
from services.model.journal import Catalogue, Listed
from services.settings.values import Environment
from tui.journal_rows import matching, summary
from tui.screens.cockpit import cockpit
from tui.screens.journal_out import JournalOut
from tui.screens.moving import Moving
from tui.screens.operation import OperationScreen
from widgets.journal_table import JournalTable
from widgets.journal_view import JournalView

if TYPE_CHECKING:
    from tui.session import Session

INSIDE = ("-one", "-verify")
"""Classes of what stands in place of the list."""


class JournalScreen(Moving, JournalOut):
    """Key `9`."""

    IDENTITY = "journal"

    DEFAULT_CSS = """
    JournalScreen #title { height: auto; max-height: 4; padding: 0 1; color: $foreground 82%; }
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
        self._title = Static(id="title", markup=False)
        self._table = JournalTable(id="table")
        self._preview = JournalView(brief=True, id="preview-view")
        self._view = JournalView(id="one-view")
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

    def forget(self) -> None:
        self._wanted, self._opened, self._whole, self._said = "", None, None, ""
        self._field.value = ""
        self.remove_class(*INSIDE, "-filtering")
        self._table.begin()
        self._view.show(None)
        self._findings.show((), "")
        self._again()

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

    def _open(self, listed: Listed) -> None:
        self._opened, self._whole, self._said = listed.key, None, ""
        self._only("-one")
        self._one.scroll_home(animate=False)
        self.run_worker(self._read(listed), group="one", exclusive=True)
        self._again()

    def on_listing_opened(self) -> None:
        self.do_open()

    def on_listing_moved(self) -> None:
        self._said = ""
        self._again()

    def do_carry_on(self) -> None:
        """Have an operation carried on that nobody carries on; its plan is shown and confirmed anew."""
        listed, session = self._chosen, cockpit(self).session
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

    # ---- keys

    def step_back(self) -> bool:
        """What is open closes, one a press: the operation or the check, then the filter."""
        self._said = ""
        if any(self.has_class(name) for name in INSIDE):
            self._only("")
            self._again()
            return True
        if self._drop_filter():
            self._again()
            return True
        return False

    def _to_list(self) -> None:
        self._only("")
        self._said = ""

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


def _of(session: Session, listed: Listed) -> bool:
    """Whether an operation is of the environment on the screen, and of the same account: real or that sandbox."""
    try:
        same = home_of(listed).path == session.home.path
    except (FileNotFoundError, JournalBroken):
        return False
    return same and listed.environment == session.environment.name
