"""The signs the screen is drawn with: Unicode where the terminal takes it, plain ASCII where it does not.

The app says which by an attribute `charset`; an app without one gets Unicode.
"""

from __future__ import annotations

import msgspec
from rich.cells import cell_len


class Charset(msgspec.Struct, frozen=True):
    """Every sign that is not a letter. Each is one cell wide."""

    corners: str
    """Top left, top right, bottom left, bottom right."""
    across: str
    down: str
    """A line that goes on and turns down."""
    last: str
    """A line that turns from down to right."""
    split: str
    """A line from the left that goes right and down."""
    threshold: str
    marker_line: str
    marker: str
    bar: str
    """From empty to full in eighths."""
    shade: str
    """The rest of a bar."""
    arrow: str
    done: str
    busy: str
    todo: str
    failed: str
    dot: str
    """Between facts."""
    ellipsis: str
    block: tuple[str, str]
    """Before and after a word that stands in a block of colour."""
    braille: bool
    """Whether lines are drawn in dots of a 2x4 grid."""


UNICODE = Charset(
    corners="╭╮╰╯",
    across="─",
    down="│",
    last="╰",
    split="┬",
    threshold="┈",
    marker_line="┊",
    marker="▲",
    bar=" ▏▎▍▌▋▊▉█",
    shade="░",
    arrow="→",
    done="✓",
    busy="▸",
    todo="·",
    failed="✖",
    dot="·",
    ellipsis="…",
    block=(" ", " "),
    braille=True,
)

ASCII = Charset(
    corners="++++",
    across="-",
    down="|",
    last="+",
    split="+",
    threshold="-",
    marker_line=":",
    marker="^",
    bar="  ======#",
    shade=".",
    arrow=">",
    done="v",
    busy=">",
    todo=".",
    failed="x",
    dot="|",
    ellipsis="~",
    block=("[", "]"),
    braille=False,
)

_PLAIN = {
    "●": "o", "◆": "~", "▲": "!", "✖": "X", "○": ".", "∅": "-", "⊘": "/", "⊗": "#", "◌": "=", "◷": "<",
    "→": ">", "←": "<", "✓": "v", "…": "~", "·": "|", "–": "-", "×": "x", "↺": "<", "▸": ">", "≥": ">", "≤": "<",
    "┈": "-", "─": "-", "│": "|", "’": "'", "“": '"', "”": '"',
}  # fmt: skip
_ACROSS, _DOWN = "─━┄┅┈┉═╌╍", "│┃┆┇┊┋║╎╏"
_BOXES = {chr(code): "+" for code in range(0x2500, 0x2580)} | dict.fromkeys(_ACROSS, "-") | dict.fromkeys(_DOWN, "|")
_BLOCKS = {chr(code): "#" for code in range(0x2580, 0x25A0)}
_TABLE = {ord(sign): plain for sign, plain in (_BOXES | _BLOCKS | _PLAIN).items()}


def plain(text: str) -> str:
    """`text` in ASCII, cell for cell: known signs by their likeness, everything else as `?`."""
    if text.isascii():
        return text
    text = text.translate(_TABLE)
    return text if text.isascii() else "".join(one if one.isascii() else "?" * cell_len(one) for one in text)


def charset_of(app: object) -> Charset:
    """The charset `app` draws with."""
    chosen = getattr(app, "charset", UNICODE)
    return chosen if isinstance(chosen, Charset) else UNICODE
