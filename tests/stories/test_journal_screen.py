"""Screen 9: what was done, opened whole, filtered, checked, written out, and carried on by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from services.clock import ManualClock
from services.journal.home import JournalHome
from services.journal.ids import new_operation_id
from services.journal.reading import read_records
from services.journal.remarks import WITHDRAWN
from services.journal.writing import JournalWriter
from services.model.entry import Actor, Outcome, Phase
from services.settings.loading import at_endpoint, find, load
from services.settings.values import Environment
from tests.stories.screen_support import START, clock, screen_text, shown, state_home, told_app, until
from tests.unit.journal_support import a_plan
from tui.screens.confirm import ConfirmScreen
from tui.screens.line import LineScreen
from tui.screens.operation import OperationScreen

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

PRODUCTION = find(load(), "production")
SANDBOX = at_endpoint(PRODUCTION, "http://127.0.0.1:5000")


def done(
    title: str,
    minutes: float,
    outcome: Outcome | None = Outcome.RECOVERED,
    environment: Environment = PRODUCTION,
    who: str = "alice",
) -> str:
    """An operation on disk, ordered so long before the story begins."""
    at = START - timedelta(minutes=minutes)
    home, operation = JournalHome.default(environment), new_operation_id(at)
    plan = msgspec.structs.replace(a_plan(at, environment=environment.name), title=title)
    order = JournalWriter(home, operation, f"{operation}.order.jsonl")
    data = {"environment": msgspec.to_builtins(environment)}
    order.append(Phase.ORDERED, title, at, plan=plan, actor=Actor(os_user=who, host="bastion"), reason="5xx", data=data)
    order.close()
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=order.head)
    writer.append(Phase.INTENT, "lambda.UpdateAlias is sent", at + timedelta(seconds=3), step=0)
    if outcome is not None:
        text = f"{outcome.value}: errors 0 %"
        writer.append(Phase.DONE, text, at + timedelta(seconds=480), outcome=outcome)
    writer.close()
    return operation


def exported(folder: Path) -> dict[str, Path]:
    return {path.suffix: path for path in folder.glob("cockpit-journal-*")}


async def test_everything_that_was_done_stands_newest_first_and_sandboxes_are_told_apart(clock: ManualClock) -> None:
    done("First rollback", 90)
    done("Rehearsal", 60, environment=SANDBOX)
    done("Second rollback", 30, Outcome.NOT_RECOVERED, who="bob")
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: "Journal 3" in screen_text(app))
        text = screen_text(app)
        assert text.index("Second rollback") < text.index("Rehearsal") < text.index("First rollback")
        assert "sandbox production" in text
        assert "bob on bastion" in text
        assert "NOT RECOVERED" in text
        await pilot.press("slash", *"!sandbox", "enter")
        await until(pilot, lambda: "Journal 2 of 3" in screen_text(app))
        assert "Rehearsal" not in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "Rehearsal" in screen_text(app))


async def test_an_operation_opens_whole_and_is_written_out(
    clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    operation = done("First rollback", 90)
    app, _ = told_app(clock)
    async with shown(app, (200, 50)) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: "First rollback" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Records" in screen_text(app))
        text = screen_text(app)
        assert operation in text
        assert "aws lambda update-alias --region us-west-2 --function-name fn" in text
        assert "alias.version = 42" in text
        assert "after 8 min" in text
        await pilot.press("x")
        await until(pilot, lambda: "written:" in screen_text(app))
        written = exported(tmp_path)
        assert set(written) == {".md", ".jsonl"}
        assert operation in written[".md"].read_text()
        assert written[".md"].stat().st_mode & 0o077 == 0
        await pilot.press("y")
        await until(pilot, lambda: "command lines copied" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Records" not in screen_text(app))


async def test_where_it_was_written_is_said_whole_on_the_smallest_screen(
    clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done("First rollback", 90)
    app, _ = told_app(clock)
    async with shown(app, (80, 24)) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: "First rollback" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: "written:" in screen_text(app))
        said = "".join(screen_text(app).split())
        for path in exported(tmp_path).values():
            assert path.name in said
        assert str(tmp_path) in said


async def test_what_waits_its_turn_is_shown_as_waiting_and_withdrawn_with_a_reason(clock: ManualClock) -> None:
    operation = done("Export a log group", 5, outcome=None)
    home = JournalHome.default(PRODUCTION)
    (home.path / f"{operation}.jsonl").unlink()
    head = read_records(home, operation).head
    writer = JournalWriter(home, operation, f"{operation}.jsonl", previous=head)
    waits = "waits its turn: export task 7 of /app is RUNNING"
    writer.append(Phase.RECONCILED, waits, START, step=0, data={"standing": "not applied", "waits": True})
    writer.close()
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await until(
            pilot, lambda: isinstance(app.screen, OperationScreen) and "export task 7 of /app" in screen_text(app)
        )
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        await pilot.press(*"wrong span", "enter")

        def withdrawn() -> bool:
            remarks = read_records(home, operation).remarks
            return [(one.data["about"], one.text) for one in remarks] == [(WITHDRAWN, "wrong span")]

        await until(pilot, withdrawn)


async def test_the_check_names_the_file_that_was_changed(clock: ManualClock) -> None:
    operation = done("First rollback", 90)
    path = JournalHome.default(PRODUCTION).path / f"{operation}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"is sent", b"is sunk"))
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await until(pilot, lambda: isinstance(app.screen, OperationScreen))  # its end is not believed: it seems open
        await pilot.press("escape", "9")
        await until(pilot, lambda: "DAMAGED" in screen_text(app))
        await pilot.press("v")
        await until(pilot, lambda: "1 damaged" in screen_text(app))
        assert f"{operation}.jsonl: record 1 was changed after it was written" in screen_text(app)


async def test_what_was_left_open_is_handed_over_or_carried_on_after_its_plan_is_confirmed(clock: ManualClock) -> None:
    done("First rollback", 2, None)
    app, _ = told_app(clock)
    async with shown(app, (200, 50)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, OperationScreen) and app.screen.orphaned)
        await pilot.press("h")
        await until(pilot, lambda: "Take it back, by hand" in screen_text(app))
        text = screen_text(app)
        assert "LEFT OPEN" in text
        assert text.index("Look, by hand") < text.index("Finish it, by hand") < text.index("Take it back, by hand")
        assert "--function-version 42" in text
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await until(pilot, lambda: "Carry on: First rollback" in screen_text(app))


async def test_another_environments_operation_is_not_carried_on_from_here(clock: ManualClock) -> None:
    done("Rehearsal", 2, None, SANDBOX)
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: "LEFT OPEN" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: "switch there (e) to carry it on" in screen_text(app))
        assert not isinstance(app.screen, ConfirmScreen)


async def test_what_another_session_does_comes_up_by_itself(clock: ManualClock) -> None:
    app, _ = told_app(clock)
    async with shown(app) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: "nothing has been done from here yet" in screen_text(app))
        done("From elsewhere", 1, who="bob")
        await until(pilot, lambda: "From elsewhere" in screen_text(app))
