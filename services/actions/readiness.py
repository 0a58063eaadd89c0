"""Can I roll back right now? Each layer's needs held against what is known; every blocker with what lifts it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.actions.candidates import candidates
from services.actions.rollback import plan_rollback
from services.model.functions import Release
from services.model.plan import Refusal
from services.model.readiness import Answer, Check, Footing, Ground, Layer, Readiness
from services.model.reading import Reading
from services.model.situation import Situation
from services.rules.words import count
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind, Settings

ENOUGH_BYTES = 20_000_000
"""Free space below which a journal is at risk: an operation writes some tens of kilobytes."""

SKEW_S = 240.0
"""AWS refuses signatures that are five minutes off; four leave a little time to act."""

UPDATE_ALIAS, INVALIDATE = "lambda:UpdateAlias", "cloudfront:CreateInvalidation"


def readiness(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    footing: Footing | None,
    ground: Ground,
) -> Readiness:
    """Every layer, whatever could be read of it. `footing` None: it has not been asked yet."""
    return Readiness(
        (
            Layer("Lambda alias", _lambda(situation, environment, settings, now, footing)),
            Layer("CloudFormation", (_stack(situation),)),
            Layer("API stage", (_stage(situation),)),
            Layer("Content", (_content(situation),)),
            Layer("CloudFront", (_edge(situation), _permission(INVALIDATE, footing))),
            Layer("Hands", _hands(environment, situation, footing, ground)),
        )
    )


def wanted(situation: Situation) -> tuple[dict[str, tuple[str, ...]], str]:
    """Each action that a rollback may need and the ARNs it is used on, and the function whose alias moves."""
    release = next(iter(situation.releases.value or ()), None)
    function = str(release.function) if release is not None else ""
    identity = situation.identity.value
    account = identity.account if identity is not None else ""
    arns = [str(one.arn) for one in situation.functions.value or () if one.name == function and one.arn]
    edges = [f"arn:aws:cloudfront::{account}:distribution/{one.id}" for one in situation.distributions.value or ()]
    return {UPDATE_ALIAS: tuple(arns) or ("*",), INVALIDATE: tuple(edges) or ("*",)}, function


def _check(name: str, answer: Answer, said: str, remedy: str = "") -> Check:
    return Check(name, answer, safe(said, 300), safe(remedy, 300))


def _unread(name: str, reading: Reading[Any], what: str) -> Check:
    """Nothing is known, and why."""
    if reading.problem is not None:
        return _check(name, Answer.UNKNOWN, f"{what}: {reading.problem.message}", reading.problem.remedy)
    return _check(name, Answer.UNKNOWN, f"{what}: not answered yet", "Wait a moment.")


def _lambda(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, footing: Footing | None
) -> tuple[Check, ...]:
    releases = situation.releases.value
    if releases is None:
        return (_unread("alias", situation.releases, "the function's alias"),)
    if not releases:
        return (_check("alias", Answer.NO, "the stack has no Lambda function", "Name the right stack."),)
    release = next((one for one in releases if one.alias is not None and one.called_by_api), releases[0])
    return (
        _alias(release, environment),
        _called(release, environment),
        _target(situation, settings, release, now),
        _plan(situation, environment, settings, now),
        _provisioned(release, footing),
        _permission(UPDATE_ALIAS, footing),
    )


def _alias(release: Release, environment: Environment) -> Check:
    alias, name = release.alias, environment.names.alias
    if alias is None:
        return _check(
            "alias",
            Answer.NO,
            f"{release.function} has no alias {name}",
            "Publish versions and let the API call an alias; until then an earlier release has to be deployed again.",
        )
    if alias.weights:
        told = ", ".join(f"{share:.0%} to v{version}" for version, share in alias.weights)
        return _check("alias", Answer.CAREFUL, f"a canary runs: {told}; rolling back ends it first")
    return _check("alias", Answer.YES, f"{alias.name} is at v{alias.version}")


def _called(release: Release, environment: Environment) -> Check:
    if release.called_by_api is None:
        return _check("in use", Answer.UNKNOWN, "whether the API calls the alias could not be read")
    if not release.called_by_api:
        return _check(
            "in use",
            Answer.NO,
            f"the API does not call {release.function}:{environment.names.alias}: moving it would change nothing",
            "Let every integration call the alias.",
        )
    return _check("in use", Answer.YES, "every integration of the API calls the alias")


def _target(situation: Situation, settings: Settings, release: Release, now: datetime) -> Check:
    offered = candidates(
        release, situation.evidence.value or (), situation.operations.value or (), settings.thresholds, now
    )
    chosen = next((one for one in offered if one.chosen), None)
    if chosen is None:
        return _check(
            "target",
            Answer.NO,
            f"{release.function} has no earlier version with other code to go back to",
            "Keep published versions from now on; for this time deploy the earlier release again.",
        )
    return _check("target", Answer.YES, f"v{chosen.version}: {chosen.evidence}")


def _plan(situation: Situation, environment: Environment, settings: Settings, now: datetime) -> Check:
    """What R would say at this moment: the same guards."""
    found = plan_rollback(situation, environment, settings, now)
    if isinstance(found, Refusal):
        return _check("plan", Answer.NO, found.reason, found.remedy)
    return _check("plan", Answer.YES, str(found.steps[0].title))


def _provisioned(release: Release, footing: Footing | None) -> Check:
    name = "provisioned"
    if footing is None or footing.provisioned is None:
        return _check(name, Answer.UNKNOWN, "provisioned concurrency could not be read")
    if footing.provisioned:
        return _check(
            name,
            Answer.CAREFUL,
            f"{footing.provisioned} provisioned: after the move it is allotted anew, with cold starts for minutes",
        )
    return _check(name, Answer.YES, "no provisioned concurrency to wait for")


def _permission(action: str, footing: Footing | None) -> Check:
    allowed = footing.allowed.get(action) if footing is not None else None
    if allowed is None:
        why = footing.why_not_known if footing is not None else "not asked yet"
        return _check("permission", Answer.UNKNOWN, f"{action}: {why or 'not known'}")
    if not allowed:
        return _check(
            "permission", Answer.NO, f"these credentials may not {action}", "Use the operator's role, or grant it."
        )
    return _check("permission", Answer.YES, f"{action} is allowed")


def _stack(situation: Situation) -> Check:
    stack = situation.stack.value
    if stack is None:
        return _unread("stack", situation.stack, "the stack")
    if stack.in_progress:
        return _check(
            "stack", Answer.NO, f"somebody is deploying: {stack.status}", "Wait until it has ended, or cancel it first."
        )
    if stack.status in ("UPDATE_ROLLBACK_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE"):
        return _check(
            "stack",
            Answer.NO,
            f"{stack.status}: no update is possible",
            "Continue or repair the stack's rollback first.",
        )
    return _check("stack", Answer.YES, f"{stack.status}, nobody is deploying")


def _stage(situation: Situation) -> Check:
    apis = situation.apis.value
    if apis is None:
        return _unread("deployment", situation.apis, "the API's stage")
    for api in apis:
        earlier = [one for one in api.deployments if one.id != api.deployment]
        if earlier:
            return _check(
                "deployment",
                Answer.YES,
                f"{api.name}/{api.stage}: {count(len(earlier))} other{'' if len(earlier) == 1 else 's'} to point at",
            )
    return _check(
        "deployment", Answer.NO, "no API has an earlier deployment", "Keep deployments: each release makes a new one."
    )


def _content(situation: Situation) -> Check:
    buckets = situation.buckets.value
    if buckets is None:
        return _unread("versioning", situation.buckets, "the web bucket")
    without = [str(one.name) for one in buckets if one.versioning != "Enabled"]
    if not buckets:
        return _check("versioning", Answer.UNKNOWN, "the stack has no bucket")
    if without:
        return _check(
            "versioning",
            Answer.NO,
            f"versioning is not on for {', '.join(without)}: what is overwritten is gone",
            "Turn versioning on now; it keeps what is written from then on.",
        )
    return _check("versioning", Answer.YES, "versioning is on: earlier content is kept")


def _edge(situation: Situation) -> Check:
    found = situation.distributions.value
    if found is None:
        return _unread("distribution", situation.distributions, "the distribution")
    for one in found:
        if not one.enabled:
            return _check("distribution", Answer.NO, f"{one.id} is disabled", "Enable it first.")
        if one.status != "Deployed":
            return _check(
                "distribution", Answer.CAREFUL, f"{one.id} is {one.status}: its configuration is still spreading"
            )
    if not found:
        return _check("distribution", Answer.UNKNOWN, "the stack has no distribution")
    return _check("distribution", Answer.YES, f"{', '.join(str(one.id) for one in found)} Deployed and enabled")


def _hands(
    environment: Environment, situation: Situation, footing: Footing | None, ground: Ground
) -> tuple[Check, ...]:
    return (
        _policy(environment),
        _account(environment, situation),
        _journal(ground),
        _nobody(ground),
        _clock(environment, footing),
    )


def _policy(environment: Environment) -> Check:
    if environment.read_only:
        return _check("policy", Answer.NO, f"{environment.name} is read-only here", "Start without --read-only.")
    return _check("policy", Answer.YES, "changes may be ordered from here")


def _account(environment: Environment, situation: Situation) -> Check:
    identity = situation.identity.value
    if identity is None:
        return _unread("account", situation.identity, "who we are")
    if environment.account and environment.account != identity.account:
        return _check(
            "account",
            Answer.NO,
            f"these credentials are of {identity.account}, {environment.name} is in {environment.account}",
            "Use credentials of the right account.",
        )
    return _check("account", Answer.YES, f"{identity.who} in {identity.account}")


def _journal(ground: Ground) -> Check:
    if ground.problem:
        return _check("journal", Answer.NO, ground.problem, "Without a journal nothing is sent.")
    if ground.free_bytes is not None and ground.free_bytes < ENOUGH_BYTES:
        free = f"{ground.free_bytes / 1e6:.1f} MB"
        return _check("journal", Answer.NO, f"only {free} free for {ground.folder}", "Free some space.")
    return _check("journal", Answer.YES, f"{ground.folder} can be written")


def _nobody(ground: Ground) -> Check:
    if ground.holder:
        return _check(
            "nobody else", Answer.NO, ground.holder, "Follow it (o); it is let go of when it has been applied."
        )
    return _check("nobody else", Answer.YES, "nobody on this machine is at work on it")


def _clock(environment: Environment, footing: Footing | None) -> Check:
    if environment.kind is EnvironmentKind.SANDBOX:
        return _check("clock", Answer.YES, "a sandbox goes by its own time, which is taken over")
    skew = footing.skew_s if footing is not None else None
    if skew is None:
        return _check("clock", Answer.UNKNOWN, "this machine's clock could not be compared with AWS's")
    if abs(skew) > SKEW_S:
        return _check("clock", Answer.NO, f"this machine's clock is off by {skew:+.0f} s", "Set the clock (NTP).")
    return _check("clock", Answer.YES, f"this machine's clock is right to {abs(skew):.0f} s")
