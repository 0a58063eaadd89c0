"""The `parse` command: what a glob with asterisks, or a regex with named groups, takes out of a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from services.simulated.logs.insights.expressions import Reader, Row, Value
from services.simulated.logs.insights.tokens import malformed
from services.simulated.logs.insights.values import text

Step = Callable[[Row], Row]


def parse_command(reader: Reader) -> Step:
    """`parse [FIELD] "user=*, method:*" as user, method`, or `parse [FIELD] /user=(?<user>\\S+)/`."""
    source: Value = lambda row: row.get("@message")  # noqa: E731 - replaced below by what is read
    if reader.next.kind in ("name", "field"):
        source = reader.arithmetic()
    token = reader.need_kind("string", "regex")
    if token.kind == "regex":
        pattern = reader.pattern(token)
        if not pattern.groupindex:
            raise malformed("parse expects at least one named group in its regex", token.start, token.end)
        return _taken(source, pattern, tuple(pattern.groupindex))
    reader.need("as")
    names = [reader.need_kind("name", "field").text]
    while reader.take(","):
        names.append(reader.need_kind("name", "field").text)
    if token.text.count("*") != len(names):
        wanted = token.text.count("*")
        raise malformed(f"expected {wanted} aliases for the glob, got {len(names)}", token.start, token.end)
    return _taken(source, _glob(token.text), tuple(names))


def _glob(pattern: str) -> re.Pattern[str]:
    """Asterisks are as short as can be; one at the end takes the rest."""
    parts = [re.escape(part) for part in pattern.split("*")]
    body = "(.*?)".join(parts)
    return re.compile(body[: -len("(.*?)")] + "(.*)" if pattern.endswith("*") else body, re.DOTALL)


def _taken(source: Value, pattern: re.Pattern[str], names: tuple[str, ...]) -> Step:
    groups: tuple[Any, ...] = tuple(pattern.groupindex) or tuple(range(1, len(names) + 1))

    def take(row: Row) -> Row:
        value = source(row)
        match = pattern.search(text(value)) if value is not None else None
        found = {name: match[group] for name, group in zip(names, groups, strict=True)} if match else {}
        return Row(row.record, row.values | {name: one for name, one in found.items() if one is not None})

    return take
