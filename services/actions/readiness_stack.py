"""Readiness of the stack: that nobody deploys, that its state permits a way back, that there is a template for it."""

from __future__ import annotations

from datetime import datetime

from services.actions.permissions import permission, stack_action
from services.actions.readiness_check import check, unread
from services.actions.stack import plan_stack
from services.model.plan import Refusal
from services.model.readiness import Answer, Check, Footing
from services.model.situation import Situation
from services.rules.stack_states import Way, permitted
from services.rules.words import count
from services.settings.values import Environment, Settings


def stack_checks(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, footing: Footing | None
) -> tuple[Check, ...]:
    """The permission is asked after where the stack's state has a way back at all."""
    action = stack_action(situation)
    told = [_stack(situation)]
    if situation.stack.value is not None:
        told += [_kept(situation), _way(situation, environment, settings, now)]
    return (*told, permission(action, footing)) if action else tuple(told)


def _way(situation: Situation, environment: Environment, settings: Settings, now: datetime) -> Check:
    """What the stack's own plan would be. Without one other layers may still go back, so that it blocks nothing."""
    found = plan_stack(situation, environment, settings, now)
    if isinstance(found, Refusal):
        return check("way back", Answer.CAREFUL, found.reason, found.remedy)
    return check("way back", Answer.YES, str(found.steps[0].title))


def _kept(situation: Situation) -> Check:
    """Whether there is an earlier template to go back to: AWS keeps none."""
    name, kept = "kept", situation.kept.value
    if kept is None:
        reading = situation.kept if situation.kept.problem is not None else situation.deployed
        return unread(name, reading, "what the stack is deployed with")
    if len(kept) < 2:
        return check(
            name,
            Answer.CAREFUL,
            "no earlier template is kept: none was seen deployed from here",
            "Every deployment that the cockpit sees completed from now on is kept.",
        )
    return check(name, Answer.YES, f"{count(len(kept))} deployments, the oldest of {kept[-1].at:%Y-%m-%d %H:%MZ}")


def _stack(situation: Situation) -> Check:
    stack = situation.stack.value
    if stack is None:
        return unread("stack", situation.stack, "the stack")
    if stack.in_progress:
        return check(
            "stack", Answer.NO, f"somebody is deploying: {stack.status}", "Wait until it has ended, or cancel it first."
        )
    if stack.status in ("UPDATE_ROLLBACK_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE"):
        return check(
            "stack",
            Answer.NO,
            f"{stack.status}: no update is possible",
            "Continue its rollback (R, --layer stack), or repair it, first."
            if Way.CONTINUE in permitted(stack.status).ways
            else "Repair or delete it in the console first.",
        )
    return check("stack", Answer.YES, f"{stack.status}, nobody is deploying")
