"""The tail, against a log service that answers late, twice, emptily, too slowly or not at all."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.aws.log_pace import Pace
from services.clock import ManualClock
from services.model.logs import LineBatch
from services.problems import ProblemKind
from services.watch.tailing import TailGroup
from services.watch.tailing_group import PRESENT_PAGES
from services.watch.tailing_seen import Seen
from services.watch.updates import FeedUpdate, LinesArrived
from tests.unit.tailing_support import BASE, START, Event, ScriptedLogs, Watched, covered


def watched(*groups: str, size: int = 1000, empty_every: int = 0) -> tuple[ScriptedLogs, Watched]:
    clock = ManualClock(START)
    logs = ScriptedLogs(clock, size, empty_every)
    for group in groups:
        logs.groups[group] = []
    return logs, Watched(logs, clock, *groups)


@pytest.mark.runbook("R013")
async def test_a_line_put_into_the_application_log_arrives() -> None:
    logs, tail = watched("/aws/ec2-manager/prod")
    async with tail:
        logs.groups["/aws/ec2-manager/prod"].append(Event(10, 11, "charge failed"))
        await tail.pass_(20)
        await tail.drained()
        assert [line.text for line in tail.lines] == ["charge failed"]
        assert tail.lines[0].group == "aws/ec2-manager/prod"


async def test_the_last_minutes_are_there_from_the_start_and_older_ones_are_not() -> None:
    logs, tail = watched("/app")
    logs.groups["/app"] = [Event(-600), Event(-100), Event(-5)]
    async with tail:
        await tail.drained()
        assert [line.at for line in tail.lines] == [BASE - 100_000, BASE - 5_000]
        assert not any(line.late for line in tail.lines)
        assert logs.calls[0][1]["startFromHead"] is False


async def test_in_a_storm_the_present_is_there_at_once_and_what_lies_behind_it_is_a_gap_until_there_is_time() -> None:
    logs, tail = watched("/app", size=10)
    logs.groups["/app"] = [Event(at / 10) for at in range(-1_000, 600)]
    async with tail:
        await tail.pass_(2, 0.5)
        assert len(logs.calls) == PRESENT_PAGES
        assert max(line.at for line in tail.lines) == BASE
        assert [gap.why for gap in tail.status.gaps] == ["not read yet"]
        for _ in range(6):
            before = tail.clock.now()
            await tail.pass_(8, 0.5)
            await tail.drained()
            newest = max(line.at for line in tail.lines) / 1000
            assert newest >= before.timestamp(), "what came after the look before is on the screen with the next"
            assert all(covered(tail.status.gaps, line.at) for line in _unseen(logs, tail))
        await tail.pass_(900)
        await tail.drained()
        assert not tail.status.gaps
        assert sorted(Counter(line.at for line in tail.lines).values()) == [1] * 1_600


def _unseen(logs: ScriptedLogs, tail: Watched) -> list[Event]:
    """Events that are there and complete to now, and that nobody was told of."""
    told, status = {line.at for line in tail.lines}, tail.status
    return [one for one in logs.groups["/app"] if one.at not in told and one.at <= (status.complete_to or 0)]


@pytest.mark.parametrize("every", [1, 2])
async def test_pages_without_lines_are_never_taken_for_what_was_read(every: int) -> None:
    logs, tail = watched("/app", size=5, empty_every=every)
    logs.groups["/app"] = [Event(at) for at in range(-100, 0)]
    async with tail:
        await tail.pass_(400)
        await tail.drained()
        assert not tail.status.gaps
        assert len(tail.lines) == 100


async def test_lines_that_come_as_fast_as_ever_after_a_storm_leave_no_gap_for_good() -> None:
    logs, tail = watched("/app", size=100)
    storm = [Event(at / 50, at / 50) for at in range(3_000)]
    logs.groups["/app"] = [*storm, *(Event(60 + at / 10, 60 + at / 10) for at in range(8_000))]
    async with tail:
        await tail.pass_(60)
        assert tail.status.gaps, "fifty lines a second are half a page of each turn"
        await tail.pass_(700)
        assert not tail.status.gaps, "a sweep needs more pages than a look of the present, and gets them"


async def test_the_last_lines_of_a_group_that_was_silent_before_the_start_are_counted_and_not_shown() -> None:
    logs, tail = watched("/silent", "/loud")
    logs.groups["/silent"] = [Event(at) for at in range(-1_200, -600, 20)]
    logs.groups["/loud"] = [Event(-1_000), Event(-5)]
    async with tail:
        await tail.pass_(10)
        await tail.drained()
        assert {line.group for line in tail.lines} == {"loud"}
        assert tail.status.newest["silent"] == BASE - 620_000
        assert sum(tail.status.by_minute["silent"].values()) == 30
        assert sum(tail.status.by_minute["loud"].values()) == 1
        looks = [asked["startTime"] for _, asked in logs.calls if asked["logGroupName"] == "/silent"]
        assert sum(start < BASE - 3_600_000 for start in looks) == 1, "once"


async def test_a_late_line_is_found_once_and_marked() -> None:
    logs, tail = watched("/app")
    logs.groups["/app"] = [Event(at) for at in range(60)] + [Event(5, 58, "late")]
    async with tail:
        await tail.pass_(75)
        await tail.drained()
        found = [line for line in tail.lines if line.text == "late"]
        assert [line.late for line in found] == [True]
        assert tail.status.late == 1
        assert len(tail.lines) == 61


async def test_lines_a_little_out_of_order_are_not_called_late() -> None:
    logs, tail = watched("/app")
    logs.groups["/app"] = [Event(at, at + (2.9 if at % 2 else 0.2)) for at in range(30)]
    async with tail:
        await tail.pass_(45)
        await tail.drained()
        assert len(tail.lines) == 30
        assert tail.status.late == 0


async def test_empty_pages_with_a_token_are_followed() -> None:
    logs, tail = watched("/app", size=7, empty_every=2)
    logs.groups["/app"] = [Event(at / 2) for at in range(-20, 60)]
    async with tail:
        await tail.pass_(120)
        await tail.drained()
        assert len(tail.lines) == 80


async def test_every_update_of_lines_is_a_batch_in_order_of_time() -> None:
    logs, tail = watched("/app", "/api")
    logs.groups["/app"] = [Event(at) for at in range(30)]
    logs.groups["/api"] = [Event(at + 0.5) for at in range(30)]
    async with tail:
        await tail.pass_(40)
        await tail.drained()
    batches = [update.batch for update in tail.updates if isinstance(update, LinesArrived)]
    assert sum(len(batch.lines) for batch in batches) == 60
    for batch in batches:
        assert isinstance(batch, LineBatch)
        assert list(batch.lines) == sorted(batch.lines, key=lambda line: line.at)


async def test_groups_are_asked_together_and_their_lines_come_as_one_batch() -> None:
    names = ("/a", "/b", "/c", "/d")
    logs, tail = watched(*names)
    async with tail:
        await tail.drained()
        for name in names:
            logs.groups[name].append(Event(5, 5.5))
        tail.updates.clear()
        await tail.pass_(8)
        await tail.drained()
        assert [len(u.batch.lines) for u in tail.updates if isinstance(u, LinesArrived)] == [4]
        assert sum(isinstance(update, FeedUpdate) for update in tail.updates) <= 3


async def test_groups_can_be_added_and_left_while_following_without_a_line_twice() -> None:
    logs, tail = watched("/app", "/old")
    for name in ("/app", "/old", "/new"):
        logs.groups[name] = [Event(at, text=f"{name} {at}") for at in range(60)]
    async with tail:
        await tail.pass_(20)
        tail.tail.follow([TailGroup("/app", "app"), TailGroup("/new", "new")])
        await tail.pass_(60)
        await tail.drained()
        assert tail.status.groups == ("app", "new")
        counted = Counter(line.text.split()[0] for line in tail.lines)
        assert counted["/new"] == 60
        assert counted["/app"] == 60
        assert counted["/old"] < 30


async def test_a_hidden_group_is_not_asked_and_goes_on_where_it_was() -> None:
    logs, tail = watched("/app", "/loud", size=100)
    for name in ("/app", "/loud"):
        logs.groups[name] = [Event(at, text=f"{name} {at}") for at in range(2_000)]
    async with tail:
        await tail.pass_(20)
        tail.tail.show({"/loud"})
        logs.calls.clear()
        await tail.pass_(1_200, step=5)
        assert {asked["logGroupName"] for _, asked in logs.calls} == {"/app"}
        assert [claim.shown for claim in tail.status.claims] == [True, False]
        assert tail.status.complete_to == tail.status.claims[0].complete_to
        tail.tail.show(())
        await tail.pass_(1)
        assert covered(tail.status.gaps, BASE + 600_000), "what was not asked for is a gap until it is read"
        await tail.pass_(200)
        await tail.drained()
        assert tail.status.gaps == ()
        counted = Counter(line.text for line in tail.lines)
        assert set(counted.values()) == {1}
        assert {f"/loud {at}" for at in range(1_200)} <= set(counted)


async def test_a_group_that_is_chosen_again_goes_on_where_it_was() -> None:
    logs, tail = watched("/app", "/other")
    for name in ("/app", "/other"):
        logs.groups[name] = [Event(at, text=f"{name} {at}") for at in range(200)]
    groups = [TailGroup("/app", "app"), TailGroup("/other", "other")]
    async with tail:
        await tail.pass_(20)
        tail.tail.follow(groups[:1])
        await tail.pass_(60)
        tail.tail.follow(groups)
        await tail.pass_(60)
        await tail.drained()
        counted = Counter(line.text for line in tail.lines)
        assert set(counted.values()) == {1}
        assert {f"/other {at}" for at in range(120)} <= set(counted)


async def test_the_last_answer_is_when_aws_answered_not_when_it_was_told() -> None:
    logs, tail = watched("/app", "/api")
    async with tail:
        await tail.drained()
        logs.fail = lambda number, asked: ProblemKind.UNREACHABLE if asked["logGroupName"] == "/app" else None
        await tail.pass_(4)
        answered = max(at for at, asked in logs.calls if asked["logGroupName"] == "/api")
        logs.fail = lambda number, asked: ProblemKind.UNREACHABLE
        tail.clock.advance(60)
        await tail.settle()
        await tail.drained()
        told = [update.reading for update in tail.updates if isinstance(update, FeedUpdate)][-1]
        assert told.problem is not None
        assert told.tried == answered + timedelta(seconds=60)
        assert told.taken == answered


async def test_what_failed_is_asked_again_at_once_when_its_reason_has_gone_and_no_line_comes_twice() -> None:
    logs, tail = watched("/app", "/other")
    logs.groups["/app"] = [Event(at) for at in range(200)]
    async with tail:
        await tail.pass_(20)
        logs.fail = lambda number, asked: ProblemKind.EXPIRED if asked["logGroupName"] == "/app" else None
        await tail.pass_(100)
        logs.fail = lambda number, asked: None
        logs.calls.clear()
        tail.tail.wake((ProblemKind.TIMEOUT,))
        await tail.settle()
        assert logs.calls == [], "another reason than its own wakes nothing"
        tail.tail.wake((ProblemKind.EXPIRED,))
        await tail.settle()
        assert [asked["logGroupName"] for _, asked in logs.calls] == ["/app"]
        await tail.pass_(100)
        await tail.drained()
        assert len(tail.lines) == 200
        assert len({line.id for line in tail.lines}) == 200


async def test_without_a_group_it_says_so_and_waits() -> None:
    logs, tail = watched()
    async with tail:
        await tail.drained()
        assert sum(isinstance(update, FeedUpdate) for update in tail.updates) == 1
        assert tail.status.groups == ()
        logs.groups["/app"] = [Event(3)]
        tail.tail.follow([TailGroup("/app", "app")])
        await tail.pass_(10)
        await tail.drained()
        assert len(tail.lines) == 1


async def test_a_group_that_does_not_answer_holds_no_other_back() -> None:
    logs, tail = watched("/app", "/slow")
    answer = logs.ask

    async def ask(*asked: Any, **named: Any) -> Any:
        if asked[2]["logGroupName"] == "/slow":
            await asyncio.Event().wait()
        return await answer(*asked, **named)

    logs.ask = ask  # type: ignore[method-assign]  # this one answer alone
    logs.groups["/app"] = [Event(at) for at in range(30)]
    async with tail:
        await tail.pass_(40)
        await tail.drained()
        assert len(tail.lines) == 30
        assert tail.status.complete_to is None


async def test_two_calls_a_second_are_not_exceeded_by_four_groups() -> None:
    names = ("/a", "/b", "/c", "/d")
    logs, tail = watched(*names)
    async with tail:
        await tail.pass_(120)
    assert len(logs.calls) <= 2 * 120 + 4
    asked = Counter(call["logGroupName"] for _, call in logs.calls)
    assert max(asked.values()) - min(asked.values()) <= 2


async def test_throttling_slows_the_pace_and_an_answer_lets_it_recover() -> None:
    clock = ManualClock(START)
    pace = Pace(clock)
    pace.throttled()
    pace.throttled()
    assert pace.spacing == 2.0
    for _ in range(40):
        pace.answered()
    assert pace.spacing == 0.5


async def test_what_waits_for_nobody_takes_turns_of_the_same_pace_in_advance() -> None:
    clock = ManualClock(START)
    pace = Pace(clock)
    for _ in range(4):
        await pace.turn()  # what was saved up
    assert pace.ahead()
    assert pace.ahead()
    waiting = asyncio.create_task(pace.turn())
    await asyncio.sleep(0)
    clock.advance(1.4)
    await asyncio.sleep(0)
    assert not waiting.done(), "two turns of half a second went before it"
    clock.advance(0.1)
    await waiting
    assert sum(pace.ahead() for _ in range(20)) == 3, "with the one just taken no more than are ever saved up"
    pace.throttled()
    clock.advance(60)
    assert not pace.ahead(), "nobody asks more while AWS says that it is too much"


async def test_a_throttled_stretch_is_a_gap_until_it_is_filled() -> None:
    logs, tail = watched("/app")
    logs.groups["/app"] = [Event(at) for at in range(0, 400, 3)]
    async with tail:
        await tail.pass_(60)
        logs.fail = lambda number, asked: ProblemKind.THROTTLED
        await tail.pass_(120)
        gaps = tail.status.gaps
        assert len(gaps) == 1
        assert "throttled" in gaps[0].why
        assert gaps[0].start <= BASE + 60_000
        logs.fail = lambda number, asked: None
        await tail.pass_(150)
        await tail.drained()
        assert tail.status.gaps == ()
        assert Counter(line.id for line in tail.lines).most_common(1)[0][1] == 1
        shown = {line.at for line in tail.lines}
        assert max(shown) >= BASE + 320_000
        assert shown == set(range(BASE, max(shown) + 1, 3_000))


async def test_after_a_long_silence_the_present_comes_first_and_the_rest_is_filled_in() -> None:
    logs, tail = watched("/app", size=50)
    logs.groups["/app"] = [Event(at) for at in range(0, 4000, 5)]
    async with tail:
        await tail.pass_(20)
        logs.fail = lambda number, asked: ProblemKind.UNREACHABLE
        await tail.pass_(2000, step=5)
        logs.fail = lambda number, asked: None
        before = len(logs.calls)
        while len(logs.calls) == before:
            await tail.pass_(1)
        assert logs.calls[before][1]["startTime"] > BASE + 1_200_000
        await tail.pass_(200)
        await tail.drained()
        now = tail.clock.now().timestamp() * 1000
        assert tail.status.gaps == ()
        assert {line.at for line in tail.lines} >= {BASE + at * 1000 for at in range(0, 2100, 5)}
        assert all(count == 1 for count in Counter(line.id for line in tail.lines).values())
        assert tail.status.complete_to is not None
        assert now - tail.status.complete_to < 10_000


@pytest.mark.parametrize(
    ("kind", "field"), [(ProblemKind.DENIED, "denied"), (ProblemKind.NOT_FOUND, "missing")], ids=["denied", "missing"]
)
async def test_a_group_that_cannot_be_read_is_named_and_touches_no_other(kind: ProblemKind, field: str) -> None:
    logs, tail = watched("/app", "/secret")
    logs.groups["/app"] = [Event(at) for at in range(30)]

    def fail(number: int, asked: dict[str, Any]) -> ProblemKind | None:
        return kind if asked["logGroupName"] == "/secret" else None

    logs.fail = fail
    async with tail:
        await tail.pass_(40)
        await tail.drained()
        assert getattr(tail.status, field) == ("/secret",)
        assert len(tail.lines) == 30
        assert tail.status.complete_to is not None
        assert tail.status.gaps == ()
        reading = next(u.reading for u in reversed(tail.updates) if isinstance(u, FeedUpdate))
        assert reading.problem is not None
        assert reading.problem.kind is kind
        assert sum(call["logGroupName"] == "/secret" for _, call in logs.calls) == 1


async def test_a_group_that_appears_later_is_followed() -> None:
    logs, tail = watched("/app")
    logs.fail = lambda number, asked: ProblemKind.NOT_FOUND if number < 3 else None
    logs.groups["/app"] = [Event(100)]
    async with tail:
        await tail.pass_(150)
        await tail.drained()
        assert tail.status.missing == ()
        assert len(tail.lines) == 1


async def test_a_repeated_token_ends_the_look_and_leaves_a_gap() -> None:
    logs, tail = watched("/app")
    async with tail:
        await tail.pass_(10)
        logs.repeat_token = True
        calls = len(logs.calls)
        await tail.pass_(20)
        assert len(logs.calls) - calls < 20
        assert any("repeats" in gap.why for gap in tail.status.gaps)


async def test_an_answer_without_events_is_no_empty_success() -> None:
    logs, tail = watched("/app")
    async with tail:
        await tail.pass_(10)
        complete = tail.status.complete_to
        logs._answer = lambda asked: {}  # type: ignore[method-assign]  # this one answer alone
        await tail.pass_(30)
        assert tail.status.complete_to == complete
        assert tail.status.gaps


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
async def test_every_line_arrives_once_or_lies_in_a_gap(seed: int) -> None:
    chance = random.Random(seed)
    logs, tail = watched("/app", "/api", size=chance.choice((3, 20, 1000)), empty_every=chance.choice((0, 2, 5)))
    for name in logs.groups:
        logs.groups[name] = [
            Event(at, at + (chance.uniform(3, 60) if chance.random() < 0.05 else chance.uniform(0.2, 3)), f"{name} {n}")
            for n, at in enumerate(sorted(chance.uniform(0, 200) for _ in range(chance.randrange(200))))
        ]
    kinds = (ProblemKind.THROTTLED, ProblemKind.TIMEOUT, ProblemKind.FAILING)
    cut = {number: chance.choice(kinds) for number in range(2, 400) if chance.random() < 0.2}
    logs.fail = lambda number, asked: cut.get(number)
    async with tail:
        await tail.pass_(chance.uniform(150, 330))
        await tail.drained()
        ids = Counter(line.id for line in tail.lines)
        assert all(count == 1 for count in ids.values())
        status = tail.status
        for events in logs.groups.values():
            for event in events:
                if status.complete_to is None or max(event.ingested, event.at) > status.complete_to:
                    continue
                assert event.identity in ids or covered(status.gaps, event.at)


def test_ids_are_forgotten_with_their_time() -> None:
    seen = Seen()
    assert seen.add(5_000, "a")
    assert not seen.add(5_000, "a")
    assert seen.add(25_000, "b")
    seen.forget(20_000)
    assert len(seen) == 1
    assert not seen.add(25_000, "b")
