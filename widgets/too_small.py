"""What is shown instead of a screen that would be cut off."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.picture import Picture
from widgets.spans import Row, Span, centred


class TooSmall(Picture):
    """Says how large the terminal is and how large it has to be."""

    DEFAULT_CSS = """
    TooSmall { width: 1fr; height: 1fr; }
    """

    def __init__(
        self, needed: tuple[int, int] = (80, 24), *, id: str | None = None, classes: str | None = None
    ) -> None:
        """`needed`: columns and rows."""
        super().__init__(id=id, classes=classes)
        self._shown = (0, 0)
        self._wanted = needed

    def show(self, width: int, height: int) -> None:
        """The terminal is `width` columns by `height` rows."""
        self._shown = (width, height)
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        have, need = self._shown, self._wanted
        lines = [
            "terminal too small",
            f"{have[0]}x{have[1]}, need {need[0]}x{need[1]}",
            "watching goes on; q quits",
        ][: max(1, height)]
        rows: list[Row] = [()] * ((height - len(lines)) // 2)
        return rows + [centred([Span(text, "strong" if not y else "muted")], width) for y, text in enumerate(lines)]
