"""One sentence: what is broken, since when, what changed just before, and which key puts it right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.model.alarms import Alarm
from services.model.assessment import Assessment, State
from services.model.changes import ChangeKind
from services.model.edge import Invalidation
from services.model.entry import Operation, Outcome, Phase
from services.model.functions import VersionEvidence
from services.model.plan import ActionKind, Call, Criterion, Grade, Plan, Step
from services.model.reading import Reading
from services.model.situation import Situation
from services.model.stacks import Stack
from services.model.tables import Table
from services.problems import ProblemKind
from services.rules import judge
from services.rules.operations import operations
from services.rules.stacks import stack_state
from services.safe_text import safe
from tests.unit.rules_support import (
    FUNCTION,
    NOW,
    SETTINGS,
    STACK,
    TABLE,
    api_series,
    at,
    calm,
    deployment,
    epoch,
    failed,
    lambda_series,
    metrics,
    read,
    release,
    stack_event,
    steady,
    table_series,
)


def bad(since: float = 8, **feeds: Reading[Any]) -> Assessment:
    """Fifteen in a hundred requests fail since so many minutes ago; v42 went live 12 minutes ago."""
    errors = {start: 30.0 if start >= epoch(since) else 0.0 for start in steady(1)}
    region = metrics(
        *api_series(steady(200), errors, steady(150)),
        *lambda_series(steady(200), errors, steady(100)),
        *table_series({}, steady(30)),
    )
    known: dict[str, Reading[Any]] = {
        "metrics": read(region),
        "events": read(deployment(12, 42) + deployment(3 * 1440, 41)),
        "releases": read((release(42),)),
    }
    return judge(calm(**(known | feeds)), SETTINGS, NOW)


def rollback(
    *,
    switched: float | None = None,
    outcome: Outcome | None = None,
    ended: float | None = None,
    moved: tuple[int, int] = (42, 41),
    undo_of: str = "",
    progress: tuple[int, int] = (0, 0),
    text: str = "calling UpdateAlias",
    kind: ActionKind = ActionKind.ROLLBACK,
) -> Operation:
    before, after = ({"version": str(number)} for number in moved)
    call = Call("lambda", "UpdateAlias", "us-west-2", {"FunctionName": FUNCTION, "Name": "LIVE"})
    plan = Plan(
        kind,
        "production",
        safe("123456789012"),
        "Roll back LIVE",
        NOW,
        NOW,
        Grade.TYPED,
        (Step("lambda.alias", safe("Lambda"), call, before=before, after=after),),
        (),
        (),
        criterion=Criterion("errors < 1 %"),
        undo_of=undo_of,
    )
    return Operation(
        "op1",
        plan,
        (),
        at(5),
        Phase.DONE if outcome else Phase.VERIFYING,
        safe(text),
        switched=None if switched is None else at(switched),
        outcome=outcome,
        ended=None if ended is None else at(ended),
        progress=progress,
    )


def test_calm_says_what_was_checked() -> None:
    verdict = judge(calm(), SETTINGS, NOW).verdict
    assert verdict.state is State.OK
    assert verdict.sentence == "All five key metrics normal; 214 requests/min; last change v41 3 days ago"


def test_a_bad_deployment_is_told_with_its_number_its_minute_its_suspect_and_its_key() -> None:
    verdict = bad().verdict
    assert verdict.state is State.CRIT
    assert verdict.sentence == "API errors 15 % since 03:04, 4 min after v42 went live (stack update 03:00)"
    assert (verdict.key, verdict.remedy) == ("R", "rolls LIVE back to v41")
    assert verdict.since == at(8)
    assert verdict.suspect is not None
    assert verdict.suspect.kind is ChangeKind.ALIAS


def test_a_breach_in_the_very_minute_of_the_change_is_blamed_on_it() -> None:
    verdict = bad(since=12).verdict
    assert verdict.sentence == "API errors 15 % since 03:00, as v42 went live (stack update 03:00)"


@pytest.mark.parametrize(("minutes_before", "suspected"), [(59, True), (61, False)])
def test_a_change_is_suspected_for_an_hour(minutes_before: float, suspected: bool) -> None:
    verdict = bad(events=read(deployment(8 + minutes_before + 1, 42))).verdict
    assert (verdict.suspect is not None) is suspected


def test_a_breach_before_any_change_blames_nothing_and_offers_no_key() -> None:
    verdict = bad(since=11, events=read(deployment(9, 42))).verdict
    assert verdict.sentence == "API errors 15 % since 03:01, no known change in the hour before"
    assert (verdict.suspect, verdict.key) == (None, "")


@pytest.mark.runbook("R106")
def test_a_trigger_of_the_runbook_offers_the_rollback_whatever_came_before() -> None:
    verdict = bad(since=13, events=read(deployment(9, 42))).verdict
    assert (verdict.suspect, verdict.key, verdict.remedy) == (None, "R", "rolls LIVE back to v41")
    assert verdict.clock == "trigger: error rate > 10 % for 11:00, more than 10:00: rollback offered"


def test_a_trigger_that_counts_says_how_far_it_is_and_when_the_rollback_is_offered() -> None:
    assert bad().verdict.clock == "trigger: error rate > 10 % for 6:00 of 10:00; rollback offered at 03:17"
    unreachable = bad(releases=read((release(42, called=False),))).verdict
    assert unreachable.clock == "trigger: error rate > 10 % for 6:00 of 10:00; met at 03:17"


@pytest.mark.runbook("R104")
def test_nothing_counts_on_a_quiet_night() -> None:
    assert judge(calm(), SETTINGS, NOW).verdict.clock == ""


def test_without_stack_events_it_does_not_claim_that_nothing_changed() -> None:
    assert bad(events=failed(ProblemKind.DENIED)).verdict.sentence.startswith("API errors 15 % since 03:04")
    assert "no change" not in bad(events=failed(ProblemKind.DENIED)).verdict.sentence


def test_an_invalidation_is_no_suspect_for_errors_behind_the_edge() -> None:
    recent = Invalidation(safe("I1"), safe("Completed"), at(9), (safe("/*"),))
    suspect = bad(invalidations=read((recent,))).verdict.suspect
    assert suspect is not None
    assert suspect.kind is ChangeKind.ALIAS


@pytest.mark.parametrize("serving", [release(42, called=False), msgspec.structs.replace(release(42), alias=None)])
def test_no_rollback_is_offered_that_would_change_nothing(serving: Any) -> None:
    verdict = bad(releases=read((serving,))).verdict
    assert (verdict.state, verdict.key) == (State.CRIT, "")


def test_evidence_alone_can_speak_for_a_rollback() -> None:
    def seen(version: int, errors: int) -> VersionEvidence:
        return VersionEvidence(safe(FUNCTION), version, 1000, errors, at(180), NOW)

    verdict = bad(since=90, evidence=read((seen(42, 150), seen(41, 1)))).verdict
    assert (verdict.suspect, verdict.key) == (None, "R")


def test_a_version_known_to_be_as_bad_is_not_offered() -> None:
    worse = VersionEvidence(safe(FUNCTION), 41, 1000, 300, at(180), NOW)
    assert bad(evidence=read((worse,))).verdict.remedy == "rolls LIVE back to v40"


def test_the_worst_is_told_first_and_users_before_causes() -> None:
    assert bad().judgements["lambda.errors"].state is State.CRIT
    assert bad().verdict.sentence.startswith("API errors")
    slow = metrics(*api_series(steady(200), steady(0), steady(1500)), *table_series(steady(9), steady(30)))
    assert judge(calm(metrics=read(slow)), SETTINGS, NOW).verdict.sentence.startswith("Throttling 45")


def test_a_broken_component_is_told_when_the_metrics_are_quiet() -> None:
    deleting = read((Table(safe(TABLE), safe("DELETING"), True),))
    verdict = judge(calm(tables=deleting), SETTINGS, NOW).verdict
    assert (verdict.state, verdict.sentence) == (State.WARN, "DynamoDB: DELETING")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("CREATE_COMPLETE", State.OK),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", State.ELEVATED),
        ("UPDATE_ROLLBACK_COMPLETE", State.WARN),
        ("UPDATE_ROLLBACK_IN_PROGRESS", State.WARN),
        ("UPDATE_ROLLBACK_FAILED", State.CRIT),
        ("ROLLBACK_COMPLETE", State.CRIT),
        ("DELETE_IN_PROGRESS", State.CRIT),
    ],
)
def test_a_stack_is_worth_what_its_status_allows(status: str, state: State) -> None:
    assert stack_state(status) is state


def test_a_stack_that_is_stuck_is_told_although_the_metrics_are_quiet() -> None:
    stuck = Stack(safe("S"), STACK, safe("UPDATE_ROLLBACK_FAILED"), safe("role is gone"))
    verdict = judge(calm(stack=read(stuck)), SETTINGS, NOW).verdict
    assert (verdict.state, verdict.sentence) == (State.CRIT, "Stack: UPDATE_ROLLBACK_FAILED, role is gone")


def test_an_update_that_came_to_nothing_is_told_with_the_resource_that_failed_first() -> None:
    own = ("S", "AWS::CloudFormation::Stack", STACK)
    failure = msgspec.structs.replace(
        stack_event(19, "AuditTable", "UPDATE_FAILED", "AWS::DynamoDB::Table"), reason=safe("only one index at a time")
    )
    cancelled = msgspec.structs.replace(
        stack_event(19, "F", "UPDATE_FAILED", "AWS::Lambda::Function"), reason=safe("Resource update cancelled")
    )
    events = (
        stack_event(17, own[0], "UPDATE_ROLLBACK_COMPLETE", own[1], own[2]),
        cancelled,
        failure,
        stack_event(20, own[0], "UPDATE_IN_PROGRESS", own[1], own[2]),
    )
    undone = Stack(safe("S"), STACK, safe("UPDATE_ROLLBACK_COMPLETE"))
    verdict = judge(calm(stack=read(undone), events=read(events)), SETTINGS, NOW).verdict
    told = "Stack: UPDATE_ROLLBACK_COMPLETE, AuditTable failed at 02:53: only one index at a time"
    assert (verdict.state, verdict.sentence) == (State.WARN, told)


def test_two_refusals_are_not_told_as_one() -> None:
    situation = calm(
        metrics=failed(ProblemKind.DENIED, operation="cloudwatch:GetMetricData"),
        edge_metrics=failed(ProblemKind.DENIED, operation="sts:AssumeRole"),
    )
    sentence = judge(situation, SETTINGS, NOW).verdict.sentence
    assert sentence.endswith("and 4 more: access denied (needs cloudwatch:GetMetricData); 2 more unseen")


@pytest.mark.runbook("R198")
def test_the_alarm_that_rang_first_is_told_by_name_when_nothing_worse_is_known() -> None:
    def ringing(name: str, minutes: float | None) -> Alarm:
        return Alarm(safe(name), "us-west-2", safe("ALARM"), None if minutes is None else at(minutes), actions=(STACK,))

    def told(*alarms: Alarm) -> tuple[State, str]:
        verdict = judge(calm(alarms=read(alarms)), SETTINGS, NOW).verdict
        return verdict.state, verdict.sentence

    assert told(ringing("slow", None)) == (State.WARN, "Alarm slow")
    found = told(ringing("slow", None), ringing("late", 3), ringing("first", 8))
    assert found == (State.WARN, "Alarm first since 03:04 and 2 more in alarm")


def rising(percent: float = 2.6, ringing: int = 3, **feeds: Reading[Any]) -> Assessment:
    """A rate that has not left the gap between normal and warning yet, three minutes after v42 went live."""
    errors = {start: 2 * percent if start >= epoch(8) else 0.0 for start in steady(1)}
    region = metrics(
        *api_series(steady(200), errors, steady(150)),
        *lambda_series(steady(200), steady(0), steady(100)),
        *table_series({}, steady(30)),
    )
    alarms = tuple(
        Alarm(safe(f"alarm{number}"), "us-west-2", safe("ALARM"), at(4), actions=(STACK,)) for number in range(ringing)
    )
    known: dict[str, Reading[Any]] = {
        "metrics": read(region),
        "events": read(deployment(12, 42)),
        "releases": read((release(42),)),
        "alarms": read(alarms),
    }
    return judge(calm(**(known | feeds)), SETTINGS, NOW)


def test_a_rising_metric_and_its_change_are_told_before_the_alarms_that_only_repeat_it() -> None:
    verdict = rising().verdict
    assert verdict.state is State.WARN
    assert verdict.sentence.startswith("API errors 2.6 % since 03:04, 4 min after v42 went live (stack update 03:00). ")
    assert verdict.sentence.endswith("CloudWatch: 3 in alarm")
    assert (verdict.key, verdict.remedy) == ("R", "rolls LIVE back to v41")


def test_without_a_recent_change_the_alarms_are_told() -> None:
    sentence = rising(events=read(deployment(3 * 1440, 42)), percent=0.2).verdict.sentence
    assert sentence.startswith("Alarm alarm0 since 03:08 and 2 more in alarm")


@pytest.mark.runbook("R062")
def test_an_alert_calls_although_every_band_is_normal_and_says_the_rate_with_it() -> None:
    verdict = rising(0.8, 0, events=read(deployment(3 * 1440, 42))).verdict
    assert verdict.state is State.WARN
    assert verdict.sentence == ("API Server Errors: 10 5xx of 2 000 requests (0.5 %) in 10 min since 03:04")
    assert (verdict.key, verdict.clock) == ("", "alert: API Server Errors")


def test_an_alarm_right_after_a_change_is_told_with_the_change() -> None:
    sentence = rising(0, 1).verdict.sentence
    assert sentence == "Alarm alarm0 since 03:08, 8 min after v42 went live (stack update 03:00)"


def test_blindness_is_said_and_never_called_normal() -> None:
    denied = failed(ProblemKind.DENIED, None, 0, "cloudwatch:GetMetricData")
    verdict = judge(calm(metrics=denied), SETTINGS, NOW).verdict
    assert verdict.state is State.DENIED
    assert verdict.sentence.startswith("Cannot see API latency, API errors, Requests and 4 more: access denied")
    assert "cloudwatch:GetMetricData" in verdict.sentence


def test_blindness_beside_a_breach_is_added_to_it() -> None:
    sentence = bad(edge_metrics=failed(ProblemKind.DENIED)).verdict.sentence
    assert sentence.startswith("API errors 15 %")
    assert "Cannot see CloudFront 4xx and Cache hit rate" in sentence


def test_an_account_that_cannot_be_asked_is_one_sentence() -> None:
    expired = failed(ProblemKind.EXPIRED)
    situation = calm(identity=expired, parts=expired, metrics=Reading(), edge_metrics=Reading())
    assert judge(situation, SETTINGS, NOW).verdict.sentence == "Cannot see anything: it is expired"


def test_no_traffic_is_not_called_normal() -> None:
    before = steady(100, since=60, until=30)
    quiet = metrics(*api_series(before, {}, before), *lambda_series(before, {}, before), *table_series({}, steady(1)))
    verdict = judge(calm(metrics=read(quiet)), SETTINGS, NOW).verdict
    assert verdict.state is State.NO_TRAFFIC
    assert verdict.sentence.startswith("No request since 02:42; 2 of 5 key metrics normal; API latency NO TRAFFIC")


def test_a_rollback_under_way_says_what_is_waited_for_and_until_when() -> None:
    before = bad(operations=read((rollback(),))).verdict
    assert before.sentence == "Rolling back LIVE v42 → v41: calling UpdateAlias"
    assert (before.state, before.key) == (State.CRIT, "")
    ordered = msgspec.structs.replace(rollback(text="Roll back LIVE of fn from v42 to v41"), phase=Phase.ORDERED)
    told = bad(operations=read((ordered,))).verdict.sentence
    assert told == "Rolling back LIVE v42 → v41: ordered, not begun yet"
    waiting = bad(operations=read((rollback(switched=2.5),))).verdict
    assert waiting.sentence == "Rolling back LIVE v42 → v41: waiting for 5 settled minutes, judged at 03:17"
    partly = bad(operations=read((rollback(switched=5, progress=(3, 5)),))).verdict
    assert partly.sentence == "Rolling back LIVE v42 → v41: 3 of 5 settled minutes, judged at 03:14"
    forward = bad(operations=read((rollback(undo_of="op0", moved=(41, 42)),))).verdict
    assert forward.sentence.startswith("Going forward again, LIVE v41 → v42")


def test_an_executor_without_a_sign_of_life_is_said() -> None:
    dead = msgspec.structs.replace(rollback(switched=13), beat=at(11))
    sentence = bad(operations=read((dead,))).verdict.sentence
    assert sentence.endswith("Its executor has shown no sign of life since 03:01")
    alive = msgspec.structs.replace(dead, beat=at(9))
    assert "no sign" not in bad(operations=read((alive,))).verdict.sentence


def _orphaned(operation: Operation) -> Situation:
    return msgspec.structs.replace(calm(operations=read((operation,))), orphans=frozenset({operation.id}))


def test_a_rollback_that_nobody_carries_on_is_said_at_once_with_the_key_that_helps() -> None:
    left = rollback()
    verdict = judge(_orphaned(left), SETTINGS, NOW).verdict
    assert verdict.sentence == "Rolling back LIVE v42 → v41 stands still, its executor is gone: calling UpdateAlias"
    assert (verdict.state, verdict.key) == (State.WARN, "o")
    switched = rollback(switched=2.5)
    verdict = judge(_orphaned(switched), SETTINGS, NOW).verdict
    assert verdict.sentence.endswith("its executor is gone: switched at 03:09, judged by nobody")


@pytest.mark.parametrize(
    ("outcome", "state", "key"),
    [
        (Outcome.RECOVERED, State.OK, ""),
        (Outcome.NOT_RECOVERED, State.CRIT, "z"),
        (Outcome.INCONCLUSIVE, State.WARN, ""),
        (Outcome.FAILED, State.CRIT, ""),
        (Outcome.VOID, State.WARN, ""),
    ],
)
def test_an_outcome_is_told_for_ten_minutes(outcome: Outcome, state: State, key: str) -> None:
    ended = rollback(switched=9.5, outcome=outcome, ended=2, text=f"{outcome}: errors 0.1 %")
    verdict = judge(calm(operations=read((ended,))), SETTINGS, NOW).verdict
    assert (verdict.state, verdict.key) == (state, key)
    assert verdict.sentence == f"{outcome}: LIVE v42 → v41 at 03:02; errors 0.1 %"
    later = judge(calm(operations=read((ended,))), SETTINGS, NOW + timedelta(minutes=9)).verdict
    assert not later.sentence.startswith(outcome)


@pytest.mark.parametrize("outcome", [Outcome.INCONCLUSIVE, Outcome.VOID, Outcome.FAILED])
def test_an_outcome_that_changed_nothing_hides_nothing(outcome: Outcome) -> None:
    ended = rollback(outcome=outcome, ended=2, text=f"{outcome}: LIVE was moved by somebody else")
    verdict = bad(operations=read((ended,))).verdict
    assert verdict.state is State.CRIT
    assert verdict.sentence == (
        f"{outcome}: LIVE v42 → v41; LIVE was moved by somebody else. "
        "API errors 15 % since 03:04, 4 min after v42 went live (stack update 03:00)"
    )
    assert (verdict.key, verdict.remedy) == ("R", "rolls LIVE back to v41")


def test_what_was_moved_away_by_somebody_else_can_be_rolled_back_again_and_what_stands_cannot() -> None:
    ended = rollback(switched=9.5, outcome=Outcome.INCONCLUSIVE, ended=2, text="INCONCLUSIVE: too few requests")
    moved_away = bad(since=11, operations=read((ended,)), releases=read((release(42),))).verdict
    assert (moved_away.state, moved_away.key) == (State.CRIT, "R")
    stands = bad(since=11, operations=read((ended,)), releases=read((release(41),))).verdict
    assert (stands.state, stands.key) == (State.CRIT, "")


def test_a_stack_that_stays_stuck_is_told_once_with_the_key_that_helps() -> None:
    stuck = Stack(safe("S"), STACK, safe("UPDATE_ROLLBACK_FAILED"), safe("role is gone"))
    text = "FAILED: stack S is UPDATE_ROLLBACK_FAILED, not UPDATE_ROLLBACK_COMPLETE"
    ended = rollback(outcome=Outcome.FAILED, ended=2, text=text)
    verdict = judge(calm(operations=read((ended,)), stack=read(stuck)), SETTINGS, NOW).verdict
    assert verdict.sentence.count("UPDATE_ROLLBACK_FAILED") == 1
    assert (verdict.state, verdict.key, verdict.remedy) == (State.CRIT, "R", "prepares to continue the rollback")


def test_a_new_breach_ends_the_good_news() -> None:
    ended = rollback(switched=12, outcome=Outcome.RECOVERED, ended=3)
    assert bad(since=6, operations=read((ended,)), events=read(())).verdict.sentence.startswith("API errors")


def test_after_a_rollback_that_broke_things_the_way_forward_is_offered() -> None:
    ended = rollback(switched=9.5, outcome=Outcome.RECOVERED, ended=8.2)
    verdict = bad(since=8, operations=read((ended,)), releases=read((release(41),))).verdict
    assert verdict.sentence == "API errors 15 % since 03:04, 2 min after rolled back to v41"
    assert (verdict.key, verdict.remedy) == ("z", "goes back to v42")


def test_another_environments_operation_is_none_of_this_ones() -> None:
    other = rollback(switched=2)
    foreign = msgspec.structs.replace(other, plan=msgspec.structs.replace(other.plan, environment="staging"))
    assert judge(calm(operations=read((foreign,))), SETTINGS, NOW).verdict.state is State.OK


def labels(assessment: Assessment) -> list[tuple[str, str]]:
    return [(change.kind, change.label) for change in assessment.changes]


def test_changes_are_the_alias_move_and_the_end_of_the_stack_operation() -> None:
    found = bad()
    assert labels(found) == [("alias", "v41"), ("stack", "stack"), ("alias", "v42"), ("stack", "stack")]
    assert [change.sentence for change in found.changes[-2:]] == [
        "v42 went live (stack update 03:00)",
        "stack update finished",
    ]
    assert sorted(change.at for change in found.changes) == [change.at for change in found.changes]


def test_our_own_move_is_told_once_although_invalidations_and_stages_come_too() -> None:
    ours = rollback(switched=3, outcome=Outcome.RECOVERED, ended=1)
    recent = Invalidation(safe("I1"), safe("InProgress"), at(4), (safe("/a"), safe("/b")))
    found = bad(operations=read((ours,)), invalidations=read((recent,)))
    assert [label for kind, label in labels(found) if kind in ("alias", "rollback")] == ["v41", "v42", "v41"]
    assert labels(found)[-2:] == [("invalidation", "inval"), ("rollback", "v41")]
    assert found.changes[-2].sentence == "invalidation of /a, /b began"


def test_a_move_nobody_recorded_is_found_by_who_served_last() -> None:
    served = VersionEvidence(safe(FUNCTION), 42, 500, 0, at(180), NOW, last_served=at(6))
    found = bad(releases=read((release(40),)), evidence=read((served,)))
    assert found.changes[-1].sentence == "LIVE was moved from v42 to v40, not by the stack"
    assert found.changes[-1].at == at(6)


def test_a_move_whose_stack_events_may_not_have_been_read_yet_is_not_called_foreign() -> None:
    served = VersionEvidence(safe(FUNCTION), 41, 500, 0, at(180), NOW, last_served=at(6))
    history = deployment(3 * 1440, 41)
    for events in (read(history, 5), read(deployment(7, 42)[3:] + history)):
        found = bad(events=events, releases=read((release(42),)), evidence=read((served,)))
        assert "not by the stack" not in str(found.changes)
    later = bad(events=read(history), releases=read((release(42),)), evidence=read((served,)))
    assert "not by the stack" in str(later.changes)


def test_a_failed_update_is_one_operation_that_was_rolled_back() -> None:
    stack = ("S", "AWS::CloudFormation::Stack", STACK)
    events = [
        stack_event(20, stack[0], "UPDATE_IN_PROGRESS", stack[1], stack[2]),
        stack_event(19, "F", "UPDATE_FAILED", "AWS::Lambda::Function"),
        stack_event(18, stack[0], "UPDATE_ROLLBACK_IN_PROGRESS", stack[1], stack[2]),
        stack_event(17, stack[0], "UPDATE_ROLLBACK_COMPLETE", stack[1], stack[2]),
    ]
    (operation,) = operations(events)
    assert (operation.began, operation.ended, operation.status) == (at(20), at(17), "UPDATE_ROLLBACK_COMPLETE")
    assert operation.root_cause is not None
    assert operation.root_cause.logical_id == "F"
    sentences = [change.sentence for change in judge(calm(events=read(tuple(events))), SETTINGS, NOW).changes]
    assert sentences == ["stack update failed and was rolled back"]


@pytest.mark.parametrize("cut", [1, 2, 3, 5])
def test_events_cut_off_at_the_oldest_end_still_make_an_operation(cut: int) -> None:
    events: Sequence[Any] = deployment(12, 42)[:cut]
    (operation,) = operations(events)
    assert operation.ended == events[0].at


def test_an_operation_that_runs_has_no_end() -> None:
    (operation,) = operations(deployment(12, 42)[1:])
    assert (operation.ended, operation.status) == (None, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")


def test_events_of_one_instant_keep_the_order_of_their_newest_first_list() -> None:
    events = [
        stack_event(5, "S", "UPDATE_COMPLETE", "AWS::CloudFormation::Stack", STACK),
        stack_event(5, "F", "UPDATE_COMPLETE", "AWS::Lambda::Function"),
        stack_event(5, "S", "UPDATE_IN_PROGRESS", "AWS::CloudFormation::Stack", STACK),
    ]
    (operation,) = operations(events)
    assert (operation.ended, operation.status) == (at(5), "UPDATE_COMPLETE")
    events.append(stack_event(9, "S", "CREATE_COMPLETE", "AWS::CloudFormation::Stack", STACK))
    assert len(operations(events)) == 2
