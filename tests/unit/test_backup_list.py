"""A table's backups on a screen: newest first as they come, an empty list in words, and a window or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.model.backups import Backup, Copies, Recovery
from services.safe_text import SafeText
from tests.unit.widget_support import Stage, screen, texts
from tui.screens.backups import BackupsScreen
from widgets.backup_list import NONE, BackupList, recovery_rows
from widgets.spans import cells

NOW = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)
WINDOW = Recovery(True, NOW - timedelta(days=35), NOW - timedelta(minutes=5), 35)


def backup(days: int, name: str, status: str = "AVAILABLE") -> Backup:
    made = NOW - timedelta(days=days)
    return Backup(SafeText(f"arn/{name}"), SafeText(name), SafeText("USER"), SafeText(status), 27_900, made)


def copies(recovery: Recovery = WINDOW, *backups: Backup) -> Copies:
    return Copies(SafeText("audit"), SafeText("ACTIVE"), recovery, backups)


@pytest.mark.parametrize("width", [50, 76, 120])
@pytest.mark.parametrize("recovery", [WINDOW, Recovery(False)])
def test_the_window_is_told_whole_at_any_width(width: int, recovery: Recovery) -> None:
    rows = recovery_rows(copies(recovery), width)
    assert all(cells(row) <= width for row in rows)
    said = " ".join(" ".join(texts(rows)).split())
    if recovery.enabled:
        assert "PASS ENABLED" in said
        assert "2026-10-19 03:07:00Z" in said
        assert "2026-11-23 03:02:00Z" in said
    else:
        assert "FAIL DISABLED" in said


def seen(app: Stage) -> str:
    """What stands on the terminal, the dialog in front."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.runbook("R212")
async def test_without_a_window_no_instant_can_be_asked_for() -> None:
    app = Stage(BackupList(NOW))
    async with app.run_test(size=(80, 24)) as pilot:
        asked: list[object] = []
        await app.push_screen(BackupsScreen(copies(Recovery(False), backup(1, "b")), NOW), asked.append)
        await pilot.pause()
        assert "FAIL  DISABLED" in seen(app)
        assert "t restores" not in seen(app)
        await pilot.press("t")
        await pilot.pause()
        assert asked == []


@pytest.mark.runbook("R213")
async def test_an_empty_list_is_said_and_a_long_name_keeps_its_end() -> None:
    view = BackupList(NOW)
    app = Stage(view)
    async with app.run_test(size=(76, 12)) as pilot:
        view.set_entries((), NONE)
        await pilot.pause()
        assert "no backups" in screen(view)
        long = "a-table-with-quite-a-long-name-of-its-own-2026-11-22"
        view.set_entries((backup(1, long), backup(7, "old", "CREATING")), NONE)
        await pilot.pause()
        first, second = (line for line in screen(view).splitlines() if "USER" in line)
        assert "2026-11-22 03:07:00Z" in first
        assert "24 h" in first or "1 d" in first
        assert "27.9 kB" in first
        assert first.rstrip().endswith("-2026-11-22")
        assert "old  CREATING" in second
