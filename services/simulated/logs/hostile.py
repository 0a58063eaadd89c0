"""Lines that somebody or something wrote who wishes a terminal, a parser or a reader ill (reliability.md, table F)."""

from __future__ import annotations

import base64
import json
from functools import cache

HUGE_BYTES = 256 * 1024
"""What an agent sends as one event at most."""

LARGEST_BYTES = 1_000_000
"""Just below what one event may be: 1 MB with its 26 bytes of overhead."""

_FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"

SMALL: tuple[str, ...] = (
    "\x1b[2J\x1b[H\x1b[31mERROR gone\x1b[0m",
    "\x1b]0;owned\x07\x1b]2;owned\x1b\\title",
    "\x1b]8;;http://example.com\x1b\\click\x1b]8;;\x1b\\ link",
    "\x1b]52;c;cm0gLXJmIC8=\x07 clipboard",
    "\x1bP+q544e\x1b\\ \x1b_APC\x1b\\ \x9b31m C1 \x90x\x9c \x0e\x0f \x08\x08\x08 \x7f \x85",
    "nul \x00 in \x00 the middle",
    "ERROR payment failed\rINFO  payment succeeded       ",
    "[/red] [bold]x[/] [@click=app.quit]press[/] [link=http://example.com]here[/link] [ERROR] ]][[",
    "access for \u202eDORP\u202c to \u2066prod\u2069 \u200b\u200d\ufeff\u2028\u2029 \U000e0041\U000e007f",
    "z" + "\u0301" * 200 + " " + _FAMILY + " \ud7ff\ufffd\uffff wide \u4f60\u597d \u0e33 \ufdfd",
    "UTF-8 that was none: \ufffd\ufffd( \ufffd\ufffd\ufffd \ufffd",
    "03:07:11 CONFIRMED by alice: rollback of production done, press y",
    "key AKIAIOSFODNN7EXAMPLE password=hunter2 Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
    '{"level":"ERROR","message":"unfinished',
    '{"level": NaN, "status": 1e999, "level": "INFO", "n": 123456789012345678901234567890}',
    "\t\t\n\n\r\n \t",
    " ",
)
"""One line each: escapes, markup, bidirectional text, fakes of our own screen, secrets, broken JSON."""


@cache
def huge() -> tuple[str, ...]:
    """Lines of 256 KB to 1 MB: one word, base64, JSON that is wide, and JSON that is deep. Made once."""
    deep = 50_000
    wide = {f"field{index}": {"status": index % 600, "text": "x" * 20} for index in range(LARGEST_BYTES // 70)}
    return (
        "A" * HUGE_BYTES,
        base64.b64encode(bytes(range(256)) * (HUGE_BYTES * 3 // 4 // 256)).decode(),
        json.dumps(wide)[: LARGEST_BYTES - 2] + '"}',
        json.dumps({"level": "ERROR", "items": ["y" * 40] * (LARGEST_BYTES // 46)}),
        "[" * deep + "]" * deep,
        '{"a":' * deep + "1" + "}" * deep,
    )
