"""Signing a user out everywhere (runbook lines 900-903; decisions E7): no more than that, and it is said."""

from __future__ import annotations

from datetime import datetime

from services.actions.drafting import draft
from services.actions.guards import account_refusal, operation_refusal, refuse, resource_of
from services.model.plan import ActionKind, Call, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.model.users import PoolUser, SignOutGround
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Settings

_KIND = ActionKind.SIGN_OUT


def plan_sign_out(
    situation: Situation, environment: Environment, settings: Settings, now: datetime, ground: SignOutGround, name: str
) -> Plan | Refusal:
    """Sign `name` out of every device. `ground`: as it was just read."""
    refusal = account_refusal(_KIND, situation, environment)
    if refusal is not None:
        return refusal
    if ground.user is None:
        return refuse(_KIND, f"UserNotFound: pool {ground.pool} has no user {name}", "Check the name in the pool.")
    call = Call(
        "cognito-idp",
        "AdminUserGlobalSignOut",
        environment.region,
        {"UserPoolId": str(ground.pool), "Username": str(ground.user.name)},
    )
    refusal = operation_refusal(_KIND, situation.operations.value or (), resource_of(call.parameters))
    return refusal or _plan(situation, environment, now, ground, ground.user, call)


def still_good(minutes: int | None) -> str:
    """What a sign-out leaves."""
    span = f"up to {minutes} minutes" if minutes is not None else "until they run out"
    return f"tokens issued before stay valid for the API, {span}"


def _plan(
    situation: Situation,
    environment: Environment,
    now: datetime,
    ground: SignOutGround,
    user: PoolUser,
    call: Call,
) -> Plan:
    left = still_good(ground.minutes)
    step = Step(
        kind="users.sign_out",
        title=safe(f"Cognito  {ground.pool}  sign {user.name} out everywhere", 400),
        call=call,
        preconditions=(Precondition("user.status", str(user.status)),),
        before={"left": left},
        after={"status": "signed out"},
        repeatable=True,
    )
    notes = [
        f"WARNING   {left}",
        "Not done  no key or secret is rotated by this, and the user can sign in again: disable it where it must not",
    ]
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Sign {user.name} out everywhere",
        steps=(step,),
        saved=(safe(f"{user.name} is {user.status}"),),
        irreversible=(SafeText("the user's sessions: every device has to sign in again"),),
        notes=tuple(safe(note, 400) for note in notes),
    )
