"""Older lines, filter patterns and jumps, asked of the simulated account: everything once, or a gap that says why."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest

from services.aws.session import Account
from services.model.log_search import LogAnswer, LogAsk, LogProgress
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.watch.log_search import search
from tests.simulated_support import START, simulated

NOW = int(START.timestamp() * 1000)
HOUR = 3_600_000
GROUPS = (("/team/one", "one"), ("/team/two", "two"), ("/team/three", "three"))
LEVELS = ("INFO", "INFO", "INFO", "ERROR")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm") as simulation:
        for index, (name, _) in enumerate(GROUPS):
            # Nine hours, in runs of five of the same millisecond, a quarter of them errors.
            lines = [
                (f"s{number % 3}", NOW - 9 * HOUR + number // 5 * 15_000 + index, NOW - HOUR // 60, _text(number))
                for number in range(9 * 240 * 5)
            ]
            simulation.state.logs.plant(name, lines, redelivered=0.01)
        yield simulation


def _text(number: int) -> str:
    return f"{LEVELS[number % 4]} line {number} of charge"


def planted(account: SimulatedAccount, name: str, start: int, end: int) -> set[str]:
    group = account.state.logs.find("us-west-2", name)
    assert group is not None
    return {event.id for event in group.stored if start <= event.timestamp <= end}


async def asked(account: SimulatedAccount, ask: LogAsk, told: list[LogProgress] | None = None) -> LogAnswer:
    door = Account(at_endpoint(find(load(), "prod"), account.endpoint), _Quick(account), attempts=1)
    try:
        return await search(door, ask, told.append if told is not None else lambda progress: None)
    finally:
        await door.close()


class _Quick:
    """The account's time, in which nobody has to wait for a turn."""

    speed = 1.0

    def __init__(self, account: SimulatedAccount) -> None:
        self._clock = account.clock

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


async def test_paging_back_finds_every_line_once_in_order_with_progress(account: SimulatedAccount) -> None:
    start, end = NOW - 8 * HOUR, NOW - HOUR
    found: list[str] = []
    told: list[LogProgress] = []
    bound, pages = end, 0
    while True:
        answer = await asked(account, LogAsk(GROUPS, start, bound, most=4_000), told)
        assert [line.at for line in answer.lines] == sorted(line.at for line in answer.lines)
        assert all(answer.reached <= line.at <= bound for line in answer.lines)
        found = [*(line.id for line in answer.lines), *found]
        pages += 1
        if answer.whole:
            break
        bound = answer.reached - 1
    assert pages > 3
    assert set(Counter(found).values()) == {1}
    assert set(found) == set().union(*(planted(account, name, start, end) for name, _ in GROUPS))
    assert told[-1].share == 1.0
    assert all(0 <= progress.share <= 1 for progress in told)


async def test_oldest_first_reads_the_same(account: SimulatedAccount) -> None:
    start, end = NOW - 5 * HOUR, NOW - 3 * HOUR
    answer = await asked(account, LogAsk(GROUPS, start, end, most=10**6, newest_first=False))
    assert answer.whole
    assert answer.reached == end
    assert Counter(line.id for line in answer.lines) == Counter(
        id for name, _ in GROUPS for id in planted(account, name, start, end)
    )


@pytest.mark.runbook("R093")
async def test_errors_of_the_last_hour_are_all_there_and_one_of_61_minutes_ago_is_not(
    account: SimulatedAccount,
) -> None:
    account.state.logs.plant(
        "/team/hour",
        [
            ("s", NOW - 61 * 60_000, NOW - 60 * 60_000, "ERROR too old"),
            *(("s", NOW - 59 * 60_000 + n * 250, NOW, f"{LEVELS[n % 4]} {n} {'x' * 150}") for n in range(12_000)),
        ],
    )
    answer = await asked(account, LogAsk((("/team/hour", "app"),), NOW - HOUR, NOW, "ERROR"))
    assert answer.whole
    assert len(answer.lines) == 3_000
    assert all(line.text.startswith("ERROR") and "too old" not in line.text for line in answer.lines)


@pytest.mark.runbook("R094")
async def test_a_pattern_goes_out_as_it_is_and_a_bad_one_is_answered_in_the_services_own_words(
    account: SimulatedAccount,
) -> None:
    pattern = "[timestamp, request_id, level=ERROR, ...]"
    lines = [("s", NOW - 60_000, NOW, "2026-11-23 r-1 ERROR charge"), ("s", NOW - 50_000, NOW, "2026-11-23 r-2 INFO x")]
    account.state.logs.plant("/team/fields", lines)
    answer = await asked(account, LogAsk((("/team/fields", "app"),), NOW - HOUR, NOW, pattern))
    assert [line.text for line in answer.lines] == ["2026-11-23 r-1 ERROR charge"]
    sent = [call for call in account.calls if call.operation == "FilterLogEvents"][-1]
    assert sent.parameters["filterPattern"] == pattern
    wrong = await asked(account, LogAsk((("/team/fields", "app"),), NOW - HOUR, NOW, "[level=ERROR"))
    assert wrong.lines == ()
    assert "Invalid filter pattern: ] expected" in wrong.gaps[0].why


async def test_a_group_that_is_denied_or_missing_costs_its_own_lines_alone(account: SimulatedAccount) -> None:
    group = account.state.logs.find("us-west-2", "/team/two")
    assert group is not None
    group.denied = True
    try:
        names = (*GROUPS, ("/team/none", "none"))
        answer = await asked(account, LogAsk(names, NOW - 3 * HOUR, NOW - 2 * HOUR))
    finally:
        group.denied = False
    assert answer.whole
    assert {line.group for line in answer.lines} == {"one", "three"}
    assert {line.id for line in answer.lines} == planted(
        account, "/team/one", NOW - 3 * HOUR, NOW - 2 * HOUR
    ) | planted(account, "/team/three", NOW - 3 * HOUR, NOW - 2 * HOUR)
    whys = sorted(gap.why for gap in answer.gaps)
    assert len(whys) == 2
    assert {name for name, _ in answer.problems} == {"/team/two", "/team/none"}
    assert "none" in whys[0]
    assert "FilterLogEvents" in whys[1]
    assert all((gap.start, gap.end) == (NOW - 3 * HOUR, NOW - 2 * HOUR) and gap.lasting for gap in answer.gaps)


async def test_throttling_and_cuts_are_waited_out_and_a_long_one_leaves_a_gap(account: SimulatedAccount) -> None:
    ask = LogAsk(GROUPS[:1], NOW - 3 * HOUR, NOW - 2 * HOUR)
    told: list[LogProgress] = []
    account.faults.add(Fault("logs", "FilterLogEvents", FaultKind.THROTTLE, nth=2, times=3))
    try:
        answer = await asked(account, ask, told)
        assert answer.gaps == ()
        assert {line.id for line in answer.lines} == planted(account, "/team/one", ask.start, ask.end)
        assert any("throttled" in progress.waiting or "Rate" in progress.waiting for progress in told)
        account.faults.clear()
        account.faults.add(Fault("logs", "FilterLogEvents", FaultKind.THROTTLE, nth=1, times=None))
        answer = await asked(account, ask)
    finally:
        account.faults.clear()
    assert [(gap.start, gap.end) for gap in answer.gaps] == [(ask.start, ask.end)]
    assert answer.calls == 8


async def test_what_retention_has_deleted_is_said_and_not_asked_for(account: SimulatedAccount) -> None:
    names = (("/team/one", "one"),)
    ask = LogAsk(names, NOW - 30 * 24 * HOUR, NOW, most=10**6, retention=(("/team/one", 1),))
    before = len(account.calls)
    answer = await asked(account, ask)
    assert "1 day" in answer.notes[0]
    assert answer.whole
    starts = [c.parameters["startTime"] for c in account.calls[before:] if c.operation == "FilterLogEvents"]
    assert min(starts) == NOW - 24 * HOUR


async def test_a_question_that_is_given_up_asks_no_more(account: SimulatedAccount) -> None:
    told: list[LogProgress] = []
    task = asyncio.create_task(asked(account, LogAsk(GROUPS, NOW - 9 * HOUR, NOW, most=10**6), told))
    async with asyncio.timeout(20):
        while not told:
            await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    calls = len(account.calls)
    assert told[-1].share < 1
    await asyncio.sleep(0)
    assert len(account.calls) == calls
