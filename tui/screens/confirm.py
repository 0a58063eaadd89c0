"""The plan, and the question whether to carry it out.

Cancel has the focus. `Grade.KEY` takes `y`; `Grade.TYPED` takes the environment's name, letter by letter, and a
reason. Nothing counts until the whole dialog has stood on the terminal for 700 ms (`arming.py`); nothing is pasted;
a plan that has grown old is void. The key that opened the dialog never confirms it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import msgspec
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from services.clock import Clock
from services.model.plan import ActionKind, Grade, Plan
from services.safe_text import SafeText, safe
from tui.screens.arming import Arming
from tui.screens.plan_summary import PlanSummary
from widgets.picture import Picture
from widgets.plan_view import PlanView

LOOK_EVERY = 0.05
"""Seconds between looks whether the dialog is wholly on the terminal."""

REASON_LIMIT = 200

DIALOG_WIDTH = 124
FRAME_COLUMNS = 4
FRAME_ROWS = 3
"""What frame, padding and choices take; styles/app.tcss has the same figures."""

GO = {
    ActionKind.ROLLBACK: "Roll back",
    ActionKind.INVALIDATE: "Invalidate",
    ActionKind.CONFIGURE: "Change it",
    ActionKind.RETENTION: "Change it",
    ActionKind.EXPORT: "Export",
}


class Confirmed(msgspec.Struct, frozen=True):
    """The operator's yes."""

    plan: Plan
    reason: SafeText


def choosable(plan: Plan) -> bool:
    """Whether another layer could be rolled back beside or instead of this plan's."""
    return any(one.possible and not one.chosen for one in plan.layers)


class TypedInput(Input):
    """A one-line field that has to be typed: it takes no paste."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.app.notify("Nothing can be pasted here: type it.", severity="warning", markup=False)

    def action_paste(self) -> None:
        """The field's own clipboard key, refused likewise."""
        self.app.notify("Nothing can be pasted here: type it.", severity="warning", markup=False)


class ConfirmScreen(ModalScreen[Confirmed | None]):
    """One plan, waiting for a person."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("space", "choose_layers", "layers", show=False),
        Binding("y", "yes", "go ahead", show=False),
        Binding("down,pagedown", "more", "the whole plan", show=False),
        Binding("up,pageup", "less", "the summary", show=False),
    ]
    AUTO_FOCUS = "#cancel"

    def __init__(
        self,
        plan: Plan,
        clock: Clock,
        *,
        written: Callable[[], bool],
        lagging: Callable[[], bool],
        default_reason: str = "",
        locked: str = "",
        choose: Callable[[], None] | None = None,
    ) -> None:
        """`written`: whether the terminal has taken everything that was drawn. `lagging`: whether what it shows may be
        old. `locked`: why this plan may only be looked at. `choose`: what opens the choice of layers instead."""
        super().__init__(classes="at-confirm")
        self.plan = plan
        self._clock = clock
        self._written = written
        self._lagging = lagging
        self._drawn = False
        """The dialog in its present form has been drawn; the terminal may not have it yet."""
        self._shown = False
        """The terminal has it."""
        self._default_reason = default_reason
        self._locked = locked
        self._choose = choose
        self._arming = Arming(clock.monotonic)
        self._early = 0
        self._summarised = False
        self._read_whole = False
        self._said: Content | None = None
        # Held here, not looked up: looks go on while the dialog is taken apart.
        self._dialog = Vertical(id="dialog")
        self._summary = PlanSummary(plan, id="summary")
        self._scroll = VerticalScroll(id="plan", can_focus=False)
        self._view = PlanView(id="plan-view")
        self._name_field = TypedInput(id="name", compact=True, max_length=80, select_on_focus=False)
        self._reason_field = TypedInput(
            id="reason", compact=True, max_length=REASON_LIMIT, placeholder=default_reason, select_on_focus=False
        )
        self._choices = Horizontal(id="choices")
        self._state = Static(id="state", markup=False)
        self._go = Button(self._go_label(), id="go", compact=True, disabled=True)

    @property
    def typed(self) -> bool:
        """Whether the environment's name has to be typed."""
        return self.plan.grade is Grade.TYPED

    def compose(self) -> ComposeResult:
        with self._dialog:
            yield self._summary
            with self._scroll:
                yield self._view
            if self.typed and not self._locked:
                with Horizontal(id="fields"):
                    yield Static(Content(f"Type {self.plan.environment} "), id="prompt", markup=False)
                    yield self._name_field
                    yield Static(Content(" reason "), markup=False)
                    yield self._reason_field
            with self._choices:
                yield self._state
                yield Button("Cancel", id="cancel", compact=True)
                yield self._go

    def on_mount(self) -> None:
        self._dialog.border_title = Content(self.plan.title)
        self.set_class(self.plan.grade is Grade.TYPED, "-typed")
        self._view.show(self.plan)
        self._choose_form()
        self.set_interval(LOOK_EVERY, self._look)
        self._look()

    def on_resize(self) -> None:
        self._choose_form()

    def _choose_form(self) -> None:
        """The whole plan where it fits, else its summary; the whole plan stays one key away."""
        width = min(self.size.width, DIALOG_WIDTH) - FRAME_COLUMNS
        rows = self._view.needed_height(width)
        room = self.size.height - FRAME_ROWS - (1 if self.typed and not self._locked else 0)
        self._summarised = rows > room
        self._read_whole = False
        self._show_form()

    def _show_form(self) -> None:
        summary = self._summarised and not self._read_whole
        self._summary.display = summary
        self._scroll.display = not summary
        self._drawn = self._shown = False
        self.call_after_refresh(self._was_drawn)

    def _was_drawn(self) -> None:
        self._drawn = True

    def action_more(self) -> None:
        """From the summary to the whole plan, then down in it."""
        if self._summarised and not self._read_whole:
            self._read_whole = True
            self._show_form()
        else:
            self._scroll.scroll_page_down(animate=False)

    def action_less(self) -> None:
        """Up in the whole plan; at its top back to the summary."""
        if self._read_whole and self._scroll.scroll_y <= 0:
            self._read_whole = False
            self._show_form()
        else:
            self._scroll.scroll_page_up(animate=False)

    def _go_label(self) -> str:
        label = "Go forward" if self.plan.undo_of else GO[self.plan.kind]
        return label if self.typed else f"{label} (y)"

    @property
    def armed(self) -> bool:
        """Whether a confirmation would count now."""
        return not self.obstacle and self._arming.armed

    @property
    def seen(self) -> bool:
        """Whether the whole dialog stands on the terminal and its reading time runs or is over."""
        return self._arming.seen

    @property
    def obstacle(self) -> str:
        """Why this plan cannot be confirmed as things are, as a sentence; empty when nothing stands against it."""
        if self._locked:
            return self._locked
        if self._clock.now() >= self.plan.expires:
            return "this plan is too old: esc, and prepare it again"
        if self._read_whole:
            return "up goes back to the summary, where it can be confirmed"
        if not self._fits():
            return "the plan does not fit: enlarge the terminal to confirm"
        return ""

    def _fits(self) -> bool:
        """Whether the whole dialog, the whole plan in it, lies on the screen."""
        if not self.is_mounted or not self.size:
            return False
        dialog = self._dialog
        whole = Region(0, 0, self.size.width, self.size.height)
        if not dialog.size or not whole.contains_region(dialog.region):
            return False
        shown: Widget = self._summary if self._summarised else self._scroll
        needed: Picture = self._summary if self._summarised else self._view
        last = self._choices.region
        return shown.size.height >= needed.needed_height(needed.size.width) and dialog.region.contains_region(last)

    def _look(self) -> None:
        """Count how long the dialog has been seen, and say what is waited for."""
        self._shown = (self._shown or (self._drawn and self._written())) and not self._lagging()
        self._arming.look(self._shown and not self.obstacle and self.is_current)
        ready = self.armed and (not self.typed or self._name_matches())
        self._go.disabled = not ready
        self._say(self._state_text())

    def _state_text(self) -> str:
        if self.obstacle:
            return self.obstacle
        if not self._arming.armed:
            return f"reading time · {self._early} keys ignored" if self._early else "reading time"
        left = max(0, int((self.plan.expires - self._clock.now()).total_seconds()))
        how = f"type {self.plan.environment}, then enter" if self.typed else "y goes ahead"
        return f"{how} · valid for {left // 60}:{left % 60:02}" if left < 600 else how

    def _say(self, text: str) -> None:
        said = Content(text)
        if said != self._said:
            self._said = said
            self._state.update(said)

    def accepts(self, event: events.Event) -> bool:
        """Whether this event may reach the dialog: before it is armed only leaving it does anything. Called for every
        event before it is sent on its way."""
        if not isinstance(event, (events.Key, events.Paste)):
            return True
        if isinstance(event, events.Key) and (event.key in ("escape", "ctrl+c") or self._leads_to_layers(event)):
            return True
        if not (self._arming.armed or self.obstacle):
            self._early += 1
            return False
        if isinstance(event, events.Key):
            self._aim(event)
        return True

    def _leads_to_layers(self, event: events.Key) -> bool:
        """Space before anything was typed: it leaves this plan for the choice of layers."""
        return event.key == "space" and self._choose is not None and not isinstance(self.focused, Input)

    def action_choose_layers(self) -> None:
        """Leave without doing anything, for the choice of layers."""
        if self._choose is not None:
            self.dismiss(None)
            self._choose()

    def _aim(self, event: events.Key) -> None:
        """Letters typed while Cancel has the focus are the name's: nothing else could be meant.

        The focus moves before the key is sent on its way. Were it moved when the key has bubbled up here, keys typed
        in one burst would overtake each other between two queues.
        """
        if self.typed and not self._locked and event.is_printable and not isinstance(self.focused, Input):
            self.set_focus(self._name_field)

    def _name_matches(self) -> bool:
        return self._name_field.value == self.plan.environment

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._name_field.value:
            return
        if self._name_matches():
            self._confirm()
        else:
            self.app.notify(
                f"That is not the environment's name. Type {self.plan.environment}.", severity="warning", markup=False
            )

    def action_yes(self) -> None:
        """`y`: enough for a harmless plan, nothing for the others."""
        if not self.typed:
            self._confirm()

    @on(Button.Pressed, "#go")
    def _go_pressed(self) -> None:
        if not self.typed or self._name_matches():
            self._confirm()

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)

    def _confirm(self) -> None:
        """The one door: whatever led here, nothing is confirmed that is not armed."""
        if not self.armed:
            return
        typed = self._reason_field.value.strip() if self.typed else ""
        self.dismiss(Confirmed(self.plan, safe(typed or self._default_reason, REASON_LIMIT)))
