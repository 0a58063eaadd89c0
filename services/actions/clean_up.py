"""Old versions of a function, deleted one by one (runbook lines 674-686, decisions C7): never one that is used.

`DeleteFunction` without a qualifier deletes the whole function. Here there is one way to make that call, `deletion`,
and it takes the number of a published version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
    unknown,
)
from services.actions.version_holders import holders_of, unclear
from services.model.functions import FunctionVersion, Release
from services.model.plan import ActionKind, Call, Grade, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.model.version_uses import VersionUses
from services.rules.targets import proposed
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.CLEAN_UP

KEEP = 3
"""The newest versions that always stay."""

OLD_DAYS = 30

MOST = 20
"""Versions of one order; the oldest first."""


def deletion(function: str, number: int, region: str) -> Call:
    """Delete one published version. Raises ValueError for what is none: that call would delete the function."""
    if not function or ":" in function or number < 1:
        raise ValueError(f"{function}:{number} is no published version")
    return Call("lambda", "DeleteFunction", region, {"FunctionName": function, "Qualifier": str(number)})


def plan_clean_up(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    uses: VersionUses,
    before: datetime,
    keep: int = KEEP,
) -> Plan | Refusal:
    """Delete the versions published before `before`, all but those in use and the newest `keep`.

    `uses`: as it was just read.
    """
    refusal = (
        account_refusal(_KIND, situation, environment)
        or stack_refusal(_KIND, situation, environment, now)
        or unknown(_KIND, "the function's alias", situation.releases, environment, now)
        or unknown(_KIND, "the API", situation.apis, environment, now)
    )
    if refusal is not None:
        return refusal
    if keep < KEEP:
        return refuse(_KIND, f"keeping {keep} versions leaves too little to go back to", f"Keep {KEEP} or more.")
    release = next((one for one in situation.releases.value or () if one.function == uses.function), None)
    if release is None:
        names = ", ".join(one.function for one in situation.releases.value or ()) or "none"
        return refuse(_KIND, f"the stack has no function {uses.function}", f"Its functions: {names}.")
    kept = _kept(situation, settings, release, uses, keep)
    old = [one for one in uses.versions if one.published is not None and one.published < before]
    chosen = sorted((one for one in old if one.number not in kept), key=lambda one: one.number)
    if not chosen:
        return _nothing(uses, kept, old, before)
    refusal = operation_refusal(
        _KIND, situation.operations.value or (), resource_of({"FunctionName": str(uses.function)})
    )
    return refusal or _plan(situation, environment, now, uses, chosen, kept, before)


def _kept(
    situation: Situation, settings: Settings, release: Release, uses: VersionUses, keep: int
) -> dict[int, list[str]]:
    """Version → why it stays."""
    kept = holders_of(uses, [uri for api in situation.apis.value or () for uri in api.integrations])
    operations = situation.operations.value or ()
    target = proposed(release, situation.evidence.value or (), operations, settings.thresholds)
    if target is not None:
        kept.setdefault(target.number, []).append("the rollback's target")
    for operation in operations:
        for step in operation.plan.steps if operation.reversible else ():
            if step.kind == "lambda.alias" and step.call.parameters.get("FunctionName") == uses.function:
                kept.setdefault(int(step.before.get("version") or 0), []).append("what undo goes back to")
    for number in sorted((one.number for one in uses.versions), reverse=True)[:keep]:
        kept.setdefault(number, []).append(f"of the newest {keep}")
    return {number: list(dict.fromkeys(why)) for number, why in kept.items()}


def _nothing(
    uses: VersionUses, kept: Mapping[int, Sequence[str]], old: Sequence[FunctionVersion], before: datetime
) -> Refusal:
    when = f"{before:%Y-%m-%d %H:%MZ}"
    if old:
        why = "; ".join(f"v{one.number}: {', '.join(kept[one.number])}" for one in old[:6])
        return refuse(_KIND, f"every version from before {when} stays: {why}", "Nothing needs to be deleted.")
    return refuse(
        _KIND, f"{uses.function} has no version from before {when} of {len(uses.versions)}", "Choose a later date."
    )


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    uses: VersionUses,
    old: Sequence[FunctionVersion],
    kept: Mapping[int, Sequence[str]],
    before: datetime,
) -> Plan:
    stack = situation.stack.value
    assert stack is not None  # stack_refusal
    chosen = old[:MOST]
    apis = " ".join(f"{api.kind.value}/{api.id}" for api in situation.apis.value or ())
    numbers = ", ".join(f"v{one.number}" for one in chosen)
    versions = "1 version" if len(chosen) == 1 else f"{len(chosen)} versions"
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Delete {versions} of {uses.function} from before {before:%Y-%m-%d}",
        asks=Grade.TYPED,
        steps=tuple(_step(uses, one, environment, str(stack.status), apis) for one in chosen),
        saved=(safe(f"number and code hash of {numbers}; the code itself is not saved", 400),),
        irreversible=(
            SafeText("a deleted version is gone: nothing can be rolled back to it, its number is never used again"),
        ),
        notes=tuple(safe(note, 400) for note in _notes(situation, uses, kept, len(old))),
    )


def _step(uses: VersionUses, one: FunctionVersion, environment: Environment, stack: str, apis: str) -> Step:
    published = f" of {one.published:%Y-%m-%d}" if one.published is not None else ""
    return Step(
        kind="lambda.version",
        title=safe(f"Lambda  {uses.function}  delete v{one.number}{published}"),
        call=deletion(str(uses.function), one.number, environment.region),
        preconditions=(
            Precondition("version.sha", str(one.sha)),
            Precondition("version.used", ""),
            Precondition("stack.status", stack),
        ),
        before={"sha": str(one.sha), "apis": apis},
        after={"status": "deleted"},
        apart=True,
    )


def _notes(
    situation: Situation,
    uses: VersionUses,
    kept: Mapping[int, Sequence[str]],
    old: int,
) -> list[str]:
    told = []
    if unclear(uses.function, [uri for api in situation.apis.value or () for uri in api.integrations]):
        told.append("WARNING   the API names what it calls by a stage variable: make sure that it is an alias")
    if old > MOST:
        told.append(f"More      {old - MOST} further versions are as old; order it again for them")
    there = sorted({one.number for one in uses.versions} & kept.keys(), reverse=True)
    told += [f"Kept      v{number}: {', '.join(kept[number])}" for number in there]
    told.append("Failures  each version is deleted by itself: what is refused is reported, the others go on")
    return told
