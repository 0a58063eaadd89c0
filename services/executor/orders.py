"""Placing an order: the confirmed plan is on disk, then a process of its own carries it out.

The one who orders takes the locks and hands the open files to the executor, which becomes nobody's child: no terminal,
no parent, its own session. What happens to the screen afterwards does not matter to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

import services
from services.actions.guards import resource_of
from services.actions.invalidation import REFERENCE
from services.journal.home import JournalBroken, JournalHome
from services.journal.ids import new_operation_id
from services.journal.leases import Held, Holder, Lock, take_lease, take_operation
from services.journal.leases import running as running
from services.journal.reading import read_operation, read_records
from services.journal.writing import JournalWriter
from services.model.entry import Actor, Outcome, Phase
from services.model.plan import Plan
from services.redact import redact_value
from services.safe_text import SafeText, safe
from services.settings.values import Environment

START_LIMIT_S = 20.0
"""Machine seconds for the executor to have begun; a machine that is slower than that is not one to act from."""


class OrderRefused(Exception):
    """Nothing was ordered. The message says why and what would lift it."""


def place(
    plan: Plan,
    environment: Environment,
    actor: Actor,
    reason: str,
    home: JournalHome,
    now: datetime,
) -> str:
    """Order a confirmed plan; the operation's id. Returns when the order is on disk and the executor runs.

    Takes about a tenth of a second: call it from a thread where a screen waits. Raises OrderRefused (read-only,
    expired, another environment's plan, a secret in it), Held (somebody acts on the same resource), JournalBroken;
    then nothing was ordered.
    """
    _check(plan, environment, now)
    operation = new_operation_id(now)
    plan = with_reference(plan, operation)
    holder = Holder(operation, SafeText(safe(f"{actor.os_user} on {actor.host}", 200)), now)
    locks: list[Lock] = []
    try:
        locks.append(take_operation(home, holder))
        locks.extend(_leases(home, plan, holder))
        head = write_order(home, operation, plan, environment, actor, reason, now)
        _start(home, operation, locks, [], now, head)
    finally:
        for lock in locks:
            lock.release()
    return operation


def write_order(
    home: JournalHome,
    operation: str,
    plan: Plan,
    environment: Environment,
    actor: Actor,
    reason: str,
    now: datetime,
) -> str:
    """The first record of an operation, on disk when this returns; its hash. Raises JournalBroken."""
    writer = JournalWriter(home, operation, f"{operation}.order.jsonl")
    try:
        data = {"environment": msgspec.to_builtins(environment)}
        writer.append(Phase.ORDERED, plan.title, now, data=data, plan=plan, actor=actor, reason=reason)
    finally:
        writer.close()
    return writer.head


def resume(operation: str, environment: Environment, actor: Actor, home: JournalHome, now: datetime) -> None:
    """Have an open operation carried on whose executor is gone. It reads first and never sends blindly again.

    Raises OrderRefused (ended, unknown, read-only), Held (its executor is alive, or somebody else acts), JournalBroken.
    """
    try:
        found = read_operation(home, operation)
    except FileNotFoundError:
        found = None
    if found is None:
        raise OrderRefused(f"There is no operation {operation} in {home.path}.")
    if not found.open:
        raise OrderRefused(f"Operation {operation} has ended: {found.outcome}.")
    if environment.read_only:
        raise OrderRefused(f"{environment.name} is read-only: the operation can be followed, not resumed.")
    if found.plan.environment != environment.name:
        raise OrderRefused(f"Operation {operation} is for {found.plan.environment}, not for {environment.name}.")
    who = f"{actor.os_user} on {actor.host}"
    holder = Holder(operation, SafeText(safe(who, 200)), now)
    locks: list[Lock] = []
    try:
        locks.append(take_operation(home, holder))
        if found.switched is None:
            locks.extend(_leases(home, found.plan, holder))
        _start(home, operation, locks, ["--resume", who], now, read_records(home, operation).entries[0].hash)
    finally:
        for lock in locks:
            lock.release()


def executor_gone(home: JournalHome, operation: str) -> bool:
    """Whether nobody has this operation in hand: if it is open, it waits for `resume`."""
    return not running(home, operation)


def with_reference(plan: Plan, operation: str) -> Plan:
    """The plan with the operation's id where it stands in for a token."""
    text = msgspec.json.encode(plan).decode()
    placeholder = msgspec.json.encode(REFERENCE).decode()
    return msgspec.json.decode(text.replace(placeholder, f'"ec2m-{operation}"'), type=Plan)


def _check(plan: Plan, environment: Environment, now: datetime) -> None:
    if environment.read_only:
        raise OrderRefused(f"{environment.name} is read-only: plans can be looked at, not carried out.")
    if plan.environment != environment.name:
        raise OrderRefused(f"The plan is for {plan.environment}, not for {environment.name}.")
    if now > plan.expires:
        raise OrderRefused(f"The plan ran out at {plan.expires:%H:%M:%SZ}. Plan again: the world may have changed.")
    written: object = msgspec.json.decode(msgspec.json.encode(plan))
    if redact_value(written) != written:
        raise OrderRefused(
            "The plan holds what looks like a secret, and orders are written down. Leave it out (a path's query?)."
        )


def _leases(home: JournalHome, plan: Plan, holder: Holder) -> list[Lock]:
    taken: list[Lock] = []
    try:
        for resource in sorted({resource_of(step.call.parameters) for step in plan.steps}):
            taken.append(take_lease(home, plan.environment, resource, holder))  # noqa: PERF401 - freed when one fails
    except (Held, JournalBroken):
        for lock in taken:
            lock.release()
        raise
    return taken


def _start(
    home: JournalHome, operation: str, locks: Sequence[Lock], more: Sequence[str], now: datetime, head: str
) -> None:
    """Start the executor. If it does not begin, that is recorded and raised: an order nobody takes up is void."""
    descriptors = [lock.descriptor for lock in locks]
    command = [
        *(sys.executable, "-P", "-m", "services.executor"),
        *("--home", str(home.path), "--operation", operation),
        *("--locks", ",".join(str(descriptor) for descriptor in descriptors)),
        *more,
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_variables(),
            pass_fds=descriptors,
            start_new_session=True,
            timeout=START_LIMIT_S,
            check=False,
        )
        failure = f"it ended with {done.returncode}" if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        failure = str(error)
    if failure:
        _not_started(home, operation, failure, now, head, resumed=bool(more))


def _not_started(home: JournalHome, operation: str, failure: str, now: datetime, head: str, *, resumed: bool) -> None:
    text = f"the executor could not be started ({failure})"
    if not resumed:
        writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
        try:
            writer.append(Phase.VOID, f"{text}. Nothing was changed.", now, outcome=Outcome.VOID)
        finally:
            writer.close()
    raise OrderRefused(f"Nothing was done: {text}.")


def _variables() -> dict[str, str]:
    """This process's environment; our own packages are found wherever they were found here."""
    root = str(Path(services.__file__).parent.parent)
    variables: dict[str, Any] = dict(os.environ)
    paths = [path for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path]
    variables["PYTHONPATH"] = os.pathsep.join([root, *(path for path in paths if path != root)])
    return variables
