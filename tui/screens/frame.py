"""The frame of every screen that has a number: header, verdict, the screen's own body, key bar.

How screens are switched: the overview (`1`) lies at the bottom of the stack for ever and keeps its state; at most one
other numbered screen lies on it, opaque, and dialogs above that. A numbered screen is made when its key is first
pressed and kept, so that it is as it was left when its key is pressed again. Only screens that can be seen are handed
the picture; one that comes back is handed the newest at once. Switching the environment makes every screen forget.

To add a numbered screen:

1. `tui/screens/<name>.py`: a `FrameScreen` with `IDENTITY = "<name>"`, its widgets in `body()`, `show(picture)` that
   hands them their slices, `forget()` that empties them, and `step_back()` if `esc` has something to close first.
   `seen(True|False)` says when it begins and ceases to be seen: whatever asks AWS on demand asks only then,
   with `await self.ask(question)` in a worker of the screen (`run_worker`), which a switch of the environment cancels.
   Hold the widgets as attributes and do not look them up in `show`: it may be called while they come or go.
   What it wants of the app it asks of `cockpit(self)`; one with a list that words narrow is a `Filtering`.
2. `tui/showing.py`: a line in `SCREENS`, importing inside the function: what nobody opens costs nothing.
3. `tui/keys/everywhere.py`: its number with the id `<name>`; `tui/keys/<name>.py`: its own keys, named in
   `tui/keys/__init__.py`, each done by a method `do_<id>` of the screen. Bindings, footer, help and KEYS.md follow.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from services.model.assessment import Verdict
from services.model.logs import LineBatch
from services.settings.values import Environment
from tui.keys import KEYS, KeyContext, view_keys
from tui.picture import Picture
from tui.presenting import first_facts, header_facts, key_hints, small_facts, verdict_of, waiting_verdict
from tui.screens.cockpit import cockpit
from tui.terminal.compositor import SparingCompositor
from widgets.header import Header
from widgets.key_bar import KeyBar, KeyHint
from widgets.too_small import TooSmall
from widgets.verdict import VerdictBar

if TYPE_CHECKING:
    from services.watch.on_demand import Question

T = TypeVar("T")

LEAST = (60, 15)
"""Columns and rows below which nothing is shown but that it is too small."""

FOOTER = (
    "overview",
    "metrics",
    "logs",
    "deployments",
    "runbook",
    "alarms",
    "dashboard",
    "journal",
    "fleet",
    "rollback",
    "environment",
    "help",
    "quit",
)
"""Keys of everywhere that stand in the footer, after the screen's own."""

TYPING = (KeyHint("enter", "take it"), KeyHint("esc", "leave"), KeyHint("^p", "palette"))
"""The footer while a field is typed into: every letter is the field's then."""


class FrameScreen(Screen[None]):
    """A numbered screen. Subclasses bring the body."""

    IDENTITY: ClassVar[str] = ""
    """The id of its key in the table."""

    DEFAULT_CSS = """
    FrameScreen { layout: vertical; overflow: hidden; }
    FrameScreen #header, FrameScreen #verdict, FrameScreen #keys { width: 1fr; }
    FrameScreen #too-small { display: none; }
    FrameScreen #small-facts { height: auto; color: $environment; text-style: bold; }
    FrameScreen.-too-small #too-small { display: block; width: 1fr; height: 1fr; }
    FrameScreen.-too-small #frame { display: none; }
    FrameScreen #frame { height: 1fr; width: 1fr; }
    FrameScreen #body { height: 1fr; width: 1fr; }
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        """The screen's own keys become its bindings."""
        own: list[BindingType] = [
            Binding(",".join((key.key, *key.also)), f"view('{key.id}')", key.label, show=False, id=key.id)
            for key in view_keys(cls.IDENTITY)
        ]
        cls.BINDINGS = [*own, Binding("escape", "back", show=False), Binding("question_mark,f1", "help", show=False)]
        super().__init_subclass__(**kwargs)  # type: ignore[arg-type]  # Textual's own options, handed on

    class Left(Message):
        """`esc` with nothing left to close: back to the overview."""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__()
        self._compositor = SparingCompositor()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (170, "-huge")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall"), (46, "-high")]
        self.picture: Picture | None = None
        """The newest that was handed out; None before the first and after a switch of the environment."""
        self._of = (system, environment)
        self._stands = False
        self._small = ""
        # Held here, not looked up: a picture may be handed over while widgets come or go.
        self._small_facts = Static(id="small-facts", markup=False)
        self._too_small = TooSmall(LEAST)
        self._header = Header(id="header")
        self._verdict = VerdictBar(id="verdict")
        self._keys = KeyBar(id="keys")

    @property
    def stands(self) -> bool:
        """Whether its widgets are there."""
        return self._stands

    # ---- what a screen brings

    def body(self) -> ComposeResult:
        """The widgets between verdict and key bar."""
        raise NotImplementedError

    def show(self, picture: Picture) -> None:
        """Hand each widget its slice. Called only while the widgets stand."""
        raise NotImplementedError

    def forget(self) -> None:
        """Nothing of another environment stays. Called only while the widgets stand."""
        raise NotImplementedError

    def step_back(self) -> bool:
        """`esc`: close what is open inside the screen; False when there is nothing, and the overview comes back."""
        return False

    def verdict(self, picture: Picture) -> Verdict | None:
        """The sentence under the header; None: as it was."""
        return verdict_of(picture)

    def seen(self, yes: bool) -> None:
        """The screen has come up, or lies hidden from now on."""

    def look_at(self, instant: datetime) -> None:
        """Put the cursor at a moment; screens without one stay as they are."""

    def lines_arrived(self, batch: LineBatch) -> None:
        """Log lines have come; called while the screen can be seen."""

    async def ask(self, question: Question[T]) -> T:
        """The answer to a question that no poll asks, from the watch's thread. Raises AccountError."""
        from services.watch.on_demand import ask

        session = cockpit(self).session
        return await asyncio.wrap_future(ask(session.watch if session is not None else None, question))

    # ---- the frame

    def compose(self) -> ComposeResult:
        with Vertical(id="too-small"):
            yield self._small_facts
            yield self._too_small
        with Vertical(id="frame"):
            yield self._header
            yield self._verdict
            with Vertical(id="body"):
                yield from self.body()
            yield self._keys

    def on_mount(self) -> None:
        """The widgets stand: show what was handed over meanwhile."""
        self._stands = True
        picture, self.picture = self.picture, None
        self._emptied()
        if picture is not None:
            self.present(picture)

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size nothing is cut off: it is said instead."""
        small = event.size.width < LEAST[0] or event.size.height < LEAST[1]
        self.set_class(small, "-too-small")
        if small:
            self._too_small.show(event.size.width, event.size.height)

    def on_screen_resume(self) -> None:
        self.seen(True)

    def on_screen_suspend(self) -> None:
        self.seen(False)

    def clear(self, system: str, environment: Environment) -> None:
        """Nothing of another environment stays."""
        self._of, self.picture = (system, environment), None
        if self._stands:
            self._emptied()

    def present(self, picture: Picture) -> None:
        """Take the newest picture and show it."""
        self.picture = picture
        if not self._stands:
            return
        self._say_small(small_facts(picture))
        self._header.show(header_facts(picture, cockpit(self).clock))
        verdict = self.verdict(picture)
        if verdict is not None:
            self._verdict.show(verdict)
        self._show_keys(picture.keys)
        self.show(picture)

    def hints(self) -> tuple[KeyHint, ...]:
        """The screen's own keys, as they stand in the footer now."""
        return tuple(KeyHint(key.shown, key.label, priority=5) for key in view_keys(self.IDENTITY) if key.footer)

    def typing_hints(self) -> tuple[KeyHint, ...]:
        """The footer while a field is typed into."""
        return TYPING

    def show_keys(self) -> None:
        """Show the footer anew: what a key of the screen does has changed."""
        if self._stands:
            self._show_keys(self.picture.keys if self.picture is not None else KeyContext())

    def _show_keys(self, context: KeyContext) -> None:
        if isinstance(self.focused, Input):
            self._keys.show(self.typing_hints())
        else:
            self._keys.show((*self.hints(), *key_hints(context, FOOTER)))

    def on_descendant_focus(self) -> None:
        self.show_keys()

    def on_descendant_blur(self) -> None:
        self.show_keys()

    def _emptied(self) -> None:
        self.app.workers.cancel_node(self)
        system, environment = self._of
        self._say_small(environment.name.upper())
        self._header.show(first_facts(system, environment))
        self._verdict.show(waiting_verdict(environment))
        self._show_keys(KeyContext(read_only=environment.read_only))
        self.forget()

    def _say_small(self, facts: str) -> None:
        if facts != self._small:
            self._small = facts
            self._small_facts.update(Content(facts))

    # ---- keys

    def action_view(self, identity: str) -> None:
        """Do what a key of this screen does."""
        getattr(self, f"do_{identity}")()

    def action_back(self) -> None:
        self.clear_selection()
        if not self.step_back():
            self.post_message(self.Left())

    def action_help(self) -> None:
        from tui.screens.view_help import ViewHelpScreen

        context = self.picture.keys if self.picture is not None else KeyContext()
        self.app.push_screen(ViewHelpScreen(context, self.IDENTITY, cockpit(self).runbook_facts()))

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A hint that is clicked does what its key does."""
        event.stop()
        own = next((key for key in view_keys(self.IDENTITY) if key.shown == event.hint.key), None)
        if own is not None:
            self.action_view(own.id)
            return
        pressed = next((key for key in KEYS if key.shown == event.hint.key), None)
        if pressed is None:  # it stands for several
            self.action_help()
        else:
            self.app.run_worker(self.app.run_action(f"run('{pressed.id}')"), group="keys")
