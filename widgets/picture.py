"""Picture: the widget all others are. A pure function makes rows; only the cells that changed are painted again.

A subclass says `draw(width, height)`: rows of spans. `redraw()` compares them with what is on the screen and refreshes
the changed stretches alone (facts/performance.md 2b: a fifth of the bytes of repainting the widget). Style names of
spans are component classes, so every colour comes from stylesheets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from services.safe_text import safe
from widgets.charset import Charset, charset_of, plain
from widgets.spans import Row, fit

JOIN = 6
"""Two changed stretches closer than this are painted as one: moving the cursor costs about as many bytes."""


class Picture(Widget):
    """One value in, one picture out."""

    DEFAULT_CSS = """
    Picture {
        height: auto;
        color: $foreground;
        & > .picture--strong { text-style: bold; }
        & > .picture--muted { color: $foreground 62%; }
        & > .picture--faint { color: $foreground 34%; }
        & > .picture--title { color: $foreground 82%; }
        & > .picture--rule { color: $foreground 22%; }
        & > .picture--key { color: $accent; text-style: bold; }
        & > .picture--key-cap { background: $accent 24%; color: $accent; text-style: bold; }
        & > .picture--key-off { color: $foreground 34%; }
        & > .picture--accent { color: $accent; }
        & > .picture--accent-strong { color: $accent; text-style: bold; }
        & > .picture--environment { background: $environment; color: auto 95%; text-style: bold; }
        & > .picture--alert { background: $state-warn; color: auto 95%; text-style: bold; }

        & > .picture--ok { color: $state-ok; }
        & > .picture--elevated { color: $state-elevated; }
        & > .picture--warn { color: $state-warn; text-style: bold; }
        & > .picture--crit { color: $state-crit; text-style: bold; }
        & > .picture--silent { color: $state-silent; }

        & > .picture--badge-ok { background: $state-ok; color: auto 95%; text-style: bold; }
        & > .picture--badge-elevated { background: $state-elevated; color: auto 95%; text-style: bold; }
        & > .picture--badge-warn { background: $state-warn; color: auto 95%; text-style: bold; }
        & > .picture--badge-crit { background: $state-crit; color: auto 95%; text-style: bold; }
        & > .picture--badge-silent { background: $state-silent; color: auto 95%; text-style: bold; }

        & > .picture--value-ok { text-style: bold; }
        & > .picture--value-elevated { text-style: bold; }
        & > .picture--value-warn { color: $state-warn; text-style: bold; }
        & > .picture--value-crit { color: $state-crit; text-style: bold; }
        & > .picture--value-silent { color: $state-silent; }

        & > .picture--chart { color: $primary; }
        & > .picture--chart-fill { color: $primary 55%; }
        & > .picture--chart-elevated { color: $primary; }
        & > .picture--chart-warn { color: $state-warn; }
        & > .picture--chart-crit { color: $state-crit; }
        & > .picture--chart-faint { color: $foreground 26%; }
        & > .picture--line-elevated { color: $state-elevated 45%; }
        & > .picture--line-warn { color: $state-warn 45%; }
        & > .picture--line-crit { color: $state-crit 50%; }
        & > .picture--match { background: $accent 24%; color: $foreground; text-style: bold underline; }
        & > .picture--marker { color: $accent; text-style: bold; }
    }
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[Row, ...] = ()
        self._drawn_for: Size | None = None
        self._needed = 0
        self._looks: dict[str, Style] = {}
        self._strips: dict[int, Strip] = {}

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The picture: at most `height` rows of at most `width` cells; what is missing is blank."""
        raise NotImplementedError

    def needed_height(self, width: int) -> int:
        """Rows the whole picture takes at `width`, for `height: auto` and for whoever must show all of it."""
        return max(1, len(self.draw(width, 1)))

    @property
    def charset(self) -> Charset:
        """The signs of this terminal."""
        return charset_of(self.app)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is on the screen now."""
        return self._rows

    def redraw(self) -> None:
        """Draw again and paint the difference; asks for a new layout only when the needed height changed."""
        if not self.is_mounted or not self.size:
            return
        if self.styles.is_auto_height:
            needed = self.needed_height(self.size.width)
            if needed != self._needed:
                self._needed = needed
                self.refresh(layout=True)
        before, size = self._rows, self._drawn_for
        self._draw_now()
        if size != self.size:
            self.refresh()
            return
        for region in changed(before, self._rows):
            for y in range(region.y, region.bottom):
                self._strips.pop(y, None)
            self.refresh(region)

    def render_line(self, y: int) -> Strip:
        """One row as a strip; made once for each change."""
        if self._drawn_for != self.size:
            self._draw_now()
        strip = self._strips.get(y)
        if strip is None:
            shown = self._rows[y] if y < len(self._rows) else ()
            strip = self._strips[y] = self._strip(shown)
        return strip

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """For `height: auto`."""
        self._needed = self.needed_height(width) if width > 0 else 1
        return self._needed

    def notify_style_update(self) -> None:
        """Colours changed: nothing made with the old ones is kept."""
        super().notify_style_update()
        self._looks.clear()
        self._strips.clear()
        self._component_styles.clear()
        if self._drawn_for is not None:
            self.refresh()

    def _draw_now(self) -> None:
        size = self.size
        drawn = self.draw(size.width, size.height)[: size.height]
        self._rows = tuple(fit(one, size.width) for one in drawn)
        if self._drawn_for != size:
            self._strips.clear()
        self._drawn_for = size

    def _strip(self, shown: Row) -> Strip:
        ascii_only = not self.charset.braille
        segments = []
        for text, name in shown:
            if not text.isprintable():  # the last gate: whatever came here, no control character leaves
                text = safe(text)
            segments.append(Segment(plain(text) if ascii_only else text, self._look(name)))
        return Strip(segments).adjust_cell_length(self.size.width, self._look(""))

    def _look(self, name: str) -> Style:
        look = self._looks.get(name)
        if look is None:
            look = self._resolved(f"picture--{name}") if name else self.rich_style
            self._looks[name] = look
        return look

    def _resolved(self, component: str) -> Style:
        """What the stylesheets say of a component class here, asked when it is first drawn with.

        Forty styles for each of twenty widgets, all at once, would be half of the time until the first frame.
        """
        if component not in self._component_styles:
            virtual = DOMNode(classes=component)  # as Textual does for those that a widget declares
            virtual._attach(self)
            self.app.stylesheet.apply(virtual, animate=False)
            self._component_styles[component] = virtual.styles
        return self.get_component_rich_style(component)


def changed(before: Sequence[Row], after: Sequence[Row]) -> Iterator[Region]:
    """Where two pictures differ, as one-row regions in cells."""
    for y in range(max(len(before), len(after))):
        old: Row = before[y] if y < len(before) else ()
        new: Row = after[y] if y < len(after) else ()
        if old == new:
            continue
        start = end = -1
        skipped, first = _alike(old, new)
        for x, same in enumerate(_same(old[skipped:], new[skipped:]), first):
            if same:
                continue
            if start >= 0 and x - end > JOIN:
                yield Region(start, y, end - start, 1)
                start = -1
            if start < 0:
                start = x
            end = x + 1
        if start >= 0:
            yield Region(start, y, end - start, 1)


def _alike(old: Row, new: Row) -> tuple[int, int]:
    """How many spans two rows begin with in common, and their cells: most of a header is not its clock."""
    count = width = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
        width += cell_len(one.text)
    return count, width


def _same(old: Row, new: Row) -> Iterator[bool]:
    first, second = _cells(old), _cells(new)
    size = max(len(first), len(second))
    first += [None] * (size - len(first))
    second += [None] * (size - len(second))
    return (one == other for one, other in zip(first, second, strict=True))


def _cells(spans: Row) -> list[tuple[str, str] | None]:
    """One entry for each cell: a wide character has two, and is different in both when it is different."""
    shown: list[tuple[str, str] | None] = []
    for text, style in spans:
        if text.isascii():
            shown.extend((character, style) for character in text)
            continue
        for character in text:
            size = cell_len(character)
            if size == 0 and shown and shown[-1] is not None:
                shown[-1] = (shown[-1][0] + character, style)
            else:
                shown.extend([(character, style)] * size)
    return shown
