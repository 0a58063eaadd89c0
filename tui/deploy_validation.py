"""What follows a stack operation on screen 4: a look at the system's status, result and time (lines 232-236). Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.assessment import State
from tui.rule_steps import status_note
from widgets import wording
from widgets.deploy_list import DeployRow
from widgets.rule_steps import StatusLine
from widgets.spans import Span, row
from widgets.status_rows import status_rows

WIDE = 400
"""Cells of a line of the status; what shows it breaks it."""


class Look(msgspec.Struct, frozen=True):
    """One look at the system after an operation. Kept as long as the environment stays open."""

    at: datetime
    lines: tuple[StatusLine, ...]

    @property
    def state(self) -> State:
        """That of the component that is worst off."""
        return max((one.state for one in self.lines), key=lambda state: state.severity, default=State.NO_DATA)


def validation_row(operation: str, look: Look | None) -> DeployRow:
    """The step below an operation that has ended: what it found and when, or the key that takes it."""
    key = f"{operation} validation"
    if look is None:
        detail = (row(Span("v", "key"), Span(" says what state every component is in now", "muted")),)
        return DeployRow(key, State.NO_TRAFFIC, "not done", "validation", "v: system status", "", 2, detail=detail)
    said = row(Span("system status", "strong"), Span(f"  looked at {wording.second(look.at)}Z", "muted"))
    lines = tuple(status_rows(look.lines, WIDE))
    word = "OK" if look.state.severity <= State.NO_TRAFFIC.severity else look.state.value
    return DeployRow(
        key, look.state, word, "validation", status_note(look.lines), f"{wording.second(look.at)}Z", 2,
        detail=(said, *lines),
    )  # fmt: skip
