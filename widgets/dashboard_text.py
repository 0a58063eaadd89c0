"""Markdown in a terminal: headings, lists, emphasis, code, links and tables, simply. Pure.

The text is remote and already safe; nothing of it is ever Textual's or Rich's markup, only spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from widgets.charset import Charset
from widgets.spans import Row, Span, cells, columns, cut, cut_text, row, text_of, wrap

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*\Z")
_ITEM = re.compile(r"(\s*)([-*+]|\d{1,3}[.)])\s+(.*)\Z")
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*\Z")
_FENCE = re.compile(r"\s*(```|~~~)")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*\Z")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<bold>[^*]+)\*\*|__(?P<strong>[^_]+)__"
    r"|(?<![\w*])\*(?P<star>[^*\s][^*]*)\*(?!\w)|(?<!\w)_(?P<under>[^_\s][^_]*)_(?!\w)"
    r"|!\[(?P<alt>[^\]]*)\]\([^)]*\)"
    r"|\[(?P<text>[^\]]*)\]\((?P<url>[^)\s]*)[^)]*\)"
)
_STYLES = {"code": "accent", "bold": "strong", "strong": "strong", "star": "title", "under": "title"}

LONGEST = 2_000
"""Characters of one line that are looked at for marks."""


def rows(lines: Sequence[str], width: int, charset: Charset) -> list[Row]:
    """The whole text at `width`."""
    width = max(1, width)
    found: list[Row] = []
    fenced = False
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            found.append(cut((Span(line, "muted"),), width))
        elif "|" in line and index < len(lines) and _TABLE_RULE.match(lines[index]) and "-" in lines[index]:
            end = index + 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            found += _table([line, *lines[index + 1 : end]], width, charset)
            index = end
        else:
            found += _line(line, width, charset)
    while found and not text_of(found[-1]).strip():
        found.pop()
    return found


def heading(lines: Sequence[str]) -> str | None:
    """The title when the text is one heading and nothing else."""
    said = [line for line in lines if line.strip()]
    match = _HEADING.match(said[0]) if len(said) == 1 else None
    return text_of(inline(match[2], "")) if match else None


def inline(text: str, style: str) -> Row:
    """Emphasis, code and links as spans."""
    spans: list[Span] = []
    at = 0
    for match in _INLINE.finditer(text[:LONGEST]):
        spans.append(Span(text[at : match.start()], style))
        spans += _marked(match, style)
        at = match.end()
    spans.append(Span(text[at:], style))
    return tuple(span for span in spans if span.text)


def _marked(match: re.Match[str], style: str) -> Iterator[Span]:
    kind = match.lastgroup
    if match["alt"] is not None:
        yield Span(f"[{match['alt'] or 'image'}]", "muted")
    elif match["text"] is not None:
        label = re.sub(r"\Abutton(:\w+)?:", "", match["text"])
        yield Span(label, "accent")
        if match["url"] and match["url"] != label:
            yield Span(f" {match['url']}", "faint")
    elif kind is not None:
        yield Span(match[kind], _STYLES.get(kind, style))


def _line(line: str, width: int, charset: Charset) -> list[Row]:
    if not line.strip():
        return [()]
    if _RULE.match(line):
        return [(Span(charset.across * width, "rule"),)]
    title = _HEADING.match(line)
    if title:
        return wrap(inline(title[2], "strong" if len(title[1]) <= 3 else "title"), width)
    item = _ITEM.match(line)
    if item:
        sign = charset.dot if item[2] in "-*+" else item[2]
        indent = " " * min(len(item[1]), width // 2)
        return wrap(row(f"{indent}{sign} ", *inline(item[3], "")), width, hang=len(indent) + len(sign) + 1)
    if line.lstrip().startswith(">"):
        return wrap(row(Span(f"{charset.down} ", "rule"), *inline(line.lstrip()[1:].lstrip(), "muted")), width, hang=2)
    return wrap(inline(line.strip(), ""), width)


def _table(lines: Sequence[str], width: int, charset: Charset) -> list[Row]:
    """Columns as wide as their cells, narrowed from the widest where they have no room."""
    table = [[inline(cell.strip(), "") for cell in line.strip().strip("|").split("|")] for line in lines]
    count = max(len(line) for line in table)
    widths = [max((cells(line[x]) for line in table if x < len(line)), default=0) for x in range(count)]
    room = max(count, width - 2 * (count - 1))
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    found: list[Row] = []
    for y, line in enumerate(table):
        spans: list[Span] = []
        for x, size in enumerate(widths):
            cell = cut(line[x], size) if x < len(line) else ()
            shown = [Span(span.text, "title") for span in cell] if y == 0 else list(cell)
            spans += [*shown, Span(" " * (size - cells(cell) + (2 if x < count - 1 else 0)))]
        found.append(tuple(span for span in spans if span.text))
        if y == 0:
            found.append((Span(charset.across * min(width, sum(widths) + 2 * (count - 1)), "rule"),))
    return found


def section(title: str, width: int, charset: Charset) -> Row:
    """A heading of its own as a rule across the dashboard."""
    shown = cut_text(title, max(0, width - 6))
    left = max(0, width - 4 - columns([shown]))
    return row(Span(f"{charset.across * 2} ", "rule"), Span(shown, "strong"), Span(f" {charset.across * left}", "rule"))
