"""The plan, and the question whether to carry it out.

Cancel has the focus. `Grade.KEY` takes `y`; `Grade.TYPED` takes the environment's name (or that of what will be
made), letter by letter, and a reason. Nothing counts until the whole dialog has stood on the terminal for 700 ms
(`arming.py`); nothing is pasted; a plan that has grown old is void. The key that opened the dialog never confirms it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import msgspec
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from services.clock import Clock
from services.model.plan import ActionKind, Grade, Plan
from services.plural import several
from services.safe_text import SafeText, safe
from tui.action_words import go
from tui.picture import Picture
from tui.screens.arming import Arming, Reached, Sight
from tui.screens.plan_forms import PlanForms
from tui.screens.reason_field import ReasonField, TypedInput

LOOK_EVERY = 0.05
"""Seconds between looks whether the dialog is wholly on the terminal."""

REASON_LIMIT = 200

DIALOG_WIDTH = 124
NAME_WIDTH = 20
FRAME_COLUMNS = 4
FRAME_ROWS = 3
"""What frame, padding and choices take; styles/app.tcss has the same figures."""


class Confirmed(msgspec.Struct, frozen=True):
    """The operator's yes."""

    plan: Plan
    reason: SafeText


def choosable(plan: Plan) -> bool:
    """Whether another layer could be rolled back beside or instead of this plan's."""
    return any(one.possible and not one.chosen for one in plan.layers)


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
        sight: Sight,
        default_reason: str = "",
        locked: str = "",
        choose: Callable[[], None] | None = None,
        follow: bool = True,
    ) -> None:
        """`sight`: what the terminal has of it. `locked`: why this plan may only be looked at. `choose`: what opens the
        choice of layers instead. `follow`: whether a change of what the plan is about makes it void; of one that is
        carried on, that may be its own, and no reason is asked for again."""
        super().__init__(classes="at-confirm")
        self.plan = plan
        self._clock = clock
        self._reached = Reached(sight)
        self._default_reason = default_reason
        self._locked = locked
        self._choose, self._follow = choose, follow
        self._arming = Arming(clock.monotonic)
        self._early = 0
        self._overtaken = ""
        """What has changed in the world under this plan."""
        self._said: Content | None = None
        # Held here, not looked up: looks go on while the dialog is taken apart.
        self._dialog = Vertical(id="dialog")
        self._forms = PlanForms(plan)
        self._name_field = TypedInput(id="name", compact=True, max_length=255, select_on_focus=False)
        if len(plan.word) >= NAME_WIDTH:
            self._name_field.styles.width = min(len(plan.word) + 1, 2 * NAME_WIDTH)
        self._reason_field = ReasonField(
            id="reason", compact=True, max_length=REASON_LIMIT, placeholder=default_reason, select_on_focus=False
        )
        self._reason_field.offers = follow and plan.kind is ActionKind.ROLLBACK and not plan.undo_of and not locked
        self._choices = Horizontal(id="choices")
        self._state = Static(id="state", markup=False)
        self._go = Button(self._go_label(), id="go", compact=True, disabled=True)

    @property
    def typed(self) -> bool:
        """Whether the environment's name has to be typed."""
        return self.plan.grade is Grade.TYPED

    def compose(self) -> ComposeResult:
        with self._dialog:
            yield from self._forms.compose()
            if self.typed and not self._locked:
                with Horizontal(id="fields"):
                    yield Static(Content(f"Type {self.plan.word} "), id="prompt", markup=False)
                    yield self._name_field
                    if self._follow:  # what is carried on has the reason it was ordered with
                        yield Static(Content(" reason "), markup=False)
                        yield self._reason_field
            with self._choices:
                yield self._state
                yield Button("Cancel", id="cancel", compact=True)
                yield self._go

    def on_mount(self) -> None:
        self._tell_title()
        self.set_class(self.plan.grade is Grade.TYPED, "-typed")
        self._tell_reason()
        self._choose_form()
        self.set_interval(LOOK_EVERY, self._look)
        self._look()

    def on_resize(self) -> None:
        self._choose_form()

    def present(self, picture: Picture) -> None:
        """The world as it is now: a plan that no longer holds says so and cannot be confirmed any more."""
        if self._follow and picture.situation is not None and not self._overtaken:
            from services.actions.overtaken import overtaken

            self._overtaken = overtaken(self.plan, picture.situation)
            self._tell_title()
            self._look()

    def _tell_title(self) -> None:
        self._dialog.border_title = Content(f"VOID: {self._overtaken}" if self._overtaken else self.plan.title)

    def _choose_form(self) -> None:
        """The whole plan where it fits, else its summary; the whole plan stays one key away."""
        width = min(self.size.width, DIALOG_WIDTH) - FRAME_COLUMNS
        room = self.size.height - FRAME_ROWS - (1 if self.typed and not self._locked else 0)
        self._forms.choose(width, room)
        self._show_form()

    def _show_form(self) -> None:
        # What does not fit gives way to the fields and choices below it, which say so.
        self.set_class(self._forms.overflows, "-full")
        self._reached.anew()
        self.call_after_refresh(self._reached.drawn)

    def action_more(self) -> None:
        """From the summary to the whole plan, then down in it."""
        if self._forms.more():
            self._show_form()

    def action_less(self) -> None:
        """Up in the whole plan; at its top back to the summary."""
        if self._forms.less():
            self._show_form()

    def _go_label(self) -> str:
        return go(self.plan) if self.typed else f"{go(self.plan)} (y)"

    @property
    def armed(self) -> bool:
        """Whether a confirmation would count now."""
        return not self.obstacle and self._fits() and self._arming.armed

    @property
    def seen(self) -> bool:
        """Whether the whole dialog stands on the terminal and its reading time runs or is over."""
        return self._arming.seen

    @property
    def obstacle(self) -> str:
        """Why this plan cannot be confirmed as things are, as a sentence; empty when nothing stands against it."""
        if self._locked:
            return self._locked
        if self._overtaken:
            return "VOID: esc, and plan again"
        if self._clock.now() >= self.plan.expires:
            return "too old: esc, and prepare it again"
        if self._forms.read_whole:
            return "up: back to confirm"
        if self._reached.shaped and not self._fits():
            return "does not fit: enlarge the terminal"
        return ""

    def _fits(self) -> bool:
        """Whether the whole dialog, the whole plan in it, lies on the screen."""
        if not self.is_mounted or not self.size:
            return False
        dialog = self._dialog
        whole = Region(0, 0, self.size.width, self.size.height)
        if not dialog.size or not whole.contains_region(dialog.region):
            return False
        return self._forms.fits and dialog.region.contains_region(self._choices.region)

    def _look(self) -> None:
        """Count how long the dialog has been seen, and say what is waited for."""
        self._arming.look(self._reached.look() and not self.obstacle and self._fits() and self.is_current)
        ready = self.armed and (not self.typed or self._name_matches())
        self._go.disabled = not ready
        self._say(self._state_text())

    def _state_text(self) -> str:
        if self.obstacle:
            return self.obstacle
        if not self._arming.armed:
            return f"reading time · {several(self._early, 'key')} ignored" if self._early else "reading time"
        left = max(0, int((self.plan.expires - self._clock.now()).total_seconds()))
        how = f"type {self.plan.word}, then enter" if self.typed else "y goes ahead"
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

    def on_paste(self, event: events.Paste) -> None:
        """Nothing is pasted, wherever the focus is, and that is said."""
        event.stop()
        how = ": type it" if self.typed else ""
        self.app.notify(f"Nothing can be pasted here{how}.", severity="warning", markup=False)

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

    @property
    def _what(self) -> str:
        return "the new name" if self.plan.typed else "the environment's name"

    def _name_matches(self) -> bool:
        return self._name_field.value == self.plan.word

    @on(Input.Changed, "#reason")
    def _tell_reason(self) -> None:
        if self.typed:
            self._dialog.border_subtitle = self._reason_field.told

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._name_field.value:
            return
        if self._name_matches():
            self._confirm()
        else:
            self.app.notify(f"That is not {self._what}. Type {self.plan.word}.", severity="warning", markup=False)

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
        if self._reason_field.lacks:
            self.set_focus(self._reason_field)
            self.app.notify(f"{self._reason_field.lacks}.", severity="warning", markup=False)
            return
        typed = self._reason_field.value.strip() if self.typed else ""
        self.dismiss(Confirmed(self.plan, safe(typed or self._default_reason, REASON_LIMIT)))
