"""The log screen's two rows under its lines: one that says something, one to type in."""

from __future__ import annotations

from enum import StrEnum

from textual.content import Content
from textual.widgets import Input, Static

from services.settings.values import Environment
from tui.screens.frame import FrameScreen


class Typing(StrEnum):
    """What the row to type in is for."""

    NOTHING = ""
    FILTER = "filter"
    TIME = "time"
    GROUPS = "groups"
    PATTERN = "pattern"
    INSIGHTS = "insights"
    NAME = "name"


PROMPTS = {
    Typing.FILTER: "words  !word  /expression/  .status>=500  level:warn  group:api",
    Typing.TIME: "03:07  2026-11-22 03:07  15m  2h  (UTC)",
    Typing.GROUPS: "words, or a wildcard to follow all like it; enter follows or not",
    Typing.PATTERN: "a filter pattern; enter without one takes the selected search",
    Typing.INSIGHTS: "6h group:api stats count(*) by status: span, groups, query; paid by the byte that is scanned",
    Typing.NAME: "a name for the search",
}


class LogsTyping(FrameScreen):
    """Answers, and takes words."""

    IDENTITY = "logs"

    AUTO_FOCUS = ""

    DEFAULT_CSS = """
    LogsTyping #log-typing { display: none; height: 1; }
    LogsTyping.-typing #log-typing { display: block; }
    LogsTyping #log-prompt { width: auto; padding: 0 1; color: $accent; text-style: bold; }
    LogsTyping #log-words { width: 1fr; height: 1; background: $boost; border: none; padding: 0 1; }
    LogsTyping #log-answer { display: none; height: auto; max-height: 3; padding: 0 1; color: $foreground; }
    LogsTyping.-answer #log-answer { display: block; }
    LogsTyping.-refused #log-answer { color: $state-warn; text-style: bold; }
    """

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._prompt = Static(id="log-prompt", markup=False)
        self._words = Input(id="log-words", compact=True, max_length=1_024)
        self._answer = Static(id="log-answer", markup=False)
        self._typing = Typing.NOTHING

    # ---- the answer row

    def answer(self, text: str, *, refused: bool = False) -> None:
        """Say something under the lines until `esc` or the next answer; nothing: say nothing."""
        self.set_class(bool(text), "-answer")
        self.set_class(refused, "-refused")
        self._answer.update(Content(text))

    # ---- the row to type in

    def type_for(self, what: Typing, text: str = "") -> None:
        """Open the row to type in."""
        self._typing = what
        self._prompt.update(Content(what.value))
        self._words.placeholder = PROMPTS[what]
        with self.prevent(Input.Changed):
            self._words.value = text
        self._words.cursor_position = len(text)
        self.add_class("-typing")
        self.set_focus(self._words)

    def stop_typing(self) -> None:
        self._typing = Typing.NOTHING
        self.remove_class("-typing")
        self.set_focus(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is not Typing.NOTHING:
            self.typed(self._typing, event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._typing is not Typing.NOTHING:
            self.submitted(self._typing, event.value)

    def typed(self, what: Typing, text: str) -> None:
        """A letter more or less in the row."""

    def submitted(self, what: Typing, text: str) -> None:
        """`enter` in the row."""
