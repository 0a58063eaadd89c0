"""Is it the deploy? Every breach with the changes before it, nearest first, and what the versions did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.model.changes import Change, ChangeKind
from services.model.content import Bucket
from services.model.functions import VersionEvidence
from services.model.reading import Reading
from services.model.suspects import Suspicion
from services.model.witness import ObjectBurst, RecordedWrite, Trail
from services.problems import ProblemKind
from services.rules import judge
from services.rules.suspects import ranked
from services.safe_text import safe
from tests.unit.rules_support import (
    FUNCTION,
    NOW,
    SETTINGS,
    alias,
    api_series,
    at,
    calm,
    deployment,
    edge_series,
    epoch,
    failed,
    metrics,
    read,
    recorded,
    release,
    steady,
)

NOTHING: Reading[object] = read(())


def breach(**feeds: Reading[Any]) -> Suspicion:
    """Fifteen in a hundred requests fail since 03:04."""
    errors = {start: 30.0 if start >= epoch(8) else 0.0 for start in steady(1)}
    known: dict[str, Reading[object]] = {
        "metrics": read(metrics(*api_series(steady(200), errors, steady(150)))),
        "events": read(deployment(12, 42)),
        "releases": read((release(42),)),
    }
    suspicions = judge(calm(**(known | feeds)), SETTINGS, NOW).suspects
    return next(one for one in suspicions if one.key == "api.errors")


def served(version: int, errors: int, until: float) -> VersionEvidence:
    return VersionEvidence(safe(FUNCTION), version, 1000, errors, at(180), NOW, at(until))


def write(minutes: float, operation: str, *, service: str = "lambda", error: str = "", by: str = "") -> RecordedWrite:
    return RecordedWrite(
        at(minutes), safe(service), safe(operation), safe("casey"), safe("manager"), safe(by), safe(error)
    )


def test_a_quiet_night_suspects_nothing() -> None:
    assert judge(calm(), SETTINGS, NOW).suspects == ()


def test_a_breach_names_the_change_the_lag_and_both_versions() -> None:
    found = breach(evidence=read((served(41, 1, 11), served(42, 148, 0))))
    first = found.ranked[0]
    assert (first.change.label, first.lag_s, first.before, first.after) == ("v42", 210, 0.1, 14.8)
    assert found.sentence == ("4 min after v42 went live (stack update 03:00): errors 0.1 % (v41) → 14.8 % (v42)")


def test_a_version_that_was_not_measured_is_said_to_be_so() -> None:
    found = breach(evidence=read((served(42, 148, 0), VersionEvidence(safe(FUNCTION), 41, 0, 0, at(180), NOW))))
    assert "errors" not in found.sentence
    assert found.ranked[0].before is None


def test_no_change_in_reach_is_said_and_ignorance_is_not_called_so() -> None:
    none = breach(events=NOTHING)
    assert (none.ranked, none.sentence) == (
        (),
        "no known change in the hour before; CloudTrail may tell of one until 03:19",
    )
    unknown = breach(events=failed(ProblemKind.DENIED))
    assert (unknown.ranked, unknown.sentence) == ((), "changes are not known: stack events: it is denied")


def test_slow_damage_is_told_with_the_last_change_although_that_is_no_suspect() -> None:
    slow = breach(events=read(deployment(130, 42)))
    assert slow.ranked == ()
    assert slow.sentence.endswith("; last change v42 2 h before")
    old = breach(events=read(deployment(24 * 60, 42)))
    assert "last change" not in old.sentence


def test_a_canary_is_compared_with_the_version_that_serves_beside_it() -> None:
    beside = msgspec.structs.replace(alias(41), weights=((42, 0.1),))
    both = msgspec.structs.replace(release(42), alias=beside)
    found = breach(releases=read((both,)), evidence=read((served(41, 1, 0), served(42, 160, 0))))
    assert found.sentence.endswith("errors 0.1 % (v41) → 16 % (v42)")


def change(minutes: float, kind: ChangeKind) -> Change:
    return Change(at(minutes), kind, safe(kind), safe(f"{kind} {minutes:g}"))


def test_the_nearest_event_comes_first_and_in_it_the_most_telling_change() -> None:
    known = [
        change(50, ChangeKind.ALIAS),
        change(20, ChangeKind.ALIAS),
        change(19, ChangeKind.STACK),
        change(12, ChangeKind.STAGE),
        change(5, ChangeKind.ALIAS),
    ]
    names = [one.sentence for one in ranked(at(8), known, "api.errors")]
    assert names == ["stage 12", "alias 20", "stack 19", "alias 50"]


@pytest.mark.parametrize(("minutes", "suspected"), [(68, True), (68.1, False), (7.1, True), (7, False)])
def test_a_suspect_lies_within_an_hour_and_not_after_the_first_minute(minutes: float, suspected: bool) -> None:
    assert bool(ranked(at(8), [change(minutes, ChangeKind.ALIAS)], "api.errors")) is suspected


def test_no_more_than_five_are_named() -> None:
    known = [change(10 + number * 5, ChangeKind.STAGE) for number in range(9)]
    assert len(ranked(at(8), known, "api.errors")) == 5


def test_a_write_that_only_cloudtrail_tells_of_is_a_suspect() -> None:
    found = breach(writes=recorded(write(10, "UpdateFunctionConfiguration20150331v2")), events=NOTHING)
    assert found.sentence == "2 min after lambda UpdateFunctionConfiguration of manager by casey"
    assert found.ranked[0].change.kind is ChangeKind.CONFIGURATION


@pytest.mark.parametrize(
    "harmless",
    [
        write(10, "UpdateFunctionConfiguration", error="AccessDenied"),
        write(10, "UpdateFunctionConfiguration", by="cloudformation.amazonaws.com"),
        write(10, "TagResource"),
        write(10, "CreateLogStream", service="logs"),
        write(10, "AssumeRole", service="sts"),
        write(10, "CreateInvalidation", service="cloudfront"),
        write(10, "CreateApiKey", service="apigateway"),
        write(10, "PutItem", service="dynamodb"),
    ],
)
def test_a_write_that_changed_nothing_of_the_system_is_none(harmless: RecordedWrite) -> None:
    assert breach(writes=recorded(harmless), events=NOTHING).ranked == ()


def test_calls_of_one_person_in_one_minute_are_one_change() -> None:
    calls = recorded(write(10, "UpdateFunctionCode20150331v2"), write(9.5, "PublishVersion20150331"))
    (only,) = breach(writes=calls, events=NOTHING).ranked
    assert only.change.sentence == "lambda UpdateFunctionCode and PublishVersion of manager by casey"


def test_an_alias_move_is_told_once_although_cloudtrail_tells_it_too() -> None:
    moved = recorded(write(11.4, "UpdateAlias20150331"))
    assert [one.change.kind for one in breach(writes=moved).ranked] == ["alias", "stack"]
    by_hand = breach(writes=recorded(write(9, "UpdateAlias20150331")), events=NOTHING)
    assert by_hand.ranked[0].change.sentence == "lambda UpdateAlias of manager by casey"


def test_new_content_explains_the_edge_and_nothing_behind_it() -> None:
    burst = ObjectBurst(safe("web"), at(10), at(9), 37, 2)
    bursts = read((burst,))
    assert breach(bursts=bursts, events=NOTHING).ranked == ()
    refused = steady(1.5) | steady(30, 8)
    edge = read(metrics(*edge_series(steady(100), refused)))
    (found,) = judge(calm(edge_metrics=edge, events=NOTHING, bursts=bursts), SETTINGS, NOW).suspects
    assert (found.key, found.since) == ("edge.4xx", at(8))
    assert found.sentence == "60 s after 37 objects of web were written, 2 deleted"


@pytest.mark.parametrize(("versioning", "key"), [("Enabled", "R"), ("Suspended", ""), ("", "")])
def test_content_that_broke_the_edge_is_put_back_where_the_bucket_keeps_versions(versioning: str, key: str) -> None:
    burst = ObjectBurst(safe("web"), at(10), at(9), 37, 2)
    edge = read(metrics(*edge_series(steady(100), steady(1.5) | steady(30, 8))))
    buckets = read((Bucket(safe("web"), True, safe(versioning)),))
    found = judge(calm(edge_metrics=edge, events=NOTHING, bursts=read((burst,)), buckets=buckets), SETTINGS, NOW)
    assert found.verdict.sentence.startswith("CloudFront 4xx 18.6 %")
    assert found.verdict.key == key
    assert found.verdict.remedy == ("prepares to put the web content back" if key else "")


def test_changes_of_the_future_are_left_out() -> None:
    late = RecordedWrite(NOW + timedelta(seconds=1), safe("lambda"), safe("UpdateAlias"), safe("casey"))
    assert judge(calm(writes=recorded(late)), SETTINGS, NOW).changes == judge(calm(), SETTINGS, NOW).changes


def by_minute(version: int, *periods: tuple[float, int, int]) -> VersionEvidence:
    """Evidence with its periods of five minutes: (minutes ago, invocations, errors)."""
    told = tuple((epoch(minutes), invocations, errors) for minutes, invocations, errors in periods)
    served = at(periods[-1][0] - 5)
    total, failures = sum(count for _, count, _ in told), sum(errors for _, _, errors in told)
    return VersionEvidence(safe(FUNCTION), version, total, failures, at(180), NOW, served, told)


def test_before_and_after_are_what_each_version_did_on_its_side_of_the_change() -> None:
    """Neither what v41 did with its last requests nor what v42 did in a trial an hour ago is meant."""
    old = by_minute(41, (170, 100, 0), (30, 100, 2), (15, 100, 2), (8, 10, 10))
    new = by_minute(42, (60, 50, 50), (10, 200, 30), (5, 200, 30))
    (first, *_) = breach(evidence=read((old, new))).ranked
    assert first.before == pytest.approx(100 * 4 / 300)
    assert first.after == pytest.approx(15.0)


def test_no_change_is_said_only_when_every_source_has_told_of_the_hour_before() -> None:
    def said(**feeds: Reading[Any]) -> str:
        return breach(events=NOTHING, **feeds).sentence

    trail = failed(ProblemKind.DENIED)
    assert said(writes=trail) == ("no known change in the hour before; changes not known: CloudTrail: it is denied")
    assert said(writes=Reading()) == (
        "no known change in the hour before; changes not known: CloudTrail: not answered yet"
    )
    assert said(writes=read(Trail((), at(30)))) == (
        "no known change in the hour before; changes not known: CloudTrail: nothing is known before 02:42"
    )
    later = msgspec.structs.replace(read(Trail((), at(300))), taken=at(-20), tried=at(-20))
    assert said(writes=later) == "no change in the hour before"
