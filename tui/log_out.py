"""Lines out of the screen, as texts and into files. Everything goes through `redact`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from services.redact import redact
from tui import new_files
from tui.new_files import plain
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
    texts = {"txt": as_text(lines), "jsonl": as_jsonl(lines)}
    text, jsonl = new_files.write(folder, stem, {ending: (one.encode(),) for ending, one in texts.items()})
    return text, jsonl


def _stamp(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
