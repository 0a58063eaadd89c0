"""Screens of one environment share their alerts: through a file, whatever happens to it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.alerting.book import AlertBook
from services.alerting.following import follow
from services.alerting.life import AlertRecord, Happening, Life, fold
from services.alerting.store import COMPACT_AFTER, AlertStore, Busy, home_of
from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind
from tests.unit.alerts_support import START, minute, reading


@pytest.fixture
def home(tmp_path: Path) -> JournalHome:
    return JournalHome(tmp_path / "alerts")


def book(home: JournalHome, disk: Disk | None = None) -> AlertBook:
    return AlertBook(AlertStore(home, "production", disk))


def file_of(home: JournalHome) -> Path:
    (found,) = home.path.glob("*.jsonl")
    return found


def test_an_alert_is_raised_by_one_screen_and_heard_by_both(home: JournalHome) -> None:
    first, second = book(home), book(home)
    one, other = first.step((reading("F"),), START), second.step((reading("F"),), minute(0.01))
    assert [alert.id for alert in one.new] == [alert.id for alert in other.new]
    assert one.ours == {one.new[0].id}
    assert other.ours == frozenset()
    assert first.step((reading("F"),), minute(1)).new == ()


def test_an_acknowledgement_is_seen_by_the_other_screen_and_survives_a_restart(home: JournalHome) -> None:
    first, second = book(home), book(home)
    (alert,) = first.step((reading("F"),), START).new
    second.step((reading("F"),), START)
    assert second.acknowledge(alert, "casey", minute(1))
    assert not first.acknowledge(alert, "robin", minute(1))
    assert first.step((reading("F"),), minute(2)).life.waiting == ()
    (again,) = book(home).life.open
    assert again.acknowledged is not None
    assert (again.acknowledged.by, again.acknowledged.at) == ("casey", minute(1))


def test_an_alert_from_before_a_restart_rings_no_second_time(home: JournalHome) -> None:
    book(home).step((reading("F"),), START)
    later = book(home)
    assert [alert.raised for alert in later.life.waiting] == [START]
    assert later.step((reading("F"),), minute(1)).new == ()


def test_a_rung_that_was_called_is_called_for_all(home: JournalHome) -> None:
    first, second = book(home), book(home)
    (alert,) = first.step((reading("F"),), START).new
    assert first.escalated(alert, 1, "casey", minute(16))
    assert not second.escalated(alert, 1, "robin", minute(16))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("FCEUQ"), st.integers(0, 2)), max_size=30))
def test_any_number_of_screens_ring_as_often_as_one(tmp_path_factory: object, turns: list[tuple[str, int]]) -> None:
    """All screens read the same; who looks first is chance."""
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    home = JournalHome(tmp_path_factory.mktemp("shared") / "alerts")
    screens = [book(home) for _ in range(3)]
    alone, raised = Life(), 0
    heard = [0, 0, 0]
    for number, (letter, first) in enumerate(turns):
        for turn in range(3):
            which = (first + turn) % 3
            heard[which] += len(screens[which].step((reading(letter),), minute(number)).new)
        alone, records = follow(alone, (reading(letter),), minute(number))
        alone = fold(records, alone)
        raised += sum(record.happening is Happening.RAISED for record in records)
    assert heard == [raised] * 3


def test_only_the_owner_can_read_the_alerts(home: JournalHome) -> None:
    book(home).step((reading("F"),), START)
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(found.stat().st_mode) for found in home.path.iterdir()} == {0o600}


def test_a_torn_or_foreign_line_is_left_out_and_the_next_one_is_whole(home: JournalHome) -> None:
    (alert,) = book(home).step((reading("F"),), START).new
    with file_of(home).open("ab") as file:
        file.write(b'not json\n{"happening":"exploded"}\n\xff\xfe\n{"happening":"cleared","al')
    other = book(home)
    assert [one.id for one in other.life.open] == [alert.id]
    assert other.acknowledge(alert, "casey", minute(1))
    (again,) = book(home).life.open
    assert again.acknowledged is not None


def test_text_that_another_program_wrote_is_made_safe(home: JournalHome) -> None:
    store = AlertStore(home, "production")
    with store.locked():
        store.append([AlertRecord(Happening.RAISED, "x", "k", START, safe("t"))])
    file_of(home).write_bytes(file_of(home).read_bytes().replace(b'"t"', b'"\\u001b]0;owned\\u0007"'))
    (record,) = store.read()
    assert record.title == "␛]0;owned␇"


class Failing(Disk):
    """A disk on which nothing can be written."""

    def write(self, descriptor: int, data: bytes) -> int:
        return super().write(descriptor, data[: len(data) // 2])


def test_a_full_disk_leaves_no_half_record_and_no_alert_unheard(home: JournalHome) -> None:
    broken = book(home, Failing())
    step = broken.step((reading("F"),), START)
    assert [alert.key for alert in step.new] == ["alert.high_latency"]
    assert "disk may be full" in broken.problem
    assert file_of(home).read_bytes() == b""
    assert broken.step((reading("F"),), minute(1)).new == ()


def test_a_folder_that_cannot_be_used_is_said_and_alerts_are_followed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("a file in the way")
    alone = book(JournalHome(tmp_path / "alerts"))
    assert "Cannot use the journal" in alone.problem
    assert len(alone.step((reading("F"),), START).new) == 1
    assert alone.step((reading("F"),), minute(1)).new == ()
    for later in range(2, 9):
        alone.step((reading("Q"),), minute(later))
    assert alone.life.open == ()


def test_a_store_that_is_busy_is_asked_again_at_the_next_look(home: JournalHome) -> None:
    waiting = book(home)
    with AlertStore(home, "production").locked():
        assert waiting.step((reading("F"),), START).new == ()
        with pytest.raises(Busy), AlertStore(home, "production").locked():
            pass
    assert len(waiting.step((reading("F"),), minute(0.02)).new) == 1


def test_a_long_file_is_written_anew_with_what_is_open_and_the_newest(home: JournalHome) -> None:
    store = AlertStore(home, "production")
    records = [AlertRecord(Happening.RAISED, "oldest", "kept.open", START, safe("t"))]
    for number in range(COMPACT_AFTER // 2):
        records.append(AlertRecord(Happening.RAISED, f"a{number}", "k", minute(number), safe("t")))
        records.append(AlertRecord(Happening.CLEARED, f"a{number}", "k", minute(number)))
    with store.locked():
        store.append(records)
    before = book(home)
    before.step((reading("F"),), minute(2000))
    lines = file_of(home).read_bytes().count(b"\n")
    assert lines == COMPACT_AFTER // 2 + 1
    assert {alert.key for alert in book(home).life.open} == {"kept.open", "alert.high_latency"}
    assert stat.S_IMODE(file_of(home).stat().st_mode) == 0o600


def test_a_sandbox_keeps_its_alerts_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path))
    real = Environment("production", "S", "us-west-2")
    sandbox = Environment(
        "production", "S", "us-west-2", kind=EnvironmentKind.SANDBOX, endpoint_url="http://127.0.0.1:5000"
    )
    assert home_of(real).path == tmp_path / "alerts"
    assert home_of(sandbox).path.parent == tmp_path / "alerts-sandbox"


def test_a_link_in_the_way_is_not_followed(home: JournalHome, tmp_path: Path) -> None:
    store = AlertStore(home, "production")
    with store.locked():
        store.append([AlertRecord(Happening.RAISED, "x", "k", START, safe("t"))])
    target = tmp_path / "elsewhere"
    file_of(home).rename(target)
    (home.path / file_name(home)).symlink_to(target)
    with pytest.raises(JournalBroken):
        store.read()


def file_name(home: JournalHome) -> str:
    (lock,) = home.path.glob("*.lock")
    return lock.name.removesuffix(".lock")


def test_who_only_looks_leaves_nothing_on_the_disk(home: JournalHome) -> None:
    quiet = book(home)
    quiet.step((reading("Q"),), START)
    quiet.look()
    assert not home.path.exists()
