"""Two operators on two machines, a thousand times at one instant; and thirty times by real processes."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from services.clock import ScaledClock
from tests.contract.lease_support import LeaseTable
from tests.contract.race_support import ProcessRace, Race, on_the_bad_version
from tests.simulated_support import START, simulated

ROUNDS, PROCESSES = 1_000, 30
SPEED = 600.0


def race() -> None:
    """Each round has one winner, one call and a higher fence; the other's plan is void."""
    print(f"Lease race ({ROUNDS:,} rounds in process, {PROCESSES} of real executors)")
    for kind, rounds in ((Race, ROUNDS), (ProcessRace, PROCESSES)):
        with simulated("bad-deploy", clock=ScaledClock(START, SPEED)) as account, tempfile.TemporaryDirectory() as path:
            LeaseTable(account).create()
            on_the_bad_version(account)
            began = time.monotonic()
            tally = asyncio.run(kind(account, Path(path)).run(rounds))
            took = time.monotonic() - began
        fair = (tally.one_winner, tally.calls, tally.fences) == (rounds,) * 3
        why = ", ".join(f"{name} {count}" for name, count in sorted(tally.reasons.items()))
        print(f"    {kind.__name__}: one winner in {tally.one_winner:,} of {rounds:,}, calls {tally.calls:,}, {why}")
        print(f"    {took / rounds:.2f} s a round; one each: {'reached' if fair else 'MISSED'}")
