"""How far an IAM policy's document reaches (IAM user guide, elements of a policy). Pure.

Only what allows everything, or all but a list, is told: that is what the runbook's check is for (line 925). A Deny
beside it is not weighed: an exception to everything leaves nearly everything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from services.model.hardening import Verdict

_EVERYTHING = re.compile(r"\*+|\*+:\*+")
"""Actions: `*`, `*:*`."""
_EVERYWHERE = re.compile(r"\*+|arn:(?:aws[\w-]*|\*+)(?::\*+)+|arn:\*+")
"""Resources: `*`, `arn:aws:*`, `arn:*:*:*:*:*`."""


class Reach(msgspec.Struct, frozen=True):
    """What the widest statement of a document allows."""

    verdict: Verdict
    """FAIL: everything; WARN: everything but a list, or everything under a condition; UNREAD: it is no policy."""
    words: str = ""


def reach(document: str) -> Reach:
    """The document's reach. Total: what is no policy is NOT READ, never OK."""
    try:
        found = [_statement(one) for one in _statements(document)]
    except (ValueError, RecursionError):
        return Reach(Verdict.UNREAD, "its document is no policy that could be understood")
    order = (Verdict.FAIL, Verdict.WARN, Verdict.OK)
    return min(found, key=lambda one: order.index(one.verdict), default=Reach(Verdict.OK))


def _statements(document: str) -> list[Any]:
    try:
        policy = json.loads(document)
    except ValueError:
        policy = json.loads(unquote(document))
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise ValueError("no Statement")
    found = policy["Statement"]
    return found if isinstance(found, list) else [found]


def _statement(statement: Any) -> Reach:
    if not isinstance(statement, Mapping) or statement.get("Effect") not in ("Allow", "Deny"):
        raise ValueError("neither Allow nor Deny")
    actions, but_actions = _extent(statement, "Action", _EVERYTHING)
    resources, but_resources = _extent(statement, "Resource", _EVERYWHERE)
    if statement["Effect"] == "Deny" or not (actions and resources):
        return Reach(Verdict.OK)
    words = f"allows every action{_but(but_actions)} on every resource{_but(but_resources)}"
    if statement.get("Condition"):
        return Reach(Verdict.WARN, f"{words}, under a condition")
    return Reach(Verdict.WARN if but_actions or but_resources else Verdict.FAIL, words)


def _extent(statement: Mapping[str, Any], element: str, everything: re.Pattern[str]) -> tuple[bool, list[str]]:
    """Whether it is everything, and what is left out of it."""
    negated = f"Not{element}"
    if (element in statement) == (negated in statement):
        raise ValueError(f"neither or both of {element} and {negated}")
    values = statement[element] if element in statement else statement[negated]
    listed = [values] if isinstance(values, str) else values
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise ValueError(f"{element} is neither a text nor a list of texts")
    covered = any(everything.fullmatch(one) for one in listed)
    if element in statement:
        return covered, []
    return not covered, listed  # all but everything is nothing


def _but(left_out: list[str]) -> str:
    return f" but {', '.join(left_out)}" if left_out else ""
