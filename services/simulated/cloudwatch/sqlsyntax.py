"""The syntax of Metrics Insights: a SELECT to a value.

Source: CloudWatch User Guide, "Query components and syntax": keywords in any case, identifiers as they are; names with
anything but letters, digits and underscores in double quotes, label values in single ones. A part of it, and said so:
of WHERE `=` and `!=` joined by AND are served, of GROUP BY dimensions and no tags.
"""

from __future__ import annotations

import re

import msgspec

FUNCTIONS = ("AVG", "COUNT", "MAX", "MIN", "SUM")

MOST_SERIES = 500
"""Time series that one query returns."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+)\b|(?P<word>[A-Za-z_]\w*)|(?P<name>\"[^\"]+\")|(?P<text>'[^']*')|(?P<sign>!=|[=(),]))"
)


class SqlError(Exception):
    """A query that cannot be read; the message says what and where."""


class Condition(msgspec.Struct, frozen=True):
    """`label = 'value'`, or `!=`."""

    label: str
    equal: bool
    value: str


class Select(msgspec.Struct, frozen=True):
    """One query."""

    function: str
    metric: str
    namespace: str
    schema: frozenset[str] | None
    """Exactly the dimensions that a metric must have; None: FROM names a namespace alone."""
    conditions: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()
    order_by: str = ""
    """The function by which series are put in order; empty: any order."""
    descending: bool = False
    limit: int = MOST_SERIES


def is_select(expression: str) -> bool:
    """Whether an expression is a query and no metric math."""
    return re.match(r"\s*SELECT\b", expression, re.IGNORECASE) is not None


def parse(text: str) -> Select:
    """The query; SqlError when it is none."""
    reader = _Reader(text)
    reader.keyword("SELECT")
    function = reader.function()
    reader.sign("(")
    metric = reader.name("metric name")
    reader.sign(")")
    reader.keyword("FROM")
    namespace, schema = _source(reader)
    conditions = _conditions(reader) if reader.found("WHERE") else ()
    group_by = _labels(reader) if reader.found("GROUP") else ()
    order_by, descending = _order(reader) if reader.found("ORDER") else ("", False)
    limit = reader.number() if reader.found("LIMIT") else MOST_SERIES
    reader.end()
    if not 1 <= limit <= MOST_SERIES:
        raise SqlError(f"LIMIT must be between 1 and {MOST_SERIES}")
    if schema is not None and not set(group_by) <= schema:
        raise SqlError("GROUP BY names a label that is not in SCHEMA")
    return Select(function, metric, namespace, schema, conditions, group_by, order_by, descending, limit)


def _source(reader: _Reader) -> tuple[str, frozenset[str] | None]:
    if not reader.found("SCHEMA"):
        return reader.name("namespace"), None
    reader.sign("(")
    namespace = reader.name("namespace")
    labels: list[str] = []
    while reader.next_sign() == ",":
        reader.sign(",")
        labels.append(reader.name("label"))
    reader.sign(")")
    return namespace, frozenset(labels)


def _conditions(reader: _Reader) -> tuple[Condition, ...]:
    found: list[Condition] = []
    while not found or reader.found("AND"):
        label = reader.name("label")
        equal = reader.one_of("=", "!=") == "="
        found.append(Condition(label, equal, reader.text()))
    return tuple(found)


def _labels(reader: _Reader) -> tuple[str, ...]:
    reader.keyword("BY")
    found = [reader.name("label")]
    while reader.next_sign() == ",":
        reader.sign(",")
        found.append(reader.name("label"))
    return tuple(found)


def _order(reader: _Reader) -> tuple[str, bool]:
    reader.keyword("BY")
    function = reader.function()
    reader.sign("(")
    reader.sign(")")
    descending = reader.found("DESC")
    if not descending:
        reader.found("ASC")
    return function, descending


class _Reader:
    """The tokens of one query, from the left."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        position, text = 0, text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise SqlError(f"Unexpected '{text[position:].strip()[:1]}' at position {position}")
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            position = found.end()

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "the end of the query")

    def _take(self, kinds: tuple[str, ...], wanted: str) -> str:
        kind, text = self._peek()
        if kind not in kinds:
            raise SqlError(f"Expected {wanted}, found {text}")
        self._at += 1
        return text

    def found(self, keyword: str) -> bool:
        """Take this keyword if it is next."""
        kind, text = self._peek()
        if kind != "word" or text.upper() != keyword:
            return False
        self._at += 1
        return True

    def keyword(self, wanted: str) -> None:
        if not self.found(wanted):
            raise SqlError(f"Expected {wanted}, found {self._peek()[1]}")

    def function(self) -> str:
        name = self._take(("word",), "a function").upper()
        if name not in FUNCTIONS:
            raise SqlError(f"Unknown function {name}; valid are {', '.join(FUNCTIONS)}")
        return name

    def name(self, what: str) -> str:
        return self._take(("word", "name"), f"a {what}").strip('"')

    def text(self) -> str:
        return self._take(("text",), "a value in single quotes")[1:-1]

    def number(self) -> int:
        return int(self._take(("number",), "a number"))

    def next_sign(self) -> str:
        kind, text = self._peek()
        return text if kind == "sign" else ""

    def sign(self, wanted: str) -> None:
        self.one_of(wanted)

    def one_of(self, *wanted: str) -> str:
        text = self._take(("sign",), " or ".join(wanted))
        if text not in wanted:
            raise SqlError(f"Expected {' or '.join(wanted)}, found {text}")
        return text

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise SqlError(f"Unexpected {self._peek()[1]}")
