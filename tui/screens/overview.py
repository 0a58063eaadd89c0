"""The overview: what is broken, since when, what changed just before, which key puts it right. For a wall and for the
first minute, in three sizes (`styles/overview.tcss`)."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from services.clock import Clock
from services.model.logs import LineBatch
from services.settings.values import Environment
from tui.keys import KEYS, KeyContext
from tui.picture import Picture
from tui.presenting import first_facts, header_facts, key_hints, small_facts, waiting_verdict
from tui.timeline import timeline
from widgets.header import Header
from widgets.key_bar import KeyBar
from widgets.log_pane import LogPane
from widgets.panel import MetricPanel
from widgets.timeline import Timeline
from widgets.too_small import TooSmall
from widgets.topology import Topology
from widgets.verdict import VerdictBar

LEAST = (60, 15)
"""Columns and rows below which nothing is shown but that it is too small."""

PANELS: tuple[tuple[str, str], ...] = (
    ("api.latency", "API latency"),
    ("api.errors", "API errors"),
    ("lambda.duration", "Lambda duration"),
    ("table.throttles", "DynamoDB throttling"),
    ("api.requests", "API requests"),
    ("lambda.errors", "Lambda errors"),
    ("table.capacity", "DynamoDB capacity"),
    ("edge.4xx", "CloudFront 4xx"),
    ("edge.hits", "CloudFront hits"),
)
"""Judgement key and the title it has while it waits, in the order they stand."""

FIRST = 4
"""How many of them are boxes where not all can be."""


class OverviewScreen(Screen[None]):
    """The screen at the bottom of the stack."""

    AUTO_FOCUS = "#logs"

    def __init__(self) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (170, "-huge")]
        self._small = ""
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall"), (46, "-high")]

    def compose(self) -> ComposeResult:
        with Vertical(id="too-small"):
            yield Static(id="small-facts", markup=False)
            yield TooSmall(LEAST)
        with Vertical(id="frame"):
            yield Header(id="header")
            yield VerdictBar(id="verdict")
            yield Topology(id="topology")
            with Container(id="panels"):
                for index, (key, title) in enumerate(PANELS):
                    place = "-first" if index < FIRST else "-second"
                    yield MetricPanel(title, id=panel_id(key), classes=place)
            with Container(id="below"):
                yield Timeline(id="timeline")
                yield LogPane(id="logs")
            yield KeyBar(id="keys")

    class Ready(Message):
        """All widgets are mounted."""

    def on_mount(self) -> None:
        self.post_message(self.Ready())

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size nothing is cut off: it is said instead."""
        size = event.size
        small = size.width < LEAST[0] or size.height < LEAST[1]
        self.set_class(small, "-too-small")
        if small:
            self.query_one(TooSmall).show(size.width, size.height)

    def clear(self, system: str, environment: Environment) -> None:
        """Nothing of another environment stays."""
        self._say_small(environment.name.upper())
        self.query_one(Header).show(first_facts(system, environment))
        self.query_one(VerdictBar).show(waiting_verdict(environment))
        self.query_one(Topology).show(())
        for panel in self.query(MetricPanel):
            panel.clear()
        self.query_one(Timeline).show((), "not asked yet")
        self.query_one(LogPane).clear()
        self.query_one(KeyBar).show(key_hints(KeyContext(read_only=environment.read_only)))

    def present(self, picture: Picture) -> None:
        """Hand each widget its slice."""
        self._say_small(small_facts(picture))
        self.query_one(Header).show(header_facts(picture, self._clock()))
        self.query_one(KeyBar).show(key_hints(picture.keys))
        situation, assessment = picture.situation, picture.assessment
        if situation is None or assessment is None:
            return
        self.query_one(VerdictBar).show(assessment.verdict)
        self.query_one(Topology).show(assessment.nodes)
        for key, _title in PANELS:
            judgement = assessment.judgements.get(key)
            if judgement is not None:
                self.query_one(f"#{panel_id(key)}", MetricPanel).show(judgement, assessment.changes, picture.now)
        if not situation.events.waiting or picture.operations:
            rows = timeline(situation, assessment.changes, picture.now)
            self.query_one(Timeline).show(rows, "nothing in the last 24 h")
        self.query_one(LogPane).claim(situation.tail)

    def _say_small(self, facts: str) -> None:
        """What stands above "too small"; updated only when it changed, for an update asks for a new layout."""
        if facts != self._small:
            self._small = facts
            self.query_one("#small-facts", Static).update(Content(facts))

    def extend(self, batch: LineBatch) -> None:
        """New log lines."""
        self.query_one(LogPane).extend(batch)

    def toggle_pause(self) -> None:
        """Hold the tail still, or let it go on."""
        self.query_one(LogPane).toggle_pause()

    def cycle_level(self) -> None:
        """Show fewer lines, or all again."""
        self.query_one(LogPane).action_cycle_level()

    def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A hint that is clicked does what its key does."""
        event.stop()
        pressed = next((key for key in KEYS if key.shown == event.hint.key), None)
        if pressed is not None:
            self.app.run_worker(self.app.run_action(f"run('{pressed.id}')"), group="keys")

    def _clock(self) -> Clock:
        clock: Clock = self.app.clock  # type: ignore[attr-defined]
        return clock


def panel_id(key: str) -> str:
    """The id of a judgement's panel."""
    return f"panel-{key.replace('.', '-')}"
