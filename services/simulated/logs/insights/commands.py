"""A whole query: its commands in order, each a step that rows pass through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from services.simulated.logs.insights.expressions import Reader, Row, Value
from services.simulated.logs.insights.parsing import parse_command
from services.simulated.logs.insights.statistics import stats_command
from services.simulated.logs.insights.tokens import Token, malformed, tokens
from services.simulated.logs.insights.values import order, text, truth

LIMIT = 10_000
"""Rows of an answer when neither the query nor the call says how many."""

MOST = 100_000
"""Rows that any answer may have; no more are kept while rows are sorted."""

LONGEST = 10_000
"""Characters of a query."""

Step = Callable[[Iterable[Row]], Iterable[Row]]


class Plan(msgspec.Struct):
    """A query, read."""

    steps: list[Step] = []
    shown: list[str] = []
    """Fields of the answer, in order; empty: @timestamp and @message."""
    grouped: bool = False
    """Whether rows stand for groups, which have no @ptr."""
    sorted: bool = False
    """Whether the query orders its rows by itself; otherwise the newest come first."""
    limit: int | None = None
    filters: int = 0
    """How many of the first steps are filters and what names fields for them: what they let through has matched."""


def compile_query(query: str) -> Plan:
    """The query's plan. Raises MalformedQueryException with the place that is wrong."""
    if len(query) > LONGEST:
        raise malformed(f"the query is longer than {LONGEST} characters", LONGEST, len(query))
    try:
        return _plan(query)
    except RecursionError:
        raise malformed("the query is nested too deeply", 0, len(query)) from None


def _plan(query: str) -> Plan:
    reader = Reader(query, tokens_by_pipe(query))
    plan = Plan(steps=[], shown=[])
    while True:
        command = reader.next
        read = _COMMANDS.get(command.word)
        if read is None:
            reader.fail()
        else:
            reader.advance()
            read(reader, plan)
        if reader.next.kind == "end":
            return plan
        reader.need("|")
        if reader.next.kind == "end":
            reader.fail()


def tokens_by_pipe(query: str) -> list[Token]:
    found = tokens(query)
    if len(found) == 1:
        raise malformed("the query is empty", 0, len(query))
    return found


def _fields(reader: Reader, plan: Plan) -> None:
    named = [_named(reader)]
    while reader.take(","):
        named.append(_named(reader))
    plan.shown += [name for name, _, _ in named if name not in plan.shown]
    computed = [(name, value) for name, value, plain in named if not plain]
    if computed:

        def compute(row: Row) -> Row:
            for name, value in computed:
                row = Row(row.record, row.values | {name: value(row)})
            return row

        _each(plan, compute)


def _display(reader: Reader, plan: Plan) -> None:
    plan.shown = []
    _fields(reader, plan)


def _filter(reader: Reader, plan: Plan) -> None:
    condition = reader.condition()
    plan.steps.append(lambda rows: (row for row in rows if truth(condition(row))))
    _counts(plan)


def _parse(reader: Reader, plan: Plan) -> None:
    _each(plan, parse_command(reader))


def _stats(reader: Reader, plan: Plan) -> None:
    step, names = stats_command(reader)
    plan.steps.append(step)
    plan.shown, plan.grouped, plan.sorted = names, True, True


def _sort(reader: Reader, plan: Plan) -> None:
    keys: list[tuple[Value, bool]] = []
    while True:
        value = reader.arithmetic()
        direction = reader.take("asc", "desc")
        keys.append((value, direction is not None and direction.word == "desc"))
        if not reader.take(","):
            break

    def ordered(rows: Iterable[Row]) -> Iterable[Row]:
        result: list[Row] = []
        for row in rows:
            result.append(row)
            if len(result) == 2 * MOST:
                _arrange(result, keys)
                del result[MOST:]
        _arrange(result, keys)
        return result

    plan.steps.append(ordered)
    plan.sorted = True


def _arrange(rows: list[Row], keys: list[tuple[Value, bool]]) -> None:
    for value, descending in reversed(keys):
        rows.sort(key=lambda row: order(value(row)), reverse=descending)


def _limit(reader: Reader, plan: Plan) -> None:
    token = reader.need_kind("number")
    if not token.text.isdigit() or not int(token.text):
        raise malformed(f"Invalid limit: {token.text}", token.start, token.end)
    count = int(token.text)
    plan.limit = count
    plan.steps.append(lambda rows: islice(rows, count))


def _dedup(reader: Reader, plan: Plan) -> None:
    values = [reader.arithmetic()]
    while reader.take(","):
        values.append(reader.arithmetic())

    def first_of_each(rows: Iterable[Row]) -> Iterator[Row]:
        seen: set[tuple[str | None, ...]] = set()
        for row in rows:
            found = [value(row) for value in values]
            key = tuple(None if one is None else text(one) for one in found)
            if None in key or key not in seen:
                seen.add(key)
                yield row

    plan.steps.append(first_of_each)


def _named(reader: Reader) -> tuple[str, Value, bool]:
    """A field or an expression, and its name: `as NAME`, or as it is written. Third: whether it is a mere field."""
    begin = reader.next
    plain = begin.kind in ("name", "field") and reader.after.word in ("", ",", "|")
    value = reader.condition()
    written = begin.text if plain else reader.query[begin.start : reader.next.start].strip().rstrip(",|").strip()
    if reader.take("as"):
        return reader.need_kind("name", "field").text, value, False
    return written, value, plain


def _each(plan: Plan, change: Callable[[Row], Row]) -> None:
    plan.steps.append(lambda rows: (change(row) for row in rows))
    _counts(plan)


def _counts(plan: Plan) -> None:
    if plan.filters == len(plan.steps) - 1:
        plan.filters += 1


_COMMANDS: dict[str, Callable[[Reader, Plan], Any]] = {
    "fields": _fields,
    "display": _display,
    "filter": _filter,
    "where": _filter,
    "parse": _parse,
    "stats": _stats,
    "sort": _sort,
    "order": _sort,
    "limit": _limit,
    "head": _limit,
    "dedup": _dedup,
}
