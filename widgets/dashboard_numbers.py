"""Widgets that show values instead of curves: one number large, gauges, bars, tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.dashboards import Answer, MetricWidget, View
from widgets import dashboard_chart as chart
from widgets import dashboard_values as values
from widgets.bar import bar
from widgets.canvas import Plot
from widgets.charset import Charset
from widgets.dashboard_digits import HEIGHT, big_number
from widgets.raster import style, window
from widgets.spans import Row, Span, cells, centred, columns, cut_text, row, spread
from widgets.sparkline import sparkline

LABEL_WIDEST = 28


def draw(view: chart.View, width: int, height: int, charset: Charset) -> list[Row]:
    """At most `height` rows of `width` cells."""
    match view.content.view:
        case View.GAUGE:
            return _gauges(view, width, height, charset)
        case View.BAR | View.PIE:
            return _bars(view, width, height, charset)
        case View.TABLE:
            return _table(view, width, height)
        case _:
            return _numbers(view, width, height, charset)


def _numbers(view: chart.View, width: int, height: int, charset: Charset) -> list[Row]:
    """One value large with its curve below; several beside each other; more than fit, or no room: a row each."""
    answers = view.filled.answers
    if not answers:
        return []
    least = max((len(values.value(chart.settled(view, one), one.unit)) for one in answers), default=1) * 4
    if height < HEIGHT + (len(answers) > 1) or least * len(answers) > width:
        return [_one_row(view, one, width, charset) for one in answers[:height]]
    size = width // len(answers)
    blocks = [_large(view, index, answer, size, len(answers) > 1, charset) for index, answer in enumerate(answers)]
    rows = [tuple(span for block in blocks for span in block[y]) for y in range(len(blocks[0]))]
    spare = height - len(rows)
    if len(answers) == 1 and view.content.sparkline and spare >= 1 and answers[0].points:
        rows = [*rows, *([()] if spare >= 3 else []), _spark(view, answers[0], width, charset)]
    above = (height - len(rows)) // 2
    return [()] * above + rows


def _large(view: chart.View, index: int, answer: Answer, width: int, named: bool, charset: Charset) -> list[Row]:
    figures, unit = values.parts(values.value(chart.settled(view, answer), answer.unit))
    rows = [centred(one, width) for one in big_number(figures, unit, "strong", width, charset)]
    rows = [*([centred((), width)] * (HEIGHT - len(rows))), *rows]
    if named:
        rows.append(centred((Span(cut_text(answer.label, width - 1), "muted"),), width))
    return rows


def _one_row(view: chart.View, answer: Answer, width: int, charset: Charset) -> Row:
    value = values.value(chart.settled(view, answer), answer.unit)
    right = row(Span(value, "strong"))
    room = width - cells(right) - min(LABEL_WIDEST, len(answer.label)) - 3
    if view.content.sparkline and answer.points and room >= 8:
        right = row(*_spark(view, answer, min(room, 24), charset), " ", *right)
    return spread([Span(answer.label, "muted")], right, width)


def _spark(view: chart.View, answer: Answer, width: int, charset: Charset) -> Row:
    shown = window(view.filled.begin, view.filled.until, width)
    points = tuple((at, max(0.0, value)) for at, value in answer.points)  # steps from zero: below it is the lowest
    peak = max((value for _, value in points), default=0.0)
    return sparkline(
        Plot(points, answer.period, settled_until=int(view.read) - chart.SETTLE), shown, peak or 1.0, charset
    )


def _gauges(view: chart.View, width: int, height: int, charset: Charset) -> list[Row]:
    """Each value between the bounds that the body gives, a mark where its annotations are."""
    content, answers = view.content, view.filled.answers
    found: list[Row] = []
    if len(answers) == 1 and height >= HEIGHT + 2:
        figures, unit = values.parts(values.value(chart.settled(view, answers[0]), answers[0].unit))
        found += [centred(one, width) for one in big_number(figures, unit, "strong", width, charset)]
    for answer in answers:
        low, high = _bounds(content, answer, chart.settled(view, answer))
        ends = (values.axis(low, answer.unit), values.axis(high, answer.unit))
        if not found or len(answers) > 1:
            found.append(_one_row(view, answer, width, charset))
        value = chart.settled(view, answer)
        size = max(1, width - len(ends[0]) - len(ends[1]) - 2)
        filled = bar(0.0 if value is None else (value - low) / (high - low), size, "accent", charset)
        found.append(row(Span(f"{ends[0]} ", "faint"), *filled, Span(f" {ends[1]}", "faint")))
    for level in content.levels:
        unit_ = answers[0].unit if answers else None
        if unit_ is not None:
            found.append(row(Span(f"{charset.threshold} {level.label} {values.value(level.value, unit_)}", "muted")))
    return found[:height]


def _bounds(content: MetricWidget, answer: Answer, value: float | None) -> tuple[float, float]:
    low = content.left.low if content.left.low is not None else 0.0
    high = content.left.high if content.left.high is not None else values.top(value or 0.0, answer.unit)
    return (low, high) if high > low else (low, low + (abs(low) or 1.0))


def _bars(view: chart.View, width: int, height: int, charset: Charset) -> list[Row]:
    """A bar each, the longest for the largest value; of a pie the share beside it."""
    shown = [(index, one, chart.settled(view, one)) for index, one in enumerate(view.filled.answers)]
    total = sum(max(0.0, value or 0.0) for _, _, value in shown)
    peak = max((value or 0.0 for _, _, value in shown), default=0.0)
    texts = {index: _bar_text(view, answer, value, total) for index, answer, value in shown}
    aside, name = columns(texts.values()), min(LABEL_WIDEST, columns(one.label for _, one, _ in shown), width // 3)
    size = width - aside - name - 2
    found: list[Row] = []
    for index, answer, value in shown[:height]:
        label = Span(f"{cut_text(answer.label, name):<{name}} ", "muted")
        figure = Span(f" {texts[index]:>{aside}}", "strong")
        if size < 4:
            found.append(spread([label], [figure], width))
            continue
        share = max(0.0, value or 0.0) / peak if peak > 0 else 0.0
        found.append(row(label, *bar(share, size, style(index), charset), figure))
    return found


def _bar_text(view: chart.View, answer: Answer, value: float | None, total: float) -> str:
    text = values.value(value, answer.unit)
    if view.content.view is View.PIE and value is not None and total > 0:
        return f"{text} {100 * max(0.0, value) / total:.0f} %"
    return text


def _table(view: chart.View, width: int, height: int) -> list[Row]:
    """Last, least, mean and most of each line."""
    heads: tuple[str, ...] = ("last", "min", "avg", "max")
    lines = [(answer.label, _figures(view, answer)) for answer in view.filled.answers]
    while len(heads) > 1 and sum(_widths(heads, lines)) + 2 * len(heads) + 8 > width:
        heads = heads[:-1]
    widths = _widths(heads, lines)
    found = [_table_row("", heads, widths, width, "faint")]
    found += [_table_row(label, figures[: len(heads)], widths, width, "strong") for label, figures in lines]
    return found[:height]


def _figures(view: chart.View, answer: Answer) -> tuple[str, ...]:
    points = [value for _, value in answer.points]
    if not points:
        return (values.value(None, answer.unit),) * 4
    mean = sum(value / len(points) for value in points)
    return tuple(
        values.value(one, answer.unit) for one in (chart.settled(view, answer), min(points), mean, max(points))
    )


def _widths(heads: Sequence[str], lines: Sequence[tuple[str, tuple[str, ...]]]) -> list[int]:
    return [columns([head, *(figures[place] for _, figures in lines)]) for place, head in enumerate(heads)]


def _table_row(label: str, figures: Sequence[str], widths: Sequence[int], width: int, style: str) -> Row:
    right = "  ".join(f"{figure:>{size}}" for figure, size in zip(figures, widths, strict=True))
    return spread([Span(label, "muted")], [Span(right, style)], width, 2)
