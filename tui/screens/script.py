"""What the runbook's rollback script is run for: nothing named, `previous`, or a version. Nothing is done here."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from services.actions.script import PREVIOUS
from services.model.plan import Candidate
from services.model.script import ScriptFile

NATIVE = "-"
"""The answer for the cockpit's own rollback; no target of a script begins so."""

HINT = "enter prepares the plan, esc goes back. Nothing is done yet."


class ScriptScreen(ModalScreen["str | None"]):
    """Ends with a target, empty for none, NATIVE, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]

    def __init__(self, script: ScriptFile, versions: Sequence[Candidate]) -> None:
        super().__init__(classes="at-layers")
        self._script, self._versions = script, versions

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield OptionList(*self._options(), id="targets")
            yield Static(Content(HINT), id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").border_title = Content("Roll back with the runbook's script")
        self.query_one(OptionList).highlighted = 0

    def _options(self) -> list[Option]:
        named = [_option(self._line(""), "its own choice", ""), _option(self._line(PREVIOUS), "", PREVIOUS)]
        several = len({one.evidence for one in self._versions}) > 1
        for one in self._versions:
            told = f"published {one.published:%Y-%m-%d %H:%M}Z" if one.published is not None else ""
            told = f"{told} {one.evidence}" if several else told
            named.append(_option(self._line(str(one.version)), told, str(one.version)))
        return [*named, _option("the cockpit's own rollback", "layer by layer, without the script", NATIVE)]

    def _line(self, target: str) -> str:
        return shlex.join([self._script.path, self._script.argument, *([target] if target else [])])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss((event.option.id or "").removeprefix("="))

    def action_leave(self) -> None:
        self.dismiss(None)


def _option(line: str, told: str, answer: str) -> Option:
    return Option(Content.assemble(Content.styled(line, "bold"), f"  {told}" if told else ""), id=f"={answer}")
