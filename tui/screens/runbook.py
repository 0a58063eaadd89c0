"""Screen 6: the runbook's text, its checklists, and what maintenance is due.

The text comes from the settings' own file and needs no account. Ticks are kept beside the journal, each with time,
user and note, and every screen of the environment shows them; what was done from here ticks what it means by itself.
"""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input

from services.model.runbook import Runbook
from services.plural import several
from services.settings.values import Environment
from tui.picture import Picture
from tui.runbook_rows import fact_rows, list_rows, maintenance_rows
from tui.runbook_tasks import Looked
from tui.screens.moving import Moving
from tui.screens.runbook_errands import RunbookErrands
from widgets.check_list import CheckList, CheckRow
from widgets.deploy_text import DeployText
from widgets.key_bar import KeyHint
from widgets.listing import Listing
from widgets.runbook_sections import SectionList
from widgets.runbook_text import RunbookText, found
from widgets.spans import Span, row
from widgets.status_rows import status_rows

PARTS = ("text", "checklists", "maintenance")
TEXT, LISTS, MAINTENANCE = range(3)

_KEYS = {
    TEXT: {"next_section", "open", "filter"},
    LISTS: {"next_section", "open", "tick", "waive", "begin"},
    MAINTENANCE: {"next_section", "open", "tick", "waive"},
}
"""Which keys the footer offers in which part."""


class RunbookScreen(Moving, RunbookErrands):
    """Key `6`."""

    IDENTITY = "runbook"

    DEFAULT_CSS = """
    RunbookScreen #facts { height: auto; max-height: 4; padding: 0 1; }
    RunbookScreen #parts { height: 1; padding: 0 1; }
    RunbookScreen #filter { height: 1; background: $boost; border: none; padding: 0 1; display: none; }
    RunbookScreen.-filtering #filter { display: block; }
    RunbookScreen #reading { height: 1fr; }
    RunbookScreen #sections { width: 38; border-right: solid $foreground 22%; }
    RunbookScreen #text { width: 1fr; scrollbar-size-vertical: 1; }
    RunbookScreen.-narrow #sections { width: 1fr; border-right: none; }
    RunbookScreen.-narrow #text { display: none; }
    RunbookScreen.-narrow.-open #sections { display: none; }
    RunbookScreen.-narrow.-open #text { display: block; }
    RunbookScreen #ticking { height: 1fr; display: none; }
    RunbookScreen.-ticking #reading { display: none; }
    RunbookScreen.-ticking #ticking { display: block; }
    RunbookScreen #table { height: 1fr; }
    RunbookScreen #beneath { height: auto; max-height: 60%; border-top: solid $foreground 22%; padding: 0 1; }
    RunbookScreen.-looked #beneath { max-height: 80%; scrollbar-size-vertical: 1; }
    RunbookScreen #preview { height: auto; }
    """

    AUTO_FOCUS = ""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._part = TEXT
        self._words: tuple[str, ...] = ()
        self._hit = 0
        """The line of the document that the search stands on; 0: none."""
        self._looks: dict[str, Looked] = {}
        """What a task's look has found, while the environment stays open."""
        self._said = DeployText(id="facts")
        self._names = DeployText(id="parts")
        self._sections = SectionList(id="sections")
        self._document = RunbookText(id="document")
        self._scroll = VerticalScroll(id="text", can_focus=False)
        self._table = CheckList(id="table")
        self._preview = DeployText(id="preview")
        self._beneath = VerticalScroll(self._preview, id="beneath", can_focus=False)
        self._field = Input(id="filter", placeholder="words that a line has", compact=True, max_length=200)

    # ---- the picture

    def body(self) -> ComposeResult:
        yield self._said
        yield self._names
        with Horizontal(id="reading"):
            yield self._sections
            with self._scroll:
                yield self._document
        with Vertical(id="ticking"):
            yield self._table
            yield self._beneath
        yield self._field

    def show(self, picture: Picture) -> None:
        loaded = picture.runbook
        if loaded is None or loaded.runbook is None:
            said = str(loaded.problem) if loaded is not None else "reading the runbook …"
            self._said.show([row(Span(said, "warn" if loaded is not None else "silent"))])
            self._table.show((), said)
            return
        rows = fact_rows(loaded.runbook, picture.now, brief=True)
        if picture.marks.damage:
            rows.append(row(Span("▲ ", "warn"), Span(picture.marks.damage, "warn")))
        self._said.show(rows)
        self._sections.set_entries(loaded.runbook.sections, "the document has no headings")
        self._document.show(loaded.runbook, self._words, self._hit)
        if self._part != TEXT:
            make = list_rows if self._part == LISTS else maintenance_rows
            self._table.show(make(picture, loaded.runbook), "the runbook has none")
            self._show_selected()
        self._say_parts(loaded.runbook)

    def forget(self) -> None:
        self._words, self._hit, self._looks = (), 0, {}
        self._field.value = ""
        self.remove_class("-filtering", "-open")
        self._said.show([row(Span("reading the runbook …", "silent"))])
        self._table.begin()
        self._table.show((), "not read yet")
        self._preview.show(())
        self._to_part(self._part)

    def seen(self, yes: bool) -> None:
        if yes and self.picture is not None:
            self.present(self.picture)

    def _say_parts(self, runbook: Runbook) -> None:
        spans = [Span(f" {name} ", "key-cap" if place == self._part else "muted") for place, name in enumerate(PARTS)]
        hits = found(runbook.lines, self._words)
        if self._words and self._part == TEXT:
            place = f"{hits.index(self._hit) + 1} of " if self._hit in hits else ""
            spans.append(Span(f" /{' '.join(self._words)}: {place}{several(len(hits), 'line')}", "accent"))
        self._names.show([row(*spans)], most=1)

    def _show_selected(self) -> None:
        chosen = self._table.selected
        detail = chosen.detail if chosen is not None else ()
        look = self._looks.get(chosen.key) if chosen is not None else None
        found = (*status_rows(look.lines, 400), *look.rows) if look is not None else ()
        self.set_class(bool(look is not None and look.rows), "-looked")
        self._preview.show((*detail, *found))

    def again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)
        self.show_keys()

    def hints(self) -> tuple[KeyHint, ...]:
        from tui.keys import view_keys

        own = [key for key in view_keys(self.IDENTITY) if key.id in _KEYS[self._part]]
        return tuple(KeyHint(key.shown, key.label, priority=5) for key in own)

    @property
    def runbook(self) -> Runbook | None:
        loaded = self.picture.runbook if self.picture is not None else None
        return loaded.runbook if loaded is not None else None

    @property
    def chosen(self) -> CheckRow | None:
        """The item or task under the marker; None in the text."""
        return self._table.selected if self._part != TEXT else None

    def remember(self, row: CheckRow, found: Looked) -> None:
        self._looks[row.key] = found
        self._show_selected()
        self._beneath.scroll_home(animate=False)

    def remembered(self, row: CheckRow) -> Looked | None:
        return self._looks.get(row.key)

    # ---- parts

    def do_next_section(self) -> None:
        self._to_part(self._part + 1)

    def do_former_section(self) -> None:
        self._to_part(self._part - 1)

    def _to_part(self, part: int) -> None:
        self._part = part % len(PARTS)
        self.set_class(self._part != TEXT, "-ticking")
        self._table.begin()
        self.again()

    def open_list(self, identity: str) -> None:
        """The checklist with this id, its title under the marker."""
        self._to_part(LISTS)
        keys = [one.key for one in self._table.entries]
        if f"{identity}/" in keys:
            self._table.to(keys.index(f"{identity}/"))
        self._show_selected()

    def do_open(self) -> None:
        """Of a section its text; of an item or task what it needs."""
        if self._part != TEXT:
            if self.chosen is not None:
                self.open_errand(self.chosen)
            return
        section = self._sections.selected
        if section is not None:
            self.go_to(section.line)

    def go_to(self, line: int) -> None:
        """The text, with this line of the document at the top."""
        if self._part != TEXT:
            self._to_part(TEXT)
        self.add_class("-open")
        # Once the text has its size: how many rows stand before the line depends on its width.
        self.call_after_refresh(self._bring_up, line)

    def _bring_up(self, line: int) -> None:
        self._scroll.scroll_to(y=self._document.row_of(line), animate=False)

    def step_back(self) -> bool:
        """The search, then the text: what is open closes, one a press."""
        if self._words or self.has_class("-filtering"):
            self._words, self._hit = (), 0
            self._close_filter()
        elif self._part == TEXT and self.has_class("-open"):
            self.remove_class("-open")
        else:
            return False
        self.again()
        return True

    def on_listing_opened(self) -> None:
        self.do_open()

    def on_listing_moved(self, message: Listing.Moved) -> None:
        if message.listing is self._table:
            self._show_selected()
            self._beneath.scroll_home(animate=False)
        elif not self.has_class("-narrow") and self._sections.selected is not None:
            self._bring_up(self._sections.selected.line)

    def moved_list(self) -> Listing[Any]:
        return self._sections if self._part == TEXT else self._table

    def moved_scroll(self) -> VerticalScroll | None:
        return self._scroll if self._part == TEXT and self.has_class("-open") else None

    def do_page_down(self) -> None:
        """Through what a look has found, where there is more of it than room."""
        if self._part != TEXT and self.has_class("-looked") and self._beneath.max_scroll_y:
            self._beneath.scroll_page_down(animate=False)
        else:
            super().do_page_down()

    def do_page_up(self) -> None:
        if self._part != TEXT and self.has_class("-looked") and self._beneath.scroll_y:
            self._beneath.scroll_page_up(animate=False)
        else:
            super().do_page_up()

    # ---- the search

    def do_filter(self) -> None:
        """Type words; the text goes to the first line that has them."""
        if self._part != TEXT:
            self._to_part(TEXT)
        self.add_class("-filtering", "-open")
        self.set_focus(self._field)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._words = tuple(event.value.casefold().split())
        self._hit = 0
        self.do_next()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The words stay, the keys go back to the text."""
        event.stop()
        self._close_filter()

    def do_next(self) -> None:
        """The next line that was found, from the first again after the last."""
        self._step(1)

    def do_previous(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        hits = found(self.runbook.lines, self._words) if self.runbook is not None else ()
        if hits:
            place = hits.index(self._hit) + by if self._hit in hits else 0
            self._hit = hits[place % len(hits)]
            self.go_to(max(1, self._hit - 2))
        self.again()

    def _close_filter(self) -> None:
        self.remove_class("-filtering")
        if tuple(self._field.value.casefold().split()) != self._words:
            self._field.value = ""
        self.set_focus(None)
