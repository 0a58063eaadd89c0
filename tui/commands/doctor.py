"""`cockpit doctor`: can I act on this environment right now? Credentials, permissions, layers, terminal, folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from services.problems import AccountError
from tui.commands.common import Common, common_options, resolved
from tui.commands.output import say, table

if TYPE_CHECKING:
    from services.model.readiness import Footing, Readiness
    from services.model.situation import Situation
    from tui.commands.glance import Glance

ASK_LIMIT_S = 40.0
"""Machine seconds for permissions, provisioned concurrency and the clock."""


class Examined(msgspec.Struct, frozen=True):
    """Everything that was found."""

    environment: str
    readiness: Readiness
    unverified: tuple[str, ...]
    """Metrics whose dimensions CloudWatch has not confirmed."""
    facts: dict[str, str]
    """Terminal and folders, by name."""


@click.command(name="doctor", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@common_options
def command(environment: str, as_json: bool, common: Common) -> int:
    """Say whether ENV could be rolled back right now, layer by layer, and what lifts each thing that is in the way.

    Changes nothing. Ends 0 when nothing blocks (what is NOT KNOWN does not); 1 when something does; 2 for a wrong
    configuration; 3 when AWS could not be reached.

    \b
    --json: version 1, environment, exit, layers [{name, answer, checks: [{name, answer, said, remedy}]}],
      unverified (metrics whose identity is not confirmed), facts {terminal and folders}
    Answers: READY, CAREFUL, NOT KNOWN, BLOCKED.
    """
    from tui.commands.glance import glance, misnamed, unreachable

    settings, found = resolved(environment, common)
    with glance(found, settings) as looking:
        situation = looking.answered()
        cause = unreachable(situation) or misnamed(situation)
        if cause is not None:
            raise AccountError(cause)
        examined = _examined(looking, situation)
    code = 1 if examined.readiness.blockers else 0
    click.echo(_as_json(examined, code) if as_json else "\n".join(_lines(examined)))
    blockers = len(examined.readiness.blockers)
    say(f"{blockers} in the way." if blockers else "Nothing known is in the way.")
    return code


def _examined(looking: Glance, situation: Situation) -> Examined:
    from services.actions.readiness import readiness
    from services.journal.ground import ground
    from services.journal.home import JournalHome
    from services.model.assessment import State
    from services.rules import judge

    environment, now = looking.environment, looking.clock.now()
    home = JournalHome.default(environment)
    judged = judge(situation, looking.settings, now).judgements.values()
    return Examined(
        environment.name,
        readiness(situation, environment, looking.settings, now, _footing(looking), ground(home, environment.name)),
        tuple(one.title for one in judged if one.state is State.UNVERIFIED),
        {**_terminal(), **_folders(home.path)},
    )


def _footing(looking: Glance) -> Footing | None:
    """What only readiness asks; None when it did not come in time."""
    from services.watch.on_demand import ask
    from tui.readiness import footing_of

    question = footing_of(looking.situation, looking.environment)
    try:
        return ask(looking.watch, question).result(ASK_LIMIT_S)
    except (AccountError, TimeoutError):
        return None


def _terminal() -> dict[str, str]:
    from tui.terminal.signs import signs

    colour = os.environ.get("COLORTERM") or os.environ.get("TERM", "")
    size = "x".join(map(str, os.get_terminal_size(sys.stdout.fileno()))) if sys.stdout.isatty() else "no terminal"
    unicode = "Unicode" if signs(sys.__stderr__, os.environ).braille else "ASCII"
    return {
        "terminal": f"TERM={os.environ.get('TERM', '')}, colours {colour or 'unknown'}, {unicode}, {size}",
        "inside": "tmux"
        if os.environ.get("TMUX")
        else "SSH"
        if os.environ.get("SSH_CONNECTION")
        else "a local terminal",
    }


def _folders(journal: Path) -> dict[str, str]:
    from platformdirs import user_cache_path

    from services.settings.loading import user_file

    cache = os.environ.get("COCKPIT_CACHE_HOME") or str(user_cache_path("cockpit"))

    return {
        "journal": str(journal),
        "settings": f"{user_file()}{'' if user_file().exists() else ' (not there: the built-in ones hold)'}",
        "cache": cache,
    }


def _as_json(examined: Examined, code: int) -> bytes:
    layers: list[dict[str, Any]] = [
        {"name": one.name, "answer": one.answer, "checks": one.checks} for one in examined.readiness.layers
    ]
    return msgspec.json.encode(
        {
            "version": 1,
            "environment": examined.environment,
            "exit": code,
            "layers": layers,
            "unverified": examined.unverified,
            "facts": examined.facts,
        }
    )


def _lines(examined: Examined) -> list[str]:
    rows = [
        (layer.name if index == 0 else "", check.answer.value, check.name, _said(check.said, check.remedy))
        for layer in examined.readiness.layers
        for index, check in enumerate(layer.checks)
    ]
    told = table(("LAYER", "ANSWER", "CHECK", "WHAT"), rows, False)
    metrics = ", ".join(examined.unverified) or "every identity is confirmed or silent for a known reason"
    return [
        *told,
        "",
        f"metrics   {metrics}",
        *(f"{name:<10}{value}" for name, value in examined.facts.items() if value),
    ]


def _said(said: str, remedy: str) -> str:
    return f"{said.removesuffix('.')}. {remedy}" if remedy else said
