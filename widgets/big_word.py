"""One word, three rows high: for the moment that everything was done for. Pure.

Letters are 4x6 pixels; two pixels stand in one cell as half blocks.
"""

from __future__ import annotations

from widgets.charset import UNICODE, Charset
from widgets.spans import Row, Span, cells

_LETTERS = {
    "A": ".##. #..# #### #..# #..# ....",
    "C": ".### #... #... #... .### ....",
    "D": "###. #..# #..# #..# ###. ....",
    "E": "#### #... ###. #... #### ....",
    "F": "#### #... ###. #... #... ....",
    "I": "### .#. .#. .#. ### ...",
    "L": "#... #... #... #... #### ....",
    "M": "#...# ##.## #.#.# #...# #...# .....",
    "N": "#..# ##.# #.## #..# #..# ....",
    "O": ".##. #..# #..# #..# .##. ....",
    "P": "###. #..# ###. #... #... ....",
    "R": "###. #..# ###. #.#. #..# ....",
    "S": ".### #... .##. ...# ###. ....",
    "T": "##### ..#.. ..#.. ..#.. ..#.. .....",
    "U": "#..# #..# #..# #..# .##. ....",
    "V": "#...# #...# .#.#. .#.#. ..#.. .....",
    " ": ".. .. .. .. .. ..",
}
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def big_word(word: str, style: str, width: int, charset: Charset = UNICODE) -> list[Row]:
    """`word` in letters three rows high where they fit and the terminal has them, else spaced in a block of colour."""
    if charset.braille and all(letter in _LETTERS for letter in word):
        rows = [(Span(line, style),) for line in _drawn(word)]
        if cells(rows[0]) <= width:
            return list(rows)
    spaced = f"  {' '.join(word)}  "
    return [(Span(spaced if len(spaced) <= width else f" {word} ", f"badge-{style}"),)]


def _drawn(word: str) -> list[str]:
    grids = [[[pixel == "#" for pixel in line] for line in _LETTERS[letter].split(" ")] for letter in word]
    return [
        " ".join("".join(_HALVES[pair] for pair in zip(grid[y], grid[y + 1], strict=True)) for grid in grids).rstrip()
        for y in (0, 2, 4)
    ]
