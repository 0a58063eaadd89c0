"""Pictures of the widgets at the sizes that matter, for a person to judge.

`python -m tests.snapshots.gallery FOLDER` writes SVG.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.containers import Grid, Horizontal, Vertical
from textual.theme import Theme

from tests.snapshots import samples
from widgets.header import Header
from widgets.key_bar import KeyBar
from widgets.panel import MetricPanel
from widgets.timeline import Timeline
from widgets.topology import Topology
from widgets.verdict import VerdictBar

NIGHT = Theme(
    name="gallery-night",
    primary="#5b9bd5",
    accent="#7fd1e8",
    foreground="#d7dde5",
    background="#0b0f14",
    surface="#11171e",
    panel="#151c24",
    dark=True,
    variables={},
)

SIZES = ((80, 24), (120, 40), (200, 50))


class GalleryApp(App[None]):
    """Defines the theme variables that the cockpit's own theme defines."""

    CSS = """
    Screen { layout: vertical; background: $background; }
    #panels { grid-size: 3 3; grid-gutter: 0; height: 18; }
    #lists { height: 1fr; }
    .tall #panels { height: 24; }
    .small #panels { grid-size: 1 9; height: 9; }
    .small #lists { layout: vertical; }
    """

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {
            "state-ok": "#5fbf77", "state-elevated": "#c9c46a", "state-warn": "#f0a848", "state-crit": "#f2555a",
            "state-silent": "#8a94a3", "environment": "#c2413b",
        }  # fmt: skip

    def on_mount(self) -> None:
        self.register_theme(NIGHT)
        self.theme = NIGHT.name


class Overview(GalleryApp):
    """The overview's composition; what a screen would do."""

    BINDINGS: ClassVar = []

    def compose(self) -> ComposeResult:
        yield Header()
        yield VerdictBar()
        yield Topology()
        with Grid(id="panels"):
            for judgement in samples.judgements():
                yield MetricPanel(judgement.title)
        with Horizontal(id="lists"):
            yield Timeline()
            with Vertical():
                yield Timeline("Logs stand here")
        yield KeyBar()

    def on_mount(self) -> None:
        super().on_mount()
        width, height = self.size
        self.screen.set_class(width < 120 or height < 34, "small")
        self.screen.set_class(height >= 46, "tall")
        self.query_one(Header).show(samples.FACTS)
        self.query_one(VerdictBar).show(samples.VERDICT)
        self.query_one(Topology).show(samples.NODES)
        for panel, judgement in zip(self.query(MetricPanel), samples.judgements(), strict=True):
            panel.show(judgement, samples.CHANGES, samples.NOW)
        self.query(Timeline).first().show(samples.TIMELINE)
        self.query_one(KeyBar).show(samples.KEYS)


def pictures() -> Iterator[tuple[str, App[None], tuple[int, int]]]:
    """Name, app and size of every picture."""
    for width, height in SIZES:
        yield f"overview-{width}x{height}", Overview(), (width, height)


async def picture(app: App[None], size: tuple[int, int]) -> str:
    """What `app` shows at `size`, as SVG."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        return app.export_screenshot()


def main(folder: Path) -> None:
    """Write every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, app, size in pictures():
        (folder / f"{name}.svg").write_text(asyncio.run(picture(app, size)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
