"""`cockpit events`: what a stack's operation did, one event a line, with the failure that caused it marked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tui.commands.common import Common, common_options, resolved
from tui.commands.output import coloured
from tui.commands.times import instant

if TYPE_CHECKING:
    from services.model.deploys import Deploy
    from services.model.stacks import StackEvent
    from services.settings.values import Environment
    from services.watch.stack_following import Look

_ANY = datetime(2026, 1, 1, tzinfo=UTC)
CAUSE = "ROOT CAUSE"


@click.command(name="events", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.option("--follow", "-f", is_flag=True, help="Go on until the operation has ended.")
@click.option("--since", default="", metavar="TIME", help="Start there: 30m, 6h, 2d, 03:00, or 2026-11-23T03:00Z.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@common_options
def command(environment: str, follow: bool, since: str, as_json: bool, common: Common) -> int:
    """Print the events of the newest operation of ENV's stack, oldest first, nested stacks included.

    The failure that made an operation fail is marked ROOT CAUSE; what was merely cancelled is not.

    Ends 0 when the newest operation went through (or still runs and nothing has failed), 1 when it failed or was
    rolled back, 2 for a wrong configuration, 3 when AWS could not be reached, 130 when interrupted.

    \b
    --json: an object a line with
      version      1; grows when a field changes its meaning
      at (ISO 8601), stack, resource, type, status, reason, operation (id or empty), nested, root_cause
    """
    _, found = resolved(environment, common)
    if since:
        instant(since, _ANY, "--since")  # a slip is told before anybody is asked
    printer = Printer(since, as_json)
    return asyncio.run(_printed(found, printer, follow))


async def _printed(environment: Environment, printer: Printer, follow: bool) -> int:
    from services.aws.endpoint import clock_at
    from services.aws.session import Account
    from services.watch.stack_following import follow as looks

    account = Account(environment, clock_at(environment))
    try:
        async for look in looks(account, environment.stack):
            newest = printer.print(look)
            moving = look.stack.in_progress or (newest is not None and newest.operation.ended is None)
            if not follow or not moving:
                return _code(newest)
    finally:
        await account.close()
    raise AssertionError("looks never end")


def _code(newest: Deploy | None) -> int:
    """0 when nothing is wrong with the newest operation."""
    if newest is None:
        return 0
    status = newest.operation.status
    return 1 if "ROLLBACK" in status or status.endswith("_FAILED") else 0


class Printer:
    """Prints each event once."""

    def __init__(self, since: str, as_json: bool) -> None:
        self._since = since
        self._as_json = as_json
        self._told: set[str] = set()
        self._start: datetime | None = None

    def print(self, look: Look) -> Deploy | None:
        """What is new; gives the newest operation."""
        from services.rules.deploys import deploys, holders

        history = deploys(look.events, look.at)
        newest = history[0] if history else None
        if self._start is None:
            self._start = self._begin(look, newest)
        names = holders(look.events)
        causes = {one.operation.root_cause.id for one in history if one.operation.root_cause is not None}
        for event in reversed(look.events):
            if event.id not in self._told and (self._start is None or event.at >= self._start):
                self._told.add(event.id)
                click.echo(self._line(event, event.id in causes, names.get(event.stack_id, "")))
        return newest

    def _begin(self, look: Look, newest: Deploy | None) -> datetime | None:
        if self._since:
            return instant(self._since, look.at, "--since")
        return newest.operation.began if newest is not None else None

    def _line(self, event: StackEvent, cause: bool, holder: str) -> str:
        if self._as_json:
            return msgspec.json.encode(_record(event, cause)).decode()
        where = f"{holder}/" if holder and not event.about_its_stack else ""
        text = f"{event.at:%Y-%m-%d %H:%M:%S}Z  {event.status:<36}  {where}{event.logical_id}"
        text += f"  {event.reason}" if event.reason else ""
        text += f"  <- {CAUSE}" if cause else ""
        if not coloured() or not (event.failed or "ROLLBACK" in event.status):
            return text
        return click.style(text, fg="red" if event.failed else "yellow", bold=cause)


def _record(event: StackEvent, cause: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "at": event.at,
        "stack": event.stack_name,
        "resource": event.logical_id,
        "type": event.type,
        "status": event.status,
        "reason": event.reason,
        "operation": event.operation,
        "nested": event.nested,
        "root_cause": cause,
    }
