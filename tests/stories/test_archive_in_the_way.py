"""Old operations that cannot be put into the archive: a person is told once, with what lifts it."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from services.clock import ManualClock
from services.journal.home import JournalHome
from services.settings.values import JournalKeeping
from tests.stories.screen_support import shown, state_home, told_app, until
from tests.unit.journal_support import NOW
from tests.unit.test_journal_library import PRODUCTION, done
from tui.app import CockpitApp

__all__ = ["state_home"]


def _told(app: CockpitApp) -> list[str]:
    return [str(one.message) for one in app._notifications if one.title == "Journal archive"]


@pytest.mark.usefixtures("state_home")
async def test_why_the_archive_takes_nothing_is_told_once() -> None:
    operation = done()
    shelf = JournalHome.default(PRODUCTION).path / "archive"
    shelf.mkdir()
    (shelf / f"{operation}.order.jsonl").write_text("of another machine")
    clock = ManualClock(NOW + timedelta(days=9))
    app, _ = told_app(clock)
    app.settings = msgspec.structs.replace(app.settings, journal=JournalKeeping(keep_days=1, keep_newest=0))
    async with shown(app) as pilot:
        await until(pilot, lambda: bool(_told(app)))
        (said,) = _told(app)
        assert operation in said
        assert "move it away" in said
