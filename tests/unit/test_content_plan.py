"""Planning a restoration of the web content: what becomes of each key, in which order, and when there is no plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.actions.content import Restoration, plan_content
from services.actions.content_moves import call_of, is_page, moves
from services.aws.content import newest_publication
from services.executor.calls import NotAllowed, Sender
from services.model.content import ContentHistory, KeyHistory, Move, MoveKind, ObjectVersion
from services.model.plan import Call, Refusal
from tests.unit.actions_support import NOW, PRODUCTION, SETTINGS, situation

T = NOW - timedelta(hours=1)


def entry(id: str, etag: str = "", size: int = 10, after_s: float = 0, **more: Any) -> ObjectVersion:
    return ObjectVersion(id, T + timedelta(seconds=after_s), f'"{etag or id}"', size, **more)


GOOD = entry("good", after_s=-60)
BAD = entry("bad", after_s=60)
GONE = entry("gone", after_s=60, marker=True)


@pytest.mark.parametrize(
    ("latest", "then", "kind"),
    [
        (GOOD, GOOD, MoveKind.SAME),
        (entry("again", "good", after_s=60), GOOD, MoveKind.SAME),
        (entry("again", "good", 11, 60), GOOD, MoveKind.RESTORE),
        (BAD, GOOD, MoveKind.RESTORE),
        (GONE, GOOD, MoveKind.UNDELETE),
        (BAD, None, MoveKind.REMOVE),
        (BAD, entry("gone", after_s=-9, marker=True), MoveKind.REMOVE),
        (BAD, entry("cold", archived=True), MoveKind.UNRESTORABLE),
        (BAD, entry("huge", size=5 * 1024**3 + 1), MoveKind.UNRESTORABLE),
        (GONE, None, None),
    ],
)
def test_what_becomes_of_a_key(latest: ObjectVersion, then: ObjectVersion | None, kind: MoveKind | None) -> None:
    found = moves(history(KeyHistory("app.js", latest, then)))
    assert [one.kind for one in found] == ([kind] if kind is not None else [])


def history(*keys: KeyHistory, versioning: str = "Enabled", as_of: datetime = T) -> ContentHistory:
    return ContentHistory("web", versioning, as_of, NOW, keys)


def plan(found: ContentHistory, **more: Any) -> Restoration | Refusal:
    return plan_content(situation(), PRODUCTION, SETTINGS, NOW, found, **more)


def test_assets_come_before_pages_and_removals_last() -> None:
    names = ["index.html", "vendor.js", "sw.js", "app.js"]
    keys = [KeyHistory(name, BAD, None if name == "vendor.js" else GOOD) for name in names]
    assert [one.key for one in moves(history(*keys))] == ["app.js", "index.html", "sw.js", "vendor.js"]
    assert is_page("docs/INDEX.HTML")
    assert not is_page("html/app.js")


def test_what_did_not_exist_then_is_kept_unless_removal_is_asked_for() -> None:
    keys = (KeyHistory("index.html", BAD, GOOD), KeyHistory("new.js", BAD, None))
    kept, removed = plan(history(*keys)), plan(history(*keys), remove=True)
    assert isinstance(kept, Restoration)
    assert isinstance(removed, Restoration)
    assert kept.plan.steps[0].after["keys"] == "1"
    assert any("Kept" in note and "new.js" in note for note in kept.plan.notes)
    assert removed.plan.steps[0].after["keys"] == "2"
    assert "1 removed" in removed.plan.steps[0].title


@pytest.mark.runbook("R215")
@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (history(KeyHistory("a", BAD, GOOD), versioning=""), "was never enabled"),
        (history(KeyHistory("a", BAD, GOOD), versioning="Suspended"), "is suspended"),
        (history(KeyHistory("a", BAD, None)), "would empty the site"),
        (history(), "would empty the site"),
        (history(KeyHistory("a", GOOD, GOOD)), "stands as it was"),
        (history(KeyHistory("a", BAD, GOOD), as_of=NOW), "not in the past"),
    ],
)
def test_when_there_is_no_plan(found: ContentHistory, reason: str) -> None:
    refused = plan(found)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason
    assert refused.remedy


def test_few_changed_paths_are_invalidated_by_name_and_many_by_a_wildcard() -> None:
    few = plan(history(*(KeyHistory(name, BAD, GOOD) for name in ("docs/index.html", "50% ü.js"))))
    many = plan(history(*(KeyHistory(f"{number}.js", BAD, GOOD) for number in range(21))))
    assert isinstance(few, Restoration)
    assert isinstance(many, Restoration)
    assert paths(few) == ["/50%25%20%C3%BC.js", "/docs/index.html", "/docs/"]
    assert paths(many) == ["/*"]


def paths(found: Restoration) -> Any:
    batch: Any = found.plan.steps[1].call.parameters["InvalidationBatch"]
    return batch["Paths"]["Items"]


def test_the_newest_publication_is_a_burst_that_is_not_ours() -> None:
    burst = [T + timedelta(seconds=second) for second in (0, 30, 100)]
    own = T + timedelta(minutes=30)
    windows = [(own - timedelta(seconds=1), own + timedelta(seconds=1))]
    assert newest_publication([T - timedelta(days=1), *burst, own], windows) == T
    assert newest_publication([T - timedelta(days=1), *burst, own]) == own
    assert newest_publication([]) is None


class Silent:
    async def ask(self, *_arguments: Any, **_keywords: Any) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize(
    "change",
    [
        {"VersionId": "v"},
        {"IfMatch": ""},
        {"CopySource": {"Bucket": "other", "Key": "a", "VersionId": "v"}},
        {"CopySource": {"Bucket": "web", "Key": "a"}},
    ],
)
async def test_the_door_lets_nothing_harmful_through(change: dict[str, object]) -> None:
    silent: Any = Silent()
    sender = Sender(silent)
    good = call_of(Move(MoveKind.RESTORE, "a", "now", '"x"', 1, "then", '"y"', 1), "us-west-2", "web")
    await sender.send(good)
    with pytest.raises(NotAllowed):
        await sender.send(Call("s3", good.operation, good.region, good.parameters | change))
    with pytest.raises(NotAllowed):
        await sender.send(Call("s3", "DeleteObject", "us-west-2", {"Bucket": "web", "Key": "a", "VersionId": "v"}))
