"""Which version LIVE could go back to, with the evidence for each, and which one is proposed (aws.md 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from services.model.entry import Operation, Outcome
from services.model.functions import Alias, FunctionVersion, Release, VersionEvidence
from services.model.plan import Candidate
from services.rules.words import count, percent
from services.safe_text import safe
from services.settings.values import Thresholds


def sha_of(release: Release, number: int) -> str:
    """CodeSha256 of a version; empty when the version is not listed."""
    return next((str(version.sha) for version in release.versions if version.number == number), "")


def candidates(
    release: Release,
    alias: Alias,
    evidence: Sequence[VersionEvidence],
    operations: Sequence[Operation],
    thresholds: Thresholds,
    now: datetime,
) -> tuple[Candidate, ...]:
    """Versions below the live one with other code that have not failed, newest first; one is chosen, if any.

    Chosen: the version that an operation of ours moved the alias up from; otherwise the newest that is not known
    to be bad; otherwise the newest. A canary's own base (weights to a newer version) comes first: ending the
    canary is the smallest step back.
    """
    known = {one.version: one for one in evidence if one.function == release.function}
    found = []
    if _canary(alias):
        found.append(_candidate(_version(release, alias.version), known.get(alias.version), operations, now))
    live_sha = sha_of(release, alias.version)
    found += [
        _candidate(version, known.get(version.number), operations, now)
        for version in sorted(release.versions, key=lambda version: -version.number)
        if version.number < alias.version and version.state != "Failed" and (not live_sha or version.sha != live_sha)
    ]
    chosen = _chosen(found, alias, release, operations, thresholds)
    return tuple(replace(candidate, chosen=candidate.version == chosen) for candidate in found)


def _canary(alias: Alias) -> bool:
    return any(version > alias.version for version, _ in alias.weights)


def _version(release: Release, number: int) -> FunctionVersion:
    return next((one for one in release.versions if one.number == number), FunctionVersion(number, safe("")))


def _candidate(
    version: FunctionVersion, seen: VersionEvidence | None, operations: Sequence[Operation], now: datetime
) -> Candidate:
    return Candidate(
        version=version.number,
        sha=version.sha,
        published=version.published,
        errors=seen.error_rate if seen is not None else None,
        requests=seen.invocations if seen is not None else 0,
        evidence=safe(_evidence(version, seen, operations, now)),
    )


def _evidence(
    version: FunctionVersion, seen: VersionEvidence | None, operations: Sequence[Operation], now: datetime
) -> str:
    told = []
    if seen is None:
        told.append("nothing known of how it served")
    elif seen.error_rate is None:
        hours = (seen.until - seen.since).total_seconds() / 3600
        told.append(f"did not serve in the last {hours:g} h")
    else:
        told.append(f"errors {percent(seen.error_rate)} of {count(seen.invocations)} while it served")
        if seen.last_served is not None:
            told.append(f"until {seen.last_served:%H:%M}")
    if version.published is not None:
        told.append(f"published {_ago(version.published, now)}")
    if version.number in _disproved(operations):
        told.append("an earlier rollback to it did not help")
    return ", ".join(told)


def _ago(then: datetime, now: datetime) -> str:
    hours = (now - then).total_seconds() / 3600
    if hours < 1:
        return f"{max(0.0, hours * 60):.0f} min ago"
    return f"{hours:.0f} h ago" if hours < 48 else f"{hours / 24:.0f} days ago"


def _disproved(operations: Sequence[Operation]) -> frozenset[int]:
    """Versions that a rollback of ours ended on without recovery."""
    return frozenset(
        int(step.after["version"])
        for operation in operations
        if operation.outcome is Outcome.NOT_RECOVERED
        for step in operation.plan.steps
        if step.after.get("version", "").isdigit()
    )


def _moved_up_from(alias: Alias, release: Release, operations: Sequence[Operation]) -> int | None:
    """Where an operation of ours had the alias before it moved it up to the live version."""
    for operation in operations:
        for step in operation.plan.steps:
            parameters = step.call.parameters
            if operation.switched is None or parameters.get("FunctionName") != release.function:
                continue
            before, after = step.before.get("version", ""), step.after.get("version", "")
            if after == str(alias.version):
                return int(before) if before.isdigit() and int(before) < alias.version else None
    return None


def _chosen(
    found: Sequence[Candidate],
    alias: Alias,
    release: Release,
    operations: Sequence[Operation],
    thresholds: Thresholds,
) -> int | None:
    numbers = [candidate.version for candidate in found]
    if not numbers:
        return None
    disproved = _disproved(operations)
    journalled = _moved_up_from(alias, release, operations)
    if journalled in numbers and journalled not in disproved:
        return journalled
    for candidate in found:
        bad = candidate.errors is not None and candidate.requests >= thresholds.min_requests
        bad = bad and (candidate.errors or 0.0) > thresholds.lambda_error_percent.warning
        if not bad and candidate.version not in disproved:
            return candidate.version
    return numbers[0]
