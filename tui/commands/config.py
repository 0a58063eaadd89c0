"""`cockpit config show|validate|path`: which settings hold, and from which file."""

from __future__ import annotations

import click
import msgspec

from services.safe_text import safe
from tui.commands.common import Common, common_options, load_settings


@click.command(name="config", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", type=click.Choice(["show", "validate", "path"]))
@common_options
def command(what: str, common: Common) -> int:
    """Settings: `show` every field as it holds, defaults too (JSON); `validate` the file; `path` where it is.

    A file that is wrong is told with line, field and remedy, and ends with 2.
    """
    from services.settings.loading import shipped, source, user_file

    named = source(common.config)
    if what == "path":
        click.echo(safe(named or shipped(), 300))
        if named is None:
            click.echo(f"built-in; your own would be {safe(user_file(), 300)}", err=True)
        return 0
    settings = load_settings(common)
    if what == "validate":
        names = ", ".join(one.name for one in settings.environments)
        click.echo(f"{safe(named, 300) if named else 'the built-in settings'}: right, for {names}")
    else:
        click.echo(msgspec.json.format(msgspec.json.encode(settings), indent=2))
    return 0
