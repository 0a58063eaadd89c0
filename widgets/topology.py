"""The system as the runbook draws it (lines 66-80): every component with its state, in the order a request takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from services.model.assessment import Node, State
from widgets.charset import UNICODE, Charset
from widgets.picture import Picture
from widgets.spans import Row, Span, cells, cut, cut_text
from widgets.states import SIGNS, style

SHORT = {
    "users": "Users",
    "cloudfront": "CF",
    "s3": "S3",
    "api": "API",
    "lambda": "λ",
    "dynamodb": "DDB",
    "cognito": "Cog",
    "health": "Health",
    "cloudwatch": "CW",
    "sns": "SNS",
    "slack": "Slack",
}
"""Names for one line."""

NOTE = 16
"""Cells a note may take where a whole one does not fit."""

WATCHERS = ("health", "cloudwatch", "sns", "slack")
"""Those that look on; they stand apart from the path of a request."""


class Topology(Picture):
    """Shows nodes: three rows as a diagram, or one row of short names where the diagram does not fit."""

    DEFAULT_CSS = """
    Topology { height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._components: tuple[Node, ...] = ()

    def show(self, nodes: tuple[Node, ...]) -> None:
        """Show `nodes`; a component the stack lacks is simply not among them."""
        if nodes != self._components:
            self._components = nodes
            self.redraw()

    def needed_height(self, width: int) -> int:
        return len(topology_rows(self._components, width, 3, self.charset)) or 1

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return topology_rows(self._components, width, height, self.charset)


def topology_rows(nodes: Sequence[Node], width: int, height: int, charset: Charset = UNICODE) -> list[Row]:
    """The most telling picture that fits: a diagram with state words, with signs, or one row of short names."""
    if not nodes:
        return []
    found = {node.key: node for node in nodes}
    if height >= 3:
        for words, notes in ((True, 99), (True, NOTE), (False, NOTE), (False, 0)):
            labels = {key: _label(node, words, notes) for key, node in found.items()}
            rows = _diagram(labels, width, charset)
            if max(cells(one) for one in rows) <= width:
                return rows
    return [_line(nodes, width, charset)]


def _label(node: Node, words: bool, notes: int) -> Row:
    """Name, sign, note of at most `notes` cells; with `words` the state's word too, unless it is OK."""
    name = style(node.state)
    bad = node.state in (State.CRIT, State.WARN)
    spans = [Span(f"{node.title} ", "strong" if bad else ""), Span(SIGNS[node.state], name)]
    if words and node.state is not State.OK:
        spans.append(Span(f" {node.state.value}", name))
    if node.note and notes and (bad or cell_len(node.note) <= notes):  # a piece of a remark helps nobody
        spans.append(Span(f" {cut_text(node.note, notes)}", name if bad else "muted"))
    return tuple(spans)


def _diagram(labels: Mapping[str, Row], width: int, charset: Charset) -> list[Row]:
    """Three rows: users → front door ┬ content, ╰ API → function ┬ table, ╰ pool; the watchers at the right end."""
    link = Span(charset.across * 2, "rule")
    top: list[Span] = [Span(" ")]
    for key in ("users", "cloudfront"):
        if key in labels:
            top += [*labels[key], Span(" "), link, Span(" ")] if key == "users" else [*labels[key], Span(" ")]
    lead = cells(top)
    second: list[Span] = []
    if "s3" in labels:
        top += [_fork(charset, "split"), Span(" "), *labels["s3"]]
        second = [Span(" " * lead), _fork(charset, "last"), Span(" ")]
    else:
        second, top = [*top, link, Span(" ")], []
    for index, key in enumerate(key for key in ("api", "lambda") if key in labels):
        second += [Span(" "), link, Span(" "), *labels[key]] if index else [*labels[key]]
    third: list[Span] = []
    reach = cells(second) + 1
    if "dynamodb" in labels and "cognito" in labels:
        third = [Span(" " * reach), _fork(charset, "last"), Span(" "), *labels["cognito"]]
        second += [Span(" "), _fork(charset, "split"), Span(" "), *labels["dynamodb"]]
    else:
        for key in ("dynamodb", "cognito"):
            if key in labels:
                second += [Span(" "), link, Span(" "), *labels[key]]
    rows = [tuple(top), tuple(second), tuple(third)]
    return _with_watchers(rows, [labels[key] for key in WATCHERS if key in labels], width, link)


def _with_watchers(rows: list[Row], watchers: Sequence[Row], width: int, link: Span) -> list[Row]:
    """The watchers at the right end of the first row that has room for them."""
    if not watchers:
        return rows
    chain: list[Span] = []
    for label in watchers:
        chain += [Span(" "), link, Span(" "), *label] if chain else [*label]
    size = cells(chain) + 1
    place = next((y for y in (0, 1, 2) if cells(rows[y]) + 4 + size <= width), 0)
    room = max(4, width - size - cells(rows[place]))
    rows[place] = (*rows[place], Span(" " * room), *chain)
    return rows


def _fork(charset: Charset, which: str) -> Span:
    if which == "split":
        return Span(f"{charset.across}{charset.split}{charset.across}", "rule")
    return Span(f" {charset.last}{charset.across}", "rule")


def _line(nodes: Sequence[Node], width: int, charset: Charset) -> Row:
    """One row: `CF ● S3 ● API ✖ λ ✖ DDB ● Cog ● │ CW ▲ 2 in alarm │ SNS ●`; notes only as far as they fit."""
    for notes in ("all", "bad", "none"):
        line = _short(nodes, notes, charset)
        if cells(line) <= width:
            return line
    return cut(line, width)


def _short(nodes: Sequence[Node], notes: str, charset: Charset) -> Row:
    spans: list[Span] = [Span(" ")]
    apart = False
    for node in nodes:
        if node.key == "users" and node.state is State.OK:  # says nothing that the others do not
            continue
        if node.key in WATCHERS and not apart:
            spans += [Span(charset.down, "rule"), Span(" ")]
            apart = True
        name = style(node.state)
        bad = node.state in (State.CRIT, State.WARN)
        title = SHORT.get(node.key, node.title)
        if not charset.braille and node.key == "lambda":
            title = "Fn"
        spans += [Span(f"{title} ", "strong" if bad else ""), Span(SIGNS[node.state], name)]
        if node.note and (notes == "all" or (notes == "bad" and bad)):
            spans.append(Span(f" {node.note}", name if bad else "muted"))
        spans.append(Span("  "))
    return tuple(spans[:-1])
