"""The topology strip: each node by its own readings, in the runbook's order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.model.alarms import Alarm
from services.model.assessment import Node, State
from services.model.content import Bucket
from services.model.edge import Distribution
from services.model.functions import Function
from services.model.reading import Reading
from services.model.tables import Index, Table
from services.problems import ProblemKind
from services.rules import judge
from services.safe_text import safe
from tests.unit.rules_support import (
    EDGE,
    FUNCTION,
    NOW,
    SETTINGS,
    TABLE,
    alias,
    api_series,
    calm,
    failed,
    metrics,
    read,
    release,
    steady,
)

ORDER = ["users", "cloudfront", "s3", "api", "lambda", "dynamodb", "cognito", "cloudwatch", "sns"]


def strip(**feeds: Reading[Any]) -> dict[str, Node]:
    return {node.key: node for node in judge(calm(**feeds), SETTINGS, NOW).nodes}


def distribution(status: str = "Deployed", enabled: bool = True) -> Reading[Any]:
    return read((Distribution(safe(EDGE), safe("d"), safe(status), enabled, extra_metrics=True),))


def function(state: str = "Active", update: str = "Successful", reason: str = "") -> Reading[Any]:
    return read((Function(safe(FUNCTION), safe("arn"), safe(state), safe(update), reason=safe(reason)),))


def alarm(name: str, state: str = "OK", *, actions: bool = True) -> Alarm:
    return Alarm(safe(name), "us-west-2", safe(state), actions=(safe("arn:sns"),) if actions else ())


@pytest.mark.runbook("R023")
def test_a_quiet_system_has_every_node_in_order_and_well() -> None:
    nodes = strip()
    assert list(nodes) == ORDER
    assert {node.state for node in nodes.values()} == {State.OK}
    assert nodes["lambda"].note == "v41"


def table(status: str = "ACTIVE", index: str = "ACTIVE") -> Reading[Any]:
    return read((Table(safe(TABLE), safe(status), True, indexes=(Index(safe("i"), safe(index)),)),))


def alarms(*found: Alarm) -> Reading[Any]:
    return read(found)


DENIED, MISSING = failed(ProblemKind.DENIED), failed(ProblemKind.NOT_FOUND)
RINGING = alarms(alarm("a", "ALARM"), alarm("b", "ALARM"))
BROKEN = [
    ("cloudfront", "distributions", distribution("InProgress"), State.WARN, "InProgress"),
    ("cloudfront", "distributions", distribution(enabled=False), State.CRIT, "disabled"),
    ("s3", "buckets", read((Bucket(safe("web"), False),)), State.CRIT, "unreachable"),
    ("api", "apis", read(()), State.CRIT, "API not found"),
    ("api", "apis", MISSING, State.CRIT, "API not found"),
    ("lambda", "functions", function("Inactive", reason="idle"), State.CRIT, "v41 Inactive: idle"),
    ("lambda", "functions", function(update="Failed", reason="role"), State.CRIT, "v41 update failed: role"),
    ("lambda", "functions", function("Pending"), State.WARN, "v41 Pending"),
    ("dynamodb", "tables", table("DELETING"), State.WARN, "DELETING"),
    ("dynamodb", "tables", table(index="CREATING"), State.WARN, "i CREATING"),
    ("cognito", "user_pools", DENIED, State.DENIED, "access denied"),
    ("cloudwatch", "alarms", RINGING, State.WARN, "2 in alarm"),
    ("sns", "alarms", alarms(alarm("a", actions=False)), State.NOT_ENABLED, "alarms notify nobody"),
]


@pytest.mark.runbook("R023")
@pytest.mark.runbook("R024")
@pytest.mark.runbook("R025")
@pytest.mark.runbook("R026")
@pytest.mark.runbook("R027")
@pytest.mark.runbook("R028")
@pytest.mark.runbook("R029")
@pytest.mark.parametrize(("key", "feed", "reading", "state", "note"), BROKEN)
def test_breaking_one_component_changes_its_node_alone(
    key: str, feed: str, reading: Reading[Any], state: State, note: str
) -> None:
    nodes = strip(**{feed: reading})
    assert (nodes[key].state, nodes[key].note) == (state, note)
    assert {other: node.state for other, node in nodes.items() if other != key and node.state is not State.OK} == {}


def test_a_metric_colours_the_component_it_measures() -> None:
    nodes = strip(metrics=read(metrics(*api_series(steady(100), steady(20), steady(100)))))
    assert nodes["api"].state is State.CRIT
    assert nodes["cloudfront"].state is State.OK


def test_weights_are_shown_with_the_version_that_serves() -> None:
    base = release(42)
    canary = msgspec.structs.replace(base, alias=msgspec.structs.replace(alias(42), weights=((43, 0.1),)))
    assert strip(releases=read((canary,)))["lambda"].note == "v42 + v43 10%"


def test_a_part_the_stack_lacks_is_not_reported_as_broken() -> None:
    parts = calm().parts.value
    assert parts is not None
    without = read(msgspec.structs.replace(parts, user_pools=()))
    nodes = strip(parts=without, user_pools=read(()))
    assert (nodes["cognito"].state, nodes["cognito"].note) == (State.NOT_ENABLED, "not in this stack")


@pytest.mark.parametrize("feed", ["distributions", "buckets", "apis", "functions", "tables", "user_pools", "alarms"])
@pytest.mark.parametrize("kind", [*ProblemKind, None])
def test_a_resource_that_cannot_be_read_is_never_ok(feed: str, kind: ProblemKind | None) -> None:
    reading = Reading[Any]() if kind is None else failed(kind)
    key = {
        "distributions": "cloudfront",
        "buckets": "s3",
        "apis": "api",
        "functions": "lambda",
        "tables": "dynamodb",
        "user_pools": "cognito",
        "alarms": "cloudwatch",
    }[feed]
    assert strip(**{feed: reading})[key].state is not State.OK


def test_an_old_answer_ages_into_stale() -> None:
    old = failed(ProblemKind.UNREACHABLE, distribution().value, minutes_ago=4)
    assert strip(distributions=old)["cloudfront"].state is State.STALE
