"""What the deployments screen says of the layers beside the stack: versions, stage, content, invalidations, drift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from services.model.apis import Api, ApiDeployment
from services.model.assessment import State
from services.model.change_sets import ChangeSet, PlannedChange
from services.model.content import ObjectEntry
from services.model.drift import DriftedResource
from services.model.edge import Invalidation
from services.model.functions import FunctionVersion, LatestCode, Provisioned, Release, VersionEvidence
from services.model.stacks import Stack
from services.model.witness import ObjectBurst
from services.plural import several
from services.redact import HIDDEN, redact, redact_value
from widgets import wording
from widgets.deploy_list import DeployRow
from widgets.spans import Row, Span, row

SHA = 8
"""Characters of a code hash that tell versions apart."""


def release_rows(
    release: Release,
    evidence: Sequence[VersionEvidence],
    latest: LatestCode | None,
    provisioned: Sequence[Provisioned],
    alias: str,
    now: datetime,
) -> Iterator[DeployRow]:
    """One function: who serves, `$LATEST`, every published version newest first with its record."""
    yield _serving(release, provisioned, alias)
    if latest is not None:
        facts = f"{_sha(latest.sha)}  code of the next version; serves nobody behind an alias"
        yield DeployRow(
            f"{release.function} latest", State.NO_TRAFFIC, "", "$LATEST", facts, _ago(latest.modified, now), 2
        )
    known = {one.version: one for one in evidence if one.function == release.function}
    weights = dict(release.alias.weights) if release.alias is not None else {}
    for version in release.versions:
        yield _version(release, version, known.get(version.number), weights.get(version.number), now)


def _serving(release: Release, provisioned: Sequence[Provisioned], alias: str) -> DeployRow:
    there = release.alias
    if there is None:
        facts = f"alias {alias} not configured: a rollback of the function has nothing to move"
        return DeployRow(f"{release.function}", State.WARN, "", str(release.function), facts, heading=True)
    share = "".join(f", {weight * 100:g} % to v{number}" for number, weight in there.weights)
    called = {True: "the API calls it", False: "THE API CALLS SOMETHING ELSE", None: "who calls it is not known"}
    warm = [f"{one.ready}/{one.wanted} warm on {one.qualifier} {one.status}" for one in provisioned]
    facts = " · ".join([f"{there.name} → v{there.version}{share}", called[release.called_by_api], *warm])
    state = State.WARN if release.called_by_api is False or there.weights else State.OK
    detail = (row(Span(facts)), *(row(Span(uri, "muted")) for uri in release.integrations))
    return DeployRow(f"{release.function}", state, "", str(release.function), facts, heading=True, detail=detail)


def _version(
    release: Release, version: FunctionVersion, seen: VersionEvidence | None, weight: float | None, now: datetime
) -> DeployRow:
    alias = release.alias
    current = alias is not None and alias.version == version.number
    word = "current" if current else f"{weight * 100:g} % weight" if weight else ""
    state = State.OK if current else State.ELEVATED if weight else State.NO_TRAFFIC
    record, bad = _record(seen)
    if bad and (current or weight):
        state = State.CRIT
    facts = f"{_sha(version.sha)}  {record}  {version.description}".rstrip()
    detail = [
        row(Span(f"v{version.number}", "strong"), f"  {version.description}"),
        row(Span(f"code {version.sha}", "muted")),
    ]
    if version.published is not None:
        detail.append(row(Span(f"published {version.published:%Y-%m-%d %H:%M:%S}Z", "muted")))
    detail.append(row(Span(record)))
    if alias is not None and not current:
        detail.append(row(Span("R", "key"), Span(f" prepares to send {alias.name} to v{version.number}", "muted")))
    key = f"{release.function} {version.number}"
    target = None if current and not (alias and alias.weights) else version.number
    when = _ago(version.published, now)
    return DeployRow(key, state, word, f"v{version.number}", facts, when, 2, detail=tuple(detail), target=target)


def _record(seen: VersionEvidence | None) -> tuple[str, bool]:
    """What a version did, and whether that was bad."""
    if seen is None or seen.error_rate is None:
        return "did not serve lately", False
    told = f"errors {wording.percent(seen.error_rate)} of {wording.count(seen.invocations)}"
    return told, seen.error_rate >= 5.0


def api_rows(apis: Sequence[Api], now: datetime) -> Iterator[DeployRow]:
    """Each API with its stage and the stage's canary, and its deployments newest first, what serves marked."""
    for api in apis:
        yield _stage(api, now)
        for one in api.deployments:
            yield _deployment(api, one, now)


def _stage(api: Api, now: datetime) -> DeployRow:
    canary = api.canary
    share = f", {canary.percent:g} % to {canary.deployment} (canary)" if canary is not None else ""
    alone = " · deploys by itself" if api.auto_deploy else ""
    switched = f"switched {_ago(api.deployed, now)} ago"
    facts = f"stage {api.stage or 'none'} → {api.deployment or 'nothing'}{share} · {switched}{alone}"
    told = [row(Span(facts))]
    if canary is not None:
        told.append(_ending(api, str(canary.deployment)))
    if api.auto_deploy:
        told.append(row(Span("AutoDeploy is on: it cannot be rolled back (p says what lifts that)", "muted")))
    state = State.WARN if canary is not None else State.OK
    return DeployRow(f"api {api.id}", state, "", f"{api.name} {api.id}", facts, heading=True, detail=tuple(told))


def _deployment(api: Api, one: ApiDeployment, now: datetime) -> DeployRow:
    canary = api.canary if api.canary is not None and api.canary.deployment == one.id else None
    made = f"{one.created:%Y-%m-%d %H:%M:%S}Z" if one.created else "not known"
    detail = [row(Span(one.id, "strong"), f"  {one.description}"), row(Span(f"created {made}", "muted"))]
    state, word = State.NO_TRAFFIC, ""
    if one.id == api.deployment:
        state, word = State.OK, "live"
    elif canary is not None:
        state, word = State.ELEVATED, f"{canary.percent:g} % canary"
        detail.append(_ending(api, str(one.id)))
    when = _ago(one.created, now)
    return DeployRow(
        f"api {api.id} {one.id}", state, word, str(one.id), str(one.description), when, 2, detail=tuple(detail)
    )


def _ending(api: Api, canary: str) -> Row:
    """What rolling back does with a canary: it is ended with whatever deployment is chosen."""
    ends = f" (stage) ends the canary: {canary} gets nothing more, everything goes to {api.deployment} or one before it"
    return row(Span("R", "key"), Span(ends, "muted"))


def burst_rows(bursts: Sequence[ObjectBurst], now: datetime) -> Iterator[DeployRow]:
    """Publications of content, newest first."""
    for place, one in enumerate(bursts):
        gone = f" · {one.deleted} deleted" if one.deleted else ""
        span = wording.took(int((one.ended - one.began).total_seconds()))
        detail = (row(Span(f"{one.began:%Y-%m-%d %H:%M:%S}Z to {one.ended:%H:%M:%S}Z", "muted")),)
        state, word = (State.OK, "newest") if place == 0 else (State.NO_TRAFFIC, "")
        yield DeployRow(
            f"burst {one.bucket} {one.began}", state, word, f"{one.began:%Y-%m-%d %H:%M}Z",
            f"{one.written} written{gone} · in {span or '0 s'} · {one.bucket}", _ago(one.ended, now), detail=detail,
        )  # fmt: skip


def object_rows(versions: Sequence[ObjectEntry], now: datetime) -> Iterator[DeployRow]:
    """Versions of the bucket's objects, by key."""
    for one in versions:
        word = "delete marker" if one.deleted else "latest" if one.latest else ""
        state = State.WARN if one.deleted else State.OK if one.latest else State.NO_TRAFFIC
        size = "" if one.deleted else f"{wording.grouped(one.size)} B  "
        written = f", {one.at:%Y-%m-%d %H:%M:%S}Z" if one.at is not None else ""
        detail = (row(Span(one.key, "strong")), row(Span(f"version {one.id}{written}", "muted")))
        when = _ago(one.at, now)
        yield DeployRow(
            f"object {one.key} {one.id}", state, word, str(one.key), f"{size}{one.id}", when, 2, detail=detail
        )


def invalidation_rows(found: Sequence[Invalidation], now: datetime) -> Iterator[DeployRow]:
    """Invalidations newest first."""
    for one in found:
        state = State.OK if one.done else State.WAITING
        paths = " ".join(one.paths) or "paths not opened"
        detail = (row(Span(paths)), row(Span(f"reference {one.reference or 'not opened'}", "muted")))
        yield DeployRow(
            f"purge {one.id}", state, str(one.status), str(one.id), paths, _ago(one.created, now), detail=detail
        )


def output_rows(stack: Stack) -> Iterator[DeployRow]:
    """Outputs and parameters. NoEcho comes as stars from AWS; what reads like a secret is hidden here too."""
    for title, pairs in (("outputs", stack.outputs), ("parameters", stack.parameters)):
        yield DeployRow(title, State.NO_TRAFFIC, "", title, "" if pairs else "none", heading=True)
        for name, value in pairs:
            shown = redacted(name, value)
            detail = (row(Span(name, "strong")), row(Span(shown)))
            yield DeployRow(f"{title} {name}", State.NO_TRAFFIC, "", str(name), shown, "", 2, detail=detail)


def redacted(name: str, value: str) -> str:
    """A value that may be shown."""
    if value and not value.strip("*"):
        return f"{HIDDEN} (NoEcho)"
    shown = redact_value({name: value})
    return str(shown[name]) if isinstance(shown, dict) else redact(value)


def drift_rows(found: Sequence[DriftedResource]) -> Iterator[DeployRow]:
    """Resources of the last detection, those that differ first."""
    for one in found:
        same = one.status == "IN_SYNC"
        told = ", ".join(f"{d.path}: {d.expected} → {d.actual}" for d in one.differences)
        detail: list[Row] = [row(Span(one.logical_id, "strong"), Span(f"  {one.type}", "muted"))]
        for d in one.differences:
            spans = (
                Span(f"{d.path}  template ", "muted"),
                d.expected,
                Span("  account ", "muted"),
                Span(d.actual, "warn"),
            )
            detail.append(row(*spans))
        state = State.OK if same else State.WARN
        facts = "as the template says" if same else told
        yield DeployRow(
            f"drift {one.logical_id}", state, str(one.status), str(one.logical_id), facts, detail=tuple(detail)
        )


def change_set_rows(found: Sequence[ChangeSet], now: datetime) -> Iterator[DeployRow]:
    """Change sets newest first, each with its changes."""
    for one in found:
        state = State.ELEVATED if one.execution == "AVAILABLE" else State.OK
        if one.status == "FAILED" or one.execution == "EXECUTE_FAILED":
            state = State.CRIT
        facts = f"{one.execution} · {several(len(one.changes), 'change')} · {one.description or one.reason}"
        yield DeployRow(one.id, state, "", str(one.name), facts, _ago(one.created, now), heading=True)
        yield from (_change(one, change) for change in one.changes)


def _change(one: ChangeSet, change: PlannedChange) -> DeployRow:
    replaced = {"True": "REPLACED", "Conditional": "may be replaced"}.get(change.replacement, "")
    harm = State.WARN if replaced or change.action == "Remove" else State.NO_TRAFFIC
    facts = f"{change.type.removeprefix('AWS::')}  {replaced}".rstrip()
    return DeployRow(f"{one.id} {change.logical_id}", harm, str(change.action), str(change.logical_id), facts, "", 2)


def _sha(sha: str) -> str:
    return sha[:SHA]


def _ago(moment: datetime | None, now: datetime) -> str:
    return wording.age((now - moment).total_seconds()) if moment is not None else wording.MINUS
