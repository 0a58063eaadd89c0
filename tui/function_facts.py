"""What screen 4 says of a function that is looked into (runbook lines 415-418, 433-435, 510-515). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.model.assessment import State
from services.model.function_facts import FunctionFacts, RolePolicies, Setup
from services.model.functions import Observed
from services.model.reading import Reading
from services.problems import Problem
from widgets import wording
from widgets.spans import Row, Span, row
from widgets.states import SIGNS, style

LABEL = 12
"""Cells of what stands before a fact."""

FULL = 0.9
"""Share of the memory from which on an invocation has come near to its end."""


def fact_rows(reading: Reading[FunctionFacts], now: datetime) -> Iterator[Row]:
    """The function as it was when it was asked, with what can be done about it; why not, while there is no answer."""
    found = reading.value
    if found is None:
        asked = f"{reading.problem.message}." if reading.problem is not None else "asking for the function …"
        yield row(Span(asked, "silent"))
        return
    if reading.problem is not None:
        yield row(Span(f"Not read again: {reading.problem.message}. What stands here is older.", "warn"))
    yield _standing(found.setup)
    yield from _figures(found)
    yield from _role(found)
    yield from _surroundings(found.setup)
    if reading.taken is not None:
        yield row(
            Span(f"asked {wording.second(reading.taken)}Z, {_ago(reading.taken, now)} ago · enter asks again", "muted")
        )


def _standing(setup: Setup) -> Row:
    failure = setup.failure
    if failure:
        return row(Span(f"{SIGNS[State.CRIT]} FAIL ", "crit"), Span(failure, "crit"))
    under_way = setup.state == "Pending" or setup.update == "InProgress"
    state = State.WAITING if under_way else State.OK if setup.state == "Active" else State.WARN
    reason = f"  {setup.state_reason or setup.update_reason}".rstrip()
    return row(
        Span(f"{SIGNS[state]} {setup.state}", style(state)), f", newest change {setup.update}", Span(reason, "muted")
    )


def _figures(found: FunctionFacts) -> Iterator[Row]:
    setup, use = found.setup, found.observed
    yield _fact("runtime", setup.runtime, f"code {setup.sha[:8]}  {setup.version}")
    yield _fact("memory", f"{setup.memory_mb} MB", *_used(use, setup.memory_mb))
    yield _fact("timeout", f"{setup.timeout_s} s", *_ran_out(use))
    serving = found.serving
    if serving is not None and (serving.memory_mb, serving.timeout_s) != (setup.memory_mb, setup.timeout_s):
        yield _fact(
            "serving", f"v{serving.version} still has {serving.memory_mb} MB, {serving.timeout_s} s",
            "a version keeps the figures it was published with", "warn",
        )  # fmt: skip
    yield row(Span(" " * LABEL), Span("C", "key"), Span(" prepares a change of memory or timeout", "muted"))


def _used(use: Observed | Problem, memory_mb: int) -> tuple[str, str]:
    if isinstance(use, Problem):
        return f"used: {use.message}", "silent"
    if use.max_memory_mb is None:
        return "no REPORT line in the last hour", "muted"
    share = use.max_memory_mb / memory_mb if memory_mb else 0.0
    return f"{_least(use)}{use.max_memory_mb} MB used at most in the last hour, {share:.0%}", (
        "warn" if share >= FULL else "muted"
    )


def _ran_out(use: Observed | Problem) -> tuple[str, str]:
    if isinstance(use, Problem):
        return "time-outs could not be counted", "silent"
    return f"{_least(use)}{use.timed_out} timed out in the last hour", "warn" if use.timed_out else "muted"


def _role(found: FunctionFacts) -> Iterator[Row]:
    use = found.observed
    refused = ("refusals could not be counted", "silent")
    if isinstance(use, Observed):
        refused = (f"{_least(use)}{use.denied} AccessDenied lines in the last hour", "warn" if use.denied else "muted")
    yield _fact("role", found.setup.role.rpartition("/")[2] or "none", *refused)
    if isinstance(found.policies, RolePolicies):
        yield _fact("attached", ", ".join(found.policies.attached) or "no policy")
        yield _fact("inline", ", ".join(found.policies.inline) or "no policy")
    else:
        yield _fact("policies", "", f"not read: {found.policies.message}", "silent")
    yield row(Span(" " * LABEL), Span("x", "key"), Span(" its errors of the last hour · ", "muted"),
              Span("f", "key"), Span(" follows its log", "muted"))  # fmt: skip


def _surroundings(setup: Setup) -> Iterator[Row]:
    names = ", ".join(setup.variables) or "none"
    yield _fact("variables", names, "names only" if setup.variables else "", "muted")
    if not setup.subnets:
        yield _fact("network", "not in a VPC")
        return
    yield _fact("subnets", ", ".join(setup.subnets))
    yield _fact("groups", ", ".join(setup.security_groups))


def _least(use: Observed) -> str:
    return "" if use.whole else "at least "


def _fact(label: str, told: str, more: str = "", look: str = "muted") -> Row:
    return row(Span(label.ljust(LABEL), "muted"), told, Span(f"  {more}" if more else "", look))


def _ago(moment: datetime, now: datetime) -> str:
    return wording.age((now - moment).total_seconds())
