"""Settings: TOML in, frozen values out, with errors that name file, field and remedy."""

from services.settings.values import (
    Bands,
    Cadence,
    Environment,
    EnvironmentKind,
    LogGroup,
    Names,
    Prices,
    Settings,
    Thresholds,
)

__all__ = [
    "Bands",
    "Cadence",
    "Environment",
    "EnvironmentKind",
    "LogGroup",
    "Names",
    "Prices",
    "Settings",
    "Thresholds",
]
