"""`cockpit status`: the runbook's deployment-status.sh, and its five key metrics, judged."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from services.problems import AccountError
from tui.commands.common import Common, common_options, resolved
from tui.commands.output import age, coloured, say, table, word

if TYPE_CHECKING:
    from services.model.situation import Situation
    from services.settings.values import Environment, Settings
    from tui.commands.glance import Glance
    from tui.commands.report import Report

EVERY_S = 30.0
"""Seconds of the account's time between two reports of `--watch`: the runbook's own `watch -n 30`."""


@click.command(name="status", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.argument("component", required=False, default="all", metavar="[all|COMPONENT]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object (with --watch: one a line).")
@click.option("--watch", "watching", is_flag=True, help="Report again every 30 seconds until interrupted.")
@common_options
def command(environment: str, component: str, as_json: bool, watching: bool, common: Common) -> int:
    """Print the state of ENV's components and key metrics.

    COMPONENT is one of stack, api, lambda, table, cdn, users, bucket, health, alarms; all of them when left out.

    Ends 0 when nothing that was asked for is critical, 1 when something is or a component is unusable, 2 for a
    wrong configuration, 3 when AWS could not be reached or nothing that was asked for could be read.

    \b
    --json: an object with
      version      1; grows when a field changes its meaning
      environment, stack, region, account, endpoint, at (ISO 8601)
      exit         this command's exit code
      verdict      state, sentence, since, suspect {at, kind, label, sentence} or null,
                   remedy {text, command} or null
      components   list of name, state, detail, age_s, usable
      metrics      list of key, title, key_metric, state, value, unit, detail, reason, since, as_of,
                   age_s, coverage [minutes with data, minutes], thresholds [{value, state}]
      problems     list of feed, kind, message, operation: what could not be asked
    States: OK ELEVATED WARN CRIT, and NO TRAFFIC, NO DATA, NOT ENABLED, DENIED, UNVERIFIED, LATE, STALE, WAITING.
    """
    from tui.commands.glance import glance
    from tui.commands.report import component as named

    chosen = named(component)
    settings, found = resolved(environment, common)
    with glance(found, settings) as looking:
        situation = _first_look(looking)
        while True:
            code = _reported(situation, found, settings, chosen, as_json)
            if not watching:
                return code
            situation = looking.follow(EVERY_S / looking.clock.speed)
            if not as_json and sys.stdout.isatty():
                click.clear()
            elif not as_json:
                click.echo()


def _first_look(looking: Glance) -> Situation:
    """Everything but what tells of causes: it takes longest to ask, and matters when something is bad alone."""
    from services.model.assessment import State
    from services.rules import judge
    from tui.commands.glance import JUDGED

    situation = looking.answered(JUDGED)
    verdict = judge(situation, looking.settings, situation.now).verdict
    return looking.answered() if verdict.state in (State.CRIT, State.WARN) else situation


def _reported(situation: Situation, environment: Environment, settings: Settings, chosen: str, as_json: bool) -> int:
    """Print one report; its exit code. Raises AccountError when there is nothing to report on."""
    from services.rules import judge
    from tui.commands import report
    from tui.commands.glance import misnamed, unreachable

    cause = unreachable(situation) or misnamed(situation)
    found = report.report(environment, situation, judge(situation, settings, situation.now), chosen)
    code = 1 if found.critical else 3 if found.blind else 0
    if cause is not None:
        if as_json:
            from tui.cli import exit_code_of

            click.echo(report.as_json(found, exit_code_of(cause)))
        raise AccountError(cause)
    if as_json:
        click.echo(report.as_json(found, code))
    else:
        click.echo("\n".join(lines(found, coloured())))
    if found.blind:
        say("What was asked for could not be read: it is not known to be well.")
    return code


def lines(found: Report, colour: bool) -> list[str]:
    """The report as text: the verdict first, then where and when, then a table each of components and metrics."""
    from services.rules.words import figure
    from tui.commands.report import command as typed
    from tui.commands.report import place

    situation, verdict, now = found.situation, found.assessment.verdict, found.assessment.at
    told = [f"{word(verdict.state, colour)}  {verdict.sentence}."]
    remedy = typed(found.environment, verdict)
    if remedy:
        told.append(f"      {remedy}  {verdict.remedy}")
    told.append(place(found.environment, situation, now))
    told.append("")
    told += table(
        ("COMPONENT", "STATE", "DETAIL", "AGE"),
        [(row.name, row.state, row.detail, age(row.age_s)) for row in found.components],
        colour,
    )
    if found.metrics:
        told.append("")
        told += table(
            ("METRIC", "STATE", "VALUE", "DETAIL", "AGE"),
            [
                (
                    one.title,
                    one.state,
                    "-" if one.value is None else figure(one.value, one.unit),
                    str(one.detail),
                    age((now - one.newest).total_seconds() if one.newest else None),
                )
                for one in found.metrics
            ],
            colour,
        )
    return told
