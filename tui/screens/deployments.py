"""Screen 4: the stack's operations with their events, and what is deployed in every layer beside it.

What is polled anyway comes with the picture. `$LATEST`, provisioned concurrency, change sets, drift and object versions
are asked only while the screen is seen: once for each change of what they depend on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input

from services.model.assessment import State
from services.model.deploy_detail import DeployDetail
from services.model.deploys import Deploy
from services.model.reading import Reading
from services.model.situation import Situation
from services.problems import AccountError
from services.redact import redact
from services.rules.deploys import deploys
from services.rules.drift import moved_by_us
from services.settings.values import Environment
from tui import deploy_layers, deploy_rows
from tui.log_out import TooLarge, clipboard
from tui.picture import Picture
from tui.screens.frame import FrameScreen
from tui.screens.moving import Moving
from widgets import wording
from widgets.deploy_list import DeployList, DeployRow
from widgets.deploy_text import DeployText
from widgets.spans import Row, Span, row, text_of

if TYPE_CHECKING:
    from services.watch.on_demand import Question

T = TypeVar("T")

SECTIONS = ("Stack", "Events", "Lambda", "API", "Content", "Edge", "Outputs", "Drift", "Sets")
STACK, EVENTS, LAMBDA, API, CONTENT, EDGE, OUTPUTS, DRIFT, SETS = range(len(SECTIONS))

HEADS = (
    "",
    "time (UTC), status, resource, reason",
    "version    hash, record, description; age",
    "deployment; age",
    "publication; age",
    "status, paths; age",
    "",
    "resource, template → account",
    "",
)
"""What stands above a section's rows."""

OBJECTS = 10
"""Object versions shown at first, and how many more with each `m` (runbook line 653)."""


class DeploymentsScreen(Moving, FrameScreen):
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
        self._section = STACK
        self._begin()
        self._is_seen = False
        self._head = DeployText(id="head")
        self._sections = DeployText(id="sections")
        self._table = DeployList(id="table")
        self._preview = DeployText(id="preview-view")
        self._view = DeployText(id="one-view")
        self._one = VerticalScroll(id="one", can_focus=False)
        self._field = Input(id="filter", placeholder="words, such as rollback", compact=True, max_length=200)

    def _begin(self) -> None:
        """Nothing of any environment."""
        self._wanted = ""
        self._detail = DeployDetail()
        self._marks: dict[str, object] = {}
        self._detecting: datetime | None = None
        self._warned = False
        self._folded: set[str] = set()
        self._unfolded: set[str] = set()
        self._start = 0
        self._objects = OBJECTS
        self._status = ""
        self._deploys: tuple[Deploy, ...] = ()

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
        self._head.show([*head, *deploy_rows.by_us(ours)], brief=self.has_class("-short"))
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

    def _rows(self, situation: Situation, picture: Picture) -> Iterator[DeployRow]:
        """The rows of the section that is shown."""
        now, detail = picture.now, self._detail
        match self._section:
            case 0:
                yield from deploy_rows.operation_rows(self._deploys, self._open_operations(), now)
            case 1:
                yield from deploy_rows.event_rows(situation.events.value or (), self._since())
            case 2:
                yield from self._functions(situation, picture)
            case 3:
                yield from deploy_layers.api_rows(situation.apis.value or (), now)
            case 4:
                yield from deploy_layers.burst_rows(situation.bursts.value or (), now)
                yield from deploy_layers.object_rows((detail.objects.value or ())[: self._objects], now)
            case 5:
                yield from deploy_layers.invalidation_rows(situation.invalidations.value or (), now)
            case 6:
                if situation.stack.value is not None:
                    yield from deploy_layers.output_rows(situation.stack.value)
            case 7:
                yield self._drift_heading(situation, now)
                yield from deploy_layers.drift_rows(detail.drift.value or ())
            case _:
                yield from deploy_layers.change_set_rows(detail.change_sets.value or (), now)

    def _functions(self, situation: Situation, picture: Picture) -> Iterator[DeployRow]:
        standing = self._detail.standing.value
        for release in situation.releases.value or ():
            latest = standing.latest if standing is not None else ()
            warm = (standing.provisioned if standing is not None else None) or ()
            yield from deploy_layers.release_rows(
                release,
                situation.evidence.value or (),
                next((one for one in latest if one.function == release.function), None),
                [one for one in warm if one.function == release.function],
                picture.environment.names.alias,
                picture.now,
            )

    def _drift_heading(self, situation: Situation, now: datetime) -> DeployRow:
        stack = situation.stack.value
        status = str(stack.drift) if stack is not None and stack.drift else "NOT_CHECKED"
        when, found = stack.drift_checked if stack is not None else None, self._detail.drift
        if found.value and found.taken is not None and (when is None or found.taken > when):
            status = "IN_SYNC" if all(one.status == "IN_SYNC" for one in found.value) else "DRIFTED"
            when = found.value[0].at or found.taken
        facts = f"checked {wording.age((now - when).total_seconds())} ago" if when is not None else "never checked"
        if self._detecting is not None:
            facts = f"a detection is under way for {wording.took(int((now - self._detecting).total_seconds()))}"
        elif self._warned:
            facts = "d again begins: free, takes minutes, reads every resource as you, changes none"
        elif self._detail.drift.problem is not None:
            facts = f"{self._detail.drift.problem.message}"
        else:
            facts += " · d has CloudFormation compare"
        state = State.WARN if status == "DRIFTED" else State.OK if status == "IN_SYNC" else State.NO_DATA
        return DeployRow("drift", state, "", status, facts, heading=True)

    def _open_operations(self) -> set[str]:
        """The newest is open unless it was closed; others when they were opened."""
        newest = {deploy_rows.operation_key(one) for one in self._deploys[:1]} - self._folded
        return newest | self._unfolded

    def _since(self) -> datetime | None:
        """Where the table of events starts: the current operation, the one before …, everything."""
        return self._deploys[self._start].operation.began if self._start < len(self._deploys) else None

    def _column_heads(self) -> str:
        if self._section != EVENTS:
            return HEADS[self._section]
        since = self._since()
        return (
            f"{HEADS[EVENTS]} · since {since:%Y-%m-%d %H:%M:%S}"
            if since is not None
            else f"{HEADS[EVENTS]} · all known"
        )

    def _empty(self, situation: Situation, any_at_all: bool) -> str:
        if any_at_all:
            return f"nothing here has {self._wanted}"
        feeds: dict[int, Reading[Any]] = {
            STACK: situation.events, EVENTS: situation.events, LAMBDA: situation.releases, API: situation.apis,
            CONTENT: situation.bursts, EDGE: situation.invalidations, OUTPUTS: situation.stack,
            SETS: self._detail.change_sets,
        }  # fmt: skip
        reading = feeds.get(self._section)
        if reading is not None and reading.value is None:
            return f"{reading.problem.message}." if reading.problem is not None else "not answered yet"
        return "there are none"

    def _say_sections(self) -> None:
        spans: list[Span | str] = []
        for place, name in enumerate(SECTIONS):
            spans += [Span(f" {name} ", "key-cap" if place == self._section else "muted")]
        if self._wanted:
            spans.append(Span(f" /{self._wanted}", "accent"))
        self._sections.show([row(*spans)], brief=True)

    def _show_selected(self) -> None:
        chosen = self._table.selected
        rows: tuple[Row, ...] = chosen.detail if chosen is not None else ()
        self._preview.show(rows)
        if self.has_class("-one"):
            self._view.show(rows)

    def _announce(self, situation: Situation) -> None:
        """A stack that has come to rest is told (runbook 226, 718)."""
        status = str(situation.stack.value.status) if situation.stack.value is not None else ""
        before, self._status = self._status, status
        if before.endswith("_IN_PROGRESS") and status and not status.endswith("_IN_PROGRESS"):
            good = status.endswith("_COMPLETE") and "ROLLBACK" not in status
            severity = "information" if good else "error" if status.endswith("_FAILED") else "warning"
            self.app.notify(f"Stack: {status}.", severity=severity, markup=False)  # type: ignore[arg-type]

    def _again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)
        self.show_keys()

    # ---- questions

    def _changed(self, situation: Situation) -> dict[str, int]:
        """How many resources the change set of the newest operation names."""
        stack = situation.stack.value
        events = situation.events.value or ()
        made = next((one for one in self._detail.change_sets.value or () if stack and one.id == stack.change_set), None)
        newest = next((one for one in events if not one.nested), None)
        if made is None or newest is None:
            return {}
        return {key: len(made.changes) for key in (newest.operation, newest.token) if key}

    def _ask_details(self, situation: Situation) -> None:
        """Ask once for each change of what an answer depends on."""
        stack, parts = situation.stack.value, situation.parts.value
        if not self._is_seen or stack is None or parts is None:
            return
        from services.watch import deploy_questions as asked

        moved = (stack.id, stack.status, stack.updated)
        self._learn("change_sets", moved, asked.waiting_change_sets(stack.name, stack.change_set))
        served = tuple((one.function, one.alias and one.alias.revision_id) for one in situation.releases.value or ())
        if self._section == LAMBDA:
            self._learn("standing", (moved, served), asked.standing(parts.functions))
        if self._section == CONTENT:
            newest = (situation.bursts.value or (None,))[0]
            self._learn("objects", (newest, self._objects), asked.objects(parts.buckets, self._objects))
        if self._section == DRIFT and stack.drift_checked is not None and self._detecting is None:
            self._learn("drift", stack.drift_checked, asked.last_drift(stack.name))

    def _learn(self, what: str, mark: object, question: Question[Any]) -> None:
        if self._marks.get(what) != mark:
            self._marks[what] = mark
            self.run_worker(self._answered(what, question), group=f"deploys {what}", exclusive=True)

    async def _answered(self, what: str, question: Question[Any]) -> None:
        before: Reading[Any] = getattr(self._detail, what)
        now: datetime = self.app.now()  # type: ignore[attr-defined]
        try:
            reading = before.answered(await self.ask(question), now)
        except AccountError as error:
            reading = before.failed(error.problem, now)
        changed: dict[str, Any] = {what: reading}
        self._detail = msgspec.structs.replace(self._detail, **changed)
        if what == "drift":
            self._detecting = None
        self._again()

    # ---- keys

    def step_back(self) -> bool:
        """One entry, the filter: what is open closes, one a press."""
        if self.has_class("-one"):
            self.remove_class("-one")
        elif self._wanted or self.has_class("-filtering"):
            self._wanted = ""
            self._close_filter()
        else:
            return False
        self._again()
        return True

    def do_open(self) -> None:
        """An operation unfolds or folds; anything else is shown whole."""
        chosen = self._table.selected
        if chosen is None or self.has_class("-one"):
            return
        if self._section == STACK and chosen.heading:
            self._toggle(chosen.key)
        elif chosen.detail:
            self.add_class("-one")
            self._one.scroll_home(animate=False)
        self._again()

    def _toggle(self, key: str) -> None:
        if key in self._open_operations():
            self._unfolded.discard(key)
            self._folded.add(key)
        else:
            self._folded.discard(key)
            self._unfolded.add(key)

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
        self._start = min(self._start + 1, len(self._deploys))
        self._again()

    def do_later(self) -> None:
        self._start = max(0, self._start - 1)
        self._again()

    def do_more(self) -> None:
        """More object versions."""
        if self._section == CONTENT and len(self._detail.objects.value or ()) >= self._objects:
            self._objects += OBJECTS
            self._again()

    def do_drift(self) -> None:
        """Say what a detection costs; the second time, begin one."""
        picture = self.picture
        if self._section != DRIFT:
            self._to_section(DRIFT)
        if picture is None or picture.situation is None or picture.situation.stack.value is None or self._detecting:
            return
        if not self._warned:
            self._warned = True
            self._again()
            return
        from services.watch.deploy_questions import new_drift

        self._warned, self._detecting = False, picture.now
        question = new_drift(picture.situation.stack.value.name)
        self.run_worker(self._answered("drift", question), group="deploys drift", exclusive=True)
        self._again()

    def do_copy(self) -> None:
        """What is selected, whole, to the terminal's clipboard."""
        chosen = self._table.selected
        if chosen is None:
            return
        told = [text_of(line) for line in chosen.detail] or [f"{chosen.name} {chosen.word} {chosen.facts}".strip()]
        try:
            sequence = clipboard(redact("\n".join(told)))
        except TooLarge as error:
            self.app.notify(f"Not copied: {error}.", severity="warning", markup=False)
            return
        driver = self.app._driver
        if driver is not None:
            driver.write(sequence)
        self.app.notify("Copied, if your terminal takes it (OSC 52).", markup=False)

    def do_rollback_to(self) -> None:
        """To the version under the marker; elsewhere as everywhere."""
        chosen = self._table.selected
        if self._section == LAMBDA and chosen is not None and chosen.target is not None:
            self.app.roll_back_to(chosen.target, chosen.key.partition(" ")[0])  # type: ignore[attr-defined]
        else:
            self.app.action_run("rollback")  # type: ignore[attr-defined]

    def moved_list(self) -> DeployList:
        return self._table

    def moved_scroll(self) -> VerticalScroll | None:
        return self._one if self.has_class("-one") else None

    # ---- the filter

    def do_filter(self) -> None:
        """Type words; the list follows."""
        self.remove_class("-one")
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
