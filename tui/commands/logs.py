"""`cockpit logs`: the tail of the screen, for pipes."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

import click

from services.problems import ConfigurationError
from tui.commands.common import Common, common_options, resolved
from tui.commands.output import say
from tui.commands.times import instant

LEAVES_WITHIN_S = 2.0
"""Machine seconds that an interrupted run waits for its reader."""


@click.command(name="logs", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("environment", metavar="ENV")
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until interrupted.")
@click.option("--since", default="10m", show_default=True, metavar="TIME", help="Where to begin: 90s, 2h, 7d, 03:07.")
@click.option("--until", default="", metavar="TIME", help="Where to end; now if left out.")
@click.option("--filter", "pattern", default="", metavar="PATTERN", help="A filter pattern of CloudWatch Logs.")
@click.option("--insights", "query", default="", metavar="QUERY", help="A query of Logs Insights instead: it costs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@common_options
def command(
    environment: str,
    groups: tuple[str, ...],
    follow: bool,
    since: str,
    until: str,
    pattern: str,
    query: str,
    as_json: bool,
    common: Common,
) -> int:
    """Print log lines of ENV, merged by time, each once.

    GROUP is a log group's name, a short name (app, api, lambda, trail, users), a pattern in quotes such as
    '/aws/lambda/*', or `stack` for every group of the stack. Left out: the application's own log, the API's and
    the functions'.

    Lines go to standard output, everything else to standard error: what is complete, which stretches are missing
    and why, when AWS throttles, on a terminal how far a long reading has come. A reader that is slow is waited for.
    With --follow a line that came after younger ones is printed when it comes; a * behind its group's name says so.

    \b
    --filter: ERROR timeout        both terms          ?ERROR ?Exception   one of them
              "Task timed out"     a phrase            { $.status >= 500 } a field of JSON lines
    \b
    --json: one object a line with
      version      1; grows when a field changes its meaning
      at, at_ms    the producer's time, ISO 8601 and epoch milliseconds
      group, name  the log group and its short name
      level        ERROR WARN INFO DEBUG REPORT or null; request: the request's id or null
      id           CloudWatch Logs' event id, the same each time; late: whether it came after younger lines
      text         the line, with control characters made visible

    --insights runs one query over the groups and prints its rows, with an estimate of its price before and the
    bytes that it scanned after; interrupted, it is stopped. With --json: one object a line with version and row.

    Ends 0 when everything that was asked for has been printed or its reader has gone, 1 when a stretch could not be
    read, 2 for a wrong word, 3 when nothing could be read, 130 when interrupted.
    """
    from services.aws.endpoint import clock_at
    from tui.commands.log_output import Output
    from tui.commands.log_run import LogsRun, Wanted

    settings, found = resolved(environment, common)
    _check(pattern, query, follow, until)
    clock = clock_at(found)
    now = clock.now()
    start = instant(since, now, "--since")
    end = min(instant(until, now, "--until"), now) if until else now  # of what is to come nothing can be promised
    if start >= end:
        raise ConfigurationError(f"--since {since} is not before {f'--until {until}' if end < now else 'now'}.")
    wanted = Wanted(groups, _milliseconds(start), _milliseconds(end), pattern, query, follow, as_json)

    async def run() -> int:
        output = Output(sys.stdout.fileno())
        try:
            code = await LogsRun(found, settings, clock, output, say, watched=sys.stderr.isatty()).run(wanted)
        except asyncio.CancelledError:
            # Interrupted: what was read is still handed to a reader that takes it.
            await asyncio.wait({asyncio.ensure_future(output.finish())}, timeout=LEAVES_WITHIN_S)
            raise
        await output.finish()
        return 0 if output.closed.is_set() else code

    return asyncio.run(run())


def _check(pattern: str, query: str, follow: bool, until: str) -> None:
    from services.log_patterns.checking import check

    fault = check(pattern)
    if fault is not None:
        raise ConfigurationError(f"--filter: {fault.sentence}")
    if query and (follow or pattern):
        raise ConfigurationError("--insights has its own filter and does not follow; leave --filter and --follow out.")
    if follow and until:
        raise ConfigurationError("--follow has no end; leave --until out.")


def _milliseconds(moment: datetime) -> int:
    """Since the epoch: nothing was written before it, and AWS takes no negative time."""
    return max(0, int(moment.timestamp() * 1000))
