"""The stack's plans and refusals: exactly what each state permits, and what a kept template would change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import botocore.loaders
import msgspec
import pytest

from services.actions.by_hand import by_hand
from services.actions.permissions import stack_action
from services.actions.readiness import readiness
from services.actions.stack import plan_stack
from services.actions.stack_diff import difference, parts
from services.actions.stack_redeploy import plan_stack_forward
from services.actions.stack_template import MOST_BODY, MOST_URL
from services.model.entry import Outcome, Phase
from services.model.kept import Setting
from services.model.plan import Grade, Plan, Refusal
from services.model.readiness import Answer, Ground
from services.model.stacks import STACK_TYPE, Stack, StackEvent
from services.redact import redact_value
from services.rules.layers import indicated
from services.rules.stack_states import Way, permitted
from services.safe_text import SafeText
from tests.unit.actions_support import NOW, PRODUCTION, SETTINGS, operation, situation
from tests.unit.stack_support import DEPLOYED, ID, NAME, NEWER, OLDER, kept


def stack(status: str, **more: Any) -> Stack:
    return Stack(NAME, ID, SafeText(status), updated=NOW - timedelta(minutes=3), **more)


def event(id: str, logical: str, status: str, reason: str = "", **more: Any) -> StackEvent:
    own = logical == NAME
    return StackEvent(
        SafeText(id), NOW - timedelta(minutes=2), SafeText(logical), ID if own else SafeText(f"p-{logical}"),
        SafeText(STACK_TYPE if own else "AWS::DynamoDB::Table"), SafeText(status), SafeText(reason), stack_id=ID,
        **more,
    )  # fmt: skip


FAILED = (
    event("4", NAME, "UPDATE_ROLLBACK_FAILED"),
    event("3", "AuditTable", "UPDATE_FAILED", "modified multiple times"),
    event("2", NAME, "UPDATE_ROLLBACK_IN_PROGRESS"),
    event("1", "Role", "UPDATE_FAILED", "too long"),
    event("0", NAME, "UPDATE_IN_PROGRESS", "User Initiated"),
)
"""Newest first: the update failed at Role, its rollback at AuditTable."""


def seen(status: str, **feeds: Any) -> Any:
    found = {"stack": stack(status), "events": FAILED, "deployed": DEPLOYED, "kept": (NEWER, OLDER)} | feeds
    return situation(**found)


def planned(status: str, *, skips: tuple[str, ...] = (), target: str = "", **feeds: Any) -> Plan | Refusal:
    return plan_stack(seen(status, **feeds), PRODUCTION, SETTINGS, NOW, target, skips=skips)


def plan(status: str, **more: Any) -> Plan:
    found = planned(status, **more)
    assert isinstance(found, Plan), found
    return found


def refused(status: str, **more: Any) -> Refusal:
    found = planned(status, **more)
    assert isinstance(found, Refusal), found
    return found


def _statuses() -> list[str]:
    model = botocore.loaders.Loader().load_service_model("cloudformation", "service-2")
    return list(model["shapes"]["StackStatus"]["enum"])


OPERATIONS = {
    Way.CANCEL: "CancelUpdateStack",
    Way.CONTINUE: "ContinueUpdateRollback",
    Way.ROLL_BACK: "RollbackStack",
    Way.REDEPLOY: "UpdateStack",
}


@pytest.mark.parametrize("status", _statuses())
def test_every_state_gives_exactly_what_it_permits_or_a_refusal_with_a_remedy(status: str) -> None:
    found, ways = planned(status), permitted(status)
    if not ways.ways or ways.deletes:
        assert isinstance(found, Refusal)
        assert status in found.reason
        assert found.remedy
        return
    assert isinstance(found, Plan)
    (step,) = found.steps
    assert step.call.operation == OPERATIONS[ways.ways[0]]
    assert step.call.parameters["StackName"] == ID, "by its id, never by a name that another stack may have"
    assert step.call.parameters["ClientRequestToken"] == "ec2m-<operation id>"
    assert ("stack.status", status) in [(one.what, one.expected) for one in step.preconditions]
    assert found.grade is Grade.TYPED
    assert stack_action(seen(status)).endswith(step.call.operation)


def test_what_would_delete_the_stack_is_refused_outright_whatever_is_asked() -> None:
    for more in ({}, {"target": OLDER.name}, {"skips": ("AuditTable",)}):
        assert "DELETE" in refused("CREATE_FAILED", **more).reason


def test_while_anything_else_runs_it_is_said_what_is_awaited() -> None:
    found = refused("UPDATE_ROLLBACK_IN_PROGRESS")
    assert "being undone" in found.reason
    assert "UPDATE_ROLLBACK_COMPLETE or UPDATE_ROLLBACK_FAILED" in found.remedy
    assert "UPDATE_COMPLETE)" in refused("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS").remedy


def test_a_cancellation_holds_only_for_the_operation_that_was_seen() -> None:
    found = plan("UPDATE_IN_PROGRESS", events=FAILED[-1:])
    assert ("stack.operation", "0") in [(one.what, one.expected) for one in found.steps[0].preconditions]
    assert "this cannot be taken back" in found.irreversible
    assert not found.steps[0].undoable


def test_only_what_failed_in_the_rollback_is_offered_to_be_skipped_and_what_that_means_is_said() -> None:
    first = plan("UPDATE_ROLLBACK_FAILED")
    offered = next(line for line in first.notes if line.startswith("Or skip"))
    assert "AuditTable: " in offered
    assert "CloudFormation takes it for restored" in offered
    assert "ResourcesToSkip" not in first.steps[0].call.parameters
    assert any("modified multiple times" in line for line in first.notes)
    skipping = plan("UPDATE_ROLLBACK_FAILED", skips=("AuditTable",))
    assert skipping.steps[0].call.parameters["ResourcesToSkip"] == ["AuditTable"]
    assert "AuditTable stays as it is now and counts as restored" in skipping.irreversible
    wrong = refused("UPDATE_ROLLBACK_FAILED", skips=("Role",))
    assert "Role cannot be skipped" in wrong.reason
    assert "AuditTable" in wrong.remedy
    assert "nothing can be skipped" in refused("UPDATE_COMPLETE", skips=("AuditTable",)).reason


def test_a_resource_within_a_nested_stack_is_called_as_cloudformation_wants_it() -> None:
    child = SafeText("arn:child")
    held = msgspec.structs.replace(
        event("h", "Mail", "UPDATE_FAILED", "child failed"), type=SafeText(STACK_TYPE), physical_id=child
    )
    queue = msgspec.structs.replace(event("q", "Queue", "UPDATE_FAILED", "no"), stack_id=child, nested=True)
    found = plan("UPDATE_ROLLBACK_FAILED", events=(FAILED[0], held, queue, *FAILED[2:]))
    assert [line.split()[2] for line in found.notes if line.startswith("Or skip")] == ["Mail.Queue:"]


def test_the_earlier_template_is_sent_again_as_it_was_and_what_is_the_same_is_said_to_stay() -> None:
    found = plan("UPDATE_COMPLETE")
    call = found.steps[0].call.parameters
    assert call["TemplateBody"] == f"kept:{OLDER.original}"
    assert call["Parameters"] == [
        {"ParameterKey": "Release", "ParameterValue": "v41"},
        {"ParameterKey": "Secret", "UsePreviousValue": True},
    ]
    assert call["Capabilities"] == ["CAPABILITY_IAM"]
    assert "DisableRollback" not in call
    told = "\n".join(found.notes)
    for part in ("1 changed: F", "1 removed: Extra", "Parameter Release: v42 → v41", "for Secret"):
        assert part in told
    assert "Extra leave the stack and are DELETED with what they hold" in found.irreversible
    assert found.steps[0].undoable
    assert [(one.name, one.chosen) for one in found.candidates] == [(OLDER.name, True)]


def test_after_a_failed_update_a_redeployment_keeps_what_failed() -> None:
    call = plan("UPDATE_FAILED", target=OLDER.name).steps[0].call
    assert (call.operation, call.parameters["DisableRollback"]) == ("UpdateStack", True)
    assert plan("UPDATE_FAILED").steps[0].call.operation == "RollbackStack"


def test_what_replaced_resources_on_the_way_here_is_said_to_do_so_on_the_way_back() -> None:
    replacing = msgspec.structs.replace(NEWER, replaced=(SafeText("F"), SafeText("Other")))
    told = "\n".join(plan("UPDATE_COMPLETE", kept=(replacing, OLDER)).notes)
    assert "WARNING   F, Other: replaced" in told
    assert "Replaced  not known" in "\n".join(plan("UPDATE_COMPLETE").notes)


@pytest.mark.parametrize(
    ("feeds", "says"),
    [
        ({"kept": (NEWER,)}, "no earlier template"),
        ({"kept": (NEWER, msgspec.structs.replace(OLDER, body=""))}, "missing or damaged"),
        ({"kept": (NEWER, msgspec.structs.replace(OLDER, size=MOST_BODY + 1))}, "no bucket is configured"),
        ({"kept": (NEWER, msgspec.structs.replace(OLDER, size=MOST_URL + 1))}, "bytes; CloudFormation takes"),
        (
            {"kept": (NEWER, msgspec.structs.replace(OLDER, parameters=(Setting("Pin", "****", True),)))},
            "Pin is NoEcho",
        ),
    ],
)
def test_without_a_template_that_can_be_sent_there_is_no_plan_but_a_remedy(feeds: dict[str, Any], says: str) -> None:
    found = refused("UPDATE_COMPLETE", **feeds)
    assert says in found.reason
    assert found.remedy


def test_a_template_that_is_too_long_for_the_call_is_put_into_the_configured_bucket_first() -> None:
    there = msgspec.structs.replace(PRODUCTION, template_bucket="deploys")
    found = plan_stack(
        seen("UPDATE_COMPLETE", kept=(NEWER, msgspec.structs.replace(OLDER, size=MOST_BODY + 1))),
        there, SETTINGS, NOW,
    )  # fmt: skip
    assert isinstance(found, Plan), found
    put, update = found.steps
    key = f"cockpit-templates/{OLDER.original}"
    assert (put.call.operation, put.call.parameters["Bucket"], put.call.parameters["Key"]) == (
        "PutObject",
        "deploys",
        key,
    )
    assert update.call.parameters["TemplateURL"] == f"https://deploys.s3.us-west-2.amazonaws.com/{key}"
    assert "TemplateBody" not in update.call.parameters
    written = msgspec.json.decode(msgspec.json.encode(found))
    assert redact_value(written) == written
    lines = by_hand(operation(found, Phase.INTENT)).finish
    assert f"--body {OLDER.file}" in lines[0].command
    assert lines[0].command.startswith("aws s3api put-object ")
    assert '"TemplateURL":"https://deploys.s3.' in lines[1].command


def test_a_value_that_looks_like_a_secret_is_not_written_into_an_order() -> None:
    given = (Setting("Database", "postgres://app:hunter2@db/x"), Setting("Secret", "****", True))
    found = refused("UPDATE_COMPLETE", kept=(NEWER, msgspec.structs.replace(OLDER, parameters=given)))
    assert "Database had looks like a secret" in found.reason
    assert "hunter2" not in found.reason


def test_no_reason_of_a_failure_makes_a_plan_that_cannot_be_ordered() -> None:
    failed = msgspec.structs.replace(FAILED[1], reason=SafeText('"no" (RequestToken: 7e22d5b4-90c1-4b2c-8f43)'))
    made = plan("UPDATE_ROLLBACK_FAILED", events=(FAILED[0], failed, *FAILED[2:]))
    found = msgspec.json.decode(msgspec.json.encode(made))
    assert redact_value(found) == found


def test_a_target_is_a_kept_deployment_by_the_beginning_of_its_digest() -> None:
    third = kept("v40" + "c" * 9, OLDER.body, 9)
    everything = (NEWER, OLDER, third)
    chosen = plan("UPDATE_COMPLETE", target="v40", kept=everything)
    assert chosen.steps[0].after["deployed"] == third.digest
    assert "already" in refused("UPDATE_COMPLETE", target=NEWER.name, kept=everything).reason
    assert OLDER.name in refused("UPDATE_COMPLETE", target="ffff", kept=everything).remedy


def test_what_we_went_back_from_with_success_is_not_proposed_and_an_undo_goes_where_it_stood() -> None:
    back = plan("UPDATE_COMPLETE")
    done = operation(back, Phase.DONE, outcome=Outcome.RECOVERED, switched_s=60)
    now_older = msgspec.structs.replace(
        DEPLOYED, original=OLDER.body, parameters=OLDER.parameters, capabilities=OLDER.capabilities
    )
    third = kept("v40" + "c" * 9, OLDER.body, 9)
    again = seen("UPDATE_COMPLETE", deployed=now_older, kept=(OLDER, NEWER, third), operations=(done,))
    proposed = plan_stack(again, PRODUCTION, SETTINGS, NOW)
    assert isinstance(proposed, Plan)
    assert proposed.steps[0].after["deployed"] == third.digest
    undone = plan_stack_forward(done, again, PRODUCTION, NOW, None)
    assert isinstance(undone, Plan)
    assert (undone.steps[0].after["deployed"], undone.undo_of) == (NEWER.digest, done.id)


def test_yaml_templates_are_compared_by_the_lines_of_each_resource() -> None:
    then = "Parameters:\n  A:\n    Type: String\nResources:\n  F:\n    Type: X\n    P: 1\n"
    then += "  T:\n    Type: AWS::S3::Bucket\n"
    now = then.replace("P: 1", "P: 2") + "  K:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n"
    assert set(parts(then)) == {"F", "T"}
    found = difference(kept("n" * 12, now, 1), kept("t" * 12, then, 2))
    assert (found.changed, found.removed, found.lost, found.unread) == (("F",), ("K",), (), False)
    assert difference(kept("n" * 12, "garbage", 1), kept("t" * 12, then, 2)).unread


def test_a_secret_in_a_parameter_is_not_shown() -> None:
    secret = msgspec.structs.replace(
        OLDER, parameters=(Setting("ApiToken", "abc-def"), Setting("Secret", "****", True))
    )
    told = "\n".join(plan("UPDATE_COMPLETE", kept=(NEWER, secret)).notes)
    assert "ApiToken" in told
    assert "abc-def" not in told


def test_the_lines_for_a_person_read_the_template_from_its_file_under_the_same_token() -> None:
    found = operation(plan("UPDATE_COMPLETE"), Phase.INTENT)
    hand = by_hand(found)
    assert f"--template-body file:///state/kept/{OLDER.digest}" in hand.finish[0].command
    assert "--client-request-token" in hand.finish[0].command
    assert "kept:" not in hand.finish[0].command
    assert "describe-stack-events" in hand.look[0].command
    stopped = by_hand(operation(plan("UPDATE_IN_PROGRESS"), Phase.INTENT))
    assert "cannot be taken back" in stopped.undo[0].about


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_the_evidence_points_at_a_stack_that_only_cloudformation_can_lead_on(status: str) -> None:
    assert indicated(seen(status)) == "stack"


def test_readiness_says_what_is_kept_and_what_the_way_back_is() -> None:
    def checks(status: str, **feeds: Any) -> dict[str, Answer]:
        found = readiness(seen(status, **feeds), PRODUCTION, SETTINGS, NOW, None, Ground("/state"))
        layer = next(one for one in found.layers if one.name == "CloudFormation")
        return {one.name: one.answer for one in layer.checks}

    assert checks("UPDATE_COMPLETE") == {
        "stack": Answer.YES, "kept": Answer.YES, "way back": Answer.YES, "permission": Answer.UNKNOWN,
    }  # fmt: skip
    assert checks("UPDATE_COMPLETE", kept=(NEWER,))["kept"] is Answer.CAREFUL
    assert checks("UPDATE_ROLLBACK_FAILED") | {"stack": Answer.NO, "way back": Answer.YES} == checks(
        "UPDATE_ROLLBACK_FAILED"
    )
    assert checks("UPDATE_ROLLBACK_IN_PROGRESS")["way back"] is Answer.CAREFUL
