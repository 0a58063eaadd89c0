"""Lines out of the screen, as texts and into files. Everything goes through `redact`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from services.redact import redact
from tui.file_names import plain
from widgets.log_ring import Row


def as_text(lines: Iterable[Row]) -> str:
    """One line a row: time, group, level, the message as it came. Newlines are the sign ␊."""
    return "".join(f"{_stamp(line.at)} {line.group} {line.level.value or '-'} {redact(line.text)}\n" for line in lines)


def as_jsonl(lines: Iterable[Row]) -> str:
    """One JSON object a row."""
    return "".join(
        msgspec.json.encode(
            {
                "time": _stamp(line.at),
                "group": line.group,
                "level": line.level.value,
                "request": line.request,
                "message": redact(line.text),
            }
        ).decode()
        + "\n"
        for line in lines
    )


def file_stem(environment: str, lines: Sequence[Row], now: datetime) -> str:
    """`cockpit-logs-production-20261123T030700Z-20261123T031142Z`: the environment and the window of the lines."""
    ends = (lines[0].at, lines[-1].at) if lines else (round(now.timestamp() * 1000),) * 2
    first, last = (f"{datetime.fromtimestamp(at / 1000, UTC):%Y%m%dT%H%M%SZ}" for at in ends)
    name = plain(environment)
    return f"cockpit-logs-{name}-{first}-{last}"


def write(folder: Path, stem: str, lines: Sequence[Row]) -> tuple[Path, Path]:
    """Write the lines as text and as JSON lines; an older file is never overwritten. Raises OSError."""
    for number in range(100):
        name = f"{stem}-{number}" if number else stem
        paths = folder / f"{name}.txt", folder / f"{name}.jsonl"
        if not any(path.exists() for path in paths):
            break
    for path, text in zip(paths, (as_text(lines), as_jsonl(lines)), strict=True):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    return paths


def _stamp(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
