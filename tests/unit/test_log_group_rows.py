"""The list of log groups: each is shown for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.journal.home import JournalHome
from services.log_picks import PickStore
from services.model.log_pick import LogPick
from services.model.log_sources import LogSource, LogSources, Origin
from services.model.logs import Gap, GroupClaim, LogGroup, TailStatus
from services.safe_text import SafeText, safe
from tests.unit.tailing_support import BASE
from tui.log_group_rows import Chosen, GroupList, like, rows

GROUPS = tuple(
    LogGroup(SafeText(name), kind=SafeText(kind), retention_days=days, stored_bytes=stored)
    for name, kind, days, stored in (
        ("/app", "STANDARD", 14, 2_500_000),
        ("/secret", "STANDARD", None, 0),
        ("/archive", "INFREQUENT_ACCESS", None, 3_000_000_000),
        ("/team/a", "STANDARD", 1, 0),
        ("/team/b", "STANDARD", 1, 0),
    )
)
THERE = LogSources(
    (
        LogSource(SafeText("/app"), "app", Origin.APPLICATION, GROUPS[0]),
        LogSource(SafeText("/trail"), "trail", Origin.TRAIL),
    ),
    GROUPS,
    listed=True,
)
STATUS = TailStatus(
    groups=("app", "secret", "old"),
    denied=("/secret",),
    missing=("/old",),
    claims=(
        GroupClaim("/app", "app", BASE, (Gap(BASE, BASE + 1, "throttled"),)),
        GroupClaim("/secret", "secret", None, why="may not"),
        GroupClaim("/old", "old", None, why="no such group"),
    ),
)


def told(pick: LogPick, typed: str = "", there: LogSources | None = THERE) -> dict[str, str]:
    return {one.name: f"{one.sign} {one.facts}" for one in rows(GroupList(pick, STATUS, there), typed)}


def test_each_group_is_shown_for_what_it_is() -> None:
    found = told(LogPick(("usual", "/went/away"), ("/app",)))
    assert found["/app"] == "○ app · not asked · kept 14 d · 2.5 MB"
    assert found["/secret"] == "● secret · ▲ denied · never expires · 0 B"
    assert found["/old"] == "● old · ▲ no such log group"
    assert found["/went/away"] == "● ▲ no such log group · enter forgets it"
    assert found["/trail"] == "  trail · CloudTrail · ▲ no such log group"
    assert found["/archive"] == "  never expires · 3.0 GB · infrequent access: for Insights only"
    assert found["as the screen begins"].startswith("  ")
    assert told(LogPick())["/app"] == "● app · to 03:00:00, ▲ 1 gap · kept 14 d · 2.5 MB"
    assert "as the screen begins" not in told(LogPick())


def test_a_group_is_found_by_the_short_name_that_stands_on_its_lines() -> None:
    there = LogSources((LogSource(SafeText("/aws/cognito/pool-1"), "users", Origin.POOL),), listed=True)
    assert list(told(LogPick(), "users", there)) == ["/aws/cognito/pool-1"]
    assert list(told(LogPick(), "secret", None)) == ["/secret"]
    assert not told(LogPick(), "kept", there), "what is told of it is not its name"


def test_before_the_account_has_told_its_groups_none_is_called_gone() -> None:
    for there in (None, LogSources(THERE.sources, (), listed=False)):
        found = told(LogPick(("/went/away",)), there=there)
        assert [name for name, facts in found.items() if "no such" in facts] == ["/old"], "the tail has asked for it"


@pytest.mark.parametrize(
    ("typed", "word"),
    [("/team/*", "/team/*"), ("team*", "*team*"), ("*te?m", "*te?m*"), ("team", ""), ("two *", ""), ("", "")],
)
def test_a_wildcard_means_what_the_list_shows(typed: str, word: str) -> None:
    assert like(typed) == word
    found = [one for one in rows(GroupList(LogPick(), STATUS, THERE), typed) if isinstance(one.key, Chosen)]
    if word:
        many = next(one for one in found if one.key == Chosen(word))
        assert many.facts == "2 groups now, later ones too"
        assert [one.name for one in found if one.key != Chosen(word)] == ["/team/a", "/team/b"]


def test_a_wildcard_that_nothing_is_like_is_not_offered() -> None:
    assert told(LogPick(), "/none/*") == {}


def test_a_choice_is_kept_in_one_piece_and_its_text_is_made_safe(tmp_path: Path) -> None:
    store = PickStore(JournalHome(tmp_path / "log-groups"), "production")
    assert store.read() == LogPick()
    store.write(LogPick(("usual", "/evil\x1b[2J"), ("/app",)))
    assert store.read() == LogPick(("usual", safe("/evil\x1b[2J")), ("/app",))


def test_words_come_and_go() -> None:
    pick = LogPick().with_word("/x", "usual")
    assert pick.words == ("usual", "/x")
    assert pick.with_word("/x", "usual") == pick
    assert pick.without_word("usual").without_word("/x") == LogPick()
    assert pick.toggled("/app").hidden == ("/app",)
    assert pick.toggled("/app").toggled("/app") == pick
