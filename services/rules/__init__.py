"""Judgement: what the rules of the runbook make of a situation. Pure; time is an argument.

    judge(situation, settings, now) -> Assessment

Signals are found by their key (services/model/series.py): `api.count api.5xx api.4xx api.latency api.integration
lambda.invocations lambda.errors lambda.throttles lambda.duration table.read_throttles table.write_throttles
table.reads table.writes` in the environment's region, `edge.requests edge.4xx edge.5xx edge.hits` in us-east-1, and
five-minute percentiles of `api.latency` and `lambda.duration`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.model.assessment import Assessment, Judgement
from services.model.changes import Change
from services.model.situation import Situation
from services.rules import alerts, api, cache, edge, functions, table
from services.rules.changes import changes
from services.rules.suspects import suspicions
from services.rules.topology import nodes
from services.rules.verdict import verdict
from services.rules.view import View
from services.settings.values import Settings

__all__ = ["judge"]


def judge(situation: Situation, settings: Settings, now: datetime) -> Assessment:
    """Everything the rules say of `situation` at `now`. Total: any situation, any series, any state of any reading."""
    view = View(situation, settings, now, {})
    found = (
        *api.subjects(view),
        *functions.subjects(view),
        *table.subjects(view),
        *edge.subjects(view),
    )
    subjects = {subject.question.key: subject for subject in found}
    judgements = {key: subject.judgement for key, subject in subjects.items()}
    strip = nodes(view, judgements)
    known = changes(situation, now)
    readings = alerts.readings(view, subjects)
    told = verdict(view, judgements, strip, known, readings)
    return Assessment(
        now,
        told,
        judgements,
        strip,
        known,
        readings,
        suspicions(situation, [*judgements.values(), *_fallen(view, judgements, known)], known, now),
    )


def _fallen(view: View, judgements: Mapping[str, Judgement], known: Sequence[Change]) -> list[Judgement]:
    """The cache's hit rate, which has no band, as a breach of its own from the minute in which it fell."""
    hits = judgements.get(cache.KEY)
    fall = cache.fallen(view, hits, known)
    return [] if fall is None or hits is None else [msgspec.structs.replace(hits, since=fall.since)]
