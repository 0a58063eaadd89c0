"""Screen 4: the stack's operations with their events, and what is deployed in every layer beside it.

What is polled anyway comes with the picture. `$LATEST`, provisioned concurrency, change sets, drift and object versions
are asked only while the screen is seen: once for each change of what they depend on.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.notifications import SeverityLevel
from textual.widgets import Input

from services.model.situation import Situation
from services.redact import redact
from services.rules.deploys import deploys
from services.rules.drift import moved_by_us
from services.settings.values import Environment
from tui import deploy_rows
from tui.clipboard import TooLarge, copy
from tui.picture import Picture
from tui.screens.cockpit import cockpit
from tui.screens.deployments_asking import (
    CONTENT,
    EVENTS,
    LAMBDA,
    OBJECTS,
    SECTIONS,
    STACK,
)
from tui.screens.deployments_facts import DeploymentsFacts
from tui.screens.deployments_rows import DeploymentsRows
from tui.screens.filtering import Filtering
from tui.screens.moving import Moving
from widgets.deploy_list import DeployList
from widgets.deploy_text import DeployText
from widgets.spans import Row, Span, row, text_of

HEAD_LINES = 3
"""Lines that a sentence above the list may take on a short screen: of a root cause enough to act on."""


class DeploymentsScreen(Moving, DeploymentsRows, DeploymentsFacts, Filtering):
    """Key `4`."""

    IDENTITY = "deployments"

    DEFAULT_CSS = """
    DeploymentsScreen #head { height: auto; max-height: 9; padding: 0 1; }
    DeploymentsScreen #sections { height: 1; padding: 0 1; }
    DeploymentsScreen #filter { height: 1; background: $boost; border: none; padding: 0 1; display: none; }
    DeploymentsScreen.-filtering #filter { display: block; }
    DeploymentsScreen #table { height: 1fr; }
    DeploymentsScreen #preview { display: none; height: 9; border-top: solid $foreground 22%; padding: 0 1; }
    DeploymentsScreen.-tall #preview, DeploymentsScreen.-high #preview { display: block; }
    DeploymentsScreen #one { display: none; height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    DeploymentsScreen.-one #list { display: none; }
    DeploymentsScreen.-one #one { display: block; }
    """

    AUTO_FOCUS = ""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._begin()
        self._head = DeployText(id="head")
        self._sections = DeployText(id="sections")
        self._table = DeployList(id="table")
        self._preview = DeployText(id="preview-view")
        self._view = DeployText(id="one-view")
        self._one = VerticalScroll(id="one", can_focus=False)
        self._field = Input(id="filter", placeholder="words, such as rollback", compact=True, max_length=200)

    def _begin(self) -> None:
        """Nothing of any environment."""
        super()._begin()
        self._wanted = ""
        self._status = ""

    # ---- the picture

    def body(self) -> ComposeResult:
        yield self._head
        yield self._sections
        with Vertical(id="list"):
            yield self._table
            with VerticalScroll(id="preview", can_focus=False):
                yield self._preview
            yield self._field
        with self._one:
            yield self._view

    def show(self, picture: Picture) -> None:
        situation = picture.situation
        if situation is None:
            return
        self._deploys = deploys(situation.events.value or (), picture.now, self._changed(situation))
        self._announce(situation)
        self._ask_details(situation)
        head = deploy_rows.head_rows(situation, self._deploys, picture.now)
        ours = moved_by_us(situation.events.value or (), situation.operations.value or ())
        self._head.show([*head, *deploy_rows.by_us(ours)], most=HEAD_LINES if self.has_class("-short") else 0)
        self._say_sections()
        rows = tuple(self._rows(situation, picture))
        shown = tuple(one for one in rows if self._wanted.lower() in one.searched) if self._wanted else rows
        if self._table.selected is (self._table.entries or (None,))[0]:
            self._table.begin()  # the newest comes on top, and the marker stays there until it is moved
        self._table.show(shown, self._column_heads(), self._empty(situation, bool(rows)))
        self._show_selected()

    def forget(self) -> None:
        self._begin()
        self._field.value = ""
        self.remove_class("-one", "-filtering")
        self._head.show([row(Span("asking for the stack …", "silent"))])
        self._table.begin()
        self._table.show((), "", "not asked yet")
        self._preview.show(())
        self._view.show(())
        self._say_sections()

    def seen(self, yes: bool) -> None:
        self._is_seen = yes
        if yes and self.picture is not None:
            self.present(self.picture)

    def _say_sections(self) -> None:
        spans: list[Span | str] = []
        for place, name in enumerate(SECTIONS):
            spans += [Span(f" {name} ", "key-cap" if place == self._section else "muted")]
        if self._wanted:
            spans.append(Span(f" /{self._wanted}", "accent"))
        self._sections.show([row(*spans)], most=1)

    def _show_selected(self) -> None:
        chosen = self._table.selected
        rows: tuple[Row, ...] = chosen.detail if chosen is not None else ()
        self._preview.show(rows)
        if self.has_class("-one"):
            self._view.show((*rows, *self._fact_rows(cockpit(self).now())))

    def _announce(self, situation: Situation) -> None:
        """A stack that has come to rest is told (runbook 226, 718)."""
        status = str(situation.stack.value.status) if situation.stack.value is not None else ""
        before, self._status = self._status, status
        if before.endswith("_IN_PROGRESS") and status and not status.endswith("_IN_PROGRESS"):
            self.app.notify(f"Stack: {status}.", severity=_severity(status), markup=False)

    # ---- keys

    def step_back(self) -> bool:
        """One entry, the filter: what is open closes, one a press."""
        if self.has_class("-one"):
            self.remove_class("-one")
        elif not self._drop_filter():
            return False
        self._again()
        return True

    def do_open(self) -> None:
        """An operation unfolds or folds; anything else is shown whole, a function with what is asked of it now."""
        chosen = self._table.selected
        function = self._opened_function()
        if function:
            self._look_into(function)
        if chosen is None or self.has_class("-one"):
            return
        if self._section == STACK and chosen.heading:
            self._toggle(chosen.key)
        elif chosen.detail or function:
            self.add_class("-one")
            self._one.scroll_home(animate=False)
        self._again()

    def on_listing_opened(self) -> None:
        self.do_open()

    def on_listing_moved(self) -> None:
        self._show_selected()

    def do_next_section(self) -> None:
        self._to_section(self._section + 1)

    def do_former_section(self) -> None:
        self._to_section(self._section - 1)

    def _to_section(self, section: int) -> None:
        self._section = section % len(SECTIONS)
        self._warned = False
        self.remove_class("-one")
        self._table.begin()
        self._again()

    def do_earlier(self) -> None:
        """The table of events starts an operation earlier."""
        self._begin_at(min(self._start + 1, len(self._deploys)), "there is no earlier operation")

    def do_later(self) -> None:
        self._begin_at(max(0, self._start - 1), "it starts at the newest operation")

    def _begin_at(self, start: int, otherwise: str) -> None:
        if self._section != EVENTS:
            self.app.notify("The part Events starts an operation earlier or later; tab goes there.", markup=False)
        elif start == self._start:
            self.app.notify(f"Events: {otherwise}.", markup=False)
        else:
            self._start = start
            self._again()

    def do_more(self) -> None:
        """More object versions."""
        if self._section != CONTENT:
            self.app.notify("The part Content has more object versions; tab goes there.", markup=False)
        elif len(self._detail.objects.value or ()) >= self._objects:
            self._objects += OBJECTS
            self._again()
        else:
            self.app.notify("Content: these are all the object versions there are.", markup=False)

    def do_copy(self) -> None:
        """What is selected, whole, to the terminal's clipboard."""
        chosen = self._table.selected
        if chosen is None:
            return
        told = [text_of(line) for line in chosen.detail] or [f"{chosen.name} {chosen.word} {chosen.facts}".strip()]
        try:
            copy(self.app, redact("\n".join(told)))
        except TooLarge as error:
            self.app.notify(f"Not copied: {error}.", severity="warning", markup=False)
            return
        self.app.notify("Copied, if your terminal takes it (OSC 52).", markup=False)

    def do_rollback_to(self) -> None:
        """To the version under the marker; of the stack where its operations are shown; elsewhere, and wherever the
        verdict above names what `R` does, as everywhere."""
        chosen = self._table.selected
        if self._section == LAMBDA and chosen is not None and chosen.target is not None:
            cockpit(self).roll_back_to(chosen.target, chosen.key.partition(" ")[0])
        elif self._section in (STACK, EVENTS) and not self._promised():
            cockpit(self).roll_back_stack()
        else:
            cockpit(self).action_run("rollback")

    def _promised(self) -> bool:
        """Whether the verdict says what `R` does: it has to be true here too. The stack is a layer of that plan."""
        assessment = self.picture.assessment if self.picture is not None else None
        return assessment is not None and assessment.verdict.key == "R"

    def moved_list(self) -> DeployList:
        return self._table

    def moved_scroll(self) -> VerticalScroll | None:
        return self._one if self.has_class("-one") else None

    def _to_list(self) -> None:
        self.remove_class("-one")


def _severity(status: str) -> SeverityLevel:
    """How a stack's rest is told: a rollback that went well is still no success."""
    if status.endswith("_COMPLETE") and "ROLLBACK" not in status:
        return "information"
    return "error" if status.endswith("_FAILED") else "warning"
