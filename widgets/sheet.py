"""Sheet: a picture of text, as high as its rows, scrolled by what is around it."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.picture import Picture
from widgets.spans import Row


class Sheet(Picture):
    """A subclass says its rows for a width; how much of them is seen is not its affair."""

    def all_rows(self, width: int) -> list[Row]:
        """Every row, of at most `width` cells."""
        raise NotImplementedError

    def needed_height(self, width: int) -> int:
        return max(1, len(self.all_rows(width)))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self.all_rows(width)
