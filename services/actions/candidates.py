"""Which version LIVE could go back to, with the evidence for each, and which one is proposed (aws.md 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from services.actions.guards import ago
from services.model.entry import Operation
from services.model.functions import FunctionVersion, Release, VersionEvidence
from services.model.plan import Candidate
from services.rules.targets import disproved, proposed, targets
from services.rules.words import count, percent
from services.safe_text import safe
from services.settings.values import Thresholds


def candidates(
    release: Release,
    evidence: Sequence[VersionEvidence],
    operations: Sequence[Operation],
    thresholds: Thresholds,
    now: datetime,
) -> tuple[Candidate, ...]:
    """The targets of services/rules/targets.py in their order, each with its evidence; the proposed one is chosen."""
    known = {one.version: one for one in evidence if one.function == release.function}
    useless = disproved(release, operations)
    chosen = proposed(release, evidence, operations, thresholds)
    return tuple(
        replace(
            _candidate(release, version, known.get(version.number), version.number in useless, now),
            chosen=chosen is not None and version.number == chosen.number,
        )
        for version in targets(release)
    )


def _candidate(
    release: Release, version: FunctionVersion, seen: VersionEvidence | None, useless: bool, now: datetime
) -> Candidate:
    return Candidate(
        version=version.number,
        sha=version.sha,
        published=version.published,
        errors=seen.error_rate if seen is not None else None,
        requests=seen.invocations if seen is not None else 0,
        evidence=safe(_evidence(version, seen, useless, now, serves=_serves(release, version.number))),
    )


def _serves(release: Release, version: int) -> bool:
    """Whether the alias sends traffic to it, all or a share."""
    alias = release.alias
    return alias is not None and (version == alias.version or version in dict(alias.weights))


def _evidence(
    version: FunctionVersion, seen: VersionEvidence | None, useless: bool, now: datetime, *, serves: bool
) -> str:
    told = []
    if seen is None:
        told.append("nothing known of how it served")
    elif seen.error_rate is None:
        hours = (seen.until - seen.since).total_seconds() / 3600
        told.append(f"did not serve in the last {hours:g} h")
    else:
        told.append(f"errors {percent(seen.error_rate)} of {count(seen.invocations)} while it served")
        if serves:
            told.append("serves now")
        elif seen.last_served is not None:  # the end of a period of minutes, and in the newest one still to come
            told.append(f"until about {min(seen.last_served, now):%H:%M}")
    if version.published is not None:
        told.append(f"published {ago(version.published, now)}")
    if useless:
        told.append("an earlier rollback to it did not help")
    return ", ".join(told)
