"""From a plan to its outcome without a screen: show it, confirm it, order it, follow the journal."""

from __future__ import annotations

import sys
import termios
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from services.model.entry import Operation, Outcome, Phase
from services.model.identity import Identity
from services.model.plan import Call, Grade, Plan, Refusal
from services.problems import ConfigurationError
from services.settings.values import Environment
from tui.commands.output import say

if TYPE_CHECKING:
    from services.journal.home import JournalHome

LOOK_S = 0.2
"""Machine seconds between two looks at the journal."""

GOOD = (Outcome.RECOVERED, Outcome.COMPLETED)


def plan_text(plan: Plan) -> str:
    """A plan for a person: what changes, the exact calls, what is saved, what stays, how success is recognised."""
    told = [plan.title, ""]
    told += _part("Steps", [step.title for step in plan.steps])
    told += _part("Calls", [_call(step.call) for step in plan.steps])
    told += _part(
        "Only if", [f"{one.what} = {one.expected or 'none'}" for step in plan.steps for one in step.preconditions]
    )
    told += _part(
        "Candidates",
        [f"{'▶' if one.chosen else ' '} {one.label}  {one.evidence}" for one in plan.candidates],
    )
    told += _part("Saved first", plan.saved)
    told += _part("Cannot undo", plan.irreversible)
    told += _part("Notes", plan.notes)
    told += _part("Recovered", [plan.criterion.text] if plan.criterion else ())
    return "\n".join(told)


def _part(title: str, texts: Iterable[str]) -> list[str]:
    shown = [text for text in texts if text]
    return [f"{title if index == 0 else '':<12}{text}" for index, text in enumerate(shown)]


def _call(call: Call) -> str:
    parameters = msgspec.json.encode(call.parameters).decode()
    return f"{call.service}:{call.operation} in {call.region}  {parameters}"


def refused(refusal: Refusal, as_json: bool) -> int:
    """Say why there is no plan; exit code 1."""
    if as_json:
        click.echo(msgspec.json.encode({"version": 1, "refusal": refusal}))
    say(f"No {refusal.kind}: {refusal.reason}. {refusal.remedy}".rstrip())
    return 1


def shown(plan: Plan, as_json: bool) -> int:
    """Print a plan and nothing else; exit code 0."""
    click.echo(msgspec.json.encode({"version": 1, "plan": plan}) if as_json else plan_text(plan))
    return 0


def decided(
    plan: Plan | Refusal,
    environment: Environment,
    identity: Identity | None,
    now: Callable[[], datetime],
    *,
    only_plan: bool,
    yes: bool,
    reason: str,
    as_json: bool,
) -> int:
    """What becomes of a plan: refused, only shown, not confirmed, or carried out to its end; the exit code.

    `now`: asked when it has been confirmed, which takes a person a while.
    """
    if isinstance(plan, Refusal):
        return refused(plan, as_json)
    if only_plan:
        return shown(plan, as_json)
    given = reason or "ordered on the command line" if yes else confirmed(plan, reason)
    if given is None:
        say("Not confirmed; nothing was done.")
        return 1
    return carried_out(plan, environment, identity, given, now(), as_json)


def check_can_ask(yes: bool, instead: str = "look at it with --plan, or order it with --yes and --reason") -> None:
    """Without a terminal to ask on, an order needs --yes. Raises ConfigurationError."""
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigurationError(f"there is no terminal to confirm on; {instead}.")


def check_may_act(environment: Environment) -> None:
    """A read-only environment shows plans and carries nothing out. Raises ConfigurationError."""
    if environment.read_only:
        raise ConfigurationError(f"{environment.name} is read-only: look at the plan with --plan; nothing is done.")


def confirmed(plan: Plan, reason: str) -> str | None:
    """Ask on the terminal, graded as the plan says; the reason, or None when it was not confirmed or has none."""
    say(plan_text(plan))
    say("")
    if plan.grade is Grade.KEY:
        return reason if _answer("Type y to go ahead") == "y" else None
    if _answer(f"Type {plan.word} to go ahead") != plan.word:
        return None
    return reason or _answer("Reason") or None


def _answer(question: str) -> str:
    """What is typed after the question was shown; what was typed before it answers nothing."""
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
    return str(click.prompt(question, default="", show_default=False, err=True))


def carried_out(
    plan: Plan, environment: Environment, identity: Identity | None, reason: str, now: Any, as_json: bool
) -> int:
    """Order a confirmed plan and follow it to its end; 0 only for RECOVERED or COMPLETED.

    An interrupt ends the following, never the operation: its executor is a process of its own.
    """
    from services.executor.orders import OrderRefused, place
    from services.journal.home import JournalBroken, JournalHome
    from services.journal.leases import Held
    from services.journal.who import actor

    home = JournalHome.default(environment)
    try:
        operation = place(plan, environment, actor(identity.arn if identity else ""), reason, home, now)
    except (OrderRefused, Held, JournalBroken) as error:
        say(f"Not ordered: {str(error).removesuffix('.')}.")
        return 1
    say(f"Ordered as {operation}.")
    return _followed_to_its_end(operation, home, environment, as_json)


def carried_on(operation: str, environment: Environment, home: JournalHome, now: datetime, as_json: bool) -> int:
    """Have an operation carried on whose executor has gone, and follow it to its end; the exit code likewise."""
    from services.executor.orders import OrderRefused, resume
    from services.journal.home import JournalBroken
    from services.journal.leases import Held
    from services.journal.who import actor

    try:
        resume(operation, environment, actor(), home, now)
    except (OrderRefused, Held, JournalBroken) as error:
        say(f"Not carried on: {str(error).removesuffix('.')}.")
        return 1
    say(f"Carrying on {operation}.")
    return _followed_to_its_end(operation, home, environment, as_json)


def _followed_to_its_end(operation: str, home: JournalHome, environment: Environment, as_json: bool) -> int:
    try:
        return _ended(_followed(operation, home, environment), as_json)
    except KeyboardInterrupt:
        say(
            f"Interrupted. Operation {operation} goes on without this command: follow it with "
            f"`cockpit status {environment.name}` or on the screen; its journal is in {home.path}."
        )
        raise


def _followed(operation: str, home: Any, environment: Environment) -> Operation:
    """The operation at its end, or as it stands when its executor is gone; every phase is told as it comes."""
    from services.executor.orders import executor_gone
    from services.journal.reading import read_operation

    pause, told = threading.Event(), 0
    while True:
        gone = executor_gone(home, operation)
        found = read_operation(home, operation)
        if found is None:
            raise ConfigurationError(f"the order of {operation} in {home.path} can no longer be read.")
        entries = [entry for entry in found.entries if entry.phase is not Phase.HEARTBEAT]
        for entry in entries[told:]:
            say(f"{entry.at:%H:%M:%S}Z  {entry.phase:<10}  {entry.text}")
        told = len(entries)
        if not found.open:
            return found
        if gone:
            say(
                f"The executor of {operation} has gone before the end. Carry it on with "
                f"`cockpit resume {environment.name} {operation}`, or finish it by hand: add --by-hand."
            )
            return found
        pause.wait(LOOK_S)


def _ended(operation: Operation, as_json: bool) -> int:
    code = 0 if operation.outcome in GOOD else 1
    if as_json:
        click.echo(
            msgspec.json.encode(
                {
                    "version": 1,
                    "operation": operation.id,
                    "environment": operation.plan.environment,
                    "kind": operation.plan.kind,
                    "outcome": operation.outcome,
                    "sentence": operation.text,
                    "ordered": operation.ordered,
                    "switched": operation.switched,
                    "ended": operation.ended,
                    "steps": [{"title": step.title, "call": step.call} for step in operation.plan.steps],
                    "exit": code,
                }
            )
        )
    else:
        outcome = str(operation.outcome or "UNFINISHED")
        click.echo(f"{outcome}  {operation.text.removeprefix(f'{outcome}: ')}")
        _say_next(operation)
    return code


def _say_next(operation: Operation) -> None:
    """After a rollback that did not help: the command that shows the plan of the next candidate."""
    from services.actions.next_try import helpless, untried

    if not helpless(operation):
        return
    named = f"cockpit rollback {operation.plan.environment}"
    found = untried(operation)
    if found is None:
        say(f"No other candidate of this layer: {named} --layer LAYER --plan shows another layer's.")
        return
    layer, target = found
    say(f"Next: {named} {target} --layer {layer} --plan")
