"""The alert book on its thread, and the command that hears of an alert as a process."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from services.alerting.hook import start, told
from services.alerting.keeping import Keeper, Told
from services.alerting.outputs import Output, Way, outputs
from services.alerting.store import AlertStore, NoStore
from services.journal.home import JournalHome
from services.safe_text import safe
from services.settings.values import Alerting
from tests.unit.alerts_support import START, alert, minute, reading

PATIENCE = 20.0


class Kept:
    """A keeper and what it has posted."""

    def __init__(self, store: AlertStore, who: str) -> None:
        self.told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self.keeper = Keeper(store, lambda: who, self.told.put)

    def until(self, condition: Callable[[Told], bool]) -> Told:
        """The first that meets `condition`; fails when none comes."""
        deadline = time.monotonic() + PATIENCE
        while True:
            one = self.told.get(timeout=max(0.01, deadline - time.monotonic()))
            if condition(one):
                return one


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[[str], Kept]]:
    made: list[Kept] = []

    def make(who: str) -> Kept:
        made.append(Kept(AlertStore(JournalHome(tmp_path / "alerts"), "production"), who))
        return made[-1]

    yield make
    for one in made:
        one.keeper.close()


def test_an_alert_is_raised_once_and_acknowledged_by_the_person_at_the_terminal(
    keep: Callable[[str], Kept],
) -> None:
    casey = keep("casey@bastion")
    casey.keeper.follow((reading("F"),), START)
    (raised,) = casey.until(lambda one: bool(one.new)).new
    casey.keeper.follow((reading("F"),), minute(1))
    casey.keeper.acknowledge([raised], minute(2))
    (taken,) = casey.until(lambda one: bool(one.written)).written
    assert taken.acknowledged is not None
    assert (taken.acknowledged.by, taken.acknowledged.at) == ("casey@bastion", minute(2))


def test_who_comes_second_is_told_who_was_first_and_hears_of_it_without_asking(keep: Callable[[str], Kept]) -> None:
    casey, robin = keep("casey"), keep("robin")
    casey.keeper.follow((reading("F"),), START)
    (raised,) = casey.until(lambda one: bool(one.new)).new
    robin.until(lambda one: bool(one.life.waiting))  # by looking: nobody has asked robin's screen anything
    casey.keeper.acknowledge([raised], minute(1))
    robin.keeper.acknowledge([raised], minute(1))
    both = [
        casey.until(lambda one: bool(one.written or one.refused)),
        robin.until(lambda one: bool(one.written or one.refused)),
    ]
    assert sorted(len(one.written) for one in both) == [0, 1]
    (first,) = next(one.written for one in both if one.written)
    (second,) = next(one.refused for one in both if one.refused)
    assert second.acknowledged == first.acknowledged


def test_a_rung_is_dealt_with_once(keep: Callable[[str], Kept]) -> None:
    casey = keep("casey")
    casey.keeper.follow((reading("F"),), START)
    (raised,) = casey.until(lambda one: bool(one.new)).new
    casey.keeper.escalated([raised], 1, minute(16), dismissed=True)
    (taken,) = casey.until(lambda one: bool(one.written)).written
    casey.keeper.escalated([raised], 1, minute(17), dismissed=False)
    (again,) = casey.until(lambda one: bool(one.refused)).refused
    assert taken.handled == again.handled
    assert taken.handled[0].dismissed


def test_without_a_store_alerts_are_followed_all_the_same_and_why_is_said() -> None:
    kept = Kept(NoStore("the disk does not answer"), "casey")
    kept.keeper.follow((reading("F"),), START)
    found = kept.until(lambda one: bool(one.new))
    kept.keeper.acknowledge(found.new, minute(1))
    taken = kept.until(lambda one: bool(one.written))
    kept.keeper.close()
    assert found.problem == taken.problem == "the disk does not answer"
    assert taken.life.waiting == ()
    assert len(taken.life.open) == 1


def test_a_store_that_hangs_holds_up_nobody_and_what_was_not_read_is_replaced(tmp_path: Path) -> None:
    class Slow(AlertStore):
        go = threading.Event()

        def changed(self) -> bool:
            self.go.wait(PATIENCE)
            return super().changed()

    store = Slow(JournalHome(tmp_path / "alerts"), "production")
    kept = Kept(store, "casey")
    for number in range(1000):
        kept.keeper.follow((reading("F"),), minute(number))
    assert 1 <= kept.keeper.waiting <= 2
    store.go.set()
    kept.until(lambda one: bool(one.new))
    kept.keeper.close()


# ---- the command


def output(*command: str) -> Output:
    (found,) = outputs([alert(sentence=safe("2.4 s; $(rm -rf /)"))], {"a1"}, "production", Alerting(command=command))
    assert found.way is Way.COMMAND
    return found


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    def make(text: str) -> str:
        path = tmp_path / "page"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o700)
        return str(path)

    return make


def test_the_command_is_a_process_with_the_alert_in_its_environment_and_on_its_input(
    script: Callable[[str], str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    program = script(f'{{ echo "$1"; echo "$COCKPIT_ALERT_TITLE|$COCKPIT_ALERT_SENTENCE"; cat; }} > {out}')
    assert told(output(program, "a b; $(touch x)"), 10) == ""
    first, second, payload = out.read_text().split("\n", 2)
    assert first == "a b; $(touch x)", "no shell has seen the arguments"
    assert second == "High Latency|2.4 s; $(rm -rf /)"
    assert msgspec.json.decode(payload.encode())["respond_s"] == 600


@pytest.mark.parametrize(
    ("text", "said"), [("exit 3", "ended with 3"), ("kill -9 $$", "ended by signal 9"), ("exit 0", "")]
)
def test_how_the_command_ended_is_told(script: Callable[[str], str], text: str, said: str) -> None:
    assert said in told(output(script(text)), 10)
    assert bool(told(output(script(text)), 10)) == bool(said)


def test_a_command_that_cannot_be_started_is_told() -> None:
    assert "could not be started: No such file" in told(output("/nowhere/page"), 10)


def test_a_command_that_never_ends_is_ended_with_its_children(script: Callable[[str], str], tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    said = told(output(script(f"sleep 600 & echo $! > {pid}.new; mv {pid}.new {pid}; wait")), 0.5)
    assert "was still running after 0.5 s and was ended" in said
    if pid.exists():  # on a machine so slow that it did not get there, there is no child
        deadline = time.monotonic() + PATIENCE
        while _lives(int(pid.read_text())):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_starting_the_command_waits_for_nothing(script: Callable[[str], str], tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    failed: queue.SimpleQueue[str] = queue.SimpleQueue()
    start(output(script(f"cat {fifo}; exit 4")), PATIENCE, failed.put)
    assert failed.empty(), "it hangs on the fifo, and we do not"
    fifo.write_text("go on")
    assert "ended with 4" in failed.get(timeout=PATIENCE)
