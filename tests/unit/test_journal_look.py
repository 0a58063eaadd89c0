"""An executor that ends while its journal is looked at has ended: it has not left its operation behind."""

from __future__ import annotations

import pytest

from services.checklists.store import CheckStore, home_of
from services.clock import ManualClock
from services.executor.orders import write_order
from services.journal.home import JournalHome
from services.journal.ids import new_operation_id
from services.journal.who import actor
from services.journal.writing import JournalWriter
from services.model.checklists import Marks
from services.model.entry import Outcome, Phase
from services.settings.loading import find, load
from tests.stories.screen_support import a_plan, clock, state_home
from tui import journal_look
from tui.journal_look import JournalLook

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")


def test_whoever_ends_between_the_records_and_the_lock_is_no_orphan(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load()
    environment = find(settings, "prod")
    home, now = JournalHome.default(environment), clock.now()
    operation = new_operation_id(now)
    head = write_order(home, operation, a_plan(clock), environment, actor(), "a test", now)

    def ends(home: JournalHome, identity: str) -> bool:
        """Its last record, and it is gone: what an executor does in the moment between two looks."""
        writer = JournalWriter(home, identity, f"{identity}.jsonl", previous=head)
        writer.append(Phase.DONE, "RECOVERED: errors 0 %", now, outcome=Outcome.RECOVERED)
        writer.close()
        return False

    monkeypatch.setattr(journal_look, "running", ends)
    look = JournalLook(home, environment.name, settings.journal, CheckStore(home_of(environment), environment.name))
    found = look.at(None, clock, (), Marks())
    assert found.orphans == frozenset()
    assert found.operations is not None and found.operations[0].outcome is Outcome.RECOVERED
