"""The `stats` command: rows put together by what they have in common, and figures of each group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from services.simulated.logs.insights.aggregates import AGGREGATES, Aggregate, Percentile
from services.simulated.logs.insights.expressions import Reader, Row, Value
from services.simulated.logs.insights.tokens import Token, malformed
from services.simulated.logs.insights.values import text

_PERCENTILES = ("pct", "percentile")

Make = Callable[[], Aggregate]
Step = Callable[[Iterable[Row]], Iterable[Row]]


def stats_command(reader: Reader) -> tuple[Step, list[str]]:
    """The step, and the names of its columns: groups first."""
    figures = [_figure(reader)]
    while reader.take(","):
        figures.append(_figure(reader))
    groups: list[tuple[str, Value]] = []
    if reader.take("by"):
        groups.append(_group(reader))
        while reader.take(","):
            groups.append(_group(reader))
    return _step(figures, groups), [name for name, _ in groups] + [name for name, _ in figures]


def _step(figures: list[tuple[str, Make]], groups: list[tuple[str, Value]]) -> Step:
    def gather(rows: Iterable[Row]) -> Iterable[Row]:
        found: dict[tuple[str | None, ...], tuple[dict[str, Any], list[Aggregate]]] = {}
        if not groups:
            found[()] = ({}, [make() for _, make in figures])
        for row in rows:
            values = {name: value(row) for name, value in groups}
            key = tuple(None if value is None else text(value) for value in values.values())
            if key not in found:
                found[key] = (values, [make() for _, make in figures])
            for aggregate in found[key][1]:
                aggregate.add(row)
        for values, aggregates in found.values():
            results = {name: one.result() for (name, _), one in zip(figures, aggregates, strict=True)}
            yield Row(None, values | results)

    return gather


def _figure(reader: Reader) -> tuple[str, Make]:
    name = reader.need_kind("name")
    opening = reader.need("(")
    make = _percentile(reader, name) if name.word in _PERCENTILES else _aggregate(reader, name)
    closing = reader.need(")")
    written = f"{name.text}{reader.query[opening.start : closing.end]}"
    return (reader.need_kind("name", "field").text if reader.take("as") else written), make


def _aggregate(reader: Reader, name: Token) -> Make:
    kind = AGGREGATES.get(name.word)
    if kind is None:
        raise malformed(f"Invalid function name: {name.text}", name.start, name.end)
    if name.word == "count" and (reader.take("*") or reader.next.word == ")"):
        return lambda: kind(None)
    value = reader.condition()
    return lambda: kind(value)


def _percentile(reader: Reader, name: Token) -> Make:
    value = reader.arithmetic()
    reader.need(",")
    token = reader.need_kind("number")
    percent = float(token.text)
    if not 0 <= percent <= 100:
        raise malformed(f"Invalid arguments for function: {name.text}", token.start, token.end)
    return lambda: Percentile(value, percent)


def _group(reader: Reader) -> tuple[str, Value]:
    begin = reader.next
    value = reader.arithmetic()
    written = reader.query[begin.start : reader.next.start].strip() if begin.kind != "field" else begin.text
    return (reader.need_kind("name", "field").text if reader.take("as") else written), value
