"""The journal holds what it took, shows what was tampered with, and refuses rather than pretends."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.journal.chain import read_chain
from services.journal.folding import fold
from services.journal.home import JournalBroken, JournalHome
from services.journal.ids import is_operation_id, new_operation_id
from services.journal.leases import Held, Holder, running, take_lease, take_operation
from services.journal.reading import Follower, damaged, operations, read_operation, read_records
from services.journal.remarks import remark
from services.journal.writing import JournalWriter
from services.model.entry import Actor, Entry, Outcome, Phase
from services.safe_text import SafeText
from services.settings.values import Environment, EnvironmentKind
from tests.unit.journal_support import NOW, FailingDisk, a_plan

ACTOR = Actor(os_user="oncall", host="bastion")


@pytest.fixture
def home(tmp_path: Path) -> JournalHome:
    return JournalHome(tmp_path / "journal")


def ordered(home: JournalHome, operation: str | None = None, environment: str = "production") -> tuple[str, str]:
    """An order on disk: the operation's id and the head of the chain."""
    operation = operation or new_operation_id(NOW)
    writer = JournalWriter(home, operation, f"{operation}.order.jsonl")
    writer.append(Phase.ORDERED, "ordered", NOW, plan=a_plan(environment=environment), actor=ACTOR, reason="bad deploy")
    writer.close()
    return operation, writer.head


def written(home: JournalHome, count: int = 5) -> tuple[str, Path]:
    """An operation with `count` records by its executor."""
    operation, head = ordered(home)
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    for number in range(count):
        writer.append(
            Phase.VERIFYING, f"record {number}", NOW + timedelta(seconds=number), data={"periods": [number, 5]}
        )
    writer.close()
    return operation, home.path / f"{operation}.jsonl"


def test_what_was_written_is_read_back(home: JournalHome) -> None:
    operation, _ = written(home)
    found = read_operation(home, operation)
    assert found is not None
    assert [entry.text for entry in found.entries] == ["ordered", *(f"record {n}" for n in range(5))]
    assert found.plan == a_plan()
    assert found.entries[0].actor == ACTOR
    assert found.entries[0].reason == "bad deploy"
    assert (found.progress, found.open, found.phase) == ((4, 5), True, Phase.VERIFYING)


def test_every_single_bit_flip_is_noticed(home: JournalHome) -> None:
    operation, path = written(home, 3)
    good = path.read_bytes()
    whole = read_records(home, operation)
    first = whole.entries[0]
    for position in range(len(good)):
        for bit in range(8):
            flipped = bytearray(good)
            flipped[position] ^= 1 << bit
            chain = read_chain(bytes(flipped), first.hash)
            assert chain.damage or chain.torn, f"bit {bit} of byte {position} went unnoticed"


@pytest.mark.parametrize("kind", ["removed", "swapped", "doubled"])
def test_records_that_were_moved_about_are_noticed(home: JournalHome, kind: str) -> None:
    operation, path = written(home)
    lines = path.read_bytes().splitlines(keepends=True)
    changed = {
        "removed": [lines[0], *lines[2:]],
        "swapped": [lines[0], lines[2], lines[1], *lines[3:]],
        "doubled": [lines[0], lines[0], *lines[1:]],
    }[kind]
    path.write_bytes(b"".join(changed))
    records = read_records(home, operation)
    assert records.damage == "record 2 does not follow the one before it"
    assert [entry.text for entry in records.entries] == ["ordered", "record 0"]
    assert damaged(home) == (f"operation {operation}: {records.damage}",)
    shown = read_operation(home, operation)
    assert shown is not None
    assert shown.text.startswith("journal damaged")
    with pytest.raises(JournalBroken, match="damaged"):
        JournalWriter(home, operation, path.name, previous=records.entries[0].hash)


@given(cut=st.integers(min_value=1, max_value=120))
@settings(max_examples=30, deadline=None)
def test_a_torn_tail_is_left_out_and_the_next_writer_goes_on(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    home = JournalHome(tmp_path_factory.mktemp("torn") / "journal")
    operation, path = written(home)
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    records = read_records(home, operation)
    assert not records.damage
    assert records.entries[-1].text == "record 3"
    writer = JournalWriter(home, operation, path.name, previous=records.entries[0].hash)
    writer.append(Phase.VERIFYING, "after the tear", NOW)
    writer.close()
    again = read_records(home, operation)
    assert not again.damage
    assert [entry.text for entry in again.entries[-2:]] == ["record 3", "after the tear"]
    assert (home.path / f"{path.name}.torn").read_bytes() == data[:-cut].rpartition(b"\n")[2] + b"\n"


@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_without_an_exception(data: bytes) -> None:
    assert read_chain(data).entries == ()


def test_records_of_a_later_version_are_tolerated(home: JournalHome) -> None:
    operation, path = written(home, 2)
    records = read_records(home, operation)
    fields = msgspec.to_builtins(records.entries[-1])
    from services.journal.chain import digest

    for changes in ({"phase": "teleported", "sequence": 2}, {"phase": "done", "outcome": "RECOVERED", "fence": 41}):
        later = {**fields, **changes, "previous": records.head}
        later.pop("hash")
        later["hash"] = digest(later)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(later, order="sorted") + b"\n")
        records = read_records(home, operation)
    assert not records.damage
    found = fold(records.entries)
    assert found is not None
    assert found.outcome is Outcome.RECOVERED
    assert "teleported" not in [entry.phase for entry in found.entries]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_no_call_of_the_disk_fails_unnoticed(tmp_path: Path, number: int) -> None:
    """The n-th call fails, for every n until a run has no fault: nothing counts as written that is not there."""
    nth = 0
    while True:
        nth += 1
        home = JournalHome(tmp_path / str(nth) / "journal")
        operation = new_operation_id(NOW)
        disk = FailingDisk(nth, number)
        name = f"{operation}.order.jsonl"
        if nth == 1:
            with pytest.raises(JournalBroken, match=name):
                JournalWriter(home, operation, name, disk=disk)  # the folder cannot be synced
            continue
        writer = JournalWriter(home, operation, name, disk=disk)
        believed = 0
        try:
            for _ in range(3):
                writer.append(Phase.ORDERED, "x", NOW, plan=a_plan())
                believed += 1
        except JournalBroken as error:
            assert name in str(error)
            with pytest.raises(JournalBroken):
                writer.append(Phase.ORDERED, "after the failure", NOW)
        assert len(read_chain((home.path / name).read_bytes()).entries) == believed
        writer.close()
        if disk.calls < nth:
            break
    assert nth == 1 + 3 * 2 + 1  # the folder's sync, three writes with theirs, and the run without a fault


def test_a_short_write_is_an_error_and_leaves_no_half_record(home: JournalHome) -> None:
    operation, head = ordered(home)
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head, disk=FailingDisk(2, 0, short=True))
    with pytest.raises(JournalBroken, match="of a record"):
        writer.append(Phase.STARTED, "x", NOW)
    assert (home.path / f"{operation}.jsonl").read_bytes() == b""
    writer.close()


def test_a_full_disk_of_the_kernel_is_refused(tmp_path: Path) -> None:
    """RLIMIT_FSIZE cuts the write short, as a full disk would: a real process, a real kernel."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from services.journal.home import JournalBroken, JournalHome\n"
        "from services.journal.writing import JournalWriter\n"
        "from services.model.entry import Phase\n"
        "from tests.unit.journal_support import NOW\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
        "writer = JournalWriter(JournalHome(Path(sys.argv[1])), 'x', 'x.jsonl')\n"
        "try:\n"
        "    writer.append(Phase.STARTED, 'y' * 400, NOW)\n"
        "except JournalBroken as error:\n"
        "    print('refused:', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "journal")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert "refused: " in done.stdout, done.stderr
    assert (tmp_path / "journal" / "x.jsonl").read_bytes() == b""


def test_a_journal_removed_while_it_is_written_is_noticed(home: JournalHome) -> None:
    operation, head = ordered(home)
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    writer.append(Phase.STARTED, "x", NOW)
    (home.path / f"{operation}.jsonl").unlink()
    with pytest.raises(JournalBroken, match="removed"):
        writer.append(Phase.INTENT, "x", NOW)
    writer.close()


def test_files_are_private_whatever_the_umask(home: JournalHome) -> None:
    before = os.umask(0)
    try:
        operation, _ = written(home)
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    for name in (f"{operation}.jsonl", f"{operation}.order.jsonl"):
        assert stat.S_IMODE((home.path / name).stat().st_mode) == 0o600


def test_a_folder_that_others_can_read_is_closed_to_them(home: JournalHome) -> None:
    home.path.mkdir(parents=True)
    home.path.chmod(0o777)
    os.close(home.opened())
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_no_link_is_followed(home: JournalHome, tmp_path: Path) -> None:
    operation, head = ordered(home)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (home.path / f"{operation}.jsonl").symlink_to(victim)
    with pytest.raises(JournalBroken, match="never followed"):
        JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    assert victim.read_text() == "precious"
    link = tmp_path / "link"
    link.symlink_to(home.path)
    with pytest.raises(JournalBroken, match="never followed"):
        JournalHome(link).opened()


def test_secrets_do_not_reach_the_disk(home: JournalHome) -> None:
    operation, head = ordered(home)
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    writer.append(
        Phase.REPLY,
        "answered password=canary1",
        NOW,
        data={"Token": "canary2", "nested": ["AKIAIOSFODNN7CANARYX"]},
        reason="Authorization: Bearer canary3canary3",
    )
    writer.close()
    text = "".join(path.read_text() for path in home.path.iterdir())
    for secret in ("canary1", "canary2", "canary3", "IOSFODNN7"):
        assert secret not in text


def test_remote_text_in_a_record_is_made_safe(home: JournalHome) -> None:
    operation, head = ordered(home)
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    entry = writer.append(Phase.FAILED, "no\x1b]0;owned\x07", NOW)
    writer.close()
    assert entry.text == "no␛]0;owned␇"


def test_ids_sort_by_time_and_are_names_only() -> None:
    ids = [new_operation_id(NOW + timedelta(milliseconds=5 * n)) for n in range(50)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 50
    assert all(is_operation_id(one) for one in ids)
    assert not is_operation_id("../../../etc/passwd")
    assert not is_operation_id(ids[0] + "\n")
    with pytest.raises(FileNotFoundError):
        read_records(JournalHome(Path("/nonexistent")), "../secret")


def test_two_orders_on_one_resource_have_one_winner_and_the_loser_learns_who(home: JournalHome) -> None:
    holder = Holder("A" * 26, SafeText("alice on bastion"), NOW)
    lease = take_lease(home, "production", "lambda:fn:LIVE", holder)
    with pytest.raises(Held, match=r"alice on bastion since 03:11:42Z, operation A{26}"):
        take_lease(home, "production", "lambda:fn:LIVE", Holder("B" * 26, SafeText("bob"), NOW))
    take_lease(home, "staging", "lambda:fn:LIVE", holder).release()
    lease.release()
    take_lease(home, "production", "lambda:fn:LIVE", holder).release()


def test_a_lock_is_free_the_moment_its_holder_is_killed(home: JournalHome) -> None:
    operation = new_operation_id(NOW)
    lock = take_operation(home, Holder(operation, SafeText("alice"), NOW))
    assert running(home, operation)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock.descriptor])
    lock.release()
    try:
        assert running(home, operation), "the child holds the lock it was handed"
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        assert not running(home, operation)
    finally:
        child.kill()
        child.communicate()


def test_looking_does_not_make_a_lock(home: JournalHome) -> None:
    ordered(home)
    assert not running(home, new_operation_id(NOW))
    assert not [name for name in home.names() if name.endswith(".lock")]


def test_a_follower_answers_only_when_something_changed(home: JournalHome) -> None:
    follower = Follower(home, "production")
    assert follower.changed() == ()
    assert follower.changed() is None
    first, head = ordered(home)
    second, _ = ordered(home, new_operation_id(NOW + timedelta(seconds=1)))
    ordered(home, environment="staging")
    shown = follower.changed()
    assert shown is not None
    assert [operation.id for operation in shown] == [second, first]
    assert follower.changed() is None
    writer = JournalWriter(home, first, f"{first}.jsonl", previous=head)
    writer.append(Phase.STARTED, "taken up", NOW)
    writer.close()
    shown = follower.changed()
    assert shown is not None
    assert shown[1].phase is Phase.STARTED
    assert follower.read() == shown == operations(home, "production")


def test_remarks_of_persons_stand_beside_the_records_and_are_seen_after_the_end(home: JournalHome) -> None:
    operation, head = ordered(home)
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    writer.append(Phase.DONE, "RECOVERED: well", NOW, outcome=Outcome.RECOVERED)
    writer.close()
    follower = Follower(home)
    follower.read()
    remark(home, operation, "works", "sign-in", ACTOR, NOW)
    told = follower.changed()
    assert told is not None, "a remark is seen although the operation has ended"
    remark(home, operation, "the message was copied", "told", ACTOR, NOW)
    found = follower.read()[0]
    assert [(one.text, one.data["about"], one.sequence) for one in found.remarks] == [
        ("works", "sign-in", 0), ("the message was copied", "told", 1)
    ]  # fmt: skip
    assert (found.outcome, found.text) == (Outcome.RECOVERED, "RECOVERED: well")
    assert follower.changed() is None
    path = home.path / f"{operation}.remarks.jsonl"
    path.write_bytes(path.read_bytes().replace(b"works", b"fails"))
    assert "sign-in" not in str(read_operation(home, operation))
    assert damaged(home)
    with pytest.raises(FileNotFoundError):
        remark(home, new_operation_id(NOW), "works", "sign-in", ACTOR, NOW)


def test_an_operation_folds_to_its_switch_and_outcome() -> None:
    def entry(number: int, phase: Phase, **fields: object) -> Entry:
        made = Entry("x", number, NOW + timedelta(seconds=number), phase, SafeText(phase.value))
        return msgspec.structs.replace(made, **fields)

    entries = [
        entry(0, Phase.ORDERED, plan=a_plan()),
        entry(1, Phase.APPLIED, data={"switched": (NOW + timedelta(seconds=7)).isoformat()}),
        entry(2, Phase.VERIFYING, data={"periods": [3, 5]}),
        entry(3, Phase.DONE, outcome=Outcome.RECOVERED),
        entry(4, Phase.HEARTBEAT),
    ]
    halfway, whole = fold(entries[:3]), fold(entries, beat=NOW)
    assert halfway is not None
    assert whole is not None
    assert (halfway.open, halfway.progress, halfway.switched) == (True, (3, 5), NOW + timedelta(seconds=7))
    assert (whole.open, whole.phase, whole.outcome) == (False, Phase.DONE, Outcome.RECOVERED)
    assert whole.ended == NOW + timedelta(seconds=3)
    assert whole.reversible
    assert fold(entries[1:]) is None


def test_a_sandbox_has_a_journal_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path))
    real = Environment(name="production", stack="s", region="us-west-2")
    sandbox = msgspec.structs.replace(real, kind=EnvironmentKind.SANDBOX, endpoint_url="http://127.0.0.1:4566")
    assert JournalHome.default(real).path == JournalHome.default().path == tmp_path / "journal"
    assert JournalHome.default(sandbox).path.parent == tmp_path / "journal-sandbox"


def test_a_relative_home_means_the_same_place_for_the_executor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COCKPIT_STATE_HOME", "state")
    assert JournalHome.default().path == tmp_path / "state" / "journal"
