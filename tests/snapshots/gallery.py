"""Pictures of the widgets at the sizes that matter, for a person to judge.

`python -m tests.snapshots.gallery FOLDER` writes SVG.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import Grid, Horizontal, Vertical
from textual.theme import Theme

from services.model.assessment import State
from services.model.entry import Outcome, Phase
from tests.snapshots import samples
from widgets.header import Header
from widgets.key_bar import KeyBar
from widgets.operation_view import OperationView
from widgets.panel import MetricPanel
from widgets.plan_view import PlanView
from widgets.timeline import Timeline
from widgets.topology import Topology
from widgets.verdict import VerdictBar

NIGHT = Theme(
    name="gallery-night",
    primary="#6f9bc8",
    accent="#9cc4e4",
    foreground="#d7dce2",
    background="#101418",
    surface="#161b21",
    panel="#1e252d",
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
    .small Topology { height: 1; }
    """

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {
            "state-ok": "#7fb685", "state-elevated": "#8fb8de", "state-warn": "#e5b567", "state-crit": "#f2555a",
            "state-silent": "#8b93a1", "environment": "#e0529c",
        }  # fmt: skip

    def on_mount(self) -> None:
        self.register_theme(NIGHT)
        self.theme = NIGHT.name


class Overview(GalleryApp):
    """The overview's composition; what a screen would do."""

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


class Acting(GalleryApp):
    """A plan, or an operation at its stages."""

    CSS = """
    Screen { layout: vertical; background: $background; }
    .card { border: round $foreground 22%; padding: 0 1; height: auto; width: 100; }
    #plan { border: round $environment; }
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        if self._page == "plan":
            with Vertical(classes="card", id="plan"):
                yield PlanView()
        else:
            for _ in OPERATIONS:
                with Vertical(classes="card"):
                    yield OperationView()

    def on_mount(self) -> None:
        super().on_mount()
        for plan in self.query(PlanView):
            plan.show(samples.PLAN)
        for view, operation in zip(self.query(OperationView), OPERATIONS if self._page != "plan" else (), strict=True):
            view.show(operation, samples.NOW + timedelta(seconds=200))


OPERATIONS = (
    samples.operation(Phase.INTENT),
    samples.operation(Phase.VERIFYING, progress=(3, 5)),
    samples.operation(Phase.DONE, outcome=Outcome.RECOVERED),
    samples.operation(Phase.FAILED, outcome=Outcome.FAILED),
)


class States(GalleryApp):
    """Every state as a box and as a line."""

    CSS = """
    Screen { layout: vertical; background: $background; }
    Grid { grid-size: 4 3; height: 21; }
    MetricPanel.line { height: 1; }
    """

    def compose(self) -> ComposeResult:
        with Grid():
            for _ in State:
                yield MetricPanel(classes="box")
        for _ in State:
            yield MetricPanel(classes="line")

    def on_mount(self) -> None:
        super().on_mount()
        for kind in (".box", ".line"):
            for panel, judgement in zip(self.query(kind).results(MetricPanel), samples.every_state(), strict=True):
                panel.show(judgement, samples.CHANGES, samples.NOW)


def pictures() -> Iterator[tuple[str, App[None], tuple[int, int]]]:
    """Name, app and size of every picture."""
    for width, height in SIZES:
        yield f"overview-{width}x{height}", Overview(), (width, height)
    yield "plan-110x30", Acting("plan"), (110, 30)
    yield "operation-110x50", Acting("operation"), (110, 50)
    yield "states-140x34", States(), (140, 34)


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
