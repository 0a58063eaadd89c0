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
from services.model.assessment import Assessment
from services.model.logs import LineBatch
from services.model.situation import Situation
from services.settings.values import Environment
from tui.keys import KEYS, KeyContext
from tui.picture import Picture
from tui.presenting import first_facts, header_facts, key_hints, small_facts, verdict_of, waiting_verdict
from tui.screens.cockpit import cockpit
from tui.terminal.compositor import SparingCompositor
from tui.timeline import nothing, timeline
from widgets.header import Header
from widgets.key_bar import KeyBar
from widgets.log_pane import LogPane
from widgets.log_ring import LogRing
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
    ("table.throttles", "Throttling"),
    ("api.requests", "Requests"),
    ("lambda.errors", "Lambda errors"),
    ("table.capacity", "Table capacity"),
    ("edge.4xx", "CloudFront 4xx"),
    ("edge.hits", "Cache hit rate"),
)
"""Judgement key and its title, which it has while it waits too, in the order they stand."""

FIRST = 4
"""How many of them are boxes where not all can be."""


class OverviewScreen(Screen[None]):
    """The screen at the bottom of the stack."""

    AUTO_FOCUS = "#logs"

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (170, "-huge")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall"), (46, "-high")]
        # Held here, not looked up: what is presented while widgets come or go reaches them or is drawn by nobody.
        self._small_facts = Static(id="small-facts", markup=False)
        self._too_small = TooSmall(LEAST)
        self._header = Header(id="header")
        self._verdict = VerdictBar(id="verdict")
        self._topology = Topology(id="topology")
        self._panels = {
            key: MetricPanel(title, id=panel_id(key), classes="-first" if index < FIRST else "-second")
            for index, (key, title) in enumerate(PANELS)
        }
        self._timeline = Timeline(id="timeline")
        self._logs = LogPane(id="logs")
        self._keys = KeyBar(id="keys")
        self._small = ""
        self._told: tuple[object, object] | None = None
        """The assessment and the operations that the timeline was made of."""

    def compose(self) -> ComposeResult:
        with Vertical(id="too-small"):
            yield self._small_facts
            yield self._too_small
        with Vertical(id="frame"):
            yield self._header
            yield self._verdict
            yield self._topology
            with Container(id="panels"):
                yield from self._panels.values()
            with Container(id="below"):
                yield self._timeline
                yield self._logs
            yield self._keys

    class Ready(Message):
        """All widgets are mounted."""

    def on_mount(self) -> None:
        self.post_message(self.Ready())

    def on_screen_resume(self) -> None:
        """Paint what came while another screen lay above."""
        self._logs.paint()

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size nothing is cut off: it is said instead."""
        size = event.size
        small = size.width < LEAST[0] or size.height < LEAST[1]
        self.set_class(small, "-too-small")
        if small:
            self._too_small.show(size.width, size.height)

    def clear(self, system: str, environment: Environment) -> None:
        """Nothing of another environment stays."""
        self._say_small(environment.name.upper())
        self._header.show(first_facts(system, environment))
        self._verdict.show(waiting_verdict(environment))
        self._topology.show(())
        for panel in self._panels.values():
            panel.clear()
        self._told = None
        self._timeline.show((), "not asked yet")
        self._logs.clear()
        self._keys.show(key_hints(KeyContext(read_only=environment.read_only)))

    def present(self, picture: Picture) -> None:
        """Hand each widget its slice."""
        self._say_small(small_facts(picture))
        self._header.show(header_facts(picture, self._clock()))
        self._keys.show(key_hints(picture.keys))
        verdict = verdict_of(picture)
        if verdict is not None:
            self._verdict.show(verdict)
        situation, assessment = picture.situation, picture.assessment
        if situation is None or assessment is None:
            return
        self._topology.show(assessment.nodes)
        for key, panel in self._panels.items():
            judgement = assessment.judgements.get(key)
            if judgement is not None:
                panel.show(judgement, assessment.changes, picture.now)
        self._tell(picture, situation, assessment)
        self._logs.claim(situation.tail)

    def _tell(self, picture: Picture, situation: Situation, assessment: Assessment) -> None:
        """What happened; made anew only when it was judged anew or an operation went on."""
        made_of = (assessment, picture.operations)
        if self._told is not None and all(one is other for one, other in zip(made_of, self._told, strict=True)):
            return
        self._told = made_of
        if not situation.events.waiting or picture.operations:
            self._timeline.show(timeline(situation, assessment.changes, picture.now), nothing(situation))

    def _say_small(self, facts: str) -> None:
        """What stands above "too small"; updated only when it changed, for an update asks for a new layout."""
        if facts != self._small:
            self._small = facts
            self._small_facts.update(Content(facts))

    def extend(self, batch: LineBatch) -> None:
        """New log lines."""
        self._logs.extend(batch)

    @property
    def ring(self) -> LogRing:
        """The lines of the tail: every screen shows the same ones."""
        return self._logs.ring

    def toggle_pause(self) -> None:
        """Hold the tail still, or let it go on."""
        self._logs.toggle_pause()

    def cycle_level(self) -> None:
        """Show fewer lines, or all again."""
        self._logs.action_cycle_level()

    def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A hint that is clicked does what its key does."""
        event.stop()
        pressed = next((key.id for key in KEYS if key.shown == event.hint.key), "help")  # it may stand for several
        self.app.run_worker(self.app.run_action(f"run('{pressed}')"), group="keys")

    def _clock(self) -> Clock:
        return cockpit(self).clock


def panel_id(key: str) -> str:
    """The id of a judgement's panel."""
    return f"panel-{key.replace('.', '-')}"
