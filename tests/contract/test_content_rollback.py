"""Web content restored as of an instant, against the simulated account over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from services.actions.content import before
from services.aws.session import Account
from services.executor.content_standing import stands
from services.executor.crash import CrashPoint
from services.executor.taking_up import take_up
from services.journal.manifests import name_of
from services.model.content import MoveKind
from services.model.entry import Entry, Outcome, Phase
from services.simulated.faults import Fault, FaultKind
from tests.contract.content_support import Shelf
from tests.contract.executor_support import NO_WAITING, text_of
from tests.simulated_support import manual, simulated


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """A quarter of an hour after a publication that broke the site: another index, app.js gone, a file too many."""
    with simulated("calm") as account:
        shelf = Shelf(account, tmp_path)
        manual(account).advance(600)
        shelf.good = shelf.held()
        shelf.put("index.html", "vendor.js")
        shelf.drop("app.js")
        manual(account).advance(900)
        yield shelf


class Killed(BaseException):
    """What kill -9 is to a task."""


@pytest.mark.runbook("R230")
@pytest.mark.runbook("R229")
async def test_the_site_is_restored_invalidated_and_proved_at_the_edge(shelf: Shelf) -> None:
    restoration = await shelf.restoration()
    plan = restoration.plan
    assert {one.key: one.kind for one in restoration.moves} == {
        "index.html": MoveKind.RESTORE,
        "app.js": MoveKind.UNDELETE,
        "vendor.js": MoveKind.REMOVE,
        "style.css": MoveKind.SAME,
    }
    assert "1 restored, 1 undeleted" in plan.steps[0].title
    operation = shelf.order(plan)
    assert name_of(plan.steps[0].after["manifest"]) in shelf.home.names(), "saved before anything is sent"
    assert await shelf.carry_out(operation) is Outcome.RECOVERED
    assert shelf.held() == shelf.good | {"vendor.js": b"bad vendor.js"}, "what did not exist then is kept"
    calls = [call for call in shelf.account.calls if call.operation in ("CopyObject", "CreateInvalidation")]
    assert [call.parameters.get("Key", "edge") for call in calls] == ["app.js", "index.html", "edge"]
    assert calls[1].parameters["IfMatch"]
    assert calls[0].parameters["IfNoneMatch"] == "*"
    assert calls[2].parameters["InvalidationBatch"]["Paths"]["Items"] == ["/app.js", "/index.html", "/"]
    assert "fetched through" in shelf.read(operation).text


async def test_undo_brings_back_what_stood_before_and_deletes_nothing_for_good(shelf: Shelf) -> None:
    bad = shelf.held()
    first = shelf.order((await shelf.restoration(remove=True)).plan)
    assert await shelf.carry_out(first) is Outcome.RECOVERED
    assert shelf.held() == shelf.good
    assert shelf.read(first).reversible
    undo = await shelf.restoration(before(shelf.read(first)), remove=True, undo_of=first)
    second = shelf.order(undo.plan)
    assert await shelf.carry_out(second) is Outcome.COMPLETED, shelf.read(second).text
    assert shelf.held() == bad
    assert not [
        call
        for call in shelf.account.calls
        if call.operation in ("DeleteObject", "DeleteObjects") and "VersionId" in call.parameters
    ]


async def test_what_ci_writes_meanwhile_is_left_and_said_and_the_others_go_on(shelf: Shelf) -> None:
    plan = (await shelf.restoration()).plan
    operation = shelf.order(plan)
    raced: list[str] = []

    def race(step: int, point: str) -> None:
        if point == "intent" and not raced:
            raced.append(point)
            shelf.put("app.js", body="newer")

    await finish(shelf, operation, race)
    ended = shelf.read(operation)
    assert ended.outcome is Outcome.INCONCLUSIVE
    assert "1 changed meanwhile" in ended.text
    assert shelf.held()["app.js"] == b"newer app.js"
    assert shelf.held()["index.html"] == shelf.good["index.html"]


async def test_a_conflict_is_read_and_not_repeated(shelf: Shelf) -> None:
    plan = (await shelf.restoration()).plan
    shelf.account.faults.add(Fault("s3", "CopyObject", FaultKind.CONFLICT))
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.INCONCLUSIVE
    assert shelf.copies() == 1
    assert "app.js" not in shelf.held()


async def test_pages_are_not_begun_while_an_asset_was_refused(shelf: Shelf) -> None:
    plan = (await shelf.restoration()).plan
    shelf.account.faults.add(Fault("s3", "CopyObject", FaultKind.DENY))
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.FAILED
    assert shelf.copies() == 0
    assert shelf.sends("CreateInvalidation") == 0
    assert "pages come last" in shelf.read(operation).text


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.HTML_200], ids=lambda kind: kind.value)
async def test_a_lost_answer_is_resolved_by_reading(shelf: Shelf, kind: FaultKind) -> None:
    plan = (await shelf.restoration()).plan
    shelf.account.faults.add(Fault("s3", "CopyObject", kind))
    operation = shelf.order(plan)
    applied = kind is FaultKind.RESET_AFTER
    assert await shelf.carry_out(operation) is (Outcome.RECOVERED if applied else Outcome.FAILED)
    assert (
        sum(call.operation == "CopyObject" and call.parameters["Key"] == "app.js" for call in shelf.account.calls) == 1
    )


async def test_throttling_only_delays_it(shelf: Shelf) -> None:
    plan = (await shelf.restoration()).plan
    shelf.account.faults.add(Fault("s3", "CopyObject", FaultKind.THROTTLE, times=2))
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.RECOVERED
    assert shelf.copies() == 2


async def test_expired_credentials_pause_it_and_once_renewed_it_goes_on_with_what_is_left(shelf: Shelf) -> None:
    plan = (await shelf.restoration()).plan
    shelf.account.faults.add(Fault("s3", "CopyObject", FaultKind.EXPIRED))
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.RECOVERED
    assert "Renew the session" in text_of(shelf.read(operation), Phase.PAUSED)
    assert shelf.copies() == 2


async def test_versioning_that_was_suspended_since_voids_the_plan(shelf: Shelf) -> None:
    plan = (await shelf.restoration()).plan
    shelf.s3.put_bucket_versioning(Bucket=shelf.bucket, VersioningConfiguration={"Status": "Suspended"})
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.VOID
    assert "bucket.versioning was Enabled, is Suspended" in shelf.read(operation).text


@pytest.mark.runbook("R304")
async def test_without_its_manifest_nothing_is_sent(shelf: Shelf) -> None:
    plan = (await shelf.restoration()).plan
    (shelf.home.path / name_of(plan.steps[0].after["manifest"])).unlink()
    operation = shelf.order(plan)
    assert await shelf.carry_out(operation) is Outcome.VOID
    assert shelf.copies() == 0


@pytest.mark.parametrize("point", ["intent", "half", "reply"])
async def test_killed_twice_a_resume_ends_in_the_right_world_without_copying_twice(shelf: Shelf, point: str) -> None:
    """Killed once, by SIGKILL and at every point: test_killed.py."""
    plan = (await shelf.restoration()).plan
    operation = shelf.order(plan)
    await killed(shelf, operation, point)
    await killed(shelf, operation, "before-intent@1")
    assert await shelf.carry_out(operation) is Outcome.RECOVERED
    assert shelf.held() == shelf.good | {"vendor.js": b"bad vendor.js"}
    assert (shelf.copies(["app.js"]), shelf.copies(["index.html"])) == (1, 1)
    assert shelf.sends("CreateInvalidation") == 1
    undo = await shelf.restoration(before(shelf.read(operation)), remove=True, undo_of=operation)
    assert await shelf.carry_out(shelf.order(undo.plan)) is Outcome.COMPLETED
    assert "app.js" not in shelf.held()
    assert shelf.held()["index.html"] == b"bad index.html"


async def test_what_was_uploaded_in_parts_is_known_by_its_version_where_its_etag_tells_nothing(shelf: Shelf) -> None:
    film = {"Bucket": shelf.bucket, "Key": "film.mp4"}
    upload = {**film, "UploadId": shelf.s3.create_multipart_upload(**film)["UploadId"]}
    part = shelf.s3.upload_part(**upload, PartNumber=1, Body=b"good film")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    shelf.s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    shelf.clock.advance(3600)
    shelf.s3.put_object(**film, Body=b"evil film")  # of the same size
    shelf.clock.advance(60)
    operation = shelf.order((await shelf.restoration()).plan)
    await killed(shelf, operation, "before-intent")
    assert shelf.held()["film.mp4"] == b"evil film"
    assert await stood(shelf, operation) == 0, "its size alone says that it stands"
    assert await shelf.carry_out(operation) is Outcome.RECOVERED
    assert shelf.held()["film.mp4"] == b"good film"
    assert await stood(shelf, operation) == 1
    assert not any(call.operation == "ListObjectVersions" for call in shelf.account.calls[-20:])


async def stood(shelf: Shelf, operation: str) -> int:
    """How many objects the listing says are as they were to be."""
    account = Account(shelf.environment, shelf.clock)
    try:
        step = shelf.read(operation).plan.steps[0]
        return int((await stands(shelf.home, account, step, {})).data["right"])
    finally:
        await account.close()


@pytest.mark.runbook("R215")
async def test_three_hundred_objects_are_restored_in_batches_with_progress(shelf: Shelf) -> None:
    names = [*(f"assets/{number:03d}.js" for number in range(297)), "late.html"]
    shelf.put(*names, body="good")
    shelf.clock.advance(3600)
    shelf.put(*names, body="worse")
    shelf.clock.advance(60)
    restoration = await shelf.restoration()
    assert restoration.plan.steps[0].after["keys"] == "298"
    assert restoration.plan.steps[1].call.parameters["InvalidationBatch"]["Paths"]["Items"] == ["/*"]  # type: ignore[index]  # parameters are JSON
    operation = shelf.order(restoration.plan)
    await killed(shelf, operation, "half@1")
    assert 128 <= shelf.copies() < 298
    recorded = len(shelf.read(operation).entries)
    assert await shelf.carry_out(operation) is Outcome.RECOVERED
    assert shelf.copies() == 298
    ended = shelf.read(operation)
    _others_first_pages_last(ended.entries[recorded:])
    assert ended.progress == (5, 5), "of the minutes at the edge, once all stands"
    criterion = ended.plan.criterion
    assert ended.switched is not None and ended.judge_at is not None and criterion is not None
    least = ended.switched + timedelta(seconds=criterion.window_s + criterion.settle_s)
    assert ended.judge_at >= least, "the window begins when the pages were compared, not with the last call"
    assert "298 of 298" in text_of(shelf.read(operation), Phase.APPLIED)
    assert shelf.held()["assets/007.js"] == b"good assets/007.js"


def _others_first_pages_last(entries: Sequence[Entry]) -> None:
    """What was on its way when it was killed is looked at once and keeps no other asset waiting, but the pages."""
    told = [one for one in entries if one.step == 0 and one.phase in (Phase.INTENT, Phase.RECONCILED)]
    keys = [one.data.get("keys") for one in told]
    sizes = [len(one) for one in keys if isinstance(one, list)]
    assert sizes[0] == 297 - 2 * 128
    assert 0 < sizes[1] < 128, "what was not applied when it was killed"
    assert sizes[2:] == [1]
    assert [one.phase for one in told[:4]] == [Phase.RECONCILED, Phase.INTENT, Phase.RECONCILED, Phase.INTENT]


async def killed(shelf: Shelf, operation: str, point: str) -> None:
    """Carried out until the process dies there; if it never comes there, it is carried out to its end."""

    def here(step: int, found: str) -> None:
        if found == point:
            raise Killed

    try:
        await finish(shelf, operation, here)
    except Killed:
        return


async def finish(shelf: Shelf, operation: str, crash: CrashPoint) -> None:
    import asyncio

    task = asyncio.ensure_future(take_up(shelf.home, operation, clock=shelf.clock, pace=NO_WAITING, crash=crash))
    while not task.done():
        await asyncio.wait({task}, timeout=0.01)
        if shelf.clock.sleepers:
            shelf.clock.advance(15)
    await task


async def test_bad_content_fails_at_the_edge_and_the_restored_bucket_makes_it_well(tmp_path: Path) -> None:
    with simulated("bad-content") as account:
        shelf = Shelf(account, tmp_path)
        shelf.good = shelf.held()
        world = account.state.world
        manual(account).advance(1_200)
        assert set(shelf.held()) == {"index.html", "style.css", "assets/vendor.8c1f.js"}
        now = int(account.clock.now().timestamp()) // 60 * 60
        bad = world.minute("production", now - 120).edge
        assert bad.errors_4xx > 0.25 * bad.requests
        operation = shelf.order((await shelf.restoration()).plan)
        assert await shelf.carry_out(operation) is Outcome.RECOVERED
        assert "fetched through" in shelf.read(operation).text, "what was compared"
        assert "CloudFront 4xx " in shelf.read(operation).text, "what CloudFront counted since"
        assert {key: shelf.held()[key] for key in shelf.good} == shelf.good
        now = int(account.clock.now().timestamp()) // 60 * 60
        good = world.minute("production", now + 120).edge
        assert good.errors_4xx < 0.05 * good.requests
