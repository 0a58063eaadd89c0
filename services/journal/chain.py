"""One record is one line of JSON that carries the hash of the line before: a torn tail and a changed record show.

`hash` is SHA-256 over the canonical JSON (sorted names) of the record without `hash`; `previous` is the hash of the
record before, the first record's is empty, the first of the executor's file is the order's. A chain shows change,
removal and reordering; it cannot show that records were cut off at the end, or that all of it was rewritten.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from services.model.entry import Entry


def line_of(entry: Entry) -> tuple[bytes, str]:
    """The record as a line with its newline, and its hash. `entry.hash` is left out of account."""
    fields: dict[str, Any] = msgspec.to_builtins(entry)
    fields.pop("hash", None)
    fields["hash"] = digest(fields)
    return msgspec.json.encode(fields, order="sorted") + b"\n", fields["hash"]


def digest(fields: dict[str, Any]) -> str:
    """`sha256:…` of a record without its hash."""
    return "sha256:" + hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


class Chain(msgspec.Struct, frozen=True):
    """What a file's bytes hold."""

    entries: tuple[Entry, ...]
    """The good records up to the first bad one; of kinds that this version does not know: left out."""
    head: str
    """Hash of the newest good record."""
    good_bytes: int
    """Length of the good part: a torn tail begins here."""
    sequence: int
    """Number of the newest good record, -1 without one."""
    torn: bool = False
    """The last line has no end: the writer died while writing it."""
    damage: str = ""
    """A bad record that is not the tail's tear: which and how."""


def read_chain(data: bytes, previous: str = "") -> Chain:
    """The records in `data`, checked one by one. Total: any bytes give a Chain."""
    entries: list[Entry] = []
    head, position, number, sequence = previous, 0, 0, -1
    while position < len(data):
        end = data.find(b"\n", position)
        if end < 0:
            return Chain(tuple(entries), head, position, sequence, torn=True)
        number += 1
        fields, fault = _checked(data[position:end], head)
        if fields is None:
            return Chain(tuple(entries), head, position, sequence, damage=f"record {number} {fault}")
        head = str(fields["hash"])
        position = end + 1
        entry = _entry(fields)
        if entry is not None:
            entries.append(entry)
        sequence = _sequence(fields, sequence)
    return Chain(tuple(entries), head, position, sequence)


def _checked(line: bytes, head: str) -> tuple[dict[str, Any] | None, str]:
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, "cannot be read"
    if not isinstance(fields, dict):
        return None, "cannot be read"
    claimed = fields.pop("hash", None)
    if claimed != digest(fields):
        return None, "was changed after it was written"
    if fields.get("previous", "") != head:
        return None, "does not follow the one before it"
    return {**fields, "hash": claimed}, ""


def _entry(fields: dict[str, Any]) -> Entry | None:
    """None: a record of a later version's kind. Its place in the chain was checked all the same."""
    try:
        return msgspec.convert(fields, Entry)
    except msgspec.ValidationError:
        return None


def _sequence(fields: dict[str, Any], before: int) -> int:
    found = fields.get("sequence", 0)
    return found if isinstance(found, int) else before + 1
