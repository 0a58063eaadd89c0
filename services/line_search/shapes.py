"""What lines look alike: their text with everything that differs from one to the next taken out. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 400
"""Characters of a text that are looked at: the rest is a stack trace or data."""

_PARTS = re.compile(
    r"(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)"
    r"|(?P<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
    r"|(?P<quoted>'[^']{0,200}'|\"[^\"]{0,200}\")"
    r"|(?P<hex>\b0x[0-9a-fA-F]+\b|(?<![A-Za-z0-9])(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{7,64}(?![A-Za-z0-9]))"
    r"|(?P<number>\d+(?:[.,]\d+)*)"
)
_SIGNS = {"uuid": "‹id›", "time": "‹time›", "quoted": "‹text›", "hex": "‹hex›", "number": "‹n›"}


@lru_cache(maxsize=20_000)
def shape(text: str) -> str:
    """`charge ‹n› failed: KeyError ‹text›`: ids, times, numbers and quoted parts of a text replaced by their kind."""
    return _PARTS.sub(lambda found: _SIGNS[found.lastgroup or "number"], text[:LONGEST]).strip()


def longest_word(text: str) -> str:
    """The longest run of letters in a shape: what AWS is asked for to find lines like it."""
    plain = re.sub(r"‹\w+›", " ", text)
    return max(re.findall(r"[A-Za-z]{3,60}", plain), key=len, default="")
