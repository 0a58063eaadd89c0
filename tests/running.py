"""`make test`: every test, several at a time; what real time broke then is run once more, alone, and both are said.

The stories, terminals and contracts run processes, pseudo-terminals and a served account in real time, more of them at
a time than there are processors. A machine that stands still for a moment, and many do, can break any of them, another
one each time. So what failed among them is run again with nothing beside it: what is broken fails again, and the run
with it; what passes is named, so that somebody asks why. A unit test gets no second chance, nothing in it takes time;
nor does anything when many have failed: that is no accident.

python -m tests.running -n 3 tests
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

IN_REAL_TIME = ("tests/contract/", "tests/stories/", "tests/terminal/")
MOST = 8
"""Failures up to which a second run is worth something."""


class Failures:
    """What failed, in the order in which it did."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.broken = False
        """Whether something failed that is no test's own running: a worker that died, a file that cannot be read."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names[report.nodeid] = None
            self.broken = self.broken or report.when not in ("setup", "call", "teardown")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.broken = self.broken or report.failed


def second_chance(code: int, failures: Failures) -> tuple[str, ...]:
    """What is to be run again alone; empty: the first run stands as it is."""
    names = tuple(failures.names)
    if code != pytest.ExitCode.TESTS_FAILED or failures.broken or not 0 < len(names) <= MOST:
        return ()
    return names if all(name.startswith(IN_REAL_TIME) for name in names) else ()


def main(arguments: Sequence[str]) -> int:
    """Run the tests; the exit code."""
    failures = Failures()
    code = int(pytest.main([*arguments], plugins=[failures]))
    names = second_chance(code, failures)
    if not names:
        return code
    print(f"\n{len(names)} failed while others ran (load {os.getloadavg()[0]:.1f}). Each again, alone:", flush=True)
    for name in names:
        again = subprocess.run([sys.executable, "-m", "pytest", name], check=False).returncode
        if again:
            print(f"FAILED alone, too: {name}", flush=True)
            return again
    print("Alone they passed. They ought not to have failed; what did they wait for?")
    for name in names:
        print(f"  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
