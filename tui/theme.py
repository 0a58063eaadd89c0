"""The colours: quiet greys, one colour that shouts at a time, an environment colour of its own.

Nothing outside this file and the stylesheets names a colour. States are also words and signs (`widgets/states.py`);
colour never stands alone.
"""

from __future__ import annotations

from textual.theme import Theme

_STATES = {
    "state-ok": "#7fb685",
    "state-elevated": "#8fb8de",
    "state-warn": "#e5b567",
    "state-crit": "#f2555a",
    "state-silent": "#8b93a1",
}

_ENVIRONMENTS = {
    "environment-production": "#e0529c",
    "environment-other": "#4fb3bf",
}
"""Production has a colour that no state has."""


def theme(production: bool) -> Theme:
    """The theme while an environment of this kind is on the screen."""
    kind = "production" if production else "other"
    return Theme(
        name=f"cockpit-{kind}",
        primary="#6f9bc8",
        secondary="#8b93a1",
        accent="#9cc4e4",
        warning=_STATES["state-warn"],
        error=_STATES["state-crit"],
        success=_STATES["state-ok"],
        foreground="#d7dce2",
        background="#101418",
        surface="#161b21",
        panel="#1e252d",
        boost="#242c35",
        dark=True,
        variables={
            **_STATES,
            **_ENVIRONMENTS,
            "environment": _ENVIRONMENTS[f"environment-{kind}"],
            "border": "#38424d",
            "border-blurred": "#2a323b",
            "block-cursor-text-style": "none",
            "footer-key-foreground": "#9cc4e4",
            "input-selection-background": "#6f9bc8 35%",
            "scrollbar": "#2a323b",
            "scrollbar-hover": "#38424d",
            "scrollbar-active": "#4a5663",
            "scrollbar-background": "#101418",
            "scrollbar-corner-color": "#101418",
        },
    )
