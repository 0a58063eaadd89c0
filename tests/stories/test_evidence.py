"""A suspected breach: its checklist begins from anywhere, logs and template are kept, and both tick what they mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from services.clock import ScaledClock
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from tests.simulated_support import START, simulated
from tests.stories.screen_support import screen_text, state_home, until
from tests.stories.test_orders_by_name import SPEED, by_name, confirmed, line, opened
from tests.stories.test_runbook_screen import rows, select
from tui.app import CockpitApp
from tui.screens.notice import NoticeScreen
from tui.screens.runbook import RunbookScreen

__all__ = ["state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

ITEM = "security-incident-checklist/preserve-evidence-and-logs"


def saved(folder: Path) -> list[Path]:
    """The templates that were written."""
    return sorted(folder.glob("cockpit-evidence-*"))


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("calm", clock=ScaledClock(START, SPEED)) as opened_account:
        yield opened_account


async def breach(pilot: Pilot[int], app: CockpitApp) -> None:
    """The list, begun, with the marker on what is to be preserved."""
    await by_name(pilot, app, "suspected breach")
    await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and ITEM in rows(app))
    await select(app, pilot, ITEM)


@pytest.mark.runbook("R253", "R310", "R312")
async def test_a_breach_begins_its_list_and_evidence_is_complete_with_logs_and_template(
    account: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(account) as (pilot, app):
        await breach(pilot, app)
        assert rows(app)[ITEM].word == "OPEN"
        assert "log export, template snapshot" in rows(app)[ITEM].told

        await pilot.press("enter")
        await line(pilot, app, "/aws/ec2-manager/prod security-incident-logs-bucket 1h")
        await confirmed(pilot, app)
        await until(pilot, lambda: "COMPLETED" in screen_text(app), 60)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen))
        await until(pilot, lambda: rows(app)[ITEM].word == "HALF DONE")
        assert "logs exported" in rows(app)[ITEM].told
        assert "still: template snapshot" in rows(app)[ITEM].told

        await pilot.press("enter")
        await until(pilot, lambda: rows(app)[ITEM].word == "DONE")
        (file,) = saved(tmp_path)
        assert str(file.name) in rows(app)[ITEM].told
        assert app.session is not None
        begun = app.session.marks.open_occasion("security-incident-checklist")
        assert begun is not None
        tick = app.session.marks.newest(begun.list, begun.occasion, "preserve-evidence-and-logs/template snapshot")
        assert tick is not None and tick.by and tick.at >= begun.at, "a tick carries who and when"
        assert tick.evidence == f"SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}"
        template = json.loads(file.read_text())
        assert "AWS::Lambda::Function" in {one["Type"] for one in template["Resources"].values()}, "the processed one"
        assert file.stat().st_mode & 0o077 == 0
    exports = [call.parameters for call in account.calls if call.operation == "CreateExportTask"]
    assert [one["destination"] for one in exports] == ["security-incident-logs-bucket"]
    asked = [call.parameters for call in account.calls if call.operation == "GetTemplate"]
    assert asked[-1]["TemplateStage"] == "Processed"


async def test_a_template_that_may_not_be_read_is_said_and_nothing_is_written(
    account: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    account.faults.add(Fault("cloudformation", "GetTemplate", FaultKind.DENY, times=None))
    async with opened(account) as (pilot, app):
        await by_name(pilot, app, "save template")
        await until(pilot, lambda: isinstance(app.screen, NoticeScreen))
        assert "cloudformation:GetTemplate" in screen_text(app)
    assert not saved(tmp_path)


async def test_a_second_template_never_overwrites_the_first_and_an_unbegun_list_is_not_ticked(
    account: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(account) as (pilot, app):
        for count in (1, 2):
            await by_name(pilot, app, "save template")
            await until(pilot, lambda count=count: len(saved(tmp_path)) == count)  # type: ignore[misc]  # bound
        assert app.session is not None and not app.session.marks.marks
