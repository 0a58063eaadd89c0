"""Which dashboard is the environment's own. Pure."""

from __future__ import annotations

from services.model.parts import Parts
from services.safe_text import SafeText, safe
from services.settings.values import Environment


def own(environment: Environment, parts: Parts | None) -> SafeText:
    """By the settings, else the first of the stack; empty where there is none."""
    if environment.names.dashboard:
        return safe(environment.names.dashboard)
    return parts.dashboards[0] if parts is not None and parts.dashboards else SafeText("")
