"""Names of operations: sortable by time, unique without asking anyone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_SHAPE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\Z")


def new_operation_id(now: datetime, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """A ULID: 10 characters of milliseconds, 16 of randomness. Later operations sort after earlier ones."""
    milliseconds = int(now.timestamp() * 1000)
    return _base32(milliseconds, 10) + _base32(int.from_bytes(entropy(10), "big"), 16)


def is_operation_id(text: str) -> bool:
    """Whether `text` can be a file name of ours: nothing else ever becomes part of a path."""
    return bool(_SHAPE.match(text))


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
