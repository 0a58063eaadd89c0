"""Can I roll back right now? Each layer's needs held against what is known; every blocker with what lifts it. Pure."""

from __future__ import annotations

from datetime import datetime

from services.actions.readiness_alias import alias_checks
from services.actions.readiness_hands import hands_checks
from services.actions.readiness_stack import stack_checks
from services.actions.readiness_web import content_checks, edge_checks, stage_checks
from services.model.readiness import Footing, Ground, Layer, Readiness
from services.model.situation import Situation
from services.settings.values import Environment, Settings


def readiness(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    footing: Footing | None,
    ground: Ground,
) -> Readiness:
    """Every layer, whatever could be read of it. `footing` None: it has not been asked yet."""
    return Readiness(
        (
            Layer("Lambda alias", alias_checks(situation, environment, settings, now, footing)),
            Layer("CloudFormation", stack_checks(situation, environment, settings, now, footing)),
            Layer("API stage", stage_checks(situation, environment, footing)),
            Layer("Content", content_checks(situation)),
            Layer("CloudFront", edge_checks(situation, footing)),
            Layer("Hands", hands_checks(environment, situation, footing, ground)),
        )
    )
