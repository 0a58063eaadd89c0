"""What every plan begins with: for whose account, until when it can be confirmed, and that a look is all it may be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.actions.guards import grade, lifetime
from services.model.plan import ActionKind, Candidate, Criterion, Grade, Plan, Step
from services.model.situation import Situation
from services.safe_text import SafeText
from services.settings.values import Environment

READ_ONLY = SafeText("READ-ONLY this environment is read-only: the plan can be read, not carried out")


def draft(
    kind: ActionKind,
    situation: Situation,
    environment: Environment,
    now: datetime,
    *,
    title: str,
    steps: Iterable[Step],
    saved: Iterable[SafeText],
    irreversible: Iterable[SafeText] = (),
    notes: Iterable[SafeText] = (),
    asks: Grade | None = None,
    candidates: tuple[Candidate, ...] = (),
    criterion: Criterion | None = None,
    undo_of: str = "",
    typed: str = "",
) -> Plan:
    """A plan for the account on the screen, made `now`. Called where `account_refusal` has found nothing.

    `asks`: how much it takes to confirm where that is not the environment's usual; the rest stands in the plan as it is
    given here.
    """
    identity = situation.identity.value
    assert identity is not None  # account_refusal
    return Plan(
        kind=kind,
        environment=environment.name,
        account=identity.account,
        title=title,
        made=now,
        expires=now + lifetime(environment),
        grade=grade(environment) if asks is None else asks,
        steps=tuple(steps),
        saved=tuple(saved),
        irreversible=tuple(irreversible),
        notes=(READ_ONLY, *notes) if environment.read_only else tuple(notes),
        candidates=candidates,
        criterion=criterion,
        undo_of=undo_of,
        typed=typed,
    )
