"""Drift: what the account has and the template does not say. Detection is asynchronous and changes no resource."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.platform.apis import ApiStore
from services.simulated.platform.functions import FunctionStore
from services.simulated.platform.stack_book import StackBook
from services.simulated.protocol import AwsError

TAKES = timedelta(seconds=40)
"""How long a detection is in progress; AWS takes minutes for a large stack."""


class Property(msgspec.Struct, frozen=True):
    """One property of a resource: what the template says and what there is."""

    path: str
    expected: Any
    actual: Any


class Resource(msgspec.Struct, frozen=True):
    """One resource as a detection found it."""

    logical_id: str
    physical_id: str
    type: str
    properties: tuple[Property, ...]

    @property
    def status(self) -> str:
        return "MODIFIED" if self.differences else "IN_SYNC"

    @property
    def differences(self) -> tuple[Property, ...]:
        return tuple(one for one in self.properties if one.expected != one.actual)


class Detection(msgspec.Struct, frozen=True):
    """One detection; what it found is told when it is complete."""

    id: str
    environment: str
    began: datetime
    resources: tuple[Resource, ...]

    def complete(self, now: datetime) -> bool:
        return now >= self.began + TAKES

    @property
    def drifted(self) -> int:
        return sum(bool(one.differences) for one in self.resources)

    @property
    def status(self) -> str:
        return "DRIFTED" if self.drifted else "IN_SYNC"


class Drifts:
    """Every detection that was asked for. Not locked: callers hold the account's lock."""

    def __init__(
        self,
        seed: int,
        books: Mapping[str, StackBook],
        functions: Mapping[str, FunctionStore],
        apis: Mapping[str, ApiStore],
    ) -> None:
        self._seed = seed
        self._books = books
        self._functions = functions
        self._apis = apis
        self._made: dict[str, Detection] = {}

    def detect(self, environment: EnvironmentEstate, now: datetime) -> Detection:
        """Begin one. Refused while another of the same stack is in progress."""
        newest = self._newest(environment)
        if newest is not None and not newest.complete(now):
            message = f"Drift detection is already in progress for stack [{environment.stack_id}]"
            raise AwsError("ValidationError", message)
        id = stable_uuid(self._seed, f"{environment.name}/drift/{len(self._made)}")
        self._made[id] = Detection(id, environment.name, now, tuple(self._found(environment, now)))
        return self._made[id]

    def by_id(self, id: str) -> Detection:
        if id not in self._made:
            raise AwsError("ValidationError", f"DriftDetection with id {id} does not exist")
        return self._made[id]

    def last(self, environment: EnvironmentEstate, now: datetime) -> Detection | None:
        """The newest that is complete; None before the first."""
        done = [one for one in self._made.values() if one.environment == environment.name and one.complete(now)]
        return done[-1] if done else None

    def _newest(self, environment: EnvironmentEstate) -> Detection | None:
        return next((one for one in reversed(self._made.values()) if one.environment == environment.name), None)

    def _found(self, environment: EnvironmentEstate, now: datetime) -> Iterator[Resource]:
        """What can have been moved by hand: the alias and the stage."""
        facts = self._books[environment.name].facts(now)
        alias = self._functions[environment.name].aliases.get(environment.alias)
        if alias is not None:
            moved = (
                Property("/FunctionVersion", str(facts.alias), alias.version),
                Property("/RoutingConfig/AdditionalVersionWeights", dict(facts.weights), dict(alias.weights)),
            )
            yield Resource("ManagerFunctionAliasLIVE", environment.alias_arn, "AWS::Lambda::Alias", moved)
        served = self._apis[environment.name].stage.deployment
        stage = (Property("/DeploymentId", facts.deployment, served),)
        yield Resource("ApiStage", environment.stage, "AWS::ApiGateway::Stage", stage)


def shown(resource: Resource, environment: EnvironmentEstate, at: datetime) -> dict[str, Any]:
    """As DescribeStackResourceDrifts tells of it."""
    return {
        "StackId": environment.stack_id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "ExpectedProperties": json.dumps({one.path.lstrip("/"): one.expected for one in resource.properties}),
        "ActualProperties": json.dumps({one.path.lstrip("/"): one.actual for one in resource.properties}),
        "PropertyDifferences": [
            {
                "PropertyPath": one.path,
                "ExpectedValue": one.expected if isinstance(one.expected, str) else json.dumps(one.expected),
                "ActualValue": one.actual if isinstance(one.actual, str) else json.dumps(one.actual),
                "DifferenceType": "NOT_EQUAL",
            }
            for one in resource.differences
        ],
        "StackResourceDriftStatus": resource.status,
        "Timestamp": at,
    }
