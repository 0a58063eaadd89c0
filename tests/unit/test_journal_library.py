"""Looking through the journals: every folder, each operation read once, each chain checked, nothing secret let out."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from services.actions.by_hand import as_text, by_hand
from services.actions.command_lines import command_line, dashed
from services.journal import library
from services.journal.archiving import archive
from services.journal.chain import read_chain
from services.journal.home import JournalBroken, JournalHome
from services.journal.ids import new_operation_id
from services.journal.leases import Holder, take_operation
from services.journal.library import Library, find
from services.journal.reading import read_operation, read_records
from services.journal.verifying import summary, verified
from services.journal.writing import JournalWriter
from services.model.entry import Actor, Outcome, Phase
from services.model.journal import Listed
from services.model.plan import Call
from services.safe_text import SafeText
from services.settings.loading import at_endpoint, load
from services.settings.loading import find as find_environment
from services.settings.values import Environment, JournalKeeping
from tests.unit.journal_support import NOW, a_plan
from tui.journal_out import as_jsonl, as_markdown
from tui.journal_rows import matching

PRODUCTION = find_environment(load(), "production")
SANDBOX = at_endpoint(PRODUCTION, "http://127.0.0.1:5000")


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path / "state"))


def done(
    environment: Environment = PRODUCTION,
    minutes: float = 0,
    outcome: Outcome | None = Outcome.RECOVERED,
    who: str = "alice",
    reason: str = "bad deploy",
) -> str:
    """An operation on disk."""
    at = NOW + timedelta(minutes=minutes)
    home, operation = JournalHome.default(environment), new_operation_id(at)
    order = JournalWriter(home, operation, f"{operation}.order.jsonl")
    data = {"environment": msgspec.to_builtins(environment)}
    actor = Actor(os_user=who, host="bastion")
    order.append(Phase.ORDERED, "Roll back", at, plan=a_plan(at), actor=actor, reason=reason, data=data)
    order.close()
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=order.head)
    writer.append(Phase.STARTED, "taken up", at)
    writer.append(Phase.INTENT, "sent", at, step=0)
    if outcome is not None:
        writer.append(Phase.DONE, f"{outcome.value}: said", at + timedelta(minutes=8), outcome=outcome)
    writer.close()
    return operation


def files(operation: str, environment: Environment = PRODUCTION) -> Path:
    return JournalHome.default(environment).path / f"{operation}.jsonl"


def test_operations_of_every_folder_stand_in_one_list_newest_first_and_sandboxes_apart() -> None:
    first, second, third = done(), done(SANDBOX, 1), done(minutes=2, outcome=None)
    found = Library().whole().operations
    assert [one.id for one in found] == [third, second, first]
    assert [bool(one.folder) for one in found] == [False, True, False]
    assert [one.gone for one in found] == [True, False, False]
    assert (found[2].who, found[2].calls, found[2].outcome) == (
        "alice on bastion",
        ("lambda.UpdateAlias",),
        Outcome.RECOVERED,
    )


def test_each_ended_operation_is_read_once_and_an_open_one_when_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    for minutes in range(5):
        done(minutes=minutes)
    left = done(minutes=9, outcome=None)
    read: list[str] = []
    real = read_records

    def counted(home: JournalHome, operation: str) -> object:
        read.append(operation)
        return real(home, operation)

    monkeypatch.setattr(library, "read_records", counted)
    looking = Library()
    first = looking.look(2)
    assert (len(first.operations), first.unread, len(read)) == (2, 4, 2)
    assert first.operations[0].id == left
    whole = looking.whole(2)
    assert (len(whole.operations), len(read)) == (6, 6)
    assert looking.look() == whole
    assert len(read) == 6, "nothing changed, nothing is read"
    chain = read_chain(files(left).read_bytes(), read_chain(files(f"{left}.order").read_bytes()).head)
    writer = JournalWriter(JournalHome.default(PRODUCTION), left, f"{left}.jsonl", previous=chain.entries[0].previous)
    writer.append(Phase.DONE, "VOID: said", NOW, outcome=Outcome.VOID)
    writer.close()
    assert looking.look().operations[0].outcome is Outcome.VOID
    assert read[6:] == [left]


def test_who_carries_an_operation_on_is_asked_each_time() -> None:
    left = done(outcome=None)
    looking = Library()
    assert looking.look().operations[0].gone
    lock = take_operation(JournalHome.default(PRODUCTION), Holder(left, SafeText("bob"), NOW))
    assert not looking.look().operations[0].gone
    lock.release()
    assert looking.look().operations[0].gone


def test_words_leave_operations_and_leave_them_out() -> None:
    done(who="alice")
    done(SANDBOX, 1, who="bob")
    done(minutes=2, outcome=None, who="carol")
    found = Library().whole().operations

    def names(words: str) -> list[str]:
        return [one.who.split()[0] for one in matching(found, words)]

    assert names("") == ["carol", "bob", "alice"]
    assert names("sandbox") == ["bob"]
    assert names("!sandbox") == ["carol", "alice"]
    assert names("left open") == ["carol"]
    assert names("updatealias recovered !BOB") == ["alice"]


@pytest.mark.parametrize("kind", ["changed", "removed", "orphan"])
def test_every_file_is_checked_and_the_damaged_one_is_named(kind: str) -> None:
    good, bad = done(), done(minutes=1)
    path = files(bad)
    lines = path.read_bytes().splitlines(keepends=True)
    if kind == "orphan":
        path.with_name(f"{bad}.order.jsonl").unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"taken", b"token") if kind == "changed" else lines[0] + lines[2])
    found = tuple(verified())
    assert {one.name for one in found if one.good} >= {f"{good}.jsonl", f"{good}.order.jsonl"}
    damaged = [one for one in found if not one.good]
    assert [one.name for one in damaged] == [f"{bad}.jsonl"]
    said = {"changed": "was changed", "removed": "does not follow", "orphan": "order is missing"}[kind]
    assert said in damaged[0].damage
    assert summary(found).endswith("1 damaged")
    if kind != "orphan":
        listed = Library().whole().operations[0]
        assert (listed.id, listed.gone) == (bad, False)
        assert said in listed.damage


def test_a_torn_tail_is_told_and_is_no_damage() -> None:
    operation = done()
    path = files(operation)
    path.write_bytes(path.read_bytes() + b'{"half":')
    found = {one.name: one for one in verified()}
    assert found[path.name].torn
    assert found[path.name].good
    assert "every chain holds" in summary(tuple(found.values()))


def test_an_operation_is_found_by_the_beginning_of_its_id() -> None:
    first, second = done(), done(minutes=700_000)
    assert find(first.lower())[0].id == first
    assert find(second[:10])[0].id == second
    with pytest.raises(FileNotFoundError, match="2 operations begin"):
        find("0")
    for nonsense in ("", "../../etc/passwd", "ZZZ"):
        with pytest.raises(FileNotFoundError, match="no operation"):
            find(nonsense)


def test_options_are_spelled_as_the_cli_spells_them() -> None:
    spelled = {"UpdateAlias": "update-alias", "restApiId": "rest-api-id", "providerARNs": "provider-arns"}
    spelled |= {"KMSKeyArn": "kms-key-arn", "ListObjectsV2": "list-objects-v2"}
    assert {name: dashed(name) for name in spelled} == spelled


def test_a_command_line_survives_the_shell_whatever_is_in_it() -> None:
    hostile = 'it\'s; $(rm -rf ~) `x` "q" \n-'
    parameters: dict[str, object] = {
        "FunctionName": hostile,
        "Name": "-LIVE",
        "DryRun": False,
        "Paths": ["/a b", "/*"],
        "Count": 3,
    }
    words = shlex.split(command_line(Call("lambda", "UpdateAlias", "us-west-2", parameters), SANDBOX))
    assert words[:7] == [
        "aws",
        "lambda",
        "update-alias",
        "--region",
        "us-west-2",
        "--endpoint-url",
        "http://127.0.0.1:5000",
    ]
    assert words[7:12] == ["--function-name", hostile, "--name=-LIVE", "--no-dry-run", "--paths"]
    assert json.loads(words[12]) == ["/a b", "/*"]
    assert words[13:] == ["--count", "3"]
    fetched = Call("s3", "GetObject", "us-west-2", {"Bucket": "b", "Key": "file:///etc/passwd"})
    words = shlex.split(command_line(fetched))
    assert words[:3] == ["aws", "s3api", "get-object"]
    assert json.loads(words[words.index("--cli-input-json") + 1]) == fetched.parameters


def test_by_hand_looks_first_finishes_with_the_plans_call_and_undoes_what_stood_before() -> None:
    operation = read_operation(JournalHome.default(PRODUCTION), done(outcome=None))
    assert operation is not None
    hand = by_hand(operation)
    call = operation.plan.steps[0].call
    assert hand.finish[0].command == command_line(call, PRODUCTION)
    assert "--revision-id" in hand.finish[0].command
    assert shlex.split(hand.look[0].command)[:3] == ["aws", "lambda", "get-alias"]
    undo = shlex.split(hand.undo[0].command)
    assert undo[undo.index("--function-version") + 1] == "42"
    assert "--revision-id" not in undo
    pasted = [line for line in as_text(hand).splitlines() if line and not line.startswith("#")]
    assert pasted == [hand.look[0].command], "pasted whole into a shell, it only looks"


def test_what_is_written_out_holds_no_secret_and_its_chain_still_holds() -> None:
    operation = done(reason="password=hunter2 | <b>")
    listed, found = find(operation)
    lines = [json.loads(line) for line in as_jsonl(listed, found).splitlines()]
    assert [line["phase"] for line in lines] == ["ordered", "started", "intent", "done"]
    written = files(operation).read_text()
    assert all(line["hash"] in written for line in lines[1:])
    page = as_markdown(listed, found)
    assert "hunter2" not in page + json.dumps(lines)
    assert "\\<b\\>" in page
    assert "aws lambda update-alias" in page
    assert "### By hand" not in page
    planted = msgspec.structs.replace(listed, text=SafeText("token=abcdefgh1234"))
    assert "abcdefgh1234" not in as_markdown(planted, found)


def test_a_folder_that_cannot_be_read_is_said_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    operation = done()
    order = files(operation).with_name(f"{operation}.order.jsonl")
    order.write_bytes(b"not json\n")
    kept = done(minutes=1)
    found = Library().whole()
    assert [one.id for one in found.operations] == [kept]
    assert operation in found.problems[0]


def test_thousands_are_lines_and_not_records() -> None:
    """What is kept of an operation does not grow with its records."""
    done()
    kept = Library().whole().operations[0]
    assert isinstance(kept, Listed)
    assert len(msgspec.json.encode(kept)) < 1000


def test_old_operations_are_put_away_whole_and_still_found() -> None:
    home = JournalHome.default(PRODUCTION)
    old, older = done(), done(minutes=-1)
    left, young = done(minutes=1, outcome=None), done(minutes=60 * 24 * 40)
    damaged = done(minutes=2)
    files(damaged).write_bytes(files(damaged).read_bytes().replace(b"taken", b"token"))
    before = {path.name: path.read_bytes() for path in home.path.glob("*.jsonl")}
    now = NOW + timedelta(days=41)
    assert archive(home, JournalKeeping(keep_days=0), now) == ()
    assert archive(home, JournalKeeping(keep_days=30, keep_newest=5), now) == ()
    assert archive(home, JournalKeeping(keep_days=30, keep_newest=1), now) == (older, old)
    assert archive(home, JournalKeeping(keep_days=30, keep_newest=1), now) == ()
    found = {one.id: one.archived for one in Library().whole().operations}
    assert found == {old: True, older: True, left: False, young: False, damaged: False}
    after = {path.name: path.read_bytes() for path in home.path.rglob("*.jsonl")}
    assert after == before
    assert [one.name for one in verified() if not one.good] == [f"{damaged}.jsonl"]
    assert find(old)[0].archived


def test_a_move_that_was_cut_short_is_finished_the_next_time() -> None:
    home = JournalHome.default(PRODUCTION)
    operation = done()
    shelf = home.path / "archive"
    shelf.mkdir()
    (home.path / f"{operation}.order.jsonl").rename(shelf / f"{operation}.order.jsonl")
    archive(home, JournalKeeping(), NOW)
    assert (shelf / f"{operation}.jsonl").exists()
    assert not files(operation).exists()
    assert find(operation)[0].outcome is Outcome.RECOVERED


def test_what_the_archive_holds_already_is_never_written_over() -> None:
    home = JournalHome.default(PRODUCTION)
    operation = done()
    shelf = home.path / "archive"
    shelf.mkdir()
    (shelf / f"{operation}.order.jsonl").write_text("kept")
    with pytest.raises(JournalBroken, match="already"):
        archive(home, JournalKeeping(keep_days=1, keep_newest=0), NOW + timedelta(days=9))
    assert (shelf / f"{operation}.order.jsonl").read_text() == "kept"
    assert files(operation).exists()
