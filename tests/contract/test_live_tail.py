"""Live Tail beside the tail: seconds faster, sampled and cut off, and still every line once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from services.aws.live_tail import LiveGroup
from services.aws.session import Account
from services.model.live import LiveStatus
from services.model.logs import LogLine
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.estate import ACCOUNT_ID
from services.simulated.faults import Fault, FaultKind
from services.watch.live import OVER, Live
from services.watch.live_ledger import Ledger
from services.watch.tailing import Tail, TailGroup
from services.watch.updates import LinesArrived, Update
from tests.simulated_support import START, manual, simulated

BASE = int(START.timestamp() * 1000)
NAME = "/live/one"
GROUP = LiveGroup(NAME, "one", f"arn:aws:logs:us-west-2:{ACCOUNT_ID}:log-group:{NAME}")
LIMIT_S = 30.0


class Scene:
    """A tail and a Live Tail on one account whose clock the test moves."""

    def __init__(self, account: SimulatedAccount) -> None:
        self.simulation = account
        self.clock = manual(account)
        self.account = Account(at_endpoint(find(load(), "prod"), account.endpoint), self.clock, attempts=1)
        self.updates: list[Update] = []
        self.told: list[LiveStatus] = []
        ledger = Ledger()
        self.tail = Tail(self.account, [TailGroup(NAME, "one")], self.clock, self.updates.append)
        self.tail.beside_live(ledger)
        self.live = Live(
            self.account, [GROUP], ledger, self.tail.from_live, self.told.append, 0.01, lasts=5 * 3600, silence=LIMIT_S
        )
        self.tasks: list[asyncio.Task[None]] = []

    def begin(self, *, tail: bool = True) -> None:
        self.tasks.append(asyncio.create_task(self.live.run()))
        if tail:
            self.tasks.append(asyncio.create_task(self.tail.run()))

    async def until(self, state: str, step: float = 1.0, **wanted: object) -> None:
        """Let time go by until the status is so."""
        limit = time.monotonic() + LIMIT_S
        while any(getattr(self.live.status, field) != value for field, value in wanted.items()):
            assert time.monotonic() < limit, (state, self.live.status)
            self.clock.advance(step)
            for _ in range(5):
                await asyncio.sleep(0.004)

    async def all_of(self, count: int, step: float = 2.0) -> None:
        limit = time.monotonic() + LIMIT_S
        while len(self.lines) < count:
            assert time.monotonic() < limit, f"{len(self.lines)} of {count}"
            self.clock.advance(step)
            await asyncio.sleep(0.02)

    @property
    def lines(self) -> list[LogLine]:
        return [line for update in self.updates if isinstance(update, LinesArrived) for line in update.batch.lines]

    @property
    def counted(self) -> Counter[str]:
        return Counter(line.text for line in self.lines)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with simulated("calm") as simulation:
        found = Scene(simulation)
        yield found
        for task in found.tasks:
            task.cancel()
        await asyncio.gather(*found.tasks, return_exceptions=True)
        await found.account.close()


def plant(scene: Scene, *lines: tuple[float, float, str]) -> None:
    """(seconds of the line, seconds of its ingestion, text) each."""
    scene.simulation.state.logs.plant(
        NAME, [("s", BASE + round(at * 1000), BASE + round(ingested * 1000), text) for at, ingested, text in lines]
    )


async def test_a_line_that_both_find_is_shown_once_and_equal_ones_as_often_as_they_are(scene: Scene) -> None:
    plant(scene, *((n / 2, n / 2 + 1, f"line {n // 2}") for n in range(60)), *((20.0, 21.0, "same"),) * 3)
    scene.begin()
    await scene.until("connected", connected=True)
    await scene.all_of(63)
    before = len(scene.lines)
    for _ in range(10):
        scene.clock.advance(4)
        await asyncio.sleep(0.05)
    assert len(scene.lines) == before == 63
    assert scene.counted["same"] == 3
    assert scene.live.status.lines > 0
    assert scene.live.status.dollars == pytest.approx(scene.live.status.minutes * 0.01)


async def test_what_is_sampled_away_is_filled_in_by_the_tail(scene: Scene) -> None:
    plant(scene, *((5.0 + n / 2000, 8.0 + n / 2000, f"flood {n}") for n in range(1_600)))
    scene.begin(tail=False)
    await scene.until("connected", connected=True)
    await scene.until("sampled", sampled=1)
    assert 0 < scene.live.status.lines < 1_600
    scene.tasks.append(asyncio.create_task(scene.tail.run()))
    await scene.all_of(1_600)
    assert set(scene.counted.values()) == {1}


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.EXPIRED, FaultKind.THROTTLE], ids=str)
async def test_a_session_that_ends_is_followed_by_another_and_no_line_is_missing(scene: Scene, kind: FaultKind) -> None:
    plant(scene, *((n / 2, n / 2 + 1, f"line {n}") for n in range(80)))
    scene.simulation.faults.add(Fault("logs", "StartLiveTail/event", kind, nth=6, times=1))
    scene.begin()
    await scene.until("connected", connected=True)
    await scene.until("again", reconnects=1)
    await scene.until("connected again", connected=True)
    assert any(not status.connected for status in scene.told)
    await scene.all_of(80)
    assert set(scene.counted.values()) == {1}


async def test_a_group_that_may_not_be_read_ends_it_with_the_reason(scene: Scene) -> None:
    plant(scene, (0.0, 1.0, "secret"))
    group = scene.simulation.state.logs.find("us-west-2", NAME)
    assert group is not None
    group.denied = True
    scene.begin(tail=False)
    async with asyncio.timeout(LIMIT_S):
        await scene.tasks[0]
    found = scene.live.status
    assert not found.connected
    assert found.problem is not None
    assert "logs:StartLiveTail" in found.problem.message
    assert found.dollars == 0


async def test_it_ends_by_itself_and_says_so(scene: Scene) -> None:
    plant(scene, (0.0, 1.0, "one"))
    told: list[LiveStatus] = []
    live = Live(scene.account, [GROUP], Ledger(), lambda lines: None, told.append, 0.01, lasts=60, silence=LIMIT_S)
    scene.live = live
    scene.begin(tail=False)
    await scene.until("connected", connected=True)
    await scene.until("over", ended=OVER)
    assert told[-1].ended == OVER
    assert not told[-1].connected
    assert told[-1].dollars == pytest.approx(0.01, rel=0.2)


async def test_a_session_that_aws_ends_after_three_hours_is_followed_by_another(scene: Scene) -> None:
    plant(scene, (0.0, 1.0, "one"))
    scene.begin(tail=False)
    await scene.until("connected", connected=True)
    await scene.until("again", step=600.0, reconnects=1)
    await scene.until("connected again", connected=True)
    assert scene.live.status.problem is None
    assert scene.live.status.minutes == pytest.approx(180, rel=0.2)


async def test_other_groups_are_another_session_and_the_same_bill(scene: Scene) -> None:
    other = LiveGroup("/live/two", "two", f"arn:aws:logs:us-west-2:{ACCOUNT_ID}:log-group:/live/two")
    plant(scene, (0.0, 1.0, "one"))
    scene.simulation.state.logs.plant("/live/two", [("s", BASE + 90_000, BASE + 91_000, "of two")])
    scene.begin(tail=False)
    await scene.until("connected", connected=True)
    for _ in range(60):
        scene.clock.advance(1)
        await asyncio.sleep(0.005)
    before = scene.live.status.minutes
    scene.live.regroup([GROUP, other])
    await scene.until("both", groups=("one", "two"), connected=True)
    await scene.all_of(1)
    assert scene.live.status.minutes >= before > 0.5
    assert scene.live.status.reconnects == 0
