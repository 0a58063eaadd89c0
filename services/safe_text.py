"""Remote text is data. It is made safe here, once, where it enters, and carries a type that says so.

A terminal obeys what it is sent: an escape sequence in a log line can retitle the window, write the clipboard or
repaint ERROR as OK (the class of CVE-2021-25743). Textual passes such bytes on. So every string that comes from
AWS becomes `SafeText` in `services/aws` before anything else sees it: control characters are shown as pictures,
invisible and direction-changing characters as their code points, stacked accents are cut, length is capped.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text that can be put on a terminal as it stands. Never parsed as markup; made by `safe` alone."""

LINE_LIMIT = 8_192
"""Longest text kept of one remote string, in characters; the rest is counted and said."""

_NO_BREAK = 0xA0
"""The one space beside the usual one that is as wide: it stays, in plain text and beside what has to be shown."""

MARKS_LIMIT = 4
"""Combining marks kept in a row; more would climb over the neighbouring lines."""

# Anything outside this set makes a string take the slow path: printable ASCII and the letters, numbers,
# punctuation and symbols of the common Latin range need no second look.
_PLAIN = re.compile(r"[\x20-\x7e\xa0-\xac\xae-\u02ff]*\Z")

_BIDI_AND_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
    "\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
)


def safe(text: object, limit: int = LINE_LIMIT) -> SafeText:
    """`text` as one line that no terminal acts on.

    C0 controls and DEL become Unicode's control pictures (ESC is ␛, a newline is ␊), a tab becomes spaces, C1
    controls and invisible or direction-changing characters are spelled `\\u{202e}`, lone surrogates likewise.
    Longer text is cut at `limit` with the number of characters left out. Total: any object, any string.
    """
    raw = text if isinstance(text, str) else str(text)
    left_out = len(raw) - limit
    if left_out > 0:
        raw = raw[:limit]
    if not _PLAIN.match(raw):
        raw = _thinned(raw).translate(_VISIBLE)
    if left_out > 0:
        raw = f"{raw}… +{left_out} chars"
    return SafeText(raw)


def safe_lines(text: object, limit: int = LINE_LIMIT) -> tuple[SafeText, ...]:
    """`text` cut at its own line ends, each line made safe. For texts that are meant to be several lines."""
    raw = text if isinstance(text, str) else str(text)
    return tuple(safe(line, limit) for line in re.split(r"\r\n|\r|\n", raw))


def _thinned(raw: str) -> str:
    """`raw` with at most MARKS_LIMIT combining marks in a row. Marks stand above U+02FF: most text has none."""
    if raw.isascii() or max(raw) < "\u0300":
        return raw
    kept: list[str] = []
    marks = 0
    for character in raw:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MARKS_LIMIT:
            kept.append(character)
    return "".join(kept)


class _Visible(dict[int, str]):
    """Code point → how it is shown; worked out once for each that is met."""

    def __missing__(self, code: int) -> str:
        shown = self[code] = _shown(code)
        return shown


_VISIBLE = _Visible()


def _shown(code: int) -> str:
    character = chr(code)
    category = unicodedata.category(character)
    if character == "\t":
        return "    "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if character in _BIDI_AND_INVISIBLE or category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\u{{{code:x}}}"
    return " " if category == "Zs" and code != _NO_BREAK else character
