"""Ticks: kept like the journal, seen by every screen, and what evidence makes of the runbook's lists."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from services.checklists.store import CheckStore, home_of
from services.journal.home import JournalBroken, JournalHome
from services.model.checklists import Doing, ItemState, ListState, Mark, Marks, Standing
from services.model.entry import Actor, Entry, Operation, Outcome, Phase
from services.model.plan import ActionKind
from services.model.runbook import Checklist
from services.model.validation import Check, Finding, Validation
from services.rules.checklists import (
    CHECKED,
    COMPLETE,
    MONITORED,
    ROLLBACK,
    SECURITY,
    completed,
    incomplete,
    occasion_list,
    rollback_list,
)
from services.rules.validation import TOLD
from services.runbook.loading import load_runbook
from services.safe_text import SafeText, safe
from services.settings.loading import load
from services.settings.values import Environment, EnvironmentKind
from tests.unit.journal_support import NOW, a_plan

ANA = Actor("ana", "bastion")


@pytest.fixture
def home(tmp_path: Path) -> JournalHome:
    return JournalHome(tmp_path / "checklists")


def the_list(identity: str) -> Checklist:
    runbook = load_runbook(load()).runbook
    assert runbook is not None
    found = runbook.checklist(identity)
    assert found is not None
    return found


def mark(item: str, doing: Doing = Doing.DONE, *, minutes: float = 0, note: str = "", occasion: str = "o") -> Mark:
    at = NOW + timedelta(minutes=minutes)
    return Mark(SECURITY, occasion, item, doing, at, SafeText("ana@bastion"), safe(note))


# ---- the store


def test_a_tick_is_read_by_another_screen_and_after_a_restart(home: JournalHome) -> None:
    first, second = CheckStore(home, "production"), CheckStore(home, "production")
    assert second.changed() == Marks()
    first.add(mark("isolate", note="at the firewall"), ANA)
    (told,) = (second.changed() or Marks()).marks
    assert (told.item, told.note, told.by, told.at) == ("isolate", "at the firewall", "ana@bastion", NOW)
    assert second.changed() is None
    assert CheckStore(home, "production").read().marks == (told,)
    assert CheckStore(home, "staging").read() == Marks()


def test_looking_leaves_nothing_behind_and_only_the_owner_can_read_what_is_written(home: JournalHome) -> None:
    CheckStore(home, "production").read()
    assert not home.path.exists()
    CheckStore(home, "production").add(mark("isolate"), ANA)
    assert {stat.S_IMODE(one.stat().st_mode) for one in home.path.iterdir()} == {0o600}


def test_a_torn_tick_is_left_out_and_the_next_one_counts(home: JournalHome) -> None:
    store = CheckStore(home, "production")
    store.add(mark("isolate"), ANA)
    (file,) = home.path.glob("*.jsonl")
    with file.open("ab") as tail:
        tail.write(b'{"operation": "produ')
    assert [one.item for one in store.read().marks] == ["isolate"]
    store.add(mark("preserve"), ANA)
    assert [one.item for one in store.read().marks] == ["isolate", "preserve"]


def test_a_changed_tick_is_told_and_nothing_is_added_to_it(home: JournalHome) -> None:
    store = CheckStore(home, "production")
    store.add(mark("isolate", note="ana did"), ANA)
    (file,) = home.path.glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b"ana did", b"bob did"))
    assert "was changed after it was written" in store.read().damage
    with pytest.raises(JournalBroken, match="damaged"):
        store.add(mark("preserve"), ANA)


def test_a_note_is_kept_without_its_secrets_and_safe(home: JournalHome) -> None:
    store = CheckStore(home, "production")
    store.add(mark("reset", note="key AKIAIOSFODNN7EXAMPLE \x1b[2J gone"), ANA)
    (told,) = store.read().marks
    assert "AKIAIOSFODNN7EXAMPLE" not in told.note
    assert "\x1b" not in told.note


def test_a_sandbox_ticks_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path))
    real = Environment(name="p", stack="S", region="us-west-2")
    sandbox = msgspec.structs.replace(real, kind=EnvironmentKind.SANDBOX, endpoint_url="http://127.0.0.1:5000")
    assert home_of(real).path == tmp_path / "checklists"
    assert home_of(sandbox).path.parent == tmp_path / "checklists-sandbox"


# ---- the rollback's list


def rolled(*entries: Entry, outcome: Outcome | None = None, remarks: tuple[Entry, ...] = ()) -> Operation:
    plan = a_plan()
    order = Entry("op", 0, NOW, Phase.ORDERED, safe("ordered"), plan=plan, actor=ANA, reason=SafeText("bad deploy"))
    ended = NOW + timedelta(minutes=9) if outcome is not None else None
    return Operation(
        "op", plan, (order, *entries), NOW, Phase.DONE if outcome else Phase.REPLY, safe("told"),
        outcome=outcome, ended=ended, remarks=remarks,
    )  # fmt: skip


def entry(phase: Phase, text: str = "said", minutes: float = 1, **more: object) -> Entry:
    return Entry("op", 1, NOW + timedelta(minutes=minutes), phase, safe(text), actor=ANA, **more)  # type: ignore[arg-type]  # fields by name


def remark(about: str, text: str = "said", *, good: bool = True) -> Entry:
    return entry(Phase.REMARK, text, 10, data={"about": about, "good": good})


def validation(*findings: Finding, validated: str = "") -> Validation:
    return Validation(tuple(Check(f"c{n}", one, safe("why")) for n, one in enumerate(findings)), safe(validated))


def item(state: ListState, begins: str) -> ItemState:
    return next(one for one in state.items if one.id.startswith(begins))


def states(operation: Operation, found: Validation | None = None) -> ListState:
    return rollback_list(the_list(ROLLBACK), operation, found)


REPLY = entry(Phase.REPLY, "UpdateAlias was accepted", step=0)


@pytest.mark.runbook("R305")
def test_execute_is_ticked_with_its_time_when_the_call_was_accepted_and_not_when_it_was_refused() -> None:
    refused = entry(Phase.REPLY, "refused: no", data={"problem": "no"})
    assert item(states(rolled(entry(Phase.INTENT), refused)), "execute").standing is Standing.OPEN
    done = item(states(rolled(entry(Phase.INTENT), REPLY)), "execute")
    assert done.standing is Standing.DONE
    assert done.told.startswith("03:12:42")


@pytest.mark.runbook("R306")
def test_monitoring_is_ticked_when_the_end_was_reached_with_the_screen_open() -> None:
    ended = rolled(REPLY, outcome=Outcome.RECOVERED)
    assert item(states(ended), "monitor").standing is Standing.OPEN
    seen = rolled(REPLY, outcome=Outcome.RECOVERED, remarks=(remark(MONITORED, "RECOVERED was reached"),))
    assert item(states(seen), "monitor").standing is Standing.DONE


@pytest.mark.runbook("R307")
def test_validation_is_ticked_by_its_five_checks_being_well() -> None:
    ended = rolled(REPLY, outcome=Outcome.RECOVERED)
    waits = item(states(ended, validation(Finding.OK, Finding.WAITS)), "validate")
    assert (waits.standing, waits.told) == (Standing.OPEN, "c1 WAITS")
    assert item(states(ended, validation(Finding.OK, Finding.OK)), "validate").standing is Standing.DONE


def test_the_record_is_ticked_by_reason_and_outcome_and_without_an_outcome_nothing_is_complete() -> None:
    under_way = rolled(REPLY)
    assert item(states(under_way), "document").standing is Standing.OPEN
    assert incomplete(under_way, states(under_way)) == "there is no outcome yet"
    told = (remark(MONITORED), remark(TOLD))
    ended = rolled(entry(Phase.SNAPSHOT, "alias LIVE: v42"), REPLY, outcome=Outcome.RECOVERED, remarks=told)
    found = states(ended, validation(Finding.OK))
    assert item(found, "document").told.endswith("bad deploy: RECOVERED")
    assert [one.standing for one in found.items] == [Standing.DONE] * 7
    assert incomplete(ended, found) == ""
    assert completed(ended) == ""
    closed = rolled(REPLY, outcome=Outcome.RECOVERED, remarks=(remark(COMPLETE, "closed as complete"),))
    assert "ana" in completed(closed)


def test_what_is_open_is_named_and_a_person_may_tick_or_waive_it() -> None:
    ended = rolled(REPLY, outcome=Outcome.NOT_RECOVERED)
    assert incomplete(ended, states(ended)).startswith("4 of 7 are open: Create backup")
    by_hand = rolled(
        REPLY,
        outcome=Outcome.NOT_RECOVERED,
        remarks=(
            remark(f"{CHECKED}create-backup-of-current-state", "taken before"),
            remark(f"{CHECKED}update-stakeholders-on-completion", "nobody is up", good=False),
        ),
    )
    assert item(states(by_hand), "create").standing is Standing.DONE
    assert item(states(by_hand), "update").standing is Standing.WAIVED


# ---- the security incident's list


BEGUN = mark("", Doing.BEGUN)


def security(*marks: Mark, operations: tuple[Operation, ...] = ()) -> ListState:
    return occasion_list(the_list(SECURITY), Marks(marks), operations)


def done(kind: ActionKind, minutes: float = 5, outcome: Outcome | None = Outcome.COMPLETED) -> Operation:
    plan = msgspec.structs.replace(a_plan(), kind=kind, title=f"{kind.value} it")
    ordered: datetime = NOW + timedelta(minutes=minutes)
    return Operation("op", plan, (), ordered, Phase.DONE, safe("told"), outcome=outcome, ended=ordered)


def test_a_list_that_was_not_begun_is_ticked_by_nothing() -> None:
    found = security(operations=(done(ActionKind.ISOLATE),))
    assert (found.occasion, found.left) == ("", 7)


@pytest.mark.runbook("R311")
def test_isolation_is_ticked_by_a_completed_isolation_or_a_waiver_with_its_reason() -> None:
    assert item(security(BEGUN), "isolate").standing is Standing.OPEN
    before = security(BEGUN, operations=(done(ActionKind.ISOLATE, minutes=-5),))
    assert item(before, "isolate").standing is Standing.OPEN, "an isolation of another day is none of this"
    failed = security(BEGUN, operations=(done(ActionKind.ISOLATE, outcome=Outcome.FAILED),))
    assert item(failed, "isolate").standing is Standing.OPEN
    well = security(BEGUN, operations=(done(ActionKind.ISOLATE),))
    assert item(well, "isolate").standing is Standing.DONE
    waived = security(BEGUN, mark("isolate-affected-systems-immediately", Doing.WAIVED, note="read only leak"))
    assert item(waived, "isolate").standing is Standing.WAIVED
    assert "read only leak" in item(waived, "isolate").told


@pytest.mark.runbook("R315")
def test_signing_out_is_half_of_it_and_both_other_parts_have_to_be_done_or_waived() -> None:
    signed_out = (done(ActionKind.SIGN_OUT),)
    half = item(security(BEGUN, operations=signed_out), "reset")
    assert half.standing is Standing.HALF
    assert "still: password reset, key rotation" in half.told
    password = mark("reset-compromised-credentials/password reset", note="by the directory")
    more = item(security(BEGUN, password, operations=signed_out), "reset")
    assert more.standing is Standing.HALF
    keys = mark("reset-compromised-credentials/key rotation", Doing.WAIVED, note="there are no keys")
    whole = item(security(BEGUN, password, keys, operations=signed_out), "reset")
    assert whole.standing is Standing.DONE


@pytest.mark.runbook("R253", "R312")
def test_evidence_is_preserved_by_an_export_and_a_template_each_done_or_waived_with_its_reason() -> None:
    exported = (done(ActionKind.EXPORT),)
    assert item(security(BEGUN), "preserve").standing is Standing.OPEN
    half = item(security(BEGUN, operations=exported), "preserve")
    assert (half.standing, half.told.rpartition("still: ")[2]) == (Standing.HALF, "template snapshot")
    failed = item(security(BEGUN, operations=(done(ActionKind.EXPORT, outcome=Outcome.FAILED),)), "preserve")
    assert failed.standing is Standing.OPEN
    template = mark("preserve-evidence-and-logs/template snapshot", note="template.json")
    assert item(security(BEGUN, template), "preserve").told.endswith("still: log export")
    whole = item(security(BEGUN, template, operations=exported), "preserve")
    assert whole.standing is Standing.DONE
    assert "logs exported" in whole.told and "template.json" in whole.told
    waived = mark("preserve-evidence-and-logs/log export", Doing.WAIVED, note="the bucket is gone")
    assert "the bucket is gone" in item(security(BEGUN, template, waived), "preserve").told
    assert item(security(BEGUN, template, waived), "preserve").standing is Standing.DONE


def test_a_tick_is_taken_back_and_a_closed_occasion_is_begun_anew() -> None:
    ticked = mark("document-timeline-of-events", minutes=1)
    back = mark("document-timeline-of-events", Doing.UNDONE, minutes=2)
    assert item(security(BEGUN, ticked), "document").standing is Standing.DONE
    assert item(security(BEGUN, ticked, back), "document").standing is Standing.OPEN
    closed = mark("", Doing.CLOSED, minutes=3)
    assert security(BEGUN, ticked, closed).occasion == ""
    again = mark("", Doing.BEGUN, minutes=4, occasion="p")
    assert item(security(BEGUN, ticked, closed, again), "preserve").standing is Standing.OPEN
