"""Readiness of the hands: this machine, these credentials, and whoever else is at work."""

from __future__ import annotations

from services.actions.readiness_check import check, unread
from services.model.readiness import Answer, Check, Footing, Ground
from services.model.situation import Situation
from services.problems import ProblemKind
from services.settings.values import Environment, EnvironmentKind

ENOUGH_BYTES = 20_000_000
"""Free space below which a journal is at risk: an operation writes some tens of kilobytes."""

SKEW_S = 240.0
"""AWS refuses signatures that are five minutes off; four leave a little time to act."""


def hands_checks(
    environment: Environment, situation: Situation, footing: Footing | None, ground: Ground
) -> tuple[Check, ...]:
    """What every layer needs."""
    return (
        _policy(environment),
        _account(environment, situation),
        _journal(ground),
        _nobody(environment, footing, ground),
        _clock(environment, footing),
    )


def _policy(environment: Environment) -> Check:
    if environment.read_only:
        return check("policy", Answer.NO, f"{environment.name} is read-only here", "Start without --read-only.")
    return check("policy", Answer.YES, "changes may be ordered from here")


def _account(environment: Environment, situation: Situation) -> Check:
    identity = situation.identity.value
    if identity is None:
        return unread("account", situation.identity, "who we are")
    if environment.account and environment.account != identity.account:
        return check(
            "account",
            Answer.NO,
            f"these credentials are of {identity.account}, {environment.name} is in {environment.account}",
            "Use credentials of the right account.",
        )
    return check("account", Answer.YES, f"{identity.who} in {identity.account}")


def _journal(ground: Ground) -> Check:
    if ground.problem:
        return check("journal", Answer.NO, ground.problem, "Without a journal nothing is sent.")
    if ground.free_bytes is not None and ground.free_bytes < ENOUGH_BYTES:
        free = f"{ground.free_bytes / 1e6:.1f} MB"
        return check("journal", Answer.NO, f"only {free} free for {ground.folder}", "Free some space.")
    return check("journal", Answer.YES, f"{ground.folder} can be written")


def _nobody(environment: Environment, footing: Footing | None, ground: Ground) -> Check:
    name, table = "nobody else", environment.lease_table
    if ground.holder:
        return check(name, Answer.NO, ground.holder, "Follow it (o); it is let go of when it has been applied.")
    if not table:
        return check(name, Answer.YES, "nobody on this machine is at work on it")
    if footing is None:
        return check(name, Answer.UNKNOWN, f"the lease table {table}: not asked yet", "Wait a moment.")
    problem = footing.lease_problem
    if problem is not None:
        final = problem.kind in (ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.DENIED)
        return check(name, Answer.NO if final else Answer.UNKNOWN, problem.message, problem.remedy)
    if footing.lease_holders:
        rest = "It is let go of when it has been applied, and taken over half a minute after its holder has died."
        return check(name, Answer.NO, footing.lease_holders[0], rest)
    return check(name, Answer.YES, f"nobody holds a lease in {table}")


def _clock(environment: Environment, footing: Footing | None) -> Check:
    if environment.kind is EnvironmentKind.SANDBOX:
        return check("clock", Answer.YES, "a sandbox goes by its own time, which is taken over")
    skew = footing.skew_s if footing is not None else None
    if skew is None:
        return check("clock", Answer.UNKNOWN, "this machine's clock could not be compared with AWS's")
    if abs(skew) > SKEW_S:
        return check("clock", Answer.NO, f"this machine's clock is off by {skew:+.0f} s", "Set the clock (NTP).")
    return check("clock", Answer.YES, f"this machine's clock is right to {abs(skew):.0f} s")
