"""Paths of an invalidation as CloudFront wants them (aws.md 5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

LONGEST = 4000
"""Characters of one path, as it is sent."""

MOST = 3000
"""Paths that may be in progress on a distribution."""

MOST_WILDCARDS = 15
"""Wildcard paths that may be in progress on a distribution."""

# RFC 1738: everything that is neither unreserved nor reserved is unsafe. `%` stays: it begins what is encoded already.
_KEPT = "/*?&=:;@+,.!$'()-_%"


class BadPath(ValueError):
    """A path that CloudFront would refuse or misunderstand; the message says which and why."""


def encoded(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths ready to be sent: checked, non-ASCII and unsafe characters encoded, each once. Raises BadPath."""
    if not paths:
        raise BadPath("no path was given; /* invalidates everything")
    ready = tuple(dict.fromkeys(_encoded(path) for path in paths))
    if len(ready) > MOST:
        raise BadPath(f"{len(ready)} paths are more than the {MOST} a distribution takes; use a wildcard")
    wildcards = sum(path.endswith("*") for path in ready)
    if wildcards > MOST_WILDCARDS:
        raise BadPath(f"{wildcards} wildcard paths are more than the {MOST_WILDCARDS} a distribution takes at a time")
    return ready


def _encoded(path: str) -> str:
    if not path.startswith("/"):
        raise BadPath(f"{path!r} does not begin with /")
    if "*" in path[:-1]:
        raise BadPath(f"{path!r} has a * that is not its last character")
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in path):
        raise BadPath(f"{path!r} has a control character in it")
    try:
        ready = quote(_bare_percent(path), safe=_KEPT).replace("~", "%7E")  # Python calls ~ safe, RFC 1738 does not
    except UnicodeEncodeError:
        raise BadPath(f"{path!r} is not text that can be encoded") from None
    if len(ready) > LONGEST:
        raise BadPath(f"a path of {len(ready)} characters is longer than {LONGEST}")
    return ready


def _bare_percent(path: str) -> str:
    """A % that begins no escape is itself unsafe."""
    pieces = path.split("%")
    mended = [pieces[0]]
    for piece in pieces[1:]:
        escape = len(piece) >= 2 and all(digit in "0123456789abcdefABCDEF" for digit in piece[:2])
        mended.append(("%" if escape else "%25") + piece)
    return "".join(mended)
