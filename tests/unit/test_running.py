"""The second chance of tests that run in real time: who gets it, and what comes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import MOST, Failures, second_chance

STORY, UNIT = "tests/stories/test_a.py::test_a", "tests/unit/test_b.py::test_b"


def failed(*names: str, broken: bool = False) -> Failures:
    found = Failures()
    found.names = dict.fromkeys(names)
    found.broken = broken
    return found


@pytest.mark.parametrize(
    ("code", "failures", "again"),
    [
        (1, failed(STORY), (STORY,)),
        (1, failed(STORY, "tests/terminal/test_c.py::test_c[a b]"), (STORY, "tests/terminal/test_c.py::test_c[a b]")),
        (0, failed(), ()),
        (1, failed(UNIT), ()),
        (1, failed(STORY, UNIT), ()),
        (1, failed(STORY, broken=True), ()),
        (2, failed(STORY), ()),
        (1, failed(*(f"tests/stories/test_{n}.py::test" for n in range(MOST + 1))), ()),
    ],
)
def test_only_a_few_tests_that_run_in_real_time_are_run_again(
    code: int, failures: Failures, again: tuple[str, ...]
) -> None:
    assert second_chance(code, failures) == again


ONCE = """from pathlib import Path

def test_it():
    first = not Path("seen").exists()
    Path("seen").touch()
    assert not first
"""


@pytest.mark.parametrize(
    ("room", "body", "code", "said"),
    [
        ("stories", ONCE, 0, "Alone they passed"),
        ("stories", "def test_it():\n    assert False\n", 1, "FAILED alone, too: tests/stories/test_it.py::test_it"),
        ("unit", ONCE, 1, "1 failed"),
    ],
)
def test_the_run_ends_as_the_second_one_did_and_names_what_failed(
    tmp_path: Path, room: str, body: str, code: int, said: str
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests" / room).mkdir(parents=True)
    (tmp_path / "tests" / room / "test_it.py").write_text(body)
    command = [sys.executable, str(Path(__file__).parents[1] / "running.py"), "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout
    assert f"tests/{room}/test_it.py::test_it" in done.stdout
