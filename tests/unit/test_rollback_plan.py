"""What a rollback would do, and each reason why there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from services.actions.rollback import plan_forward, plan_rollback
from services.model.apis import Api, ApiDeployment
from services.model.entry import Outcome, Phase
from services.model.plan import ActionKind, Grade, Plan, Refusal
from services.model.reading import Reading
from services.model.stacks import Stack
from services.problems import Problem, ProblemKind
from services.safe_text import SafeText
from services.settings.values import EnvironmentKind
from tests.unit.actions_support import (
    ALIAS,
    NOW,
    PRODUCTION,
    RELEASE,
    SETTINGS,
    STAGING,
    evidence,
    operation,
    reading,
    situation,
    version,
)


def plan(target: int | None = None, **feeds: Any) -> Plan:
    found = plan_rollback(situation(**feeds), PRODUCTION, SETTINGS, NOW, target)
    assert isinstance(found, Plan), found
    return found


def refusal(target: int | None = None, **feeds: Any) -> Refusal:
    found = plan_rollback(situation(**feeds), PRODUCTION, SETTINGS, NOW, target)
    assert isinstance(found, Refusal), found
    return found


def chosen(found: Plan) -> int:
    (one,) = [candidate.version for candidate in found.candidates if candidate.chosen]
    assert one == int(str(found.steps[0].call.parameters["FunctionVersion"]))
    return one


@pytest.mark.runbook("R227")
def test_the_plan_holds_the_exact_call_and_what_must_still_be_true() -> None:
    found = plan()
    (step,) = found.steps
    assert (step.call.service, step.call.operation, step.call.region) == ("lambda", "UpdateAlias", "us-west-2")
    assert step.call.parameters == {
        "FunctionName": "fn-prod",
        "Name": "LIVE",
        "FunctionVersion": "41",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
        "RevisionId": "rev-42",
    }
    assert {one.what: one.expected for one in step.preconditions} == {
        "alias.revision": "rev-42",
        "alias.version": "42",
        "alias.weights": "",
        "stack.status": "UPDATE_COMPLETE",
    }
    assert (step.title, found.kind, found.grade) == ("Lambda  LIVE  v42 → v41", ActionKind.ROLLBACK, Grade.TYPED)
    assert (found.account, found.environment) == ("123456789012", "production")
    assert found.expires - found.made == timedelta(minutes=5)
    assert found.saved[0] == "alias LIVE: v42, revision rev-42"
    assert found.irreversible


def test_recovery_is_judged_at_the_api_that_calls_the_function() -> None:
    found = plan().criterion
    assert found is not None
    limits = "5 settled minutes after the switch, at least 100 requests: errors < 1 %, latency < 1 s"
    assert found.text == f"{limits}; borne out by yesterday's latency"
    assert [metric.name if metric else None for metric in (found.requests, found.errors, found.latency)] == [
        *("Count", "5XXError", "Latency"),
    ]
    assert found.requests is not None
    assert dict(found.requests.dimensions) == {"ApiName": "api-production", "Stage": "prod"}


def test_without_metrics_yet_the_identity_comes_from_the_api_itself() -> None:
    found = plan(metrics=Reading()).criterion
    assert found is not None
    assert found.errors is not None
    assert dict(found.errors.dimensions) == {"ApiName": "api-production", "Stage": "prod"}


def test_elsewhere_than_in_production_a_key_is_enough() -> None:
    found = plan_rollback(replace(situation(), environment="staging"), STAGING, SETTINGS, NOW)
    assert isinstance(found, Plan)
    assert found.grade is Grade.KEY
    assert found.criterion is not None
    assert found.criterion.min_requests == SETTINGS.thresholds.min_requests


FAILED = version(41, state=SafeText("Failed"))
UNREACHABLE = Problem(ProblemKind.UNREACHABLE, SafeText("lambda could not be reached"), remedy="Check the network.")

REFUSALS: list[tuple[str, int | None, dict[str, Any], str, str]] = [
    ("no alias", None, {"releases": (replace(RELEASE, alias=None),)}, "has no alias LIVE", "Deploy the earlier"),
    (
        "not called",
        None,
        {"releases": (replace(RELEASE, called_by_api=False),)},
        "does not call fn-prod:LIVE",
        "let the integration call the alias",
    ),
    ("only version", None, {"releases": (replace(RELEASE, versions=(version(42),)),)}, "no earlier version", "retain"),
    (
        "same code everywhere",
        None,
        {"releases": (replace(RELEASE, versions=(version(42, "s"), version(41, "s"))),)},
        "no earlier version of fn-prod with other code",
        "mend forward",
    ),
    (
        "all failed",
        None,
        {"releases": (replace(RELEASE, versions=(version(42), FAILED)),)},
        "no earlier version",
        "Deploy",
    ),
    ("target is live", 42, {}, "LIVE is at v42 already", "Choose another"),
    ("target unknown", 7, {}, "has no version 7", "Published: v42, v41, v40, v39."),
    (
        "target has the same code",
        41,
        {"releases": (replace(RELEASE, versions=(version(42, "s"), version(41, "s"))),)},
        "same code as v42",
        "other code",
    ),
    ("target failed", 41, {"releases": (replace(RELEASE, versions=(version(42), FAILED)),)}, "state Failed", "Choose"),
    (
        "stack busy",
        None,
        {"stack": Stack(SafeText("s"), SafeText("id"), SafeText("UPDATE_IN_PROGRESS"), updated=NOW)},
        "s is UPDATE_IN_PROGRESS since 03:11:42Z",
        "Wait until",
    ),
    ("alias not read", None, {"releases": Reading()}, "has not been read yet", "Wait a moment"),
    (
        "alias unreadable",
        None,
        {"releases": Reading(tried=NOW, problem=UNREACHABLE)},
        "cannot be read: lambda could not be reached",
        "Check the network.",
    ),
    ("alias stale", None, {"releases": reading((RELEASE,), 181)}, "181 s old", "Refresh"),
    ("stack not read", None, {"stack": Reading()}, "the stack has not been read yet", "Wait"),
    ("account unknown", None, {"identity": Reading()}, "the account is not known yet", "GetCallerIdentity"),
    ("no function", None, {"releases": ()}, "the stack has no Lambda function", "Name a function"),
    (
        "several functions",
        None,
        {"releases": (RELEASE, replace(RELEASE, function=SafeText("other")))},
        "several functions have an alias: fn-prod, other",
        "Choose the function",
    ),
    (
        "no revision",
        None,
        {"releases": (replace(RELEASE, alias=replace(ALIAS, revision_id=SafeText(""))),)},
        "revision of LIVE is not known",
        "Refresh",
    ),
]


@pytest.mark.parametrize(
    ("target", "feeds", "reason", "remedy"), [row[1:] for row in REFUSALS], ids=[r[0] for r in REFUSALS]
)
def test_why_there_is_no_plan(target: int | None, feeds: dict[str, Any], reason: str, remedy: str) -> None:
    found = refusal(target, **feeds)
    assert reason in found.reason
    assert remedy in found.remedy


def test_credentials_of_another_account_are_refused_by_name() -> None:
    found = plan_rollback(situation(), replace(PRODUCTION, account="999999999999"), SETTINGS, NOW)
    assert isinstance(found, Refusal)
    assert "123456789012" in found.reason
    assert "999999999999" in found.reason


def test_a_read_only_environment_shows_its_plan_and_says_that_it_cannot_be_carried_out() -> None:
    found = plan_rollback(situation(), replace(PRODUCTION, read_only=True), SETTINGS, NOW)
    assert isinstance(found, Plan)
    assert found.notes[0].startswith("READ-ONLY")


@pytest.mark.parametrize("phase", [Phase.ORDERED, Phase.STARTED, Phase.INTENT, Phase.UNKNOWN])
def test_an_operation_of_ours_that_has_not_taken_effect_is_waited_for(phase: Phase) -> None:
    found = refusal(operations=(operation(plan(), phase),))
    assert "by alice on bastion" in found.reason
    assert phase.value in found.reason


def test_an_operation_that_is_only_being_judged_is_no_bar() -> None:
    under_way = operation(plan(), Phase.VERIFYING, switched_s=60)
    moved = replace(ALIAS, version=41, revision_id=SafeText("rev-41"))
    found = plan(operations=(under_way,), releases=(replace(RELEASE, alias=moved),))
    assert chosen(found) == 40


def test_a_reading_from_before_the_last_switch_is_no_ground_for_a_plan() -> None:
    done = operation(plan(), Phase.DONE, outcome=Outcome.RECOVERED, switched_s=2)
    assert "since it was moved" in refusal(operations=(done,)).reason


def test_versions_are_offered_newest_first_with_their_evidence() -> None:
    found = plan(evidence=(evidence(42, 148), evidence(41, 1)))
    assert [candidate.version for candidate in found.candidates] == [41, 40, 39]
    assert chosen(found) == 41
    first, second, _ = found.candidates
    assert (first.errors, first.requests) == (0.1, 1000)
    assert first.evidence == "errors 0.1 % of 1 000 while it served, until about 02:11, published 2 days ago"
    assert second.errors is None
    assert "nothing known" in second.evidence


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ((evidence(41, 300),), 40),
        ((evidence(41, 3, 10),), 41),
        ((evidence(41, 300), evidence(40, 200), evidence(39, 100)), 41),
        ((evidence(41, 0), evidence(40, 0)), 41),
        ((), 41),
    ],
    ids=["bad one skipped", "too few requests to tell", "all bad: the newest", "all good", "nothing known"],
)
def test_which_version_is_proposed(known: Any, expected: int) -> None:
    assert chosen(plan(evidence=known)) == expected


def test_a_version_with_the_same_code_is_skipped_and_gaps_in_numbers_are_normal() -> None:
    versions = (version(42, "bad"), version(40, "bad"), version(7, "good"))
    assert chosen(plan(releases=(replace(RELEASE, versions=versions),))) == 7


def test_a_version_that_an_earlier_rollback_did_not_help_on_is_not_proposed_again() -> None:
    failed = operation(plan(), Phase.DONE, outcome=Outcome.NOT_RECOVERED, switched_s=500)
    found = plan(operations=(failed,))
    assert chosen(found) == 40
    assert "did not help" in found.candidates[0].evidence


def test_what_the_journal_knows_of_where_we_came_from_is_preferred() -> None:
    came = plan(40, releases=(replace(RELEASE, versions=(version(42), version(41), version(40))),))
    step = replace(came.steps[0], before={"version": "40", "weights": ""}, after={"version": "42", "weights": ""})
    forward = operation(replace(came, steps=(step,)), Phase.DONE, outcome=Outcome.INCONCLUSIVE, switched_s=500)
    assert chosen(plan(operations=(forward,))) == 40


def test_a_given_target_is_taken_whatever_the_evidence() -> None:
    assert chosen(plan(41, evidence=(evidence(41, 900),))) == 41
    assert chosen(plan(39)) == 39


def test_weights_are_shown_and_cleared() -> None:
    weighted = replace(ALIAS, weights=((41, 0.25),))
    found = plan(40, releases=(replace(RELEASE, alias=weighted),))
    (step,) = found.steps
    assert step.title == "Lambda  LIVE  v42 with weights 41=0.25 → v40"
    assert ("alias.weights", "41=0.25") in {(one.what, one.expected) for one in step.preconditions}
    assert any("25% to v41: cleared" in note for note in found.notes)


def test_a_canary_is_ended_by_going_back_to_its_base() -> None:
    canary = replace(ALIAS, version=41, weights=((42, 0.1),))
    served = replace(evidence(41, 1), last_served=NOW + timedelta(minutes=2))
    found = plan(releases=(replace(RELEASE, alias=canary),), evidence=(served, evidence(42, 148)))
    assert chosen(found) == 41
    offered = {one.version: str(one.evidence) for one in found.candidates}
    assert "serves now" in offered[41] and "until" not in offered[41], "its newest period ends in the future"
    assert "asynchronous events that are queued may still run v42 for minutes" in found.irreversible
    assert found.title.startswith("End the weighted routing")
    assert found.steps[0].call.parameters["RoutingConfig"] == {"AdditionalVersionWeights": {}}


def test_the_other_layers_say_why_nothing_is_done_to_them() -> None:
    notes = "\n".join(plan().notes)
    assert "API       stage prod: no deployment newer than the live version" in notes
    assert "Stack     UPDATE_COMPLETE: CloudFormation has no rollback" in notes
    assert "Edge      no invalidation" in notes
    assert "Drift" in notes


def test_a_stage_deployed_after_the_live_version_is_pointed_out() -> None:
    deployed = ApiDeployment(SafeText("d"), NOW - timedelta(minutes=5))
    api = Api(SafeText("a1"), SafeText("api-production"), SafeText("prod"), deployments=(deployed,))
    assert any("was deployed 2026-11-23 03:06Z" in note for note in plan(apis=(api,)).notes)


def test_it_is_said_when_nobody_knows_whether_the_api_calls_the_alias() -> None:
    notes = plan(releases=(replace(RELEASE, called_by_api=None),)).notes
    assert any(note.startswith("Warning") for note in notes)


def test_in_a_sandbox_whose_time_runs_fast_a_plan_can_still_be_read_in_peace() -> None:
    sandbox = replace(PRODUCTION, kind=EnvironmentKind.SANDBOX, endpoint_url="http://127.0.0.1:1")
    found = plan_rollback(situation(), sandbox, SETTINGS, NOW)
    assert isinstance(found, Plan)
    assert found.expires - found.made == timedelta(hours=5)


def test_forward_puts_back_version_and_weights() -> None:
    weighted = replace(ALIAS, weights=((41, 0.25),))
    back = plan(40, releases=(replace(RELEASE, alias=weighted),))
    done = operation(back, Phase.DONE, outcome=Outcome.NOT_RECOVERED, switched_s=500)
    moved = replace(ALIAS, version=40, revision_id=SafeText("rev-40"))
    found = plan_forward(
        done, situation(releases=(replace(RELEASE, alias=moved),), operations=(done,)), PRODUCTION, SETTINGS, NOW
    )
    assert isinstance(found, Plan)
    assert found.undo_of == done.id
    parameters = found.steps[0].call.parameters
    assert parameters["FunctionVersion"] == "42"
    assert parameters["RoutingConfig"] == {"AdditionalVersionWeights": {"41": 0.25}}
    assert parameters["RevisionId"] == "rev-40"
    assert "forward again to v42 with weights 41=0.25" in found.title


def test_forward_is_refused_when_the_alias_is_not_where_we_left_it() -> None:
    done = operation(plan(), Phase.DONE, outcome=Outcome.RECOVERED, switched_s=500)
    found = plan_forward(done, situation(operations=(done,)), PRODUCTION, SETTINGS, NOW)
    assert isinstance(found, Refusal)
    assert "LIVE is at v42, not at v41" in found.reason


def test_forward_is_refused_when_nothing_was_applied_or_the_version_is_gone() -> None:
    void = operation(plan(), Phase.VOID, outcome=Outcome.VOID)
    found = plan_forward(void, situation(), PRODUCTION, SETTINGS, NOW)
    assert isinstance(found, Refusal)
    assert "nothing that can be taken back" in found.reason
    done = operation(plan(), Phase.DONE, outcome=Outcome.RECOVERED, switched_s=500)
    moved = replace(ALIAS, version=41)
    gone = replace(RELEASE, alias=moved, versions=(version(41), version(40)))
    found = plan_forward(done, situation(releases=(gone,)), PRODUCTION, SETTINGS, NOW)
    assert isinstance(found, Refusal)
    assert "v42 does not exist any more" in found.reason
