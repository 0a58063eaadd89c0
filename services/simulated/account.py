"""The simulated account: opens on loopback, lives on its clock, answers any AWS client until it is closed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from services.clock import Clock, RealClock, ScaledClock
from services.simulated.assembly import Assembly, account_state
from services.simulated.desk.estate import FUNCTIONS
from services.simulated.estate import ACCOUNT_ID
from services.simulated.facade import Facade
from services.simulated.faults import Faults
from services.simulated.logs.groups import NEVER
from services.simulated.moto_backing import MotoBacking
from services.simulated.platform.apis import ApiStore
from services.simulated.platform.deploying import Deploying
from services.simulated.platform.functions import FunctionStore
from services.simulated.platform.operators import TABLE
from services.simulated.platform.rollouts import Rollout, rollouts
from services.simulated.platform.stack_book import StackBook
from services.simulated.publishing import Publishing
from services.simulated.recording import RecordedCall
from services.simulated.resolving import prepare
from services.simulated.seeding import seeds
from services.simulated.serving import HOST, PortTaken, Server
from services.simulated.state import SimulatedState
from services.simulated.world.scenarios import SCENARIOS

__all__ = ["ACCOUNT_ID", "PortTaken", "SimulatedAccount", "UnknownScenario"]

TICK_S = 0.1
"""Seconds of this machine between two looks at what has become due without anybody asking."""

_OURS_WARMED = (
    ("cloudwatch", "json"),
    ("cloudformation", "query"),
    ("lambda", "rest-json"),
    ("logs", "json"),
    ("sts", "query"),
    ("apigateway", "rest-json"),
    ("cloudfront", "rest-xml"),
)
"""(service, protocol), in the order in which a cockpit asks."""
_MOTOS_WARMED = ("dynamodb", "s3", "cognito-idp")


class UnknownScenario(Exception):
    """There is no scenario of that name; the message lists those there are."""


class SimulatedAccount:
    """One account. moto's backends are global: one at a time in a process, each from a clean state."""

    def __init__(
        self,
        *,
        scenario: str = "calm",
        seed: int = 1,
        clock: Clock | None = None,
        speed: float = 1.0,
        start: datetime | None = None,
        port: int = 0,
        lines_per_second: int = 0,
        functions: int = FUNCTIONS,
    ) -> None:
        """`lines_per_second`: what floods production's logs from the start on, besides what the scenario does.

        `functions`: how many the Order Desk has, the account's second application.
        """
        self._scenario = scenario
        self._seed = seed
        self._clock = clock
        self._speed = speed
        self._start = start
        self._port = port
        self._lines_per_second = lines_per_second
        self._functions = functions
        self._server: Server | None = None
        self._facade: Facade | None = None
        self._state: SimulatedState | None = None
        self._stacks: Mapping[str, StackBook] | None = None
        self._assembly: Assembly | None = None
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Seed, bind 127.0.0.1, serve from background threads. Raises UnknownScenario, PortTaken."""
        known = SCENARIOS.get(self._scenario)
        if known is None:
            raise UnknownScenario(f"there is no scenario {self._scenario!r}; there are: {', '.join(sorted(SCENARIOS))}")
        clock = self._clock or ScaledClock(self._start or RealClock().now(), self._speed)
        state = account_state(known, self._seed, clock, self._functions)
        planned: dict[str, tuple[Rollout, ...]] = {
            one.name: rollouts(known, one, state.started, self._seed) for one in state.estate.environments
        }
        moto = MotoBacking(seeds(state, planned), clock.now)
        moto.reset()
        account = Assembly(state, planned, moto)
        if self._lines_per_second:
            state.logs.storm(state, self._lines_per_second, begins=int(state.started.timestamp()), ends=NEVER)
        self._server = Server(account.facade, self._port)
        self._state, self._facade, self._stacks = state, account.facade, account.stacks
        self._assembly = account
        self._ended.clear()
        self._server.start()
        self._threads = [
            threading.Thread(target=self._tick, args=(account.deploying,), name="simulated-tick", daemon=True),
        ]
        if self._clock is None:
            # Somebody will want to see the account soon. A test's account is seeded only as far as it is asked.
            warm = threading.Thread(target=self._warm, args=(moto,), name="simulated-warm", daemon=True)
            self._threads.append(warm)
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop serving; open connections are cut. May be called twice."""
        self._ended.set()
        if self._facade is not None:
            self._facade.closing.set()
        if self._server is not None:
            self._server.stop()
            self._server = None
        for thread in self._threads:
            thread.join(timeout=5)
        self._threads = []

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def endpoint(self) -> str:
        """`http://127.0.0.1:PORT`."""
        if self._server is None:
            raise RuntimeError("the account is not open")
        return f"http://{HOST}:{self._server.port}"

    @property
    def state(self) -> SimulatedState:
        """What the handlers stand on: estate, world, controls."""
        if self._state is None:
            raise RuntimeError("the account is not open")
        return self._state

    @property
    def clock(self) -> Clock:
        return self.state.clock

    @property
    def calls(self) -> list[RecordedCall]:
        """Every request so far, oldest first."""
        return self._opened.recording.snapshot()

    @property
    def faults(self) -> Faults:
        """Faults on order."""
        return self._opened.faults

    @property
    def publishing(self) -> Publishing:
        """What keeps metrics from being published."""
        return self.state.publishing

    @property
    def stacks(self) -> Mapping[str, StackBook]:
        """Environment → its stack: what stands in the way of its next operations is put into its `obstacles`."""
        if self._stacks is None:
            raise RuntimeError("the account is not open")
        return self._stacks

    @property
    def functions(self) -> Mapping[str, FunctionStore]:
        """Environment → its function: why its newest change failed is put into `update_failure`."""
        return self._assembled.functions

    @property
    def apis(self) -> Mapping[str, ApiStore]:
        """Environment → its REST API: a method that calls something else is put into `strays`."""
        return self._assembled.apis

    @property
    def unencrypted(self) -> set[str]:
        """Names of buckets that have no default encryption: AWS has none such since 2023, other stores do."""
        return self._assembled.encryption.without

    @property
    def lease_table(self) -> str:
        """The table through which operators keep out of each other's way; empty where the scenario has none."""
        return TABLE if self.state.scenario.others else ""

    @property
    def _assembled(self) -> Assembly:
        if self._assembly is None:
            raise RuntimeError("the account is not open")
        return self._assembly

    @property
    def _opened(self) -> Facade:
        if self._facade is None:
            raise RuntimeError("the account is not open")
        return self._facade

    def _warm(self, moto: MotoBacking) -> None:
        for service, protocol in _OURS_WARMED:
            if self._ended.is_set():
                return
            prepare(service, protocol)
        moto.warm(_MOTOS_WARMED, self._ended)

    def _tick(self, deploying: Deploying) -> None:
        while not self._ended.wait(TICK_S):
            deploying.catch_up(self.state.clock.now())
