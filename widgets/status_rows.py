"""The state of every component in a few lines, as `cockpit status` tells it."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.rule_steps import StatusLine
from widgets.spans import Row, Span, cut
from widgets.states import SIGNS, style

_NAME, _STATE = 8, 11


def status_rows(lines: Sequence[StatusLine], width: int) -> list[Row]:
    """A component a line, cut to `width` cells: sign, name, state in words, what is known."""
    return [
        cut(
            [
                Span(f" {SIGNS[one.state]} ", style(one.state)),
                Span(f"{one.name:<{_NAME}} ", "strong"),
                Span(f"{one.state.value:<{_STATE}} ", style(one.state)),
                Span(one.detail, "muted"),
            ],
            width,
        )
        for one in lines
    ]
