"""`cockpit [ENV]`: the screen."""

from __future__ import annotations

import click

from tui.commands.common import Common, chosen, common_options, equipped, load_settings


@click.command(name="watch", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", required=False, default="", metavar="[ENV]")
@common_options
def command(environment: str, common: Common) -> int:
    """Open the screen on ENV; without ENV on the first environment of the settings."""
    from tui.launch import open_screen

    settings = load_settings(common)
    first = chosen(settings, environment) if environment else settings.environments[0]
    return open_screen(settings, equipped(first, common), lambda other: equipped(other, common))
