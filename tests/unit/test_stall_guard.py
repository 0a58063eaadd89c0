"""Which keys count: those that answer a picture that was true when they were pressed."""

from __future__ import annotations

import pytest

from tui.screens.arming import Arming
from tui.terminal.stall import BEAT_LIMIT, GRACE, WRITE_LIMIT, StallGuard


class Machine:
    """Machine time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _guard() -> tuple[StallGuard, Machine]:
    machine = Machine()
    guard = StallGuard(machine)
    guard.beat(behind=False)
    return guard, machine


def _beats(guard: StallGuard, machine: Machine, seconds: float, *, behind: bool = False) -> None:
    for _ in range(int(seconds / 0.1)):
        machine.now += 0.1
        assert guard.beat(behind=behind) is None


def test_keys_count_while_the_loop_beats_and_the_terminal_reads() -> None:
    guard, machine = _guard()
    _beats(guard, machine, 5)
    assert guard.accepts_key()


def test_a_slow_write_drops_nothing() -> None:
    guard, machine = _guard()
    guard.write_began()
    _beats(guard, machine, WRITE_LIMIT - 0.2)
    assert not guard.frozen
    assert guard.accepts_key()
    guard.write_ended()
    assert guard.accepts_key()


def test_keys_typed_while_the_terminal_does_not_read_are_dropped_and_counted() -> None:
    guard, machine = _guard()
    guard.write_began()
    _beats(guard, machine, WRITE_LIMIT + 0.3)
    assert guard.frozen
    assert [guard.accepts_key() for _ in range(3)] == [False] * 3
    guard.write_ended()
    assert not guard.accepts_key(), "the fresh frame is not there yet"
    machine.now += 0.1
    assert guard.beat(behind=True) is None
    machine.now += GRACE + 0.01
    report = guard.beat(behind=False)
    assert report is not None
    assert report.keys == 4
    assert report.seconds > WRITE_LIMIT
    assert guard.accepts_key()


def test_a_freeze_is_not_over_as_long_as_frames_wait() -> None:
    guard, machine = _guard()
    guard.write_began()
    _beats(guard, machine, 2)
    guard.write_ended()
    _beats(guard, machine, 2, behind=True)
    assert not guard.accepts_key()


def _unread(guard: StallGuard, machine: Machine) -> None:
    """One write waits, one stands still for two seconds and is taken; the terminal is not caught up afterwards."""
    for _ in range(2):
        guard.write_queued()
    guard.write_began()
    _beats(guard, machine, 2)
    guard.write_ended()
    assert not guard.accepts_key()


def _slowly(guard: StallGuard, machine: Machine) -> None:
    """The next write takes four tenths of a second; the loop beats on, and more is drawn meanwhile."""
    guard.write_began()
    for _ in range(4):
        machine.now += 0.1
        guard.write_queued()
        guard.picture_drawn()
        guard.write_moved()
    guard.write_ended()


def test_on_a_line_that_never_catches_up_the_first_picture_drawn_after_a_freeze_ends_it() -> None:
    guard, machine = _guard()
    _unread(guard, machine)
    _slowly(guard, machine)
    assert guard.beat(behind=True) is None
    assert not guard.accepts_key(), "what was written now was drawn before"
    _slowly(guard, machine)  # the first that was drawn since
    assert guard.beat(behind=True) is None
    assert not guard.accepts_key(), "a person has hardly seen it"
    _slowly(guard, machine)
    report = guard.beat(behind=True)
    assert report is not None
    assert report.keys == 3
    assert guard.accepts_key()


def test_a_second_freeze_makes_old_what_was_drawn_after_the_first() -> None:
    guard, machine = _guard()
    _unread(guard, machine)
    guard.write_queued()
    guard.picture_drawn()
    guard.write_began()
    _beats(guard, machine, 2)
    for _ in range(2):
        guard.write_ended()
    _beats(guard, machine, 1, behind=True)
    assert not guard.accepts_key()


def test_what_an_ended_writer_left_in_its_queue_keeps_no_later_picture_waiting() -> None:
    guard, _ = _guard()
    guard.write_queued()  # suspended: nobody takes it any more
    guard.picture_drawn()
    assert not guard.has_picture(guard.pictures_drawn)
    guard.writer_begins()
    guard.write_queued()
    guard.picture_drawn()
    assert not guard.has_picture(guard.pictures_drawn)
    guard.write_began()
    guard.write_ended()
    assert guard.has_picture(guard.pictures_drawn)


def test_a_write_that_goes_on_is_no_freeze_however_long_it_takes() -> None:
    guard, machine = _guard()
    guard.write_queued()
    guard.write_began()
    for _ in range(20):
        _beats(guard, machine, 0.9, behind=True)
        guard.write_moved()
        assert guard.accepts_key()
        assert not guard.frozen
    _beats(guard, machine, 1.2, behind=True)
    assert guard.frozen
    assert not guard.accepts_key()


def test_keys_read_before_the_loop_beats_again_after_a_sleep_are_dropped() -> None:
    guard, machine = _guard()
    machine.now += 8 * 3600  # the laptop slept
    assert not guard.accepts_key()


def test_keys_read_just_after_the_loop_beats_again_are_dropped_too() -> None:
    guard, machine = _guard()
    machine.now += BEAT_LIMIT + 0.1
    assert guard.beat(behind=False) is None
    assert not guard.accepts_key()
    machine.now += GRACE + 0.01
    report = guard.beat(behind=False)
    assert report is not None
    assert report.keys == 1
    assert guard.accepts_key()


def _armed_after(looks: list[tuple[bool, float]]) -> bool:
    """Whether a dialog is armed after each look and the seconds that follow it."""
    machine = Machine()
    arming = Arming(machine)
    for seen, seconds in looks:
        arming.look(seen)
        machine.now += seconds
    return arming.armed


@pytest.mark.parametrize(
    ("looks", "armed"),
    [
        ([], False),
        ([(True, 0.69)], False),
        ([(True, 0.71)], True),
        ([(True, 0.4), (True, 0.4)], True),
        ([(True, 0.69), (False, 0.0), (True, 0.69)], False),
        ([(True, 0.8), (False, 0.8)], False),
        ([(False, 5.0)], False),
    ],
)
def test_arming_counts_only_unbroken_sight(looks: list[tuple[bool, float]], armed: bool) -> None:
    assert _armed_after(looks) is armed
