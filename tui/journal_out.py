"""The journal out of the cockpit: JSON lines for programs, Markdown for people. All of it goes through `redact`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from services.actions.by_hand import as_text, by_hand, environment_of
from services.actions.command_lines import command_line
from services.journal.library import home_of, opened
from services.model.entry import Entry, Operation
from services.model.journal import Listed
from services.redact import redact, redact_value
from tui import new_files
from tui.new_files import plain

KINDS = ("jsonl", "markdown")

SUFFIX = {"jsonl": "jsonl", "markdown": "md"}


def written(kind: str, operations: Iterable[tuple[Listed, Operation | None]]) -> Iterable[str]:
    """The operations in one of KINDS, a piece each."""
    for listed, operation in operations:
        yield as_jsonl(listed, operation) if kind == "jsonl" else as_markdown(listed, operation)


def as_jsonl(listed: Listed, operation: Operation | None) -> str:
    """Each record as it stands in the journal, with the folder it is from. Hashes hold where nothing was redacted."""
    entries = operation.entries if operation is not None else ()
    return "".join(f"{msgspec.json.encode(_record(listed, entry), order='sorted').decode()}\n" for entry in entries)


def _record(listed: Listed, entry: Entry) -> dict[str, object]:
    fields = redact_value(msgspec.to_builtins(entry))
    assert isinstance(fields, dict)
    return {**fields, "folder": listed.folder, "damage": listed.damage}


def as_markdown(listed: Listed, operation: Operation | None) -> str:
    """An operation as a chapter: who, why, the exact calls, every record with its time, what came of it."""
    told = [f"## {_plain(listed.title)}", ""]
    told += [f"- {name}: {_plain(value)}" for name, value in facts(listed) if value]
    if operation is not None:
        told += ["", "### Calls", "", "```sh", *(_fenced(one) for one in calls(operation)), "```"]
        told += ["", "### Records", "", "| time (UTC) | phase | what |", "| --- | --- | --- |"]
        told += [f"| {moment(entry.at)} | {entry.phase.value} | {_cell(entry.text)} |" for entry in operation.entries]
        if operation.open:
            told += ["", "### By hand", "", "```sh", *map(_fenced, as_text(by_hand(operation)).splitlines()), "```"]
    return redact("\n".join(told)) + "\n\n"


def facts(listed: Listed) -> tuple[tuple[str, str], ...]:
    """Who, what, when and how it ended, as names and values."""
    return (
        ("operation", listed.id),
        ("environment", listed.environment + (f" (sandbox {listed.folder})" if listed.folder else "")),
        ("ordered", f"{moment(listed.ordered)} by {listed.who or 'somebody unknown'}"),
        ("identity", listed.arn),
        ("reason", listed.reason),
        ("outcome", listed.outcome.value if listed.outcome else f"open, {listed.phase.value}"),
        ("ended", moment(listed.ended) if listed.ended else ""),
        ("verdict", listed.text),
        ("damage", listed.damage),
    )


def calls(operation: Operation) -> tuple[str, ...]:
    """The calls of the plan as AWS CLI lines."""
    environment = environment_of(operation)
    return tuple(command_line(step.call, environment) for step in operation.plan.steps)


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def file_stem(environment: str, operation: str, now: datetime) -> str:
    """`cockpit-journal-production-20261123T031142Z`; with the operation's id where it is one."""
    name = plain(environment)
    return "-".join(
        part for part in ("cockpit-journal", name, operation, f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}") if part
    )


def write(path: Path, pieces: Iterable[str]) -> None:
    """Write a new file, readable by its owner alone. Raises OSError; FileExistsError when it is there."""
    with new_files.begun(path) as file:
        file.writelines(piece.encode() for piece in pieces)


def write_all(folder: Path, chosen: Sequence[Listed], name: str, now: datetime) -> tuple[Path, ...]:
    """Write operations in each of KINDS, a new file each. Raises OSError, JournalBroken.

    `name`: of the environment they are of, or `all`.
    """
    stem = file_stem(name, chosen[0].id if len(chosen) == 1 else "", now)
    texts = {SUFFIX[kind]: written(kind, _each(chosen)) for kind in KINDS}
    return new_files.write(folder, stem, {ending: map(str.encode, pieces) for ending, pieces in texts.items()})


def _each(chosen: Sequence[Listed]) -> Iterator[tuple[Listed, Operation | None]]:
    """One after the other, so that thousands need the memory of one."""
    for listed in chosen:
        try:
            yield opened((listed.folder, listed.id, listed.archived), home_of(listed))
        except FileNotFoundError:
            continue


def _plain(text: str) -> str:
    """Words of a journal are data: nothing in them makes a heading, a link or a picture."""
    return "".join(f"\\{one}" if one in "\\`*_[]<>#!|" else one for one in text)


def _cell(text: str) -> str:
    return _plain(text).replace("\n", " ")


def _fenced(line: str) -> str:
    return line.replace("```", "`\u200b``")
