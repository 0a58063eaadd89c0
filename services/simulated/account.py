"""The simulated account: opens on loopback, lives on its clock, answers any AWS client until it is closed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from moto.core.request import Request

from services.clock import Clock, RealClock, ScaledClock
from services.simulated import cloudwatch, logs
from services.simulated.errors import Answer
from services.simulated.estate import ACCOUNT_ID, EnvironmentEstate, estate
from services.simulated.facade import Facade, json_answer
from services.simulated.faults import Faults
from services.simulated.moto_backing import MotoBacking
from services.simulated.platform import identity
from services.simulated.platform.api_gateway import ApiGateway
from services.simulated.platform.apis import ApiStore
from services.simulated.platform.cloudformation import CloudFormation
from services.simulated.platform.cloudfront import CloudFront
from services.simulated.platform.content import UPLOAD_S, body, digest, uploads
from services.simulated.platform.deploying import Deploying, Scheduled
from services.simulated.platform.edge import DistributionStore
from services.simulated.platform.functions import FunctionStore
from services.simulated.platform.lambda_api import LambdaApi
from services.simulated.platform.rollouts import FIRST, FIRST_DESCRIPTION, Rollout, rollouts
from services.simulated.platform.site import Site
from services.simulated.platform.stack_events import created
from services.simulated.platform.stack_resources import deployment_id
from services.simulated.platform.trail import Trail
from services.simulated.protocol import Handler
from services.simulated.recording import RecordedCall
from services.simulated.resolving import prepare
from services.simulated.seeding import seeds
from services.simulated.serving import HOST, PortTaken, Server
from services.simulated.state import SimulatedState
from services.simulated.world.controls import ContentState, Controls
from services.simulated.world.model import World
from services.simulated.world.scenarios import SCENARIOS, Scenario

__all__ = ["ACCOUNT_ID", "PortTaken", "SimulatedAccount", "UnknownScenario"]

TICK_S = 0.1
"""Seconds of this machine between two looks at what has become due without anybody asking."""

_SHARED = ("sts",)
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
    ) -> None:
        self._scenario = scenario
        self._seed = seed
        self._clock = clock
        self._speed = speed
        self._start = start
        self._port = port
        self._server: Server | None = None
        self._facade: Facade | None = None
        self._state: SimulatedState | None = None
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Seed, bind 127.0.0.1, serve from background threads. Raises UnknownScenario, PortTaken."""
        known = SCENARIOS.get(self._scenario)
        if known is None:
            raise UnknownScenario(f"there is no scenario {self._scenario!r}; there are: {', '.join(sorted(SCENARIOS))}")
        clock = self._clock or ScaledClock(self._start or RealClock().now(), self._speed)
        state = _state(known, self._seed, clock)
        planned: dict[str, tuple[Rollout, ...]] = {
            one.name: rollouts(known, one, state.started, self._seed) for one in state.estate.environments
        }
        moto = MotoBacking(seeds(state, planned), clock.now)
        moto.reset()
        account = _Assembly(state, planned, moto)
        self._server = Server(account.facade, self._port)
        self._state, self._facade = state, account.facade
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


def _state(scenario: Scenario, seed: int, clock: Clock) -> SimulatedState:
    controls = Controls()
    started = clock.now().astimezone(UTC)
    return SimulatedState(
        clock=clock,
        world=World(seed=seed, started=started, scenario=scenario, controls=controls),
        controls=controls,
        scenario=scenario,
        estate=estate(seed),
        seed=seed,
        started=started,
    )


class _Assembly:
    """The stores, their handlers, and what the rollouts do to the stores."""

    def __init__(self, state: SimulatedState, planned: dict[str, tuple[Rollout, ...]], moto: MotoBacking) -> None:
        self._state = state
        began = created(state.started)
        controls, seed = state.controls, state.seed
        environments = state.estate.environments
        self.functions: dict[str, FunctionStore] = {
            one.name: FunctionStore(one, controls, seed, began) for one in environments
        }
        self.apis: dict[str, ApiStore] = {one.name: ApiStore(one, seed, began) for one in environments}
        self.edges: dict[str, DistributionStore] = {
            one.name: DistributionStore(one, controls, seed, began) for one in environments
        }
        scheduled: list[Scheduled] = []
        for environment in environments:
            self._create(environment, began)
            for rollout in planned[environment.name]:
                scheduled.extend(self._effects(environment, rollout))
            for upload in uploads(environment, planned[environment.name], state.started):
                content = digest(body(environment, "index.html", upload.release))
                controls.put_content(environment.name, upload.at, ContentState(content))
        self.deploying = Deploying(scheduled, state.lock)
        self.deploying.catch_up(state.started)
        site = Site(state, moto)
        trail = Trail(state, planned, lambda: self.facade.recording.snapshot())
        handlers: Mapping[str, Mapping[str, Handler]] = {
            "cloudformation": CloudFormation(state, planned).handlers(),
            "lambda": LambdaApi(state, self.functions).handlers(),
            "apigateway": ApiGateway(state, self.apis).handlers(),
            "cloudfront": CloudFront(state, self.edges).handlers(),
            "cloudtrail": trail.handlers(),
            "sts": identity.handlers(state),
            "cloudwatch": cloudwatch.handlers(state),
            "logs": logs.handlers(state),
        }
        self.facade = Facade(
            state,
            handlers,
            moto,
            shared=_SHARED,
            pages=(site.page, self._about),
            before=lambda: self.deploying.catch_up(state.clock.now()),
            after=site.observe,
        )

    def _create(self, environment: EnvironmentEstate, began: datetime) -> None:
        """The stack as it was created: first version, alias, deployment, stage."""
        first = FIRST[environment.name]
        at = began + timedelta(minutes=5)
        function, api = self.functions[environment.name], self.apis[environment.name]
        function.release(first, FIRST_DESCRIPTION, at)
        function.point(environment.alias, first, at)
        api.deploy(deployment_id(self._state.seed, environment.name, first), FIRST_DESCRIPTION, at)
        api.serve(deployment_id(self._state.seed, environment.name, first), at)

    def _effects(self, environment: EnvironmentEstate, rollout: Rollout) -> list[Scheduled]:
        name = environment.name
        function, api, edge = self.functions[name], self.apis[name], self.edges[name]
        version, text = rollout.to_version, rollout.description
        deployment = deployment_id(self._state.seed, environment.name, version)
        effects = [
            Scheduled(rollout.version_published, "publish", lambda at: function.release(version, text, at)),
            Scheduled(rollout.alias_moved, "point", lambda at: function.point(environment.alias, version, at)),
        ]
        if rollout.api_deployed is not None:

            def deploy(at: datetime) -> None:
                api.deploy(deployment, text, at)
                api.serve(deployment, at)

            effects.append(Scheduled(rollout.api_deployed, "deploy", deploy))
        if rollout.began < self._state.started:
            # The pipeline of the past invalidated what it had put; that of the scenario leaves the content alone.
            after_upload = rollout.ended + timedelta(seconds=UPLOAD_S + 10)
            reference = f"deploy-v{version}"

            def invalidate(at: datetime) -> None:
                edge.invalidate(reference, ("/*",), at)

            effects.append(Scheduled(after_upload, "invalidate", invalidate))
        return effects

    def _about(self, request: Request, now: datetime) -> Answer | None:
        """The pages of the simulation itself."""
        state = self._state
        about = {
            "now": now.isoformat(),
            "speed": state.clock.speed,
            "scenario": state.scenario.name,
            "seed": state.seed,
        }
        if request.path == "/_simulated/clock":
            return json_answer(about)
        if request.path == "/" and request.method in ("GET", "HEAD") and not request.query_string:
            environments = [one.name for one in state.estate.environments]
            return json_answer(
                {"simulated": True, "account": state.estate.account, "environments": environments} | about
            )
        return None
