"""Key `0`: every environment of the settings, worst first; `enter` opens one.

The environment on the screen has its row from the picture; the others are watched lightly while this screen is up,
under a dialog too, and no longer.
"""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.message import Message

from services.alerting.store import AlertStore, home_of
from services.model.assessment import Verdict
from services.model.fleet import FleetRow, worst_first
from services.settings.values import Environment
from tui.fleet import READ_EVERY, Fleet, acknowledged_in
from tui.fleet_rows import fleet_row, fleet_verdict
from tui.picture import Picture
from tui.screens.cockpit import cockpit
from tui.screens.frame import FrameScreen
from widgets.fleet_view import FleetDetail, FleetTable
from widgets.listing import Listing

GATHER = 0.3
"""Seconds of machine time in which what arrives is shown together."""


class FleetScreen(FrameScreen):
    """All environments side by side."""

    IDENTITY = "fleet"

    DEFAULT_CSS = """
    FleetScreen #fleet { height: 1fr; }
    FleetScreen #chosen { max-height: 40%; }
    """

    AUTO_FOCUS = ""

    class Chosen(Message):
        """An environment is to be opened."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Arrived(Message):
        """Some environment has told something; posted on a watch's thread."""

        bubble = False

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._fleet: Fleet | None = None
        self._table = FleetTable(id="fleet")
        self._detail = FleetDetail(id="chosen")
        self._gathering = False
        self._acknowledged: frozenset[str] = frozenset()

    def body(self) -> ComposeResult:
        yield self._table
        yield self._detail

    # ---- the picture

    def show(self, picture: Picture) -> None:
        if self._fleet is None:
            return
        self._fleet.watch(self._others(picture))
        self._fleet.fold()
        rows = worst_first(self._in_order(picture, (self._own(picture), *self._fleet.rows(picture.now))))
        self._table.show(rows)
        self._detail.show(self._table.selected)
        self._verdict.show(fleet_verdict(rows))

    def verdict(self, picture: Picture) -> Verdict | None:
        """The sentence of this screen is about all of them; `show` says it."""
        return None

    def _others(self, picture: Picture) -> tuple[Environment, ...]:
        equipped, here = cockpit(self).equipped, picture.environment.name
        return tuple(equipped(one) for one in picture.settings.environments if one.name != here)

    def _own(self, picture: Picture) -> FleetRow:
        return fleet_row(
            picture.environment,
            picture.situation,
            picture.assessment,
            picture.now,
            problem=picture.problem,
            acknowledged=self._acknowledged,
            here=True,
        )

    def _in_order(self, picture: Picture, rows: tuple[FleetRow, ...]) -> tuple[FleetRow, ...]:
        """As the settings have them: what is equally bad keeps its place."""
        by_name = {row.name: row for row in rows}
        return tuple(by_name[one.name] for one in picture.settings.environments if one.name in by_name)

    def forget(self) -> None:
        self._acknowledged = frozenset()
        self._table.set_entries((), "asking every environment …")
        self._detail.show(None)

    # ---- while it is up

    def seen(self, yes: bool) -> None:
        """Watch while the screen is up; a dialog over it changes nothing."""
        if yes and self._fleet is None:
            app = cockpit(self)
            self._fleet = Fleet(app.settings, app.beside, self.app.run_worker, self._arrived)
            self.run_worker(self._read_own(), group="own alerts", exclusive=True)
            self._again()
        elif not yes and self not in self.app.screen_stack:
            self._stop()

    def on_unmount(self) -> None:
        self._stop()

    def _stop(self) -> None:
        fleet, self._fleet = self._fleet, None
        if fleet is not None:
            fleet.close()
            self.workers.cancel_group(self, "own alerts")

    def _arrived(self) -> None:
        """Called on a watch's thread."""
        self.post_message(self.Arrived())

    def on_fleet_screen_arrived(self, message: Arrived) -> None:
        message.stop()
        if not self._gathering:
            self._gathering = True
            self.set_timer(GATHER, self._gathered)

    def _gathered(self) -> None:
        self._gathering = False
        self._again()

    def _again(self) -> None:
        if self.picture is not None and self._stands:
            self.show(self.picture)

    async def _read_own(self) -> None:
        """Which alerts of the environment on the screen somebody has taken on."""
        while True:
            environment = self._of[1]
            store = AlertStore(home_of(environment), environment.name)
            found = await asyncio.to_thread(acknowledged_in, store)
            if environment is self._of[1]:
                self._acknowledged = found
            await asyncio.sleep(READ_EVERY)

    # ---- keys

    def do_open(self) -> None:
        chosen = self._table.selected
        if chosen is not None:
            self.post_message(self.Chosen(chosen.name))

    def on_listing_opened(self, event: Listing.Opened) -> None:
        event.stop()
        self.do_open()

    def on_listing_moved(self, event: Listing.Moved) -> None:
        event.stop()
        self._detail.show(self._table.selected)

    def do_down(self) -> None:
        self._table.move(1)

    def do_up(self) -> None:
        self._table.move(-1)

    def do_first(self) -> None:
        self._table.to(0)

    def do_last(self) -> None:
        self._table.end()

    def do_page_down(self) -> None:
        self._table.page(1)

    def do_page_up(self) -> None:
        self._table.page(-1)
