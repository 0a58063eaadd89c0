"""What every command shares: the common options, and how a word on the command line becomes an environment.

@click.command(name="status")
@click.argument("environment")
@common_options
def command(environment: str, common: Common) -> int:
    settings, chosen = resolved(environment, common)
    ...
    return 0
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import msgspec

from services.problems import ConfigurationError

if TYPE_CHECKING:
    from services.settings.values import Environment, Settings


class Common(msgspec.Struct, frozen=True):
    """The options every command takes."""

    endpoint_url: str = ""
    """A simulated or local account to ask instead of AWS; empty: AWS, or what the environment's settings say."""
    config: Path | None = None
    """A settings file; None: the user's, or the one that ships."""
    read_only: bool = False
    """Nothing may be changed, whatever the settings allow."""


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--endpoint-url`, `--config` and `--read-only`; the function receives them as `common: Common`."""

    @click.option("--endpoint-url", default="", metavar="URL", help="Ask a simulated or local account instead of AWS.")
    @click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        metavar="FILE",
        help="Settings to use instead of the user's or the built-in ones.",
    )
    @click.option("--read-only", is_flag=True, help="Look at everything, change nothing.")
    @wraps(function)
    def with_common(*arguments: Any, endpoint_url: str, config: Path | None, read_only: bool, **options: Any) -> Any:
        return function(*arguments, common=Common(endpoint_url, config, read_only), **options)

    return with_common


def load_settings(common: Common) -> Settings:
    """The settings that hold. Raises ConfigurationError naming file, field and remedy."""
    from services.settings.loading import load

    return load(common.config)


def resolved(word: str, common: Common) -> tuple[Settings, Environment]:
    """The settings and the environment that `word` names, at the endpoint and with the policy of the options.

    Raises ConfigurationError: no such environment (with the nearest name), or an endpoint that is no URL.
    """
    settings = load_settings(common)
    return settings, equipped(chosen(settings, word), common)


def chosen(settings: Settings, word: str) -> Environment:
    """The environment that `word` names; an unknown word is answered with the nearest environment and command."""
    from services.settings.loading import find

    try:
        return find(settings, word)
    except ConfigurationError as error:
        command = nearest_command(word)
        if not command:
            raise
        raise ConfigurationError(f"{error} Or is the command `cockpit {command}` meant?") from error


def nearest_command(word: str) -> str:
    """The verb that `word` may be a slip of; empty when none is near."""
    from tui.cli import COMMANDS

    return next(iter(difflib.get_close_matches(word.lower(), COMMANDS, n=1, cutoff=0.7)), "")


def equipped(environment: Environment, common: Common) -> Environment:
    """`environment` with what the options say of it."""
    from services.settings.loading import at_endpoint

    if common.endpoint_url:
        parts = urlsplit(common.endpoint_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(
                f"--endpoint-url {common.endpoint_url!r} is no URL; write it like http://127.0.0.1:5000."
            )
        environment = at_endpoint(environment, common.endpoint_url)
    if common.read_only and not environment.read_only:
        environment = msgspec.structs.replace(environment, read_only=True)
    return environment
