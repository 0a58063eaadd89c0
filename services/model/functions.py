"""Lambda functions, their published versions and the alias that serves traffic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from services.safe_text import SafeText


class Function(msgspec.Struct, frozen=True):
    """lambda:GetFunctionConfiguration; environment values are never kept."""

    name: SafeText
    arn: SafeText
    state: SafeText
    update_status: SafeText
    runtime: SafeText = SafeText("")
    memory_mb: int = 0
    timeout_s: int = 0
    log_group: SafeText = SafeText("")
    log_format: SafeText = SafeText("Text")
    reason: SafeText = SafeText("")
    revision_id: SafeText = SafeText("")
    """Of `$LATEST`: changes with everything that changes it."""


class Observed(msgspec.Struct, frozen=True):
    """What a function's own lines of the last hour say of its memory, its timeout and its permissions."""

    max_memory_mb: int | None = None
    """The most that a REPORT line tells; None: no such line."""
    timed_out: int = 0
    """Lines with `Task timed out`."""
    denied: int = 0
    """Lines with `AccessDenied`."""
    whole: bool = True
    """False: there are more lines than were read; all are at least this."""


class MemorySample(msgspec.Struct, frozen=True):
    """The most memory that a minute's REPORT lines tell of."""

    at: datetime
    """End of the minute."""
    used_mb: int


class MemoryUse(msgspec.Struct, frozen=True):
    """A function's samples, oldest first."""

    function: SafeText
    samples: tuple[MemorySample, ...]


class FunctionVersion(msgspec.Struct, frozen=True):
    """One published version."""

    number: int
    sha: SafeText
    """CodeSha256: equal means the same code."""
    description: SafeText = SafeText("")
    published: datetime | None = None
    state: SafeText = SafeText("")
    """Active, Inactive, Failed; empty when the list did not tell."""


class LatestCode(msgspec.Struct, frozen=True):
    """`$LATEST` of a function: what the next published version will be made of. Serves nobody behind an alias."""

    function: SafeText
    sha: SafeText
    modified: datetime | None


class Provisioned(msgspec.Struct, frozen=True):
    """lambda:ListProvisionedConcurrencyConfigs, one configuration."""

    function: SafeText
    qualifier: SafeText
    """An alias or a version."""
    wanted: int
    ready: int
    status: SafeText
    """`IN_PROGRESS`, `READY`, `FAILED`."""


class Alias(msgspec.Struct, frozen=True):
    """lambda:GetAlias."""

    function: SafeText
    name: SafeText
    version: int
    weights: tuple[tuple[int, float], ...] = ()
    """Additional versions and their share of traffic, 0..1."""
    revision_id: SafeText = SafeText("")
    arn: SafeText = SafeText("")
    description: SafeText = SafeText("")


class Release(msgspec.Struct, frozen=True):
    """Everything about who serves: the alias, the versions it could point at, and whether the API calls it."""

    function: SafeText
    alias: Alias | None
    """None: no such alias; then a rollback by alias does not exist (decisions C3)."""
    versions: tuple[FunctionVersion, ...]
    """Published versions, newest first; `$LATEST` left out."""
    called_by_api: bool | None = None
    """Whether every API integration calls the alias; None when it could not be read."""
    integrations: tuple[SafeText, ...] = ()
    """Integration URIs that were read."""


class VersionEvidence(msgspec.Struct, frozen=True):
    """How one version did while the alias ran it: `{FunctionName, Resource=fn:alias, ExecutedVersion}` (aws.md 5.2)."""

    function: SafeText
    version: int
    invocations: int
    errors: int
    since: datetime
    """Start of the window that was asked."""
    until: datetime
    last_served: datetime | None = None
    """End of the newest period with an invocation; None: not in the window."""
    periods: tuple[tuple[int, int, int], ...] = ()
    """(start in epoch seconds, invocations, errors) of every period in which it served, ascending."""
    period: int = 300
    """Seconds of each."""

    @property
    def error_rate(self) -> float | None:
        """Percent; None when it did not serve in the window."""
        return 100.0 * self.errors / self.invocations if self.invocations else None

    def rate_before(self, at: datetime) -> float | None:
        """Percent in the periods that began before `at`: what it did until then."""
        return self._rate(lambda start: start < at.timestamp())

    def rate_since(self, at: datetime) -> float | None:
        """Percent in the periods that ended after `at`: what it has done from then on."""
        return self._rate(lambda start: start + self.period > at.timestamp())

    def _rate(self, chosen: Callable[[int], bool]) -> float | None:
        if not self.periods:
            return self.error_rate
        found = [(served, failed) for start, served, failed in self.periods if chosen(start)]
        invocations = sum(served for served, _ in found)
        return 100.0 * sum(failed for _, failed in found) / invocations if invocations else None
