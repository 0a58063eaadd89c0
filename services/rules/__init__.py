"""Judgement: what the rules of the runbook make of a situation. Pure; time is an argument.

    judge(situation, settings, now) -> Assessment

Signals are found by their key (services/model/series.py): `api.count api.5xx api.4xx api.latency api.integration
lambda.invocations lambda.errors lambda.throttles lambda.duration table.read_throttles table.write_throttles
table.reads table.writes` in the environment's region, `edge.requests edge.4xx edge.5xx edge.hits` in us-east-1, and
five-minute percentiles of `api.latency` and `lambda.duration`.
"""

from __future__ import annotations

from datetime import datetime

from services.model.assessment import Assessment
from services.model.situation import Situation
from services.rules import api, edge, functions, table
from services.rules.changes import changes
from services.rules.topology import nodes
from services.rules.verdict import verdict
from services.rules.view import View
from services.settings.values import Settings

__all__ = ["judge"]


def judge(situation: Situation, settings: Settings, now: datetime) -> Assessment:
    """Everything the rules say of `situation` at `now`. Total: any situation, any series, any state of any reading."""
    view = View(situation, settings, now, {})
    found = (
        *api.judgements(view),
        *functions.judgements(view),
        *table.judgements(view),
        *edge.judgements(view),
    )
    judgements = {judgement.key: judgement for judgement in found}
    strip = nodes(view, judgements)
    known = changes(situation, now)
    return Assessment(now, verdict(view, judgements, strip, known), judgements, strip, known)
