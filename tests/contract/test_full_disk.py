"""A disk that is really full: nothing is sent whose intent is not on it; with room again the operation ends well."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.clock import ScaledClock
from services.executor.orders import OrderRefused, place
from services.journal.home import JournalBroken, JournalHome
from services.journal.reading import read_records
from services.journal.who import actor
from services.model.entry import Entry, Outcome, Phase
from services.simulated.account import SimulatedAccount
from tests.contract.executor_support import patient, rollback
from tests.contract.killed_support import Gallows
from tests.contract.test_killed import SPEED, point_live
from tests.simulated_support import START, boto, simulated

PAGE = 4096
"""What tmpfs gives out."""


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """Once the bad version has gone live."""
    with simulated("bad-deploy", clock=ScaledClock(START, SPEED)) as opened:
        boto(opened, "s3", read_timeout=90).list_buckets()  # the first answer takes its time on a loaded machine
        asyncio.run(opened.clock.sleep(540))
        yield opened


@pytest.fixture
def gallows(account: SimulatedAccount, tmp_path: Path) -> Gallows:
    gallows = Gallows(account, tmp_path)
    point_live(gallows, "42", {})
    return gallows


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kilobytes, where this machine lets us mount one."""
    path = tmp_path / "small"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here; the limit of a file's size proves the same")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=False)


def intents(gallows: Gallows, operation: str) -> list[Entry]:
    return [one for one in read_records(gallows.home, operation).entries if one.phase is Phase.INTENT]


async def proved(gallows: Gallows, operation: str, before: int, *, room: bool) -> None:
    """What was sent had its intent on the disk, and a resume on a disk with room ends it with one call."""
    sent = gallows.asked("UpdateAlias") - before
    assert sent <= len(intents(gallows, operation))
    assert not read_records(gallows.home, operation).damage
    assert room or sent == 0
    assert not await gallows.life(operation, by="oncall")
    done = gallows.read(operation)
    assert done.outcome is Outcome.RECOVERED, done.text
    assert gallows.asked("UpdateAlias") - before == 1


@pytest.mark.parametrize("phase", [Phase.STARTED, Phase.SNAPSHOT, Phase.INTENT, Phase.REPLY, Phase.APPLIED])
async def test_a_record_that_is_cut_off_in_the_middle_does_not_count(gallows: Gallows, phase: Phase) -> None:
    """The kernel takes a few bytes of the record and no more: by a limit of the size of files."""
    if not _LENGTHS:
        whole = gallows.order(patient(await rollback(gallows.environment, gallows.clock, 41)))
        assert not await gallows.life(whole)
        lines = gallows.home.read(f"{whole}.jsonl").splitlines(keepends=True)
        told = [one.phase for one in read_records(gallows.home, whole).entries[1:]]
        for place_, one in enumerate(told):
            _LENGTHS.setdefault(one, sum(map(len, lines[:place_])))
        point_live(gallows, "42", {})
    before = gallows.asked("UpdateAlias")
    operation = gallows.order(patient(await rollback(gallows.environment, gallows.clock, 41)))
    assert await gallows.ended(operation, limit=max(150, _LENGTHS[phase] + 40)) == 1
    await proved(gallows, operation, before, room=phase in (Phase.REPLY, Phase.APPLIED))


_LENGTHS: dict[Phase, int] = {}
"""Bytes before the first record of a phase."""


@pytest.mark.parametrize("pages", [0, 1, 2])
async def test_on_a_full_file_system_nothing_is_sent_without_its_intent(
    gallows: Gallows, small: Path, pages: int
) -> None:
    gallows.home = JournalHome(small / "journal")
    before = gallows.asked("UpdateAlias")
    plan = patient(await rollback(gallows.environment, gallows.clock, 41))
    operation = gallows.order(plan)
    filler = small / "filler"
    _fill(filler, pages)
    with pytest.raises((JournalBroken, OrderRefused), match="full"):
        place(plan, gallows.environment, actor(), "a test", gallows.home, gallows.clock.now())
    _fill(filler, pages)
    assert await gallows.ended(operation) == 1
    filler.unlink()
    await proved(gallows, operation, before, room=pages > 1)


def _fill(filler: Path, pages: int) -> None:
    """All of the file system but so many pages."""
    filler.unlink(missing_ok=True)
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * PAGE)
        except OSError:
            file.truncate(max(0, file.tell() - pages * PAGE))
