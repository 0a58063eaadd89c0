"""A nested stack that could not be read once: asked again when waiting may help, left alone when it may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from services.clock import ManualClock
from services.problems import ProblemKind, problem
from services.settings.values import Environment
from services.watch.stack_events import EventReader
from tests.stories.asked_support import ScriptedAccount

WHEN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STACK = "AWS::CloudFormation::Stack"
CHILD = {"EventId": "p1", "Timestamp": WHEN, "LogicalResourceId": "Child", "PhysicalResourceId": "child",
         "ResourceType": STACK, "ResourceStatus": "UPDATE_FAILED", "StackId": "parent"}  # fmt: skip
CAUSE = {"EventId": "c1", "Timestamp": WHEN, "LogicalResourceId": "Queue", "PhysicalResourceId": "queue",
         "ResourceType": "AWS::SQS::Queue", "ResourceStatus": "CREATE_FAILED", "StackId": "child"}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "asked"), [(ProblemKind.THROTTLED, 2), (ProblemKind.TIMEOUT, 2), (ProblemKind.DENIED, 1)]
)
async def test_a_nested_stack_is_read_again_if_the_first_try_failed_and_that_may_pass(
    kind: ProblemKind, asked: int
) -> None:
    tries: list[str] = []

    def script(operation: str, parameters: Mapping[str, Any], region: str) -> Any:
        if parameters["StackName"] != "child":
            return {"StackEvents": [CHILD]}
        tries.append(operation)
        return problem(kind, "no") if len(tries) == 1 else {"StackEvents": [CAUSE]}

    account: Any = ScriptedAccount(Environment("production", "parent", "us-west-2"), ManualClock(WHEN), script)
    reader = EventReader(account, "parent")
    assert [event.id for event in await reader.read()] == ["p1"]
    found = {event.id for event in await reader.read()}
    assert await reader.read()
    assert (len(tries), "c1" in found) == (asked, asked == 2)
