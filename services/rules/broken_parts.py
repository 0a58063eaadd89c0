"""Components that are broken, the stack among them, each in a few words.

A stack that is stuck is told first: what else is broken may stand on it, and it alone has a key that helps.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.model.alarms import Alarm
from services.model.assessment import STACK, Node, State, Verdict
from services.model.changes import Change
from services.model.stacks import Stack
from services.rules.operations import operations
from services.rules.stack_states import Way, permitted
from services.rules.stacks import stack_state
from services.rules.suspects import after, suspect
from services.rules.view import View
from services.rules.words import clock
from services.safe_text import safe


def broken_parts(view: View, nodes: Sequence[Node], changes: Sequence[Change], state: State) -> Verdict | None:
    """The first two of what is in this state; None when nothing is."""
    broken = [_component(view, node, changes) for node in nodes if node.state is state]
    stack = view.situation.stack.value
    if stack is not None and stack_state(stack.status) is state:
        why = stack.reason or _first_failure(view)
        broken.insert(0, f"Stack: {stack.status}" + (f", {why}" if why else ""))
        key, does = _stack_remedy(stack)
        return Verdict(state, safe("; ".join(broken[:2])), key=key, remedy=safe(does), about=STACK)
    return Verdict(state, safe("; ".join(broken[:2]))) if broken else None


def ringing(view: View) -> list[Alarm]:
    """CloudWatch's alarms that are in ALARM."""
    return [alarm for alarm in view.situation.alarms.value or () if alarm.state == "ALARM"]


def _component(view: View, node: Node, changes: Sequence[Change]) -> str:
    alarms = ringing(view)
    if node.key == "health":
        return f"API health check failed: {node.note}"
    if node.key != "cloudwatch" or not alarms:
        return f"{node.title}: {node.note or node.state}"
    first = min(alarms, key=lambda alarm: (alarm.since is None, alarm.since))
    told = f"Alarm {first.name}"
    if first.since is not None:
        blamed = suspect(first.since, changes, "api.")
        told += f" since {clock(first.since, view.now)}" + (f", {after(blamed, first.since)}" if blamed else "")
    return told + (f" and {len(alarms) - 1} more in alarm" if len(alarms) > 1 else "")


def _first_failure(view: View) -> str:
    """`AuditTable failed at 03:02: …`, of the newest operation; what else failed was only cancelled by it."""
    history = operations(view.situation.events.value or ())
    failed = history[0].root_cause if history else None
    if failed is None:
        return ""
    return f"{failed.logical_id} failed at {clock(failed.at, view.now)}: {failed.reason or failed.status}"


def _stack_remedy(stack: Stack) -> tuple[str, str]:
    """What R does about a stack that is stuck; nothing where CloudFormation has no way of its own."""
    ways = permitted(stack.status).ways if stack.status.endswith("_FAILED") else ()
    own = [way for way in ways if way is not Way.REDEPLOY]
    return ("R", f"prepares to {own[0].value}") if own else ("", "")
