"""Why a person decides to roll back: the runbook's four manual decision points (lines 277-282), as reasons. Pure.

The verdict's own sentence stands as the reason unless something else is typed. These are the reasons that no metric
tells: each is recorded in its own words, with what the runbook wants to know beside it.
"""

from __future__ import annotations

import re

import msgspec

_IMPACT = re.compile(r"P[1-4]\b\W+\w")
"""A severity and, behind it, who is affected."""


class DecisionPoint(msgspec.Struct, frozen=True):
    """One of the runbook's reasons to roll back by hand."""

    said: str
    """The runbook's words; the journal records them."""
    source: str
    first: str = ""
    """What the runbook wants done before or beside the rollback."""
    asks: str = ""
    """What has to follow the words, as something to type; empty: nothing."""

    @property
    def begin(self) -> str:
        """What the field holds when this is chosen."""
        return f"{self.said}: " if self.asks else self.said


SECURITY_EXPOSED = "Security vulnerability exposed"
"""The one beside which the security checklist belongs."""

DECISION_POINTS = (
    DecisionPoint(
        "Data corruption detected",
        "runbook line 279",
        first="first Data Corruption Incident, runbook line 985: stop the writes",
    ),
    DecisionPoint(
        SECURITY_EXPOSED,
        "runbook line 280",
        first="then s opens the Security Incident Checklist: isolate first",
    ),
    DecisionPoint("Critical business function impaired", "runbook line 281", asks="the function that is impaired"),
    DecisionPoint(
        "Customer impact severity assessment", "runbook line 282", asks="severity and who is affected: P2, 340 users"
    ),
)


def chosen(reason: str) -> DecisionPoint | None:
    """The decision point that a reason names; None: it is in the operator's own words."""
    return next((one for one in DECISION_POINTS if reason.startswith(one.said)), None)


def lacks(reason: str) -> str:
    """What a reason still lacks, as a sentence; empty when it is whole."""
    point = chosen(reason)
    if point is None or not point.asks:
        return ""
    more = reason.removeprefix(point.said).strip(" :")
    whole = bool(_IMPACT.match(more)) if "severity" in point.asks else bool(more)
    return "" if whole else f"this reason needs {point.asks}"


def beside(reason: str, step: int) -> str:
    """What the reason field holds after a step through the points: round and round, by way of the operator's own."""
    begins = ["", *(one.begin for one in DECISION_POINTS)]
    point = chosen(reason)
    now = begins.index(point.begin) if point is not None else 0
    return begins[(now + step) % len(begins)]
