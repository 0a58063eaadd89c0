"""How an account is put together: the stores, their handlers, and what the rollouts do to the stores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.clock import Clock
from services.simulated import cloudwatch, logs
from services.simulated.desk.estate import FUNCTIONS, DeskFunction, desk, function_estate
from services.simulated.desk.http_api import HttpApi
from services.simulated.desk.stack import DeskStack
from services.simulated.desk.world import DeskWorld
from services.simulated.estate import EnvironmentEstate, estate
from services.simulated.facade import Facade
from services.simulated.faults import Fault, Faults
from services.simulated.moto_backing import MotoBacking
from services.simulated.pages import Pages
from services.simulated.platform import contributor_insights, identity, user_pools
from services.simulated.platform.api_gateway import ApiGateway
from services.simulated.platform.apis import ApiStore
from services.simulated.platform.application import Application
from services.simulated.platform.buckets import Buckets
from services.simulated.platform.cloudformation import CloudFormation
from services.simulated.platform.cloudfront import CloudFront
from services.simulated.platform.content import UPLOAD_S, body, digest, uploads
from services.simulated.platform.costs import CostExplorer
from services.simulated.platform.deploying import Deploying, Scheduled
from services.simulated.platform.edge import DistributionStore
from services.simulated.platform.encryption import Encryption
from services.simulated.platform.functions import FunctionStore
from services.simulated.platform.lambda_api import LambdaApi
from services.simulated.platform.object_versions import ObjectVersions
from services.simulated.platform.operators import OtherOperators
from services.simulated.platform.policies import Policies
from services.simulated.platform.rollouts import FIRST, FIRST_DESCRIPTION, Rollout
from services.simulated.platform.security_groups import SecurityGroups
from services.simulated.platform.site import Site
from services.simulated.platform.stack_book import StackBook
from services.simulated.platform.stack_drift import Drifts
from services.simulated.platform.stack_events import created
from services.simulated.platform.stack_history import StackHistory
from services.simulated.platform.stack_operations import StackOperations
from services.simulated.platform.stack_resources import deployment_id
from services.simulated.platform.tables import Tables
from services.simulated.platform.trail import Trail
from services.simulated.platform.trail_book import TrailBook
from services.simulated.platform.trail_events import TrailEvent, of_change, of_past_invalidation, of_rollout
from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.recording import Recording
from services.simulated.state import SimulatedState
from services.simulated.world.controls import ContentState, Controls
from services.simulated.world.model import World
from services.simulated.world.scenarios import ConfigurationChange, Publication, Scenario

_SHARED = ("sts", "cognito-idp", "dynamodb", "s3", "iam", "ec2")
"""Services of which moto serves what we do not."""


def account_state(scenario: Scenario, seed: int, clock: Clock, functions: int = FUNCTIONS) -> SimulatedState:
    """A state that starts now, by `clock`. `functions`: how many the Order Desk has."""
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
        desk=DeskWorld(desk(seed, functions), started.timestamp(), scenario.desk),
    )


def ordered(state: SimulatedState) -> Faults:
    """The scenario's own faults, on order for their times."""
    faults = Faults()
    for one in state.scenario.troubles:
        begins = state.started + timedelta(seconds=one.begins)
        ends = None if one.ends is None else state.started + timedelta(seconds=one.ends)
        faults.add(Fault(one.service, one.operation, one.kind, times=None, region=one.region, begins=begins, ends=ends))
    return faults


def _named(given: Any, environment: EnvironmentEstate) -> Any:
    """A change's parameters with the environment's names in them."""
    if isinstance(given, Mapping):
        return {name: _named(value, environment) for name, value in given.items()}
    if isinstance(given, str):
        return given.format_map(
            {
                "distribution": environment.distribution,
                "function": environment.function,
                "table": environment.table,
                "api": environment.api_id,
                "stage": environment.stage,
            }
        )
    return given


def elsewhere(region: str, there: Mapping[str, Handler], here: Mapping[str, Handler]) -> dict[str, Handler]:
    """In one region other handlers answer than in all others; what they do not serve nobody serves there."""

    def chosen(operation: str) -> Handler:
        def handle(context: Context, parameters: dict[str, Any]) -> dict[str, Any] | None:
            handler = (there if context.region == region else here).get(operation)
            if handler is None:
                raise AwsError("AccessDenied", f"the simulated account does not serve {operation} in {region}", 403)
            return handler(context, parameters)

        return handle

    return {operation: chosen(operation) for operation in {*there, *here}}


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
        for function in state.desk.desk.functions:
            self._employ(function, began)
        self.apis: dict[str, ApiStore] = {one.name: ApiStore(one, controls, seed, began) for one in environments}
        self.edges: dict[str, DistributionStore] = {
            one.name: DistributionStore(one, controls, seed, began) for one in environments
        }
        self.stacks: dict[str, StackBook] = {
            one.name: StackBook(one, planned[one.name], state.started, seed) for one in environments
        }
        scheduled: list[Scheduled] = []
        self._told: list[TrailEvent] = []
        for environment in environments:
            self._create(environment, began)
            for rollout in planned[environment.name]:
                scheduled.extend(self._effects(environment, rollout))
            for upload in uploads(environment, planned[environment.name], state.started):
                content = digest(body(environment, "index.html", upload.release))
                controls.put_content(environment.name, upload.at, ContentState(content))
        scheduled.extend(self._by_hand(change) for change in state.scenario.changes)
        site = Site(state, moto)
        for publication in state.scenario.publications:
            scheduled.extend(self._published(site, publication))
        self.deploying = Deploying(scheduled, state.lock)
        self.deploying.catch_up(state.started)
        recording, faults = Recording(), ordered(state)
        buckets = Buckets(moto, state.estate.account)
        application = Application(state, self.apis, faults, lambda seconds: self.facade.closing.wait(seconds))
        book = TrailBook(state, self._told)
        drifts = Drifts(state.seed, self.stacks, self.functions, self.apis)
        stacks = CloudFormation(
            state,
            StackHistory(state, self.stacks),
            drifts,
            lambda named: StackOperations(
                named, self.stacks, self.functions, self.apis, book, self.deploying, buckets.get
            ),
        )
        versions = ObjectVersions(moto)
        self.encryption = Encryption(moto)
        tables = Tables(state, moto)
        others = OtherOperators(state, moto)
        http_api = HttpApi(state.desk, state.started)
        desk_stack = DeskStack(state.desk.desk, state.started).handlers()
        handlers: Mapping[str, Mapping[str, Handler]] = {
            "cloudformation": elsewhere(state.desk.desk.region, desk_stack, stacks.handlers()),
            "apigatewayv2": http_api.handlers(),
            "lambda": LambdaApi(state, self.functions).handlers(),
            "apigateway": ApiGateway(state, self.apis).handlers(),
            "cloudfront": CloudFront(state, self.edges).handlers(),
            "cloudtrail": Trail(state, book).handlers(),
            "ce": CostExplorer(state).handlers(),
            "sts": identity.handlers(state),
            "cloudwatch": cloudwatch.handlers(state),
            "logs": logs.handlers(state, buckets, book),
            "cognito-idp": user_pools.handlers(state),
            "dynamodb": {**contributor_insights.handlers(state), **tables.handlers()},
            "s3": {**versions.handlers(), **self.encryption.handlers()},
            "iam": Policies(moto).handlers(),
            "ec2": SecurityGroups(moto).handlers(),
        }
        self.facade = Facade(
            state,
            handlers,
            moto,
            recording,
            faults,
            shared=_SHARED,
            pages=(site.page, application.page, http_api.page, Pages(state, recording, faults).page),
            before=lambda: self._catch_up(tables, others),
            after=(site.observe, book.observe),
            comparing=versions.comparing,
        )

    def _catch_up(self, tables: Tables, others: OtherOperators) -> None:
        """What has come about by now, ahead of a request."""
        now = self._state.clock.now()
        self.deploying.catch_up(now)
        tables.catch_up(now)
        others.catch_up(now)

    def _employ(self, function: DeskFunction, began: datetime) -> None:
        """A function of the Order Desk: two versions, and an alias where the API calls it."""
        own = function_estate(self._state.desk.desk, function)
        store = self.functions[own.name] = FunctionStore(own, self._state.controls, self._state.seed, began)
        for version in (function.version - 1, function.version):
            store.release(version, f"Order Desk {version}", began)
        if function.route:
            store.point(own.alias, function.version, began)

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
        trail = tuple(of_rollout(environment, rollout, self._state))
        self._told.extend(trail)
        self.stacks[name].planned_trail[rollout.token] = trail
        if rollout.failure is not None:
            return []
        function, api, edge = self.functions[name], self.apis[name], self.edges[name]
        version, text = rollout.to_version, rollout.description
        deployment = deployment_id(self._state.seed, environment.name, version)

        def point(at: datetime) -> None:
            function.point(environment.alias, version, at, rollout.weight)

        effects = [
            Scheduled(
                rollout.version_published, "publish", lambda at: function.release(version, text, at), rollout.token
            ),
            Scheduled(rollout.alias_moved, "point", point, rollout.token),
        ]
        if rollout.api_deployed is not None:

            def deploy(at: datetime) -> None:
                api.deploy(deployment, text, at)
                api.serve(deployment, at)

            effects.append(Scheduled(rollout.api_deployed, "deploy", deploy, rollout.token))
        if rollout.began < self._state.started:
            # The pipeline of the past invalidated what it had put; that of the scenario leaves the content alone.
            after_upload = rollout.ended + timedelta(seconds=UPLOAD_S + 10)
            reference, paths = f"deploy-v{version}", ("/*",)
            told = of_past_invalidation(environment, reference, paths, after_upload, self._state)
            self._told.append(told)

            def invalidate(at: datetime) -> None:
                edge.invalidate(reference, paths, at)

            effects.append(Scheduled(after_upload, "invalidate", invalidate))
        return effects

    def _published(self, site: Site, publication: Publication) -> list[Scheduled]:
        """What a pipeline puts in the course of the scenario, and the invalidation that follows."""
        environment = self._state.estate.environment(publication.environment)
        edge = self.edges[publication.environment]
        begins = self._state.started + timedelta(seconds=publication.begins)
        after, reference, paths = begins + timedelta(seconds=10), f"content-{publication.begins:g}", ("/*",)
        self._told.append(of_past_invalidation(environment, reference, paths, after, self._state))

        def invalidate(at: datetime) -> None:
            edge.invalidate(reference, paths, at)

        return [
            Scheduled(begins, "publish content", lambda at: site.published(environment, publication, at)),
            Scheduled(after, "invalidate", invalidate),
        ]

    def _by_hand(self, change: ConfigurationChange) -> Scheduled:
        """A change that the operator makes in the course of the scenario, and that CloudTrail tells of."""
        environment = self._state.estate.environment(change.environment)
        parameters = _named(change.parameters, environment)
        told = of_change(change, parameters, self._state)
        self._told.append(told)
        if change.operation == "CreateDeployment":
            api = self.apis[change.environment]

            def deploy(at: datetime) -> None:
                api.serve(api.deploy(api.new_id(), parameters.get("description", ""), at, change.breaks).id, at)

            return Scheduled(told.at, "deploy", deploy)
        if change.operation != "UpdateDistribution":
            raise ValueError(f"a scenario cannot make a change by {change.operation}")
        edge = self.edges[change.environment]
        config = parameters["DistributionConfig"]
        return Scheduled(told.at, "configure", lambda at: edge.configure(config, at))
