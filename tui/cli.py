"""The command line: one word per verb, an environment's name opens the screen.

Nothing heavy is imported here: `cockpit --help` and every command load only what they use. The table COMMANDS is
the list of verbs; each lives in `tui/commands/<name>.py` as `command`, and its function returns the exit code.

Exit codes: 0 ok · 1 the thing checked is bad · 2 usage or configuration · 3 AWS could not be reached ·
70 a fault of the cockpit's own · 130 interrupted · 128+n ended by signal n.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

import click

from services.problems import AccountError, ConfigurationError, Problem, ProblemKind
from tui import collecting

COMMANDS: Mapping[str, str] = {
    "watch": "Open the screen on an environment (the same as `cockpit ENV`).",
    "demo": "Open the screen on a simulated account in which something goes wrong.",
    "status": "Print the state of an environment's components; exit 1 when something is critical.",
    "logs": "Print an environment's log lines, merged, each once; with --follow as they come.",
    "rollback": "Roll an environment back to an earlier version, and wait for the verdict.",
    "invalidate": "Invalidate paths of the content delivery network, and wait until it is done.",
    "events": "Print what a stack's operation did, one event a line; exit 1 when it failed.",
    "alarms": "Print the alarms of both regions and the runbook's alerts beside them; exit 1 when one rings.",
    "resume": "Carry on an operation whose executor has gone, and wait for its outcome.",
    "doctor": "Say whether an environment could be rolled back right now, and what is in the way.",
    "journal": "List, show, verify and export what was done from here.",
    "config": "Show the settings in force, say whether a file of them is right, or where it is.",
    "simulate": "Serve the simulated account on loopback until ended.",
}
"""Verb → its line of help."""

DEFAULT_COMMAND = "watch"

OK, BAD, USAGE, UNREACHABLE, CRASHED, INTERRUPTED = 0, 1, 2, 3, 70, 130

_WITH_VALUE = frozenset({"--endpoint-url", "--config"})
"""Common options that take the next word: needed to find the first word that is not an option."""

_OUR_FAULT_TO_CONFIGURE = frozenset({ProblemKind.WRONG_ACCOUNT, ProblemKind.NOT_FOUND})


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used, and whose fall-back is the screen."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"tui.commands.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"tui.commands.{cmd_name}.command is no click command")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, arranged(args))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def arranged(arguments: Sequence[str]) -> list[str]:
    """`arguments` with the verb first: common options may stand before it, and without a verb it is the screen."""
    words = list(arguments)
    index = 0
    while index < len(words):
        word = words[index]
        if word in ("-h", "--help", "--version") and index == 0:
            return words
        if word == "--" or not word.startswith("-"):
            break
        index += 2 if word in _WITH_VALUE else 1
    if index < len(words) and words[index] in COMMANDS:
        return [words[index], *words[:index], *words[index + 1 :]]
    return [DEFAULT_COMMAND, *words]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ec2-manager-cockpit")
    except PackageNotFoundError:
        return "(not installed)"


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"cockpit {_version()}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "COCKPIT"},
    options_metavar="[OPTIONS]",
    subcommand_metavar="[ENV | COMMAND] ...",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and end.",
)
def cli() -> None:
    """A full-screen cockpit for the on-call engineer of a serverless AWS system.

    `cockpit prod` opens the screen on an environment; the commands below do one thing without a screen.
    """


def exit_code_of(problem: Problem) -> int:
    """Whether a failed question means a wrong configuration (2) or that AWS could not be asked (3)."""
    return USAGE if problem.kind in _OUR_FAULT_TO_CONFIGURE else UNREACHABLE


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; every failure is a sentence on stderr."""
    try:
        result = cli.main(
            args=list(sys.argv[1:] if arguments is None else arguments), prog_name="cockpit", standalone_mode=False
        )
        return result if isinstance(result, int) else OK
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except ConfigurationError as error:
        return _said(str(error), USAGE)
    except AccountError as error:
        found = error.problem
        return _said(". ".join(part for part in (found.message, found.remedy) if part), exit_code_of(found))
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`cockpit status | head`): nothing is left to say, and nobody to hear it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        # The outermost edge: whatever was not foreseen becomes a sentence and a crash file, never a traceback.
        from tui.terminal.crash import crash_sentence

        return _said(crash_sentence(error), CRASHED)


def _said(sentence: str, code: int) -> int:
    click.echo(f"cockpit: {sentence}", err=True)
    return code


def main() -> NoReturn:
    """The entry point of the `cockpit` command."""
    collecting.begin()
    sys.exit(run())


if __name__ == "__main__":
    main()
