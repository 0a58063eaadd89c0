"""`cockpit journal`: what was done from this state folder, for scripts and for the record. Reads only, asks no AWS."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from services.plural import several
from services.problems import ConfigurationError
from tui.commands.output import say

if TYPE_CHECKING:
    from services.model.entry import Operation
    from services.model.journal import Listed

HELP = {"help_option_names": ["-h", "--help"]}

_words = click.argument("words", nargs=-1, metavar="[WORD]...")
_as_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")


@click.group(name="journal", context_settings=HELP)
def command() -> None:
    """What was done from this state folder: by whom, when, with which calls, and what came of it.

    Every environment's operations are in it; those of simulated accounts are told apart. Nothing of AWS is asked.
    Ends 0; 1 when a chain does not hold; 2 for a wrong command line, an unknown operation or an unreadable journal.
    """


def _reading(function: Callable[..., int]) -> Callable[..., int]:
    """A journal that cannot be read, or an operation that is not in it, is a sentence and 2."""
    from functools import wraps

    from services.journal.home import JournalBroken

    @wraps(function)
    def with_sentence(*arguments: Any, **options: Any) -> int:
        try:
            return function(*arguments, **options)
        except JournalBroken as error:
            raise ConfigurationError(str(error)) from error
        except FileNotFoundError as error:
            raise ConfigurationError(f"{error}.") from error

    return with_sentence


@command.command(name="list", context_settings=HELP)
@_words
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=0), help="The newest; 0: all.")
@_as_json
@_reading
def listing(words: tuple[str, ...], limit: int, as_json: bool) -> int:
    """List operations, the newest first; only those with every WORD (`prod`, `open`, `!sandbox`).

    \b
    --json: an object with version 1 and operations, a list of
      folder (empty: a real account), id, environment, kind, title, ordered, phase, text, who, arn, reason,
      calls, outcome, ended, damage, gone, archived
    """
    found = _chosen(words)
    shown = found[:limit] if limit else found
    if as_json:
        click.echo(msgspec.json.encode({"version": 1, "operations": shown}))
        return 0
    for line in _table(shown):
        click.echo(line)
    if len(shown) < len(found):
        say(f"{len(found) - len(shown)} older ones are left out; --limit 0 lists all.")
    if not found:
        say("No operation has these words." if words else "Nothing has been done from here yet.")
    return 0


def _chosen(words: Sequence[str]) -> tuple[Listed, ...]:
    from services.journal.library import Library
    from tui.journal_rows import matching

    catalogue = Library().whole()
    for sentence in catalogue.problems:
        say(f"Not readable: {sentence}")
    return matching(catalogue.operations, " ".join(words))


def _table(shown: Sequence[Listed]) -> list[str]:
    from tui.commands.output import table
    from widgets.journal_table import state_of, where

    rows = [
        (one.id, f"{one.ordered:%Y-%m-%d %H:%M:%S}Z", state_of(one)[1], where(one), one.who, one.title) for one in shown
    ]
    return table(("OPERATION", "ORDERED", "OUTCOME", "WHERE", "WHO", "WHAT"), rows, False) if rows else []


@command.command(name="show", context_settings=HELP)
@click.argument("operation", metavar="ID")
@_as_json
@_reading
def show(operation: str, as_json: bool) -> int:
    """Show one operation whole: every record, the exact calls as AWS CLI lines, and how to finish or undo it by hand.

    ID may be the beginning of one, when only one begins so. --json: version 1, listed (as of `list`), entries,
    calls and by_hand {look, finish, undo: [{about, command}]}.
    """
    from services.journal.library import find

    listed, found = find(operation)
    click.echo(_whole_json(listed, found) if as_json else _whole_text(listed, found))
    return 1 if listed.damage else 0


def _whole_json(listed: Listed, found: Operation | None) -> bytes:
    from services.actions.by_hand import by_hand
    from services.redact import redact_value
    from tui.journal_out import calls

    told = {
        "version": 1,
        "listed": listed,
        "entries": found.entries if found is not None else (),
        "calls": calls(found) if found is not None else (),
        "by_hand": by_hand(found) if found is not None else None,
    }
    return msgspec.json.encode(redact_value(msgspec.to_builtins(told)))


def _whole_text(listed: Listed, found: Operation | None) -> str:
    from services.actions.by_hand import by_hand
    from services.model.journal import Whole
    from services.redact import redact
    from widgets.journal_view import whole_rows
    from widgets.spans import text_of

    whole = Whole(listed, found, by_hand(found) if found is not None else None)
    # Wide enough that no command line is broken: what is shown can be copied.
    return redact("\n".join(text_of(row).strip("─ ").rstrip() if "─" in text_of(row) else text_of(row).rstrip()
                            for row in whole_rows(listed, whole, 100_000)))  # fmt: skip


@command.command(name="verify", context_settings=HELP)
@_as_json
@_reading
def verify(as_json: bool) -> int:
    """Check the hash chain of every file; 1 when one does not hold. Only what is not good is printed, and a summary.

    A chain shows records that were changed, removed or moved. It cannot show that a file was cut at its end or
    rewritten whole. --json: version 1, summary, files [{folder, name, records, damage, torn}].
    """
    from services.journal.verifying import summary, verified

    found = tuple(verified())
    code = 0 if all(one.good for one in found) else 1
    if as_json:
        click.echo(msgspec.json.encode({"version": 1, "summary": summary(found), "files": found}))
        return code
    for one in found:
        if one.damage:
            click.echo(
                f"damaged  {one.folder}/{one.name}: {one.damage}; {several(one.records, 'good record')} before it"
            )
        elif one.torn:
            click.echo(
                f"torn     {one.folder}/{one.name}: {several(one.records, 'record')}, an unfinished line left out"
            )
    click.echo(summary(found))
    return code


@command.command(name="export", context_settings=HELP)
@_words
@click.option(
    "--format",
    "kind",
    type=click.Choice(["jsonl", "markdown"]),
    default="jsonl",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="FILE",
    help="A new file; standard output when left out.",
)  # fmt: skip
@_reading
def export(words: tuple[str, ...], kind: str, output: Path | None) -> int:
    """Write operations whole, without secrets: those with every WORD (an id is one), the newest first."""
    from tui import journal_out

    pieces = journal_out.written(kind, _each(_chosen(words)))
    if output is None:
        for piece in pieces:
            sys.stdout.write(piece)
        return 0
    try:
        journal_out.write(output, pieces)
    except FileExistsError as error:
        raise ConfigurationError(f"{output} is there already; name a new file.") from error
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error.strerror}.") from error
    say(f"Written: {output}.")
    return 0


def _each(chosen: Sequence[Listed]) -> Iterator[tuple[Listed, Operation | None]]:
    from services.journal.library import home_of, opened

    for one in chosen:
        try:
            yield opened((one.folder, one.id, one.archived), home_of(one))
        except FileNotFoundError:
            say(f"Operation {one.id} is not there any more: left out.")
