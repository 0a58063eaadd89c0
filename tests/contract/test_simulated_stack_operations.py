"""What changes a stack of the simulated account: each call in its own states, with its events, in due time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from services.simulated.platform.stack_book import Obstacle
from tests.simulated_support import boto, manual, simulated

STACK = "EC2Manager-production"
FUNCTION = "ec2-manager-function-prod"
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


class At:
    """Production's stack, by boto."""

    def __init__(self, account: SimulatedAccount) -> None:
        self.account, self.client = account, boto(account, "cloudformation")

    @property
    def stack(self) -> dict[str, Any]:
        return dict(self.client.describe_stacks(StackName=STACK)["Stacks"][0])

    @property
    def status(self) -> str:
        return str(self.stack["StackStatus"])

    @property
    def template(self) -> str:
        found = self.client.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
        return found if isinstance(found, str) else json.dumps(found)

    @property
    def live(self) -> str:
        found = boto(self.account, "lambda").get_alias(FunctionName=FUNCTION, Name="LIVE")
        return str(found["FunctionVersion"])

    def events(self, token: str) -> list[tuple[str, str]]:
        """(logical id, status) of the newest page's events of that token, oldest first."""
        rows = self.client.describe_stack_events(StackName=STACK)["StackEvents"]
        ours = [row for row in reversed(rows) if row.get("ClientRequestToken") == token]
        return [(row["LogicalResourceId"], row["ResourceStatus"]) for row in ours]

    def update(self, body: str, token: str = "ours", release: str = "v41", **more: Any) -> Any:
        values = [
            {"ParameterKey": "Environment", "UsePreviousValue": True},
            {"ParameterKey": "Release", "ParameterValue": release},
            {"ParameterKey": "SignInSecret", "UsePreviousValue": True},
        ]
        return self.client.update_stack(
            StackName=STACK, TemplateBody=body, Parameters=values, Capabilities=CAPABILITIES,
            ClientRequestToken=token, **more,
        )  # fmt: skip

    def passes(self, seconds: float) -> None:
        manual(self.account).advance(seconds)


@pytest.fixture
def at() -> Iterator[At]:
    with simulated("bad-deploy") as account:
        yield At(account)


@pytest.fixture
def deployed(at: At) -> tuple[At, str]:
    """After the bad deployment, with the template of before it."""
    good = at.template
    at.passes(400)
    assert (at.status, at.live) == ("UPDATE_COMPLETE", "42")
    return at, good


def refused(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_earlier_template_deployed_again_brings_its_code_as_a_new_version(deployed: tuple[At, str]) -> None:
    at, good = deployed
    at.update(good)
    assert at.status == "UPDATE_IN_PROGRESS"
    assert at.live == "42"
    at.passes(30)
    assert at.status == "UPDATE_IN_PROGRESS"
    at.passes(60)
    assert (at.status, at.live) == ("UPDATE_COMPLETE", "43")
    told = at.events("ours")
    assert told[0] == (STACK, "UPDATE_IN_PROGRESS")
    assert ("ManagerFunctionVersion42", "DELETE_SKIPPED") in told
    assert told[-1] == (STACK, "UPDATE_COMPLETE")
    versions = {
        one["Version"]: one["CodeSha256"]
        for one in boto(at.account, "lambda").list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    }
    assert versions["43"] == versions["41"] != versions["42"]
    assert at.template == good
    assert {one["ParameterKey"]: one["ParameterValue"] for one in at.stack["Parameters"]} == {
        "Environment": "production",
        "Release": "v41",
        "SignInSecret": "****",
    }
    minute = int(at.account.clock.now().timestamp()) // 60 * 60 + 60
    assert at.account.state.world.minute("production", minute).versions[43].errors == 0


def test_bad_code_is_bad_under_another_number(deployed: tuple[At, str]) -> None:
    at, good = deployed
    bad = at.template
    at.update(good)
    at.passes(120)
    at.update(bad, "again", "v42")
    at.passes(120)
    assert at.live == "44"
    minute = int(at.account.clock.now().timestamp()) // 60 * 60 + 60
    assert at.account.state.world.minute("production", minute).versions[44].errors > 0


def test_the_same_template_and_parameters_are_no_update(deployed: tuple[At, str]) -> None:
    at, _ = deployed
    code, message = refused(lambda: at.update(at.template, release="v42"))
    assert (code, message) == ("ValidationError", "No updates are to be performed.")
    assert at.status == "UPDATE_COMPLETE"


def test_a_token_makes_the_call_once_and_belongs_to_it(deployed: tuple[At, str]) -> None:
    at, good = deployed
    assert at.update(good)["StackId"] == at.update(good)["StackId"]
    at.passes(120)
    assert [status for name, status in at.events("ours") if name == STACK].count("UPDATE_COMPLETE") == 1
    assert refused(lambda: at.update(good, release="v40"))[0] == "TokenAlreadyExistsException"
    assert "regular expression" in refused(lambda: at.update(good, "-begins wrongly"))[1]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"TemplateBody": "Resources: {}"}, "not well-formed"),
    ({"TemplateBody": "{}"}, "At least one Resources member"),
    ({"TemplateBody": "x" * 51_201}, "less than or equal to 51200"),
    ({"Capabilities": []}, "Requires capabilities : [CAPABILITY_NAMED_IAM]"),
    ({"Parameters": []}, "Parameters: [Release, SignInSecret] must have values"),
    ({"Parameters": [{"ParameterKey": "Colour", "ParameterValue": "red"}]}, "Parameters: [Colour] do not exist"),
    ({"UsePreviousTemplate": True}, "Either Template URL or Template Body"),
)


def test_what_cannot_be_deployed_is_refused_before_anything_happens(at: At) -> None:
    for changed, says in WRONG:
        call = {"StackName": STACK, "TemplateBody": at.template, "Capabilities": CAPABILITIES} | changed
        assert says in refused(lambda call=call: at.client.update_stack(**call))[1]
    assert at.status == "UPDATE_COMPLETE"


def test_an_update_is_cancelled_while_it_runs_and_everything_goes_back(at: At) -> None:
    at.passes(155)
    assert (at.status, at.live) == ("UPDATE_IN_PROGRESS", "42")
    at.client.cancel_update_stack(StackName=STACK, ClientRequestToken="stop")
    assert at.status == "UPDATE_ROLLBACK_IN_PROGRESS"
    assert refused(lambda: at.client.cancel_update_stack(StackName=STACK))[0] == "ValidationError"
    at.passes(90)
    assert (at.status, at.live) == ("UPDATE_ROLLBACK_COMPLETE", "41")
    told = at.events("stop")
    assert told[-1] == (STACK, "UPDATE_ROLLBACK_COMPLETE")
    assert ("ManagerFunctionVersion42", "DELETE_COMPLETE") in told
    at.passes(600)
    assert (at.status, at.live) == ("UPDATE_ROLLBACK_COMPLETE", "41")
    rows = at.client.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    assert any(row["LogicalResourceId"] == "ManagerFunctionVersion41" for row in rows)
    assert {one["ParameterKey"]: one["ParameterValue"] for one in at.stack["Parameters"]}["Release"] == "v41"


def test_a_resource_that_fails_takes_the_update_back_or_leaves_it_as_it_is_to_be_rolled_back(
    deployed: tuple[At, str],
) -> None:
    at, good = deployed
    obstacle = Obstacle("ManagerFunctionAliasLIVE", "Rate exceeded")
    at.account.stacks["production"].obstacles.append(obstacle)
    at.update(good)
    at.passes(200)
    assert (at.status, at.live) == ("UPDATE_ROLLBACK_COMPLETE", "42")
    at.update(good, "kept", DisableRollback=True)
    at.passes(120)
    assert at.status == "UPDATE_FAILED"
    assert "[ManagerFunctionAliasLIVE]" in at.stack["StackStatusReason"]
    assert "can not be updated" in refused(lambda: at.update(good, "third"))[1]
    at.client.rollback_stack(StackName=STACK, ClientRequestToken="back")
    assert at.status == "UPDATE_ROLLBACK_IN_PROGRESS"
    at.passes(120)
    assert (at.status, at.live) == ("UPDATE_ROLLBACK_COMPLETE", "42")
    assert at.events("back")[0] == (STACK, "UPDATE_ROLLBACK_IN_PROGRESS")


def test_a_failed_rollback_is_continued_and_only_without_what_is_stuck() -> None:
    with simulated("update-rollback-failed") as account:
        at = At(account)
        at.passes(400)
        assert at.status == "UPDATE_ROLLBACK_FAILED"
        assert "[AuditTable]" in at.stack["StackStatusReason"]
        assert "can not be updated" in refused(lambda: at.update(at.template))[1]
        skip = {"StackName": STACK, "ResourcesToSkip": ["WebBucket"]}
        assert "could not be skipped" in refused(lambda: at.client.continue_update_rollback(**skip))[1]
        at.client.continue_update_rollback(StackName=STACK, ClientRequestToken="one")
        at.passes(120)
        assert at.status == "UPDATE_ROLLBACK_FAILED"
        at.client.continue_update_rollback(StackName=STACK, ResourcesToSkip=["AuditTable"], ClientRequestToken="two")
        assert at.status == "UPDATE_ROLLBACK_IN_PROGRESS"
        at.passes(120)
        assert (at.status, at.live) == ("UPDATE_ROLLBACK_COMPLETE", "41")
        assert ("AuditTable", "UPDATE_COMPLETE") in at.events("two")


def test_in_any_other_state_each_of_them_is_refused_with_the_state(at: At) -> None:
    for call, says in (
        (at.client.rollback_stack, "is in UPDATE_COMPLETE state and can not be rolled back."),
        (at.client.cancel_update_stack, "cannot be called from current stack status: UPDATE_COMPLETE"),
        (at.client.continue_update_rollback, "is in UPDATE_COMPLETE state and can not continue a rollback."),
    ):
        code, message = refused(lambda call=call: call(StackName=STACK))
        assert code == "ValidationError"
        assert says in message
