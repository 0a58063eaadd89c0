"""Rolling back by the alias: LIVE moves to an earlier version, compare-and-set (aws.md 5.2, decisions C3, C4).

`plan_rollback` goes back, `plan_forward` takes an operation of ours back. Both give a Plan or a Refusal and do nothing.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from services.actions.candidates import candidates
from services.actions.criterion import criterion
from services.actions.drafting import draft
from services.actions.guards import (
    account_refusal,
    operation_refusal,
    refuse,
    resource_of,
    stack_refusal,
    unknown,
    unread_since,
)
from services.actions.layers import notes
from services.actions.weights import weights_parameter, weights_text
from services.model.entry import Operation
from services.model.functions import Alias, FunctionVersion, Release
from services.model.plan import ActionKind, Call, Candidate, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.rules.targets import sha_of
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.ROLLBACK


def plan_rollback(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    target: int | None = None,
    *,
    function: str = "",
) -> Plan | Refusal:
    """Back to `target`, or to the version that the evidence proposes.

    `function` chooses where a stack has several with an alias.
    """
    release = _release(situation, environment, now, function)
    if isinstance(release, Refusal):
        return release
    alias = release.alias
    assert alias is not None  # _release refuses without one
    offered = candidates(
        release,
        situation.evidence.value or (),
        situation.operations.value or (),
        settings.thresholds,
        now,
    )
    goal = _goal(release, alias, offered, target)
    if isinstance(goal, Refusal):
        return goal
    offered = tuple(replace(candidate, chosen=candidate.version == goal) for candidate in offered)
    title = f"Roll back {alias.name} of {release.function} from v{alias.version} to v{goal}"
    if goal == alias.version:
        title = f"End the weighted routing of {alias.name} of {release.function}: everything to v{goal}"
    return _plan(situation, environment, settings, now, release, alias, goal, "", title, offered)


def plan_forward(
    operation: Operation,
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
) -> Plan | Refusal:
    """Take `operation` back: the alias as it was before it, weights included."""
    applied = [operation.plan.steps[number] for number in operation.standing]
    step = next((one for one in applied if one.kind == "lambda.alias"), None)
    if step is None:
        return refuse(
            _KIND, f"operation {operation.id} left nothing that can be taken back", "Choose one that moved the alias."
        )
    function = str(step.call.parameters.get("FunctionName", ""))
    release = _release(situation, environment, now, function)
    if isinstance(release, Refusal):
        return release
    alias = release.alias
    assert alias is not None  # _release refuses without one
    left, weights = step.after.get("version", ""), step.after.get("weights", "")
    if str(alias.version) != left or weights_text(alias.weights) != weights:
        stands = _described(alias.version, weights_text(alias.weights))
        return refuse(
            _KIND,
            f"{alias.name} is at {stands}, not at v{left} where the operation left it: it was moved since",
            "Look at who moved it (Deployments); plan a rollback to the version that is wanted.",
        )
    goal = step.before.get("version", "")
    if not goal.isdigit() or _listed(release, int(goal)) is None:
        return refuse(_KIND, f"v{goal} does not exist any more", "Roll back to another version.")
    back = step.before.get("weights", "")
    title = f"Move {alias.name} of {release.function} from v{alias.version} forward again to {_described(goal, back)}"
    return _plan(situation, environment, settings, now, release, alias, int(goal), back, title, undo_of=operation.id)


def _release(situation: Situation, environment: Environment, now: datetime, function: str) -> Release | Refusal:
    """The one function with an alias that the API calls, or why there is no such thing to move."""
    refusal = account_refusal(_KIND, situation, environment) or unknown(
        _KIND, "the function's alias", situation.releases, environment, now
    )
    if refusal is not None:
        return refusal
    releases = [one for one in situation.releases.value or () if function in ("", str(one.function))]
    if not releases:
        named = f" called {function}" if function else ""
        return refuse(_KIND, f"the stack has no Lambda function{named}", "Name a function of this stack.")
    aliased = [one for one in releases if one.alias is not None]
    if not aliased:
        return refuse(
            _KIND,
            f"{releases[0].function} has no alias {environment.names.alias}: there is nothing to move back",
            "Deploy the earlier release again. Do not create the alias now: the API would not call it.",
        )
    called = [one for one in aliased if one.called_by_api is not False]
    if not called:
        return refuse(
            _KIND,
            f"the API does not call {aliased[0].function}:{environment.names.alias}: moving the alias would change "
            "nothing",
            "Deploy the earlier release again; for the next time let the integration call the alias.",
        )
    if len(called) > 1:
        names = ", ".join(str(one.function) for one in called)
        return refuse(_KIND, f"several functions have an alias: {names}", "Choose the function.")
    release = called[0]
    assert release.alias is not None
    return _movable(situation, environment, release, release.alias, now) or release


def _movable(
    situation: Situation, environment: Environment, release: Release, alias: Alias, now: datetime
) -> Refusal | None:
    if not alias.revision_id:
        return refuse(
            _KIND, f"the revision of {alias.name} is not known", "Refresh: without it nothing guards the move."
        )
    resource = resource_of({"FunctionName": str(release.function), "Name": str(alias.name)})
    operations = situation.operations.value or ()
    refusal = operation_refusal(_KIND, operations, resource) or stack_refusal(_KIND, situation, environment, now)
    if refusal is not None:
        return refusal
    return unread_since(_KIND, "the alias has not been read since it was moved", situation.releases, operations)


def _goal(release: Release, alias: Alias, offered: tuple[Candidate, ...], target: int | None) -> int | Refusal:
    """The version to move to; a given target must exist, be able to run and differ from what is live."""
    if target is None:
        chosen = next((candidate.version for candidate in offered if candidate.chosen), None)
        if chosen is not None:
            return chosen
        return refuse(
            _KIND,
            f"there is no earlier version of {release.function} with other code than v{alias.version} to go back to",
            "Deploy the earlier release again, or mend forward. Keep published versions (retain policy) from now on.",
        )
    found = _listed(release, target)
    if found is None:
        there = ", ".join(f"v{version.number}" for version in release.versions[:8]) or "none"
        return refuse(_KIND, f"{release.function} has no version {target}", f"Published: {there}.")
    if target == alias.version and not alias.weights:
        return refuse(_KIND, f"{alias.name} is at v{target} already", "Choose another version.")
    if found.state == "Failed":
        return refuse(_KIND, f"v{target} is in state Failed and cannot run", "Choose another version.")
    if target != alias.version and found.sha and found.sha == sha_of(release, alias.version):
        return refuse(
            _KIND,
            f"v{target} has the same code as v{alias.version} (CodeSha256 is equal): moving would change nothing",
            "Choose a version with other code.",
        )
    return target


def _listed(release: Release, number: int) -> FunctionVersion | None:
    return next((version for version in release.versions if version.number == number), None)


def _left(alias: Alias, goal: int) -> str:
    """Which versions lose traffic: of a canary that is ended, the one with the weight."""
    serving = (alias.version, *dict(alias.weights))
    return " and ".join(f"v{version}" for version in serving if version != goal) or f"v{alias.version}"


def _described(version: int | str, weights: str) -> str:
    return f"v{version}" + (f" with weights {weights}" if weights else "")


def _plan(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    release: Release,
    alias: Alias,
    goal: int,
    weights: str,
    title: str,
    offered: tuple[Candidate, ...] = (),
    undo_of: str = "",
) -> Plan:
    before = weights_text(alias.weights)
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=title,
        steps=(_step(situation, environment, release, alias, goal, weights),),
        saved=(
            safe(f"alias {alias.name}: {_described(alias.version, before)}, revision {alias.revision_id}"),
            safe(f"configuration of {release.function} v{alias.version} (names of its variables only)"),
        ),
        irreversible=(
            SafeText("requests that have failed already"),
            safe(f"asynchronous events that are queued may still run {_left(alias, goal)} for minutes"),
        ),
        notes=notes(situation, release, alias, goal),
        candidates=offered,
        criterion=criterion(situation, release, environment, settings),
        undo_of=undo_of,
    )


def _step(
    situation: Situation, environment: Environment, release: Release, alias: Alias, goal: int, weights: str
) -> Step:
    stack = situation.stack.value
    before = weights_text(alias.weights)
    shown = _described(alias.version, before), _described(goal, weights)
    return Step(
        kind="lambda.alias",
        title=safe(f"Lambda  {alias.name}  {shown[0]} → {shown[1]}"),
        call=Call(
            "lambda",
            "UpdateAlias",
            environment.region,
            {
                "FunctionName": str(release.function),
                "Name": str(alias.name),
                "FunctionVersion": str(goal),
                "RoutingConfig": {"AdditionalVersionWeights": dict(weights_parameter(weights))},
                "RevisionId": str(alias.revision_id),
            },
        ),
        preconditions=(
            Precondition("alias.revision", str(alias.revision_id)),
            Precondition("alias.version", str(alias.version)),
            Precondition("alias.weights", before),
            Precondition("stack.status", str(stack.status) if stack is not None else ""),
        ),
        before={"version": str(alias.version), "weights": before, "revision": str(alias.revision_id)},
        after={"version": str(goal), "weights": weights},
    )
