"""The health score: the account's own, else one made of the tiles (runbook line 111, decisions A16). Pure.

The runbook says nothing about what it is, so ours is simple enough to be done in the head, and its formula is shown.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.model.assessment import Assessment, State
from services.model.health_score import Computed, Defined, Score, ScorePart
from services.model.reading import Reading

CRIT, WARN, UNSEEN, ELEVATED = 40, 15, 10, 5

FORMULA = (
    f"100, less {CRIT} for each tile that is CRIT, {WARN} for WARN, {UNSEEN} for one that cannot be seen "
    f"(DENIED, STALE, LATE, NO DATA, UNVERIFIED), {ELEVATED} for ELEVATED; never below 0"
)


FRESH = timedelta(minutes=20)
"""How old the account's own may be: it is read every five minutes, of periods of up to five, which come late."""


def score(defined: Reading[Defined], assessment: Assessment | None, now: datetime) -> Score | None:
    """What the dashboard says while it says it; else what the tiles make. None: nothing is known yet."""
    said = defined.value
    fresh = said is not None and said.at is not None and now - said.at <= FRESH
    if (
        said is not None
        and said.value is not None
        and fresh
        and defined.problem is None
        and not in_the_dark(assessment)
    ):
        return Score(said.value, own=True)
    made = computed(assessment).value
    return None if made is None else Score(made, own=False)


def in_the_dark(assessment: Assessment | None) -> bool:
    """Whether no tile can be seen that was seen: then what the dashboard said before is not of this moment either."""
    states = {one.state for one in assessment.judgements.values()} if assessment is not None else set()
    return State.STALE in states and states <= {State.STALE, State.DENIED, State.WAITING, State.NOT_ENABLED}


def computed(assessment: Assessment | None) -> Computed:
    """What the tiles make of this moment."""
    judgements = tuple(assessment.judgements.values()) if assessment is not None else ()
    parts = tuple(ScorePart(one.title, one.state, cost(one.state)) for one in judgements)
    if all(one.state in (State.WAITING, State.NOT_ENABLED) for one in parts):
        return Computed(None, parts)
    return Computed(max(0, 100 - sum(one.cost for one in parts)), parts)


def cost(state: State) -> int:
    """What a tile in this state takes off. What is not used or not switched on takes nothing."""
    known = {State.CRIT: CRIT, State.WARN: WARN, State.ELEVATED: ELEVATED}
    return known.get(state, UNSEEN if state.severity == State.NO_DATA.severity else 0)
