"""An app that holds one widget, for tests that read what it draws."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from tests.snapshots.gallery import GalleryApp
from widgets.charset import UNICODE, Charset
from widgets.spans import Row, text_of


class Stage(GalleryApp):
    """Shows `widget` alone, as large as the screen."""

    CSS = """
    #alone { width: 1fr; height: 1fr; }
    """

    def __init__(self, widget: Widget, charset: Charset = UNICODE, *, auto: bool = False) -> None:
        super().__init__()
        self.charset = charset
        self._widget = widget
        if not auto:
            widget.id = "alone"

    def compose(self) -> ComposeResult:
        yield self._widget


def texts(rows: Sequence[Row]) -> list[str]:
    """The rows as plain text."""
    return [text_of(one) for one in rows]


def strips(widget: Widget) -> list[Strip]:
    """What `widget` hands to the compositor."""
    return [widget.render_line(y) for y in range(widget.size.height)]


def screen(widget: Widget) -> str:
    """The widget's lines as text."""
    return "\n".join(strip.text for strip in strips(widget))
