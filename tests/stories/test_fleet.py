"""All environments side by side: the worst first, each with its own word, one key away from being opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import msgspec
import pytest
from textual.pilot import Pilot

from services.clock import ManualClock
from services.model.assessment import State
from services.model.fleet import FleetRow
from services.model.identity import Identity
from services.model.reading import Reading
from services.problems import AccountError, ProblemKind, problem
from services.safe_text import safe
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment, Settings
from services.simulated.account import SimulatedAccount
from services.watch.updates import FeedUpdate, Update
from tests.stories.screen_support import Told, clock, shown, state_home, told_app, top, until
from tui.app import CockpitApp
from tui.screens.environments import EnvironmentsScreen
from tui.screens.fleet import FleetScreen
from tui.screens.help import HelpScreen
from tui.session import Opened

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

DEAD = "http://127.0.0.1:9"


def _rows(app: CockpitApp) -> tuple[FleetRow, ...]:
    return app.screen._table.entries if isinstance(app.screen, FleetScreen) else ()


def _row(app: CockpitApp, name: str) -> FleetRow | None:
    return next((row for row in _rows(app) if row.name == name), None)


def _is(app: CockpitApp, name: str, *states: State) -> bool:
    row = _row(app, name)
    return row is not None and row.state in states


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "watch beside"]


# ---- on the simulated account


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(scenario="bad-deploy", seed=1, speed=60) as opened:
        yield opened


async def test_production_breaks_while_the_others_are_calm_and_one_endpoint_is_dead(account: SimulatedAccount) -> None:
    settings = load()

    def equip(one: Environment) -> Environment:
        return at_endpoint(one, DEAD if one.name == "staging" else account.endpoint)

    app = CockpitApp(settings, equip(find(settings, "dev")), equip=equip)
    async with shown(app) as pilot:
        await pilot.press("0")
        # Watched though it is not on the screen: the deployment in production comes to the top of the list.
        await until(pilot, lambda: _is(app, "production", State.CRIT) and _is(app, "development", State.OK), 60)
        names = [row.name for row in _rows(app)]
        assert names == ["production", "staging", "development"], "the worst first, then what cannot be seen"
        production, dead, here = _rows(app)
        assert "v42" in production.sentence
        assert production.since is not None
        assert production.changed is not None
        assert production.account == "123456789012"
        assert production.per_hour is not None
        assert 0 < production.per_hour < 0.01
        assert (here.here, production.here) == (True, False)
        assert (dead.state, dead.age) == (State.STALE, None)
        assert f"nothing answers at {DEAD}" in dead.sentence
        assert "nothing answers" not in production.sentence + here.sentence
        for size in ((80, 24), (200, 50), (120, 40)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: len(top(app).splitlines()[0]) == size[0])  # type: ignore[misc]  # a default has no type
            await until(pilot, lambda: "CRIT        PRODUCTION" in top(app) and "API errors" in top(app))
            assert "1 CRIT (production); 1 STALE (staging); 1 OK" in " ".join(top(app).split())
            assert f"since {production.since:%H:%M}" in top(app)
        read = {str(call.parameters) for call in account.calls if call.operation == "FilterLogEvents"}
        assert read, "the logs of the environment on the screen are followed"
        assert not [one for one in read if "prod" in one], "those of the others are not"

        # esc goes back, and what was watched for this list is watched no longer.
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.overview)
        await until(pilot, lambda: not _threads())

        await pilot.press("0")
        await until(pilot, lambda: _is(app, "production", State.CRIT), 60)
        assert _rows(app)[0].name == "production"
        await pilot.press("g", "enter")
        await until(pilot, lambda: app.screen is app.overview and "PRODUCTION" in top(app))
        await until(pilot, lambda: app.session is not None and app.session.situation is not None)
        assert app.session is not None
        assert app.session.environment.name == "production"
        assert app.session.environment.endpoint_url == account.endpoint


# ---- on watches that are told


class ToldBeside(Told):
    """Opens the others on told watches; an environment whose name is in `dead` cannot be opened."""

    def __init__(self, clock: ManualClock, dead: Callable[[Environment], bool] = lambda one: False) -> None:
        super().__init__(clock)
        self._dead = dead
        self.closed = False

    def __call__(self, environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        if self._dead(environment):
            raise AccountError(problem(ProblemKind.UNREACHABLE, "nothing answers there", remedy="Start it."))
        return super().__call__(environment, settings, post)

    def close(self) -> None:
        self.closed = True


def _fleet_app(clock: ManualClock, environments: int = 0) -> tuple[CockpitApp, Told, list[ToldBeside]]:
    """The app with a list that is told; of so many environments, else of those that ship."""
    app, told = told_app(clock)
    if environments:
        first, more = app.settings.environments[0], range(1, environments)
        others = [msgspec.structs.replace(first, name=f"stage-{n:02}", short=(), production=False) for n in more]
        app.settings = msgspec.structs.replace(app.settings, environments=(first, *others))
    made: list[ToldBeside] = []

    def beside() -> ToldBeside:
        made.append(ToldBeside(clock))
        return made[-1]

    app.beside = beside
    return app, told, made


async def _opened(app: CockpitApp, pilot: Pilot[int], made: list[ToldBeside], watches: int) -> None:
    await pilot.press("0")
    await until(pilot, lambda: bool(made) and sum(one.started for one in made[-1].watches) == watches)
    await until(pilot, lambda: len(_rows(app)) == watches + 1)


async def test_the_environment_on_the_screen_is_not_watched_twice(clock: ManualClock) -> None:
    app, told, made = _fleet_app(clock)
    async with shown(app) as pilot:
        await _opened(app, pilot, made, 2)
        assert sorted(one.environment.name for one in made[0].watches) == ["development", "staging"]
        assert len(told.watches) == 1
        here = _row(app, "production")
        assert here is not None
        assert here.here


async def test_a_row_is_told_as_soon_as_its_environment_tells_something(clock: ManualClock) -> None:
    app, _, made = _fleet_app(clock)
    async with shown(app) as pilot:
        await _opened(app, pilot, made, 2)
        watch = next(one for one in made[0].watches if one.environment.name == "staging")
        who = Identity(safe("210987654321"), safe("arn:::user/ann"))
        watch.post(FeedUpdate("identity", Reading(who, clock.now(), clock.now())))
        await until(pilot, lambda: "2109-8765-4321" in top(app))


async def test_it_stays_watched_under_a_dialog_and_no_longer_than_it_is_up(clock: ManualClock) -> None:
    app, _, made = _fleet_app(clock)
    async with shown(app) as pilot:
        await _opened(app, pilot, made, 2)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, FleetScreen))
        assert not any(one.stopped for one in made[0].watches)
        await pilot.press("7")
        await until(pilot, lambda: made[0].closed and all(one.stopped for one in made[0].watches))
        await pilot.press("0")
        await until(pilot, lambda: len(made) == 2 and len(made[1].watches) == 2)


async def test_switching_while_it_is_up_watches_the_one_that_was_left(clock: ManualClock) -> None:
    app, told, made = _fleet_app(clock)
    async with shown(app) as pilot:
        await _opened(app, pilot, made, 2)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EnvironmentsScreen))
        await pilot.press("2")
        await until(pilot, lambda: len(told.watches) == 2 and told.watches[1].started)
        await until(pilot, lambda: len(_rows(app)) == 3 and len(made[0].watches) == 3)
        await until(pilot, lambda: made[0].watches[2].started)
        running = {one.environment.name for one in made[0].watches if not one.stopped}
        assert running == {"production", "development"}
        here = _row(app, "staging")
        assert here is not None
        assert here.here


async def test_zero_in_the_dialog_of_environments_leads_there(clock: ManualClock) -> None:
    app, _, _ = _fleet_app(clock)
    async with shown(app) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EnvironmentsScreen) and "0 all side by side" in top(app))
        await pilot.press("0")
        await until(pilot, lambda: isinstance(app.screen, FleetScreen))


async def test_thirty_environments_scroll_and_the_selection_can_be_seen(clock: ManualClock) -> None:
    app, told, made = _fleet_app(clock, 30)
    async with shown(app, (80, 24)) as pilot:
        await _opened(app, pilot, made, 29)
        assert "STAGE-29" not in top(app)
        await pilot.press("G")
        await until(pilot, lambda: "STAGE-29" in top(app) and "PRODUCTION here" not in top(app))
        await pilot.press("k")
        await until(pilot, lambda: "STAGE-28  " in top(app).splitlines()[-6] or "STAGE-28  us-west-2" in top(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(told.watches) == 2 and told.watches[1].environment.name == "stage-28")
        assert told.watches[0].stopped


async def test_an_environment_that_cannot_be_opened_says_so_is_tried_again_and_touches_no_other(
    clock: ManualClock,
) -> None:
    app, _ = told_app(clock)
    refused: list[str] = []

    def dead(environment: Environment) -> bool:
        refused.append(environment.name)
        return environment.name == "staging"

    beside = ToldBeside(clock, dead)
    app.beside = lambda: beside
    async with shown(app) as pilot:
        await pilot.press("0")
        await until(pilot, lambda: _is(app, "staging", State.STALE))
        row = _row(app, "staging")
        assert row is not None
        assert "nothing answers there. Start it. It is tried again" in row.sentence
        await until(pilot, lambda: [one.environment.name for one in beside.watches if one.started] == ["development"])
        assert _is(app, "development", State.WAITING)
        await until(pilot, lambda: refused.count("staging") >= 2)
