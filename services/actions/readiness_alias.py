"""Readiness of the function's alias: that it is called, that there is a version to go back to, that it may be moved."""

from __future__ import annotations

from datetime import datetime

from services.actions.candidates import candidates
from services.actions.permissions import UPDATE_ALIAS, permission
from services.actions.readiness_check import check, unread
from services.actions.rollback import plan_rollback
from services.model.functions import Release
from services.model.plan import Refusal
from services.model.readiness import Answer, Check, Footing
from services.model.situation import Situation
from services.settings.values import Environment, Settings


def alias_checks(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, footing: Footing | None
) -> tuple[Check, ...]:
    """Of the function that the API calls by its alias, or else of the first."""
    releases = situation.releases.value
    if releases is None:
        return (unread("alias", situation.releases, "the function's alias"),)
    if not releases:
        return (check("alias", Answer.NO, "the stack has no Lambda function", "Name the right stack."),)
    release = next((one for one in releases if one.alias is not None and one.called_by_api), releases[0])
    return (
        _alias(release, environment),
        _called(release, environment),
        _target(situation, settings, release, now),
        _plan(situation, environment, settings, now),
        _provisioned(release, footing),
        permission(UPDATE_ALIAS, footing),
    )


def _alias(release: Release, environment: Environment) -> Check:
    alias, name = release.alias, environment.names.alias
    if alias is None:
        return check(
            "alias",
            Answer.NO,
            f"{release.function} has no alias {name}",
            "Publish versions and let the API call an alias; until then an earlier release has to be deployed again.",
        )
    if alias.weights:
        told = ", ".join(f"{share:.0%} to v{version}" for version, share in alias.weights)
        return check("alias", Answer.CAREFUL, f"a canary runs: {told}; rolling back ends it first")
    return check("alias", Answer.YES, f"{alias.name} is at v{alias.version}")


def _called(release: Release, environment: Environment) -> Check:
    if release.called_by_api is None:
        return check("in use", Answer.UNKNOWN, "whether the API calls the alias could not be read")
    if not release.called_by_api:
        return check(
            "in use",
            Answer.NO,
            f"the API does not call {release.function}:{environment.names.alias}: moving it would change nothing",
            "Let every integration call the alias.",
        )
    return check("in use", Answer.YES, "every integration of the API calls the alias")


def _target(situation: Situation, settings: Settings, release: Release, now: datetime) -> Check:
    offered = candidates(
        release, situation.evidence.value or (), situation.operations.value or (), settings.thresholds, now
    )
    chosen = next((one for one in offered if one.chosen), None)
    if chosen is None:
        return check(
            "target",
            Answer.NO,
            f"{release.function} has no earlier version with other code to go back to",
            "Keep published versions from now on; for this time deploy the earlier release again.",
        )
    return check("target", Answer.YES, f"v{chosen.version}: {chosen.evidence}")


def _plan(situation: Situation, environment: Environment, settings: Settings, now: datetime) -> Check:
    """What R would say at this moment: the same guards."""
    found = plan_rollback(situation, environment, settings, now)
    if isinstance(found, Refusal):
        return check("plan", Answer.NO, found.reason, found.remedy)
    return check("plan", Answer.YES, str(found.steps[0].title))


def _provisioned(release: Release, footing: Footing | None) -> Check:
    name = "provisioned"
    if footing is None or footing.provisioned is None:
        return check(name, Answer.UNKNOWN, "provisioned concurrency could not be read")
    if footing.provisioned:
        return check(
            name,
            Answer.CAREFUL,
            f"{footing.provisioned} provisioned: after the move it is allotted anew, with cold starts for minutes",
        )
    return check(name, Answer.YES, "no provisioned concurrency to wait for")
