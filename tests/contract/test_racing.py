"""Two executors that share nothing but the account race for the same alias: one acts, and a stale plan never does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.clock import ScaledClock
from services.simulated.account import SimulatedAccount
from tests.contract.lease_support import LeaseTable
from tests.contract.race_support import ProcessRace, Race, Tally, on_the_bad_version
from tests.simulated_support import START, manual, simulated

ROUNDS = 12
"""`make bench` does a thousand, and thirty of processes."""


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        manual(opened).advance(15 * 60)
        LeaseTable(opened).create()
        yield opened


def fair(tally: Tally, rounds: int) -> bool:
    return (tally.rounds, tally.one_winner, tally.calls, tally.fences) == (rounds,) * 4


async def test_each_round_has_one_winner_one_call_and_a_higher_fence(account: SimulatedAccount, tmp_path: Path) -> None:
    tally = await Race(account, tmp_path).run(ROUNDS)
    assert fair(tally, ROUNDS), tally


async def test_real_processes_race_alike(tmp_path: Path) -> None:
    with simulated("bad-deploy", clock=ScaledClock(START, 600)) as account:
        LeaseTable(account).create()
        on_the_bad_version(account)
        tally = await ProcessRace(account, tmp_path).run(1)
        assert fair(tally, 1), tally
