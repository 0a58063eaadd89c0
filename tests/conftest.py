"""What holds for every test."""

from __future__ import annotations

import compileall
import gc
import os
import sys
from pathlib import Path

from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("any machine")

# Hundreds of processes are started: where Python may not keep what it compiles, each would compile the house anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if "PYTEST_XDIST_WORKER" not in os.environ:  # before the workers, not once in each
    for room in ("services", "widgets", "tui"):
        compileall.compile_dir(Path(__file__).parents[1] / room, quiet=2)


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking for garbage among it took a fifth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 5)
