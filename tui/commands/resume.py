"""`cockpit resume`: have an operation carried on whose executor has gone, and wait for its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from services.problems import ConfigurationError
from tui.commands.common import Common, common_options, resolved

if TYPE_CHECKING:
    from services.journal.home import JournalHome
    from services.model.entry import Operation
    from services.settings.values import Environment


@click.command(name="resume", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.argument("operation", required=False, default="", metavar="[OPERATION]")
@click.option("--yes", is_flag=True, help="Carry it on without asking.")
@click.option("--by-hand", is_flag=True, help="Print the AWS CLI lines that finish or undo it, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object, as of `cockpit rollback`.")
@common_options
def command(environment: str, operation: str, yes: bool, by_hand: bool, as_json: bool, common: Common) -> int:
    """Carry on ENV's operation whose executor has gone (OPERATION when there are several) and wait for its outcome.

    What stands is read first: nothing is sent twice. Without --yes the environment's name is asked for.

    Ends 0 only for RECOVERED or COMPLETED; 1 for any other outcome, or when there is nothing to carry on; 2 for a
    wrong configuration or an unknown operation; 3 when AWS could not be reached; 130 when interrupted.
    """
    from services.aws.endpoint import clock_at
    from services.journal.home import JournalBroken, JournalHome
    from tui.commands import ordering
    from tui.commands.output import say

    _settings, found = resolved(environment, common)
    if not by_hand:
        ordering.check_may_act(found)
        ordering.check_can_ask(yes, "look at it with `cockpit journal show`, or carry it on with --yes")
    home = JournalHome.default(found)
    try:
        left = _left_open(home, found, operation)
    except JournalBroken as error:
        raise ConfigurationError(str(error)) from error
    if left is None:
        say(f"Nothing is left open in {found.name}: there is nothing to carry on.")
        return 1
    if by_hand:
        return _handed_over(left)
    now = clock_at(found).now()
    if not yes and ordering.confirmed(left.plan, _reason(left)) is None:
        say("Not confirmed; nothing was done.")
        return 1
    return ordering.carried_on(left.id, found, home, now, as_json)


def _left_open(home: JournalHome, environment: Environment, wanted: str) -> Operation | None:
    """The one open operation that nobody carries on. Raises ConfigurationError when it is not clear which."""
    from services.journal.leases import running
    from services.journal.reading import operations

    known = operations(home, environment.name)
    if wanted:
        hits = [one for one in known if one.id.startswith(wanted.upper())]
        if len(hits) != 1:
            raise ConfigurationError(f"{len(hits)} operations of {environment.name} begin with {wanted!r}.")
        return _checked(home, hits[0])
    left = [one for one in known if one.open and not running(home, one.id)]
    if len(left) > 1:
        names = ", ".join(one.id for one in left)
        raise ConfigurationError(f"several operations of {environment.name} are left open; name one: {names}.")
    return left[0] if left else None


def _checked(home: JournalHome, operation: Operation) -> Operation:
    from services.journal.leases import running

    if not operation.open:
        raise ConfigurationError(f"operation {operation.id} has ended: {operation.outcome}.")
    if running(home, operation.id):
        raise ConfigurationError(f"operation {operation.id} is being carried on by a living executor.")
    return operation


def _reason(operation: Operation) -> str:
    """The order's own reason: a resumed operation is not ordered anew."""
    return str(operation.entries[0].reason) or operation.plan.title


def _handed_over(operation: Operation) -> int:
    from services.actions.by_hand import as_text, by_hand
    from services.redact import redact

    click.echo(redact(as_text(by_hand(operation))), nl=False)
    return 0
