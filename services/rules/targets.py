"""Where an alias could go back to, and which of these is proposed. One rule, read by the verdict and by the plan.

"Previous" is not the number before (aws.md 5.1): a version may be missing, hold the same code, or be known to be bad.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.model.entry import Operation, Outcome
from services.model.functions import Alias, FunctionVersion, Release, VersionEvidence
from services.safe_text import SafeText
from services.settings.values import Thresholds


def sha_of(release: Release, number: int) -> str:
    """CodeSha256 of a version; empty when the version is not listed."""
    return next((str(version.sha) for version in release.versions if version.number == number), "")


def targets(release: Release) -> tuple[FunctionVersion, ...]:
    """Versions the alias could go back to, in the order they are offered; none without an alias.

    Versions below the live one with other code that have not failed, newest first. During a canary the alias's own
    version comes first: ending the canary is the smallest step back.
    """
    alias = release.alias
    if alias is None:
        return ()
    live = sha_of(release, alias.version)
    lower = [
        version
        for version in sorted(release.versions, key=lambda version: -version.number)
        if version.number < alias.version and version.state != "Failed" and (not live or version.sha != live)
    ]
    if any(version > alias.version for version, _ in alias.weights):
        lower.insert(0, _version(release, alias.version))
    return tuple(lower)


def proposed(
    release: Release, evidence: Sequence[VersionEvidence], operations: Sequence[Operation], thresholds: Thresholds
) -> FunctionVersion | None:
    """The target a rollback is proposed for; None when there is none.

    The version that an operation of ours moved the alias up from; otherwise the newest that is not known to be bad;
    otherwise the newest.
    """
    possible = targets(release)
    if release.alias is None or not possible:
        return None
    useless = disproved(release, operations)
    before = _moved_up_from(release.alias, release, operations)
    for version in possible:
        if version.number == before and before not in useless:
            return version
    for version in possible:
        if version.number not in useless and not _known_bad(release, version.number, evidence, thresholds):
            return version
    return possible[0]


def disproved(release: Release, operations: Sequence[Operation]) -> frozenset[int]:
    """Versions of this function that a rollback of ours ended on without recovery."""
    return frozenset(
        after
        for operation in operations
        if operation.outcome is Outcome.NOT_RECOVERED
        for _, after in _moves(release, operation)
    )


def _version(release: Release, number: int) -> FunctionVersion:
    return next((one for one in release.versions if one.number == number), FunctionVersion(number, SafeText("")))


def _moves(release: Release, operation: Operation) -> list[tuple[int, int]]:
    """(from, to) of the moves of this function's alias that the operation brought about."""
    if operation.switched is None:
        return []
    moves = []
    for step in operation.plan.steps:
        before, after = step.before.get("version", ""), step.after.get("version", "")
        ours = step.call.parameters.get("FunctionName") == release.function
        if ours and before.isdecimal() and after.isdecimal():
            moves.append((int(before), int(after)))
    return moves


def _moved_up_from(alias: Alias, release: Release, operations: Sequence[Operation]) -> int | None:
    """Where an operation of ours had the alias before it moved it up to the live version; newest first."""
    for operation in operations:
        for before, after in _moves(release, operation):
            if after == alias.version:
                return before if before < after else None
    return None


def _known_bad(release: Release, version: int, evidence: Sequence[VersionEvidence], thresholds: Thresholds) -> bool:
    return any(
        known.function == release.function
        and known.version == version
        and known.invocations >= thresholds.min_requests
        and (known.error_rate or 0.0) > thresholds.lambda_error_percent.warning
        for known in evidence
    )
