"""Readings replace each other, log lines never do, and the app is woken once."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from services.model.logs import Level, LineBatch, LogLine
from services.model.reading import Reading
from services.model.spending import Spending
from services.safe_text import safe
from services.watch.updates import FeedUpdate, LinesArrived, SpendingUpdate
from tui.inbox import LINE_LIMIT, Inbox


class Bell:
    """Counts how often the app was woken."""

    def __init__(self) -> None:
        self.rung = 0

    def __call__(self) -> None:
        self.rung += 1


def _line(number: int) -> LogLine:
    return LogLine(number, "app", Level.INFO, safe(f"line {number}"))


def _batch(*numbers: int, dropped: int = 0) -> LinesArrived:
    return LinesArrived(LineBatch(tuple(_line(number) for number in numbers), dropped))


def test_of_each_feed_only_the_newest_reading_is_kept() -> None:
    inbox = Inbox(Bell())
    for value in range(5):
        inbox.put(FeedUpdate("stack", Reading(value)))
    inbox.put(FeedUpdate("tables", Reading("t")))
    assert {feed: reading.value for feed, reading in inbox.take().readings.items()} == {"stack": 4, "tables": "t"}


def test_the_app_is_woken_once_until_it_takes() -> None:
    bell = Bell()
    inbox = Inbox(bell)
    for _ in range(100):
        inbox.put(_batch(1))
    assert bell.rung == 1
    inbox.take()
    inbox.put(SpendingUpdate(Spending(dollars=1.0)))
    assert bell.rung == 2


@given(st.lists(st.lists(st.integers(0, 1000), max_size=5), max_size=20))
def test_every_line_arrives_once_and_in_order_of_time(batches: list[list[int]]) -> None:
    inbox = Inbox(Bell())
    for numbers in batches:
        inbox.put(_batch(*sorted(numbers)))
    batch = inbox.take().batch
    arrived = [line.at for line in batch.lines] if batch else []
    assert arrived == sorted(number for numbers in batches for number in numbers)
    assert inbox.take().empty


def test_what_does_not_fit_is_counted_and_the_newest_stay() -> None:
    inbox = Inbox(Bell())
    inbox.put(_batch(*range(LINE_LIMIT), dropped=3))
    inbox.put(_batch(LINE_LIMIT, LINE_LIMIT + 1))
    batch = inbox.take().batch
    assert batch is not None
    assert batch.dropped == 3 + 2
    assert len(batch.lines) == LINE_LIMIT
    assert batch.lines[-1].at == LINE_LIMIT + 1


def test_after_closing_nothing_arrives_and_nobody_is_woken() -> None:
    bell = Bell()
    inbox = Inbox(bell)
    inbox.close()
    inbox.put(FeedUpdate("stack", Reading(1)))
    inbox.put(_batch(1))
    assert bell.rung == 0
    assert inbox.take().empty


def test_putting_from_many_threads_loses_no_line() -> None:
    inbox = Inbox(Bell())

    def put_many() -> None:
        for _ in range(500):
            inbox.put(_batch(1))

    threads = [threading.Thread(target=put_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch = inbox.take().batch
    assert batch is not None
    assert len(batch.lines) == 2000
