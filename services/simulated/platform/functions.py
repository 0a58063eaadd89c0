"""The account's Lambda functions: code, published versions, aliases. A store; its handlers speak AWS."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

import msgspec

from services.simulated.estate import EnvironmentEstate, stable_uuid
from services.simulated.platform.stack_resources import code_sha
from services.simulated.protocol import AwsError
from services.simulated.world.controls import AliasState, Controls

LATEST = "$LATEST"


class Settings(msgspec.Struct, frozen=True):
    """What UpdateFunctionConfiguration changes; a published version keeps its own."""

    description: str = "Starts, stops and lists EC2 instances."
    memory_mb: int = 512
    timeout_s: int = 30
    variables: dict[str, str] = {}
    subnets: tuple[str, ...] = ()
    """Empty: in no VPC."""
    security_groups: tuple[str, ...] = ()


class Version(msgspec.Struct, frozen=True):
    """`$LATEST` or one published version."""

    number: int | None
    """None: `$LATEST`."""
    sha: str
    description: str
    modified: datetime
    revision: str
    settings: Settings
    size: int = 48_213

    @property
    def name(self) -> str:
        return LATEST if self.number is None else str(self.number)


class Alias(msgspec.Struct, frozen=True):
    """One alias; `revision` changes with every update."""

    name: str
    version: str
    description: str
    revision: str
    weights: tuple[tuple[str, float], ...] = ()


class FunctionStore:
    """One function. Not locked: callers hold the account's lock."""

    def __init__(self, environment: EnvironmentEstate, controls: Controls, seed: int, created: datetime) -> None:
        self.environment = environment
        self.name = environment.function
        self.arn = environment.function_arn
        self._controls = controls
        self._seed = seed
        self._changes = 0
        self.settings = Settings(variables={"TABLE_NAME": environment.table, "LOG_LEVEL": "INFO"})
        self.latest = Version(None, "", "", created, self._revision(), self.settings)
        self.versions: dict[int, Version] = {}
        self.aliases: dict[str, Alias] = {}
        self.update_failure = ""
        """Why the newest change of `$LATEST` did not take; empty: it did. The next change ends it."""
        self.reserved_concurrency: int | None = None
        self.provisioned: dict[str, tuple[int, datetime]] = {}
        """Qualifier → environments kept warm, and since when they are asked for."""
        self.sources: dict[str, tuple[str, str]] = {}
        """Event source mapping → (qualifier, ARN of what it reads)."""
        self._next_number = 1

    def _revision(self) -> str:
        self._changes += 1
        return stable_uuid(self._seed, f"{self.name}/revision/{self._changes}")

    # What the scenario's deployments do

    def release(self, number: int, description: str, at: datetime, code: int | None = None) -> None:
        """A deployment publishes `number`, taken from code that is known by it, or as release `code`."""
        if number in self.versions:
            return
        self.load_code(code_sha(self.environment.name, code or number), at)
        if code is not None:
            self._controls.run_code(self.environment.name, number, code)
        self.versions[number] = Version(
            number, self.latest.sha, description, at, self._revision(), self.settings, self.latest.size
        )
        self._next_number = max(self._next_number, number + 1)

    @property
    def next_number(self) -> int:
        """As which version the next is published; numbers only grow."""
        return self._next_number

    def forget(self, number: int) -> None:
        """A failed deployment's own version goes with it, unless somebody has put an alias on it."""
        if number in self.versions and not any(self._uses(alias, number) for alias in self.aliases.values()):
            del self.versions[number]

    def load_code(self, sha: str, at: datetime, size: int | None = None) -> None:
        """`$LATEST` gets new code."""
        self.update_failure = ""
        self.latest = msgspec.structs.replace(
            self.latest, sha=sha, modified=at, revision=self._revision(), size=size or 47_000 + self._changes * 37
        )

    def point(self, alias: str, number: int, at: datetime, weight: float = 1.0) -> None:
        """A deployment moves an alias to `number`, or gives `number` a share of its traffic."""
        known = self.aliases.get(alias)
        description = known.description if known else "the version that serves"
        if weight < 1 and known is not None:
            self.put_alias(Alias(alias, known.version, description, "", ((str(number), weight),)), at)
        else:
            self.put_alias(Alias(alias, str(number), description, ""), at)

    # What callers do

    def put_alias(self, alias: Alias, at: datetime) -> Alias:
        """Keep `alias` under a new revision, and tell the world when it is the one that serves."""
        kept = msgspec.structs.replace(alias, revision=self._revision())
        self.aliases[alias.name] = kept
        if alias.name == self.environment.alias and alias.version != LATEST:
            weights = tuple((int(version), weight) for version, weight in alias.weights)
            self._controls.move_alias(self.environment.name, at, AliasState(int(alias.version), weights))
        return kept

    def version(self, qualifier: str) -> Version:
        """The version that a number, `$LATEST` or an alias names; ResourceNotFoundException when there is none."""
        if qualifier in ("", LATEST):
            return self.latest
        if qualifier in self.aliases:
            return self.version(self.aliases[qualifier].version)
        if qualifier.isdecimal() and int(qualifier) in self.versions:
            return self.versions[int(qualifier)]
        raise AwsError(
            "ResourceNotFoundException", f"Function not found: {self.arn}:{qualifier}", 404, {"Type": "User"}
        )

    def configure(self, settings: Settings, at: datetime) -> Version:
        self.settings, self.update_failure = settings, ""
        self.latest = msgspec.structs.replace(self.latest, settings=settings, modified=at, revision=self._revision())
        return self.latest

    def publish(self, description: str | None, at: datetime) -> Version:
        """A version of `$LATEST`; the newest one again when nothing has changed since."""
        newest = self.versions[max(self.versions)] if self.versions else None
        if newest is not None and newest.sha == self.latest.sha and newest.settings == self.settings:
            return newest
        number = self._next_number
        self._next_number += 1
        told = self.settings.description if description is None else description
        published = Version(number, self.latest.sha, told, at, self._revision(), self.settings, self.latest.size)
        self.versions[number] = published
        return published

    def delete_version(self, number: int) -> None:
        holders = [alias.name for alias in self.aliases.values() if self._uses(alias, number)]
        if holders:
            message = f"Version {number} cannot be deleted because it is referenced by alias {holders[0]}."
            raise AwsError("ResourceConflictException", message, 409, {"Type": "User"})
        del self.versions[number]

    @staticmethod
    def _uses(alias: Alias, number: int) -> bool:
        return str(number) in (alias.version, *(version for version, _ in alias.weights))


def sha_of(archive: bytes) -> str:
    """CodeSha256 of an uploaded archive."""
    return base64.b64encode(hashlib.sha256(archive).digest()).decode()
