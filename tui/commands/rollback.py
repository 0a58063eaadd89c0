"""`cockpit rollback`: the runbook's rollback.sh, planned, confirmed, carried out by the executor and judged."""

from __future__ import annotations

import re

import click

from services.problems import AccountError, ConfigurationError
from tui.commands.common import Common, common_options, resolved

NEEDED = ("identity", "parts", "stack", "events", "functions", "releases", "evidence", "apis")
"""What a plan is made from."""


@click.command(name="rollback", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.argument("target", required=False, default="previous", metavar="[previous|VERSION]")
@click.option("--layer", type=click.Choice(["lambda"]), default="lambda", help="What to roll back.")
@click.option("--plan", "only_plan", is_flag=True, help="Print the plan and do nothing.")
@click.option("--yes", is_flag=True, help="Carry it out without asking.")
@click.option("--reason", default="", metavar="TEXT", help="Why; goes into the journal.")
@click.option("--json", "as_json", is_flag=True, help="The plan, refusal or outcome as one JSON object.")
@common_options
def command(
    environment: str,
    target: str,
    layer: str,
    only_plan: bool,
    yes: bool,
    reason: str,
    as_json: bool,
    common: Common,
) -> int:
    """Move ENV's alias back to the previous version (or VERSION) and wait for the verdict.

    The plan shows what changes, the exact calls and how recovery will be recognised. Without --yes the
    environment's name is asked for. The executor is a process of its own: an interrupt ends this command, not
    the rollback.

    Ends 0 only for RECOVERED; 1 for NOT RECOVERED, INCONCLUSIVE, FAILED, VOID or a refusal; 2 for a wrong
    configuration; 3 when AWS could not be reached; 130 when interrupted.

    \b
    --json: an object with version 1 and either
      plan         the plan, with --plan
      refusal      kind, reason, remedy
      operation, environment, kind, outcome, sentence, ordered, switched, ended, steps [{title, call}], exit
    """
    from services.actions.rollback import plan_rollback
    from services.model.plan import Refusal
    from tui.commands import ordering
    from tui.commands.glance import glance, misnamed, unreachable
    from tui.commands.output import say

    wanted = version(target)
    settings, found = resolved(environment, common)
    if not only_plan:
        ordering.check_may_act(found)
        ordering.check_can_ask(yes)
    with glance(found, settings) as looking:
        situation = looking.answered(NEEDED)
        cause = unreachable(situation) or misnamed(situation)
        if cause is not None:
            raise AccountError(cause)
        plan = plan_rollback(situation, found, settings, looking.clock.now(), wanted)
        clock = looking.clock
    if isinstance(plan, Refusal):
        return ordering.refused(plan, as_json)
    if only_plan:
        return ordering.shown(plan, as_json)
    given = reason or "ordered on the command line" if yes else ordering.confirmed(plan, reason)
    if given is None:
        say("Not confirmed; nothing was done.")
        return 1
    return ordering.carried_out(plan, found, situation.identity.value, given, clock.now(), as_json)


def version(target: str) -> int | None:
    """`previous` is None: the plan proposes; `41` or `v41` is that version. Raises ConfigurationError."""
    if target == "previous":
        return None
    number = re.fullmatch(r"v?(\d{1,9})", target)
    if number is None:
        raise ConfigurationError(f"{target!r} is no version; write `previous` or a number such as 41.")
    return int(number.group(1))
