"""The files of an export: one for each stream, gzip, a line `2026-11-23T03:07:00.000Z MESSAGE` for each event."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from services.simulated.logs.group import Group, slots

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GZIP = 31
"""zlib's window size that writes a gzip header."""


def write(
    group: Group, lock: threading.RLock, span: tuple[int, int], prefix: str, stop: threading.Event
) -> Iterator[tuple[str, bytes]]:
    """Stream and file, sorted by stream, of the events ingested by the end of the span whose time is in it.

    Epoch milliseconds, both inclusive. Only compressed data is held meanwhile.
    """
    first, last = span
    files: dict[str, tuple[Any, list[bytes]]] = {}
    with lock:
        first = max(first, group.oldest(last))
    for slot in slots(first, last, group.slot) if first <= last else ():
        if stop.is_set():
            return
        with lock:
            events = group.visible(slot, last)
        for event in events:
            if not first <= event.timestamp <= last or not event.stream.startswith(prefix):
                continue
            if event.stream not in files:
                files[event.stream] = (zlib.compressobj(wbits=_GZIP), [])
            packer, parts = files[event.stream]
            line = f"{_stamp(event.timestamp)} {event.message.rstrip(chr(10))}\n"
            parts.append(packer.compress(line.encode("utf-8", "replace")))
    for name, (packer, parts) in sorted(files.items()):
        yield name, b"".join([*parts, packer.flush()])


def _stamp(at: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"
