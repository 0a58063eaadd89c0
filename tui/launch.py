"""Starting the screen: the terminal is looked at first, then Textual is imported, then the app runs to its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from services.problems import ConfigurationError
from services.settings.values import Environment, Settings
from tui import collecting

TEXTUAL_ENVIRONMENT: Mapping[str, str] = {
    "TEXTUAL_FPS": "240",  # a key is painted within 5 ms; frames that nobody needs are never drawn
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_SMOOTH_SCROLL": "0",
}
"""Read by Textual when it is imported. What the operator has set stands."""


def require_terminal() -> None:
    """Raise ConfigurationError unless a person sits at a terminal that can show a screen.

    Without a terminal Textual would spin at a whole core (reliability.md, row 67); a dumb one would get raw escapes.
    """
    for stream, name in (
        (sys.stdin, "standard input"),
        (sys.stdout, "standard output"),
        (sys.stderr, "standard error"),
    ):
        if stream is None or stream.closed or not stream.isatty():
            raise ConfigurationError(
                f"the screen needs a terminal, and {name} is none. "
                "Without a screen: `cockpit status ENV`, `cockpit rollback ENV`, `cockpit invalidate ENV PATH`."
            )
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        raise ConfigurationError(
            f"the screen needs a terminal that can place its cursor, and TERM is {term or 'not set'!r}. "
            "Set TERM (xterm-256color is a good guess), or use `cockpit status ENV`."
        )


def open_screen(
    settings: Settings, environment: Environment, equip: Callable[[Environment], Environment] = lambda one: one
) -> int:
    """Show the screen until it is left. Returns the exit code; a crash is told on stderr in one sentence."""
    require_terminal()
    for name, value in TEXTUAL_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if os.environ.get("NO_COLOR") == "":
        del os.environ["NO_COLOR"]  # Textual takes its mere presence for a wish; the convention asks for a value

    from tui.app import CockpitApp
    from tui.terminal.signals import Endings

    app = CockpitApp(settings, environment, equip=equip, started=collecting.settle)
    with Endings(app.end, app.silence_terminal) as endings:
        app.run()
        code = 128 + endings.signal if endings.signal is not None else app.return_code or 0
    if app.crash:
        sys.stderr.write(f"cockpit: {app.crash}\n")
    return code
