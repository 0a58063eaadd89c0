"""Readiness of what lies before the function: the API's stage, the web content, the distribution."""

from __future__ import annotations

from services.actions import http_stage
from services.actions.permissions import INVALIDATE, UPDATE_STAGE, permission
from services.actions.readiness_check import check, unread
from services.model.readiness import Answer, Check, Footing
from services.model.situation import Situation
from services.rules.words import count
from services.settings.values import Environment


def stage_checks(situation: Situation, environment: Environment, footing: Footing | None) -> tuple[Check, ...]:
    """The permission is asked after where there is a stage that can be moved at all."""
    movable = any(one.stage and http_stage.fixed(one, environment.region) is None for one in situation.apis.value or ())
    told = (_stage(situation, environment),)
    return (*told, permission(UPDATE_STAGE, footing)) if movable else told


def _stage(situation: Situation, environment: Environment) -> Check:
    apis = situation.apis.value
    if apis is None:
        return unread("deployment", situation.apis, "the API's stage")
    fixed = [why for one in apis if one.stage and (why := http_stage.fixed(one, environment.region)) is not None]
    for api in apis:
        earlier = [one for one in api.deployments if one.id != api.deployment]
        if earlier and http_stage.fixed(api, environment.region) is None:
            return check(
                "deployment",
                Answer.YES,
                f"{api.name}/{api.stage}: {count(len(earlier))} other{'' if len(earlier) == 1 else 's'} to point at",
            )
    if fixed:
        return check("deployment", Answer.NO, *fixed[0])
    return check(
        "deployment", Answer.NO, "no API has an earlier deployment", "Keep deployments: each release makes a new one."
    )


def content_checks(situation: Situation) -> tuple[Check, ...]:
    """Without versioning nothing of what was overwritten is left."""
    return (_versioning(situation),)


def _versioning(situation: Situation) -> Check:
    buckets = situation.buckets.value
    if buckets is None:
        return unread("versioning", situation.buckets, "the web bucket")
    without = [str(one.name) for one in buckets if one.versioning != "Enabled"]
    if not buckets:
        return check("versioning", Answer.UNKNOWN, "the stack has no bucket")
    if without:
        return check(
            "versioning",
            Answer.NO,
            f"versioning is not on for {', '.join(without)}: what is overwritten is gone",
            "Turn versioning on now; it keeps what is written from then on.",
        )
    return check("versioning", Answer.YES, "versioning is on: earlier content is kept")


def edge_checks(situation: Situation, footing: Footing | None) -> tuple[Check, ...]:
    """Whether its copies can be dropped."""
    return (_distribution(situation), permission(INVALIDATE, footing))


def _distribution(situation: Situation) -> Check:
    found = situation.distributions.value
    if found is None:
        return unread("distribution", situation.distributions, "the distribution")
    for one in found:
        if not one.enabled:
            return check("distribution", Answer.NO, f"{one.id} is disabled", "Enable it first.")
        if one.status != "Deployed":
            return check(
                "distribution", Answer.CAREFUL, f"{one.id} is {one.status}: its configuration is still spreading"
            )
    if not found:
        return check("distribution", Answer.UNKNOWN, "the stack has no distribution")
    return check("distribution", Answer.YES, f"{', '.join(str(one.id) for one in found)} Deployed and enabled")
