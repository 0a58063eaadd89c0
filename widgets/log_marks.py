"""A log line's byte: the rank of its level, and whether it came late, is marked by a person, is unfolded. Pure."""

from __future__ import annotations

from services.model.logs import Level, LogLine

LEVELS = (Level.DEBUG, Level.NONE, Level.INFO, Level.REPORT, Level.WARN, Level.ERROR)
RANK = {level: rank for rank, level in enumerate(LEVELS)}

LATE, MARKED, OPEN, LEVEL = 0x80, 0x40, 0x20, 0x07
"""The bits; those of LEVEL are the rank."""

AT_LEAST = tuple(bytes(int((mark & LEVEL) >= rank) for mark in range(256)) for rank in range(len(LEVELS)))
"""For each rank: a byte → 1 where its level is at least that."""


def mark_of(line: LogLine) -> int:
    """The byte of a line that has just come."""
    return RANK[line.level] | LATE if line.late else RANK[line.level]


def both(one: bytes | bytearray, other: bytes | bytearray) -> bytes:
    """Two rows of flags of the same length, 1 where both are: as two large numbers, at the machine's pace."""
    joint = int.from_bytes(one, "little") & int.from_bytes(other, "little")
    return joint.to_bytes(len(one), "little")
