"""`cockpit [ENV]`: the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from services.problems import ConfigurationError
from tui.commands.common import Common, chosen, common_options, equipped, load_settings

if TYPE_CHECKING:
    from services.settings.values import Settings


@click.command(name="watch", context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True})
@click.argument("environment", required=False, default="", metavar="[ENV]")
@click.argument("rest", nargs=-1, metavar="")
@common_options
def command(environment: str, rest: tuple[str, ...], common: Common) -> int:
    """Open the screen on ENV; without ENV on the first environment of the settings."""
    from tui.launch import open_screen

    settings = load_settings(common)
    _refuse(settings, environment, rest)
    first = chosen(settings, environment) if environment else settings.environments[0]
    return open_screen(settings, equipped(first, common), lambda other: equipped(other, common))


def _refuse(settings: Settings, environment: str, rest: Sequence[str]) -> None:
    """Say what is wrong with words that no screen takes: most often the first is a command with a slip in it."""
    unknown = next((word for word in (environment, *rest) if word.startswith("-")), "")
    if rest and not environment.startswith("-"):
        try:
            chosen(settings, environment)
        except ConfigurationError as error:
            raise ConfigurationError(f"{error} `cockpit --help` lists the commands.") from error
    if unknown:
        raise click.NoSuchOption(unknown)
    if rest:
        raise click.UsageError(f"The screen of {environment} takes no further words ({' '.join(rest)}).")
