"""What is read out of the runbook's text: headings, facts, checklists, tasks; nothing of it is our wording."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from services.model.runbook import Every, Runbook
from services.rules.maintenance import review
from services.runbook.loading import load_runbook
from services.runbook.reading import read
from services.settings.loading import load, runbook_file
from services.settings.values import Settings


@pytest.fixture(scope="module")
def shipped() -> Runbook:
    found = load_runbook(load()).runbook
    assert found is not None
    return found


def shipped_text() -> str:
    path = runbook_file(load())
    assert path is not None
    return path.read_text("utf-8")


def test_the_document_that_ships_is_whole(shipped: Runbook) -> None:
    assert shipped.title == "EC2 Manager Operations Runbook"
    assert len(shipped.lines) == 1142
    assert shipped.differences == ()


def test_parts_are_those_of_the_contents_and_the_two_it_leaves_out(shipped: Runbook) -> None:
    parts = [one.title for one in shipped.sections if one.level == 2]
    contents = [one for one in parts if one != "Table of Contents"]
    assert len(contents) == 13
    assert contents[0] == "Quick Reference"
    assert contents[-2:] == ["Quick Recovery Checklists", "On-Call Quick Reference Card"]
    assert all(str(one.title) in shipped.lines[one.line - 1] for one in shipped.sections)


def test_comments_of_commands_are_no_headings(shipped: Runbook) -> None:
    assert not any("Emergency rollback" in one.title for one in shipped.sections)


def test_checklists_keep_the_documents_words_and_order(shipped: Runbook) -> None:
    assert [(str(one.title), len(one.items)) for one in shipped.checklists] == [
        ("P1 Incident Response Checklist", 8),
        ("Rollback Checklist", 7),
        ("Security Incident Checklist", 7),
    ]
    rollback = shipped.checklist("rollback-checklist")
    assert rollback is not None
    assert rollback.items[0].text == "Identify rollback target (previous version, timestamp)"
    assert rollback.items[0].id == "identify-rollback-target"
    assert [one.line for one in rollback.items] == list(range(1092, 1099))


def test_tasks_stand_under_their_period(shipped: Runbook) -> None:
    assert [sum(one.every is every for one in shipped.tasks) for every in Every] == [3, 5, 5]
    assert [str(one.text) for one in shipped.tasks if one.every is Every.WEEK][3] == "Review backup status"
    assert [one.line for one in shipped.tasks] == [588, 591, 596, *range(606, 611), *range(615, 620)]


def test_version_and_dates_are_the_loaded_texts(shipped: Runbook) -> None:
    assert (shipped.version, shipped.updated, shipped.next_review) == ("1.0", "2025-09-14", date(2025, 10, 14))
    edited = read(shipped_text().replace("**Document Version:** 1.0", "**Document Version:** 1.1"))
    assert edited.version == "1.1"
    assert edited.differences == ("Document Version",)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (10, "review due in 4 days"),
        (13, "review due in 1 day"),
        (14, "review due today"),
        (15, "review overdue by 1 day"),
        (20, "review overdue by 6 days"),
    ],
)
def test_the_review_is_due_by_the_clock(shipped: Runbook, day: int, said: str) -> None:
    found = review(shipped, datetime(2025, 10, day, 9, tzinfo=UTC))
    assert found is not None
    assert found.text == said


@pytest.mark.parametrize("text", ["", "# ", "```\n# x\n", "- [ ] ", "---\n**a:**", "\x1b[2J\n## \x1b]0;x\x07", "| a |"])
def test_any_text_is_a_runbook(text: str) -> None:
    assert all("\x1b" not in line for line in read(text).lines)


def test_a_path_is_meant_beside_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "our.md").write_text("# Ours\n\n## One\n", "utf-8")
    (tmp_path / "config.toml").write_text(
        'system = "Desk"\nrunbook = "our.md"\n[[environments]]\nname = "p"\nstack = "S"\nregion = "eu-central-1"\n'
    )
    found = load_runbook(load(tmp_path / "config.toml")).runbook
    assert found is not None
    assert found.title == "Ours"


def test_what_cannot_be_read_says_which_setting_names_it(tmp_path: Path) -> None:
    settings = load()
    assert _problem(settings, str(tmp_path / "none.md")).endswith("`runbook` in the settings names it.")
    (tmp_path / "latin.md").write_bytes(b"# caf\xe9\n")
    assert "not UTF-8" in _problem(settings, str(tmp_path / "latin.md"))
    assert "No runbook is configured" in _problem(settings, "")


def _problem(settings: Settings, path: str) -> str:
    return load_runbook(msgspec.structs.replace(settings, runbook=path)).problem
