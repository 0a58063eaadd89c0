"""DynamoDB: throttling and capacity (runbook line 96, decisions A1, A2). Indexes throttle by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.assessment import Unit
from services.model.series import Series, Sparseness
from services.model.tables import Table
from services.rules.api import per
from services.rules.judging import Finding, Question
from services.rules.view import Feed, View
from services.rules.windows import Track, Window
from services.rules.words import count
from services.rules.worst import Subject, subject

_THROTTLES = ("table.read_throttles", "table.write_throttles")
_CAPACITY = ("table.reads", "table.writes")
"""Of the table and, apart from it, of each index."""

_HOUR = 3600


def subjects(view: View) -> tuple[Subject, ...]:
    """`table.throttles`, `table.capacity`."""
    return _throttles(view), _capacity(view)


def table_of(resource: str) -> str:
    """The table a resource belongs to: `audit/by-user` is an index of `audit`."""
    return resource.partition("/")[0]


def _throttles(view: View) -> Subject:
    question = Question(
        "table.throttles",
        "Throttling",
        Unit.COUNT,
        "Read and write throttle events of the table and its indexes",
        "runbook line 96",
        view.thresholds.throttle_events,
    )
    feed = view.tables()
    return subject(question, feed, [_throttles_of(view, feed, name, own) for name, own in _by_table(feed, _THROTTLES)])


def _throttles_of(view: View, feed: Feed, name: str, own: list[Series]) -> Finding:
    window = feed.window(own[0], view.thresholds.window_s)
    events = _added(feed, own, "Sum")
    alive = _used(feed, name)
    hour = Window(window.end - _HOUR, window.end, window.period)
    amounts = dict.fromkeys(sorted(alive.keys() | events.keys()), 0.0) | events
    in_hour = Track(events).amount(hour)
    shown = [_mode(view, name)]
    if in_hour:
        shown.append(f"{count(in_hour)} in the last hour")
    return Finding(
        own[0],
        Track(amounts),
        window,
        points=events,
        siblings=alive,
        detail=" · ".join(filter(None, shown)),
        sparse=Sparseness.NON_ZERO,
        remark=_worst_part(feed, own, window, name),
        kin=_consumption(feed, name),
        telling=_most(feed, own, window).signal.id,
    )


def _most(feed: Feed, own: Sequence[Series], window: Window) -> Series:
    """The series with most of the events: an index's throttles leave the table's own series empty."""
    return max(own, key=lambda series: Track(feed.points(series, "Sum")).amount(window))


def _worst_part(feed: Feed, own: list[Series], window: Window, name: str) -> str:
    """Which indexes throttled: the table's own figure leaves them out."""
    parts: dict[str, float] = {}
    for series in own:
        resource = series.signal.resource
        parts[resource] = parts.get(resource, 0.0) + Track(feed.points(series, "Sum")).amount(window)
    indexes = [f"{resource} {count(events)}" for resource, events in parts.items() if events and resource != name]
    return f"of these {', '.join(indexes)}" if indexes else ""


def _capacity(view: View) -> Subject:
    question = Question(
        "table.capacity",
        "Table capacity",
        Unit.UNITS_PER_SECOND,
        "Consumed read and write capacity units per second",
        "runbook line 109",
    )
    feed = view.tables()
    return subject(question, feed, [_capacity_of(view, feed, name, own) for name, own in _by_table(feed, _CAPACITY)])


def _capacity_of(view: View, feed: Feed, name: str, own: list[Series]) -> Finding:
    table = [series for series in own if series.signal.resource == name]
    window = feed.window(own[0], view.thresholds.window_s)
    units = _added(feed, table, "Sum")
    period = own[0].signal.period
    shown = [
        f"{text}{_of_provisioned(view, name, word)}" for word, text in _sides(feed, table, window) if text is not None
    ]
    shown.append(_mode(view, name))
    return Finding(
        own[0],
        per(1, units, window, period),
        window,
        points=units,
        siblings={},
        detail=" · ".join(filter(None, shown)),
        remark=_by_index(feed, name, own, window),
        kin=tuple(table),
    )


def _sides(feed: Feed, own: Sequence[Series], window: Window) -> list[tuple[str, str | None]]:
    """(`read`, `read 12.0`), (`write`, …): units per second of each side; None where nothing was published."""
    found: list[tuple[str, str | None]] = []
    for key, word in zip(_CAPACITY, ("read", "write"), strict=True):
        side = _added(feed, [series for series in own if series.signal.key == key], "Sum")
        rate = per(1, side, window, window.period).value(window)
        found.append((word, None if rate is None else f"{word} {rate:.1f}"))
    return found


def _by_index(feed: Feed, name: str, own: Sequence[Series], window: Window) -> str:
    """What each index consumed: the table's own figures leave it out (aws.md 1.1)."""
    told = []
    for resource in dict.fromkeys(series.signal.resource for series in own if series.signal.resource != name):
        sides = _sides(feed, [series for series in own if series.signal.resource == resource], window)
        texts = [text for _, text in sides if text is not None]
        if texts:
            told.append(f"{resource.removeprefix(f'{name}/')} {', '.join(texts)}")
    return f"besides, by index: {'; '.join(told)}" if told else ""


def _by_table(feed: Feed, keys: tuple[str, ...]) -> list[tuple[str, list[Series]]]:
    tables: dict[str, list[Series]] = {}
    for key in keys:
        for series in feed.find(key):
            tables.setdefault(table_of(series.signal.resource), []).append(series)
    return list(tables.items())


def _added(feed: Feed, own: Sequence[Series], statistic: str) -> dict[int, float]:
    """Several counters as one, period by period."""
    total: dict[int, float] = {}
    for series in own:
        for start, value in feed.points(series, statistic).items():
            total[start] = total.get(start, 0.0) + value
    return dict(sorted(total.items()))


def _used(feed: Feed, name: str) -> dict[int, float]:
    """Periods in which the table published any consumption: the sign that it is alive."""
    own = _consumption(feed, name)
    return _added(feed, own, "SampleCount") or _added(feed, own, "Sum")


def _consumption(feed: Feed, name: str) -> tuple[Series, ...]:
    return tuple(series for key in _CAPACITY for series in feed.find(key) if table_of(series.signal.resource) == name)


def _mode(view: View, name: str) -> str:
    table = _described(view, name)
    if table is None:
        return ""
    return "on-demand" if table.on_demand else "provisioned"


def _of_provisioned(view: View, name: str, word: str) -> str:
    table = _described(view, name)
    if table is None or table.on_demand:
        return ""
    return f" of {count(table.read_units if word == 'read' else table.write_units)}"


def _described(view: View, name: str) -> Table | None:
    return next((table for table in view.situation.tables.value or () if table.name == name), None)
