"""Replies become values, or are called garbled; nothing else comes out of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.aws import alarms, apis, content, edge, functions, identity, metrics, stacks, tables, users
from services.aws.reply import pages
from services.clock import ManualClock
from services.discovery import parts_of
from services.model.functions import FunctionVersion
from services.model.parts import StackResource
from services.model.series import MetricId, Signal
from services.problems import AccountError, ProblemKind
from services.safe_text import safe
from services.settings.values import Environment

ENVIRONMENT = Environment("production", "S", "us-west-2")
WHEN = datetime(2025, 9, 14, 3, 0, tzinfo=UTC)


class Scripted:
    """Stands where an Account stands, and answers from a script."""

    def __init__(self, *replies: Any) -> None:
        self.environment = ENVIRONMENT
        self.clock = ManualClock(WHEN)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._replies = list(replies)

    async def ask(
        self, service: str, operation: str, parameters: Mapping[str, Any] | None = None, *, region: str = ""
    ) -> Any:
        self.asked.append((operation, dict(parameters or {})))
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


def signal() -> Signal:
    return Signal("api.count", "a/prod", MetricId("us-west-2", "AWS/ApiGateway", "Count", ()), ("Sum", "Average"))


Reader = Callable[[Any], Awaitable[object]]
READERS: dict[str, Reader] = {
    "identity": identity.whoami,
    "stack": lambda account: stacks.describe(account, "S"),
    "resources": lambda account: stacks.resources(account, "S"),
    "events": lambda account: stacks.events(account, "S"),
    "function": lambda account: functions.describe(account, "f"),
    "alias": lambda account: functions.alias(account, "f", "LIVE"),
    "versions": lambda account: functions.versions(account, "f"),
    "api": lambda account: apis.describe(account, "a"),
    "table": lambda account: tables.describe(account, "t"),
    "distribution": lambda account: edge.describe(account, "E1"),
    "invalidations": lambda account: edge.invalidations(account, "E1"),
    "pool": lambda account: users.describe(account, "p"),
    "alarms": lambda account: alarms.describe(account, "us-west-2"),
    "metrics": lambda account: metrics.fetch(account, [signal()], 0, 60),
    "published": lambda account: metrics.published(account, signal().metric),
}


@pytest.mark.parametrize("name", READERS)
async def test_an_empty_reply_is_garbled_and_no_empty_success(name: str) -> None:
    with pytest.raises(AccountError) as caught:
        await READERS[name](Scripted({}))
    assert caught.value.problem.kind is ProblemKind.GARBLED


FIELDS = [
    "Account", "Arn", "Stacks", "StackName", "StackId", "StackStatus", "StackResourceSummaries",
    "LogicalResourceId", "ResourceType", "StackEvents", "EventId", "Timestamp", "FunctionName", "FunctionArn",
    "Name", "FunctionVersion", "RoutingConfig", "AdditionalVersionWeights", "Versions", "Version", "name",
    "item", "items", "stageName", "methodSettings", "resourceMethods", "methodIntegration", "uri", "Table",
    "TableName", "TableStatus", "Distribution", "Id", "DomainName", "Status", "DistributionConfig",
    "InvalidationList", "Items", "Invalidation", "UserPool", "MetricAlarms", "AlarmName", "StateValue",
    "Dimensions", "Metrics", "MetricDataResults", "Timestamps", "Values", "StatusCode", "NextToken", "Enabled",
]  # fmt: skip
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(WHEN)
shapes = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)
)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(reply=st.dictionaries(st.sampled_from(FIELDS), shapes, max_size=8))
def test_no_reply_ends_in_anything_but_a_value_or_an_account_error(name: str, reply: dict[str, Any]) -> None:
    async def read() -> None:
        try:
            await READERS[name](Scripted(reply))
        except AccountError as error:
            assert error.problem.kind is ProblemKind.GARBLED

    asyncio.run(read())


@pytest.mark.runbook("R102")
async def test_sixty_versions_on_two_pages_are_sorted_by_number_and_latest_is_left_out() -> None:
    words = ["$LATEST", *map(str, range(1, 61))]
    listed = [
        {"Version": word, "CodeSha256": "x", "Description": f"v{word}", "LastModified": "2025-09-14T03:00:00.000+0000"}
        for word in sorted(words)
    ]
    account: Any = Scripted({"Versions": listed[:50], "NextMarker": "m"}, {"Versions": listed[50:]})
    found = await functions.versions(account, "f")
    assert [version.number for version in found] == list(range(60, 0, -1))
    assert {version.published for version in found} == {WHEN}
    assert found[0].description == "v60"
    assert account.asked[1][1]["Marker"] == "m"


ARN = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:1:function:"


@pytest.mark.parametrize(
    ("uris", "called"),
    [
        ((f"{ARN}f:LIVE/invocations",), True),
        ((f"{ARN}f:LIVE/invocations", f"{ARN}other/invocations"), True),
        ((f"{ARN}f/invocations",), False),
        ((f"{ARN}f:LIVE/invocations", f"{ARN}f:41/invocations"), False),
        ((f"{ARN}f:${{stageVariables.alias}}/invocations",), None),
        ((f"{ARN}other:LIVE/invocations",), None),
        ((), None),
        (None, None),
    ],
)
def test_whether_the_api_calls_the_alias_is_read_from_its_integrations(
    uris: tuple[str, ...] | None, called: bool | None
) -> None:
    serving = functions.parse_alias({"Name": "LIVE", "FunctionVersion": "41"}, "f")
    assert functions.release("f", serving, (FunctionVersion(41, safe("x")),), uris).called_by_api is called


def test_an_alias_keeps_its_weights() -> None:
    reply = {
        "Name": "LIVE",
        "FunctionVersion": "42",
        "RevisionId": "r",
        "RoutingConfig": {"AdditionalVersionWeights": {"41": 0.1}},
    }
    alias = functions.parse_alias(reply, "f")
    assert (alias.version, alias.weights, alias.revision_id) == (42, ((41, 0.1),), "r")


async def test_events_are_read_up_to_the_first_known_one() -> None:
    def page(*ids: str, token: str = "") -> dict[str, Any]:
        rows = [{"EventId": id, "Timestamp": WHEN} for id in ids]
        return {"StackEvents": rows, "NextToken": token} if token else {"StackEvents": rows}

    account: Any = Scripted(page("5", "4", token="a"), page("3", "2", token="b"), page("1"))
    fresh = await stacks.events(account, "S", {"3"})
    assert [event.id for event in fresh] == ["5", "4"]
    assert len(account.asked) == 2


async def test_a_token_that_loops_ends_the_paging() -> None:
    account: Any = Scripted({"Rows": [], "NextToken": "again"})
    seen = [page async for page in pages(account, "x", "Y", {})]
    assert len(seen) == 2


async def test_tokens_that_never_end_are_followed_to_the_limit_only() -> None:
    account: Any = Scripted(*({"NextToken": str(number)} for number in range(1000)))
    seen = [page async for page in pages(account, "x", "Y", {}, limit=7)]
    assert len(seen) == 7


@pytest.mark.parametrize(
    ("status", "kind"), [("Forbidden", ProblemKind.DENIED), ("InternalError", ProblemKind.FAILING)]
)
async def test_a_series_that_could_not_be_read_is_no_silence(status: str, kind: ProblemKind) -> None:
    account: Any = Scripted({"MetricDataResults": [{"Id": "q0", "StatusCode": status}]})
    with pytest.raises(AccountError) as caught:
        await metrics.fetch(account, [signal()], 0, 60)
    assert caught.value.problem.kind is kind


async def test_pages_of_a_series_are_merged_and_nan_is_no_point() -> None:
    def result(*points: tuple[int, float]) -> dict[str, Any]:
        times = [datetime.fromtimestamp(at, UTC) for at, _ in points]
        return {"Id": "q0", "StatusCode": "PartialData", "Timestamps": times, "Values": [value for _, value in points]}

    account: Any = Scripted(
        {"MetricDataResults": [result((120, 2.0), (60, 1.0))], "NextToken": "t"},
        {"MetricDataResults": [result((0, 0.0), (180, float("nan")))]},
    )
    found = await metrics.fetch(account, [signal()], 0, 240)
    series = found[signal().id]
    assert dict(series.statistic("Sum")) == {0: 0.0, 60: 1.0, 120: 2.0}
    assert list(series.statistic("Sum")) == [0, 60, 120]
    assert (series.asked_from, series.asked_until) == (0, 240)


async def test_more_than_five_hundred_queries_are_asked_in_two_calls() -> None:
    many = [
        Signal(f"k{number}", "r", MetricId("us-west-2", "N", "M", (("D", str(number)),)), ("Sum",))
        for number in range(501)
    ]
    account: Any = Scripted({"MetricDataResults": []})
    await metrics.fetch(account, many, 0, 60)
    assert [len(asked["MetricDataQueries"]) for _, asked in account.asked] == [500, 1]


async def test_a_bucket_that_is_gone_is_an_answer() -> None:
    class Gone(Scripted):
        async def ask(self, *arguments: Any, **options: Any) -> Any:
            from services.problems import problem

            raise AccountError(problem(ProblemKind.NOT_FOUND, "no"))

    gone: Any = Gone({})
    assert (await content.describe(gone, "b")).reachable is False


def test_resources_are_sorted_by_type_and_the_deleted_ones_left_out() -> None:
    def resource(kind: str, name: str, status: str = "CREATE_COMPLETE") -> StackResource:
        return StackResource(safe(name or "x"), safe(name), safe(kind), safe(status))

    found = parts_of(
        safe("S"),
        safe("arn:stack"),
        [
            resource("AWS::Lambda::Function", "f"),
            resource("AWS::Lambda::Function", "old", "DELETE_COMPLETE"),
            resource("AWS::Lambda::Function", ""),
            resource("AWS::Lambda::Alias", "arn:aws:lambda:us-west-2:1:function:f:LIVE"),
            resource("AWS::Lambda::Alias", "nonsense"),
            resource("AWS::DynamoDB::Table", "t"),
            resource("Custom::Thing", "z"),
        ],
    )
    assert found.functions == ("f",)
    assert found.aliases == (("f", "LIVE"),)
    assert found.tables == ("t",)
    assert found.rest_apis == ()
    assert len(found.resources) == 7
