"""How an account is put together: the stores, their handlers, and what the rollouts do to the stores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from services.clock import Clock
from services.simulated import cloudwatch, logs
from services.simulated.estate import EnvironmentEstate, estate
from services.simulated.facade import Facade
from services.simulated.faults import Faults
from services.simulated.moto_backing import MotoBacking
from services.simulated.pages import Pages
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
from services.simulated.platform.rollouts import FIRST, FIRST_DESCRIPTION, Rollout
from services.simulated.platform.site import Site
from services.simulated.platform.stack_events import created
from services.simulated.platform.stack_resources import deployment_id
from services.simulated.platform.trail import Trail
from services.simulated.protocol import Handler
from services.simulated.recording import Recording
from services.simulated.state import SimulatedState
from services.simulated.world.controls import ContentState, Controls
from services.simulated.world.model import World
from services.simulated.world.scenarios import Scenario

_SHARED = ("sts",)
"""Services of which moto serves what we do not."""


def account_state(scenario: Scenario, seed: int, clock: Clock) -> SimulatedState:
    """A state that starts now, by `clock`."""
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


class Assembly:
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
        recording, faults = Recording(), Faults()
        site = Site(state, moto)
        trail = Trail(state, planned, recording.snapshot)
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
            recording,
            faults,
            shared=_SHARED,
            pages=(site.page, Pages(state, recording, faults).page),
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
