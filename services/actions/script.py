"""The runbook's own rollback script (lines 37, 712, 715): what is run, exactly as the runbook writes it (decisions C1).

What the script does is its own: the plan says which program is run with which words, what is saved before, and that
success is judged as after any rollback, on a fresh window. It is run once; nobody runs it again by himself.
"""

from __future__ import annotations

import shlex
from datetime import datetime

from services.actions.command_lines import SCRIPT
from services.actions.criterion import criterion
from services.actions.guards import account_refusal, lifetime, operation_refusal, refuse
from services.model.plan import ActionKind, Call, Candidate, Criterion, Grade, Plan, Precondition, Refusal, Step
from services.model.script import ScriptFile
from services.model.situation import Situation
from services.safe_text import safe
from services.settings.values import Environment, Settings

KIND, DIGEST = "script.run", "script.digest"
SERVICE, OPERATION = SCRIPT, "Run"
"""What stands in a call for a program of this machine."""

PREVIOUS = "previous"

_KIND = ActionKind.ROLLBACK


def plan_script(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    script: ScriptFile,
    target: str = "",
) -> Plan | Refusal:
    """Run the script, for `target` where one is given: `previous`, or a version."""
    resource = f"stack {environment.stack}"
    refusal = account_refusal(_KIND, situation, environment) or operation_refusal(
        _KIND, situation.operations.value or (), resource
    )
    if refusal is not None:
        return refusal
    if target.startswith("-"):
        return refuse(_KIND, f"{target} would be an option of the script", "Write `previous` or a version.")
    words = [script.path, script.argument, *([target] if target else [])]
    line = shlex.join(words)
    identity = situation.identity.value
    assert identity is not None  # account_refusal refuses without one
    saved = _live(situation)
    call = Call(
        SERVICE, OPERATION, environment.region,
        {"argv": list(words), "folder": script.folder, "StackName": environment.stack},
    )  # fmt: skip
    return Plan(
        kind=_KIND,
        environment=environment.name,
        account=identity.account,
        title=f"Run {line}",
        made=now,
        expires=now + lifetime(environment),
        grade=Grade.TYPED,
        steps=(Step(KIND, safe(f"Script  {line}", 200), call, (Precondition(DIGEST, script.digest),), before=saved),),
        saved=tuple(safe(f"{name}: v{version}", 200) for name, version in saved.items()) or (safe("who ran it, when"),),
        irreversible=(
            safe("whatever the script does: the cockpit knows its words and its exit status, not its effect"),
        ),
        criterion=_criterion(situation, environment, settings),
        typed=environment.stack,
    )


def targets(situation: Situation) -> tuple[Candidate, ...]:
    """The versions that a target could be, newest first, without the live one."""
    found: list[Candidate] = []
    for release in situation.releases.value or ():
        live = release.alias.version if release.alias is not None else 0
        found += [
            Candidate(one.number, one.sha, one.published, None, 0, safe(release.function, 80))
            for one in release.versions
            if one.number != live
        ]
    return tuple(sorted(found, key=lambda one: -one.version))


def _live(situation: Situation) -> dict[str, str]:
    """Which version each alias serves before: what a person goes back to where the script did not help."""
    return {
        f"alias {one.alias.name} of {one.function}": str(one.alias.version)
        for one in situation.releases.value or ()
        if one.alias is not None
    }


def _criterion(situation: Situation, environment: Environment, settings: Settings) -> Criterion | None:
    release = next((one for one in situation.releases.value or () if one.alias is not None), None)
    return criterion(situation, release, environment, settings) if release is not None else None
