"""A picture that may be told something while it is hidden, and shows it when it is seen again."""

from __future__ import annotations

from widgets.picture import Picture


class Hideable(Picture):
    """A Picture for what is shown in turns in one place."""

    def redraw(self) -> None:
        """Draw again; while there is no room to draw in, remember that what was drawn is out of date."""
        if not self.size:
            self._drawn_for = None
        super().redraw()
