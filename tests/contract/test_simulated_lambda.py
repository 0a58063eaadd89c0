"""Lambda of the simulated account: aliases compare and set, versions stay, refusals are AWS's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from tests.simulated_support import START, boto, manual, simulated

FUNCTION = "ec2-manager-function-prod"
LIVE = {"FunctionName": FUNCTION, "Name": "LIVE"}


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as opened:
        yield opened


@pytest.fixture
def client(account: SimulatedAccount) -> Any:
    return boto(account, "lambda")


def code(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_every_update_gives_a_new_revision_and_a_stale_one_is_refused(client: Any) -> None:
    first = client.get_alias(**LIVE)
    moved = client.update_alias(**LIVE, FunctionVersion="40", RevisionId=first["RevisionId"])
    assert moved["FunctionVersion"] == "40"
    assert moved["RevisionId"] != first["RevisionId"]
    with pytest.raises(ClientError) as caught:
        client.update_alias(**LIVE, FunctionVersion="41", RevisionId=first["RevisionId"])
    assert code(caught) == ("PreconditionFailedException", 412)
    after = client.get_alias(**LIVE)
    assert (after["FunctionVersion"], after["RevisionId"]) == ("40", moved["RevisionId"])


def test_the_same_update_again_gives_a_new_revision_too(client: Any) -> None:
    first = client.update_alias(**LIVE, FunctionVersion="40")
    second = client.update_alias(**LIVE, FunctionVersion="40")
    assert first["RevisionId"] != second["RevisionId"]


def test_weights_stay_when_left_out_and_go_with_the_empty_map(client: Any) -> None:
    weighted = {"AdditionalVersionWeights": {"40": 0.1}}
    client.update_alias(**LIVE, RoutingConfig=weighted)
    assert client.update_alias(**LIVE, Description="canary")["RoutingConfig"] == weighted
    cleared = client.update_alias(**LIVE, FunctionVersion="41", RoutingConfig={"AdditionalVersionWeights": {}})
    assert "RoutingConfig" not in cleared
    assert "RoutingConfig" not in client.get_alias(**LIVE)


def weights(**shares: float) -> dict[str, Any]:
    """`weights(v40=0.1)`: a tenth goes to version 40."""
    return {"RoutingConfig": {"AdditionalVersionWeights": {name[1:]: share for name, share in shares.items()}}}


UNKNOWN = ("ResourceNotFoundException", 404)
INVALID = ("InvalidParameterValueException", 400)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"FunctionVersion": "99"}, UNKNOWN),
        ({"FunctionVersion": "LIVE"}, UNKNOWN),
        (weights(v41=0.1), INVALID),
        (weights(v39=0.1, v40=0.1), INVALID),
        (weights(v40=1.5), INVALID),
        (weights(v98=0.1), UNKNOWN),
        ({"FunctionVersion": "$LATEST"} | weights(v40=0.1), INVALID),
    ],
)
def test_a_refused_update_changes_nothing(client: Any, change: dict[str, Any], expected: tuple[str, int]) -> None:
    before = client.get_alias(**LIVE)
    with pytest.raises(ClientError) as caught:
        client.update_alias(**LIVE, **change)
    assert code(caught) == expected
    after = client.get_alias(**LIVE)
    assert (before["FunctionVersion"], before["RevisionId"]) == (after["FunctionVersion"], after["RevisionId"])


def test_a_version_that_an_alias_names_cannot_be_deleted(client: Any) -> None:
    with pytest.raises(ClientError) as caught:
        client.delete_function(FunctionName=FUNCTION, Qualifier="41")
    assert code(caught) == ("ResourceConflictException", 409)
    client.delete_function(FunctionName=FUNCTION, Qualifier="39")
    versions = [version["Version"] for version in client.list_versions_by_function(FunctionName=FUNCTION)["Versions"]]
    assert versions == ["$LATEST", "38", "40", "41"]


def test_versions_have_their_own_code_and_say_when_as_lambda_does(client: Any) -> None:
    versions = client.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    published = versions[1:]
    assert [version["Version"] for version in published] == ["38", "39", "40", "41"]
    assert len({version["CodeSha256"] for version in published}) == 4
    assert all(version["LastModified"].endswith("+0000") for version in versions)
    assert versions[0]["CodeSha256"] == published[-1]["CodeSha256"]


def test_a_configuration_has_its_revision_and_its_log_group(client: Any) -> None:
    for qualifier in ("$LATEST", "LIVE", "41"):
        told = client.get_function_configuration(FunctionName=FUNCTION, Qualifier=qualifier)
        assert told["RevisionId"]
        assert (told["State"], told["LastUpdateStatus"]) == ("Active", "Successful")
        assert told["LoggingConfig"]["LogGroup"] == "/aws/lambda/ec2-manager-function-prod"


def test_publishing_unchanged_code_gives_the_same_version(client: Any) -> None:
    assert client.publish_version(FunctionName=FUNCTION)["Version"] == "41"
    client.update_function_configuration(FunctionName=FUNCTION, MemorySize=1024)
    assert client.publish_version(FunctionName=FUNCTION)["Version"] == "42"
    assert client.get_function_configuration(FunctionName=FUNCTION, Qualifier="41")["MemorySize"] == 512


def test_versions_are_paged_when_asked_for_few(client: Any) -> None:
    pages = client.get_paginator("list_versions_by_function").paginate(
        FunctionName=FUNCTION, PaginationConfig={"PageSize": 2}
    )
    assert [version["Version"] for page in pages for version in page["Versions"]] == ["$LATEST", "38", "39", "40", "41"]


def test_the_deployment_publishes_and_moves_live_at_its_own_instant(account: SimulatedAccount, client: Any) -> None:
    assert client.get_alias(**LIVE)["FunctionVersion"] == "41"
    manual(account).advance(120 + 30)
    assert client.get_alias(**LIVE)["FunctionVersion"] == "41"
    assert "42" in [one["Version"] for one in client.list_versions_by_function(FunctionName=FUNCTION)["Versions"]]
    manual(account).advance(600)
    assert client.get_alias(**LIVE)["FunctionVersion"] == "42"
    moved, state = account.state.controls.alias_history("production")[-1]
    assert (moved, state.version) == (START + timedelta(seconds=120 + 31), 42)


def test_the_deployment_moves_live_even_after_an_operator_has_moved_it(account: SimulatedAccount, client: Any) -> None:
    client.update_alias(**LIVE, FunctionVersion="39")
    manual(account).advance(200)
    assert client.get_alias(**LIVE)["FunctionVersion"] == "42"


def test_an_operators_move_steers_the_world_from_that_instant(account: SimulatedAccount, client: Any) -> None:
    manual(account).advance(1200)
    client.update_alias(**LIVE, FunctionVersion="41")
    moved, state = account.state.controls.alias_history("production")[-1]
    assert (moved, state.version) == (account.clock.now(), 41)
    manual(account).advance(600)
    start = int((account.clock.now() - timedelta(minutes=5)).timestamp()) // 60 * 60
    bad = int((START + timedelta(minutes=12)).timestamp())
    world = account.state.world
    assert sum(world.minute("production", bad + 60 * index).errors_5xx for index in range(4)) > 20
    assert sum(world.minute("production", start + 60 * index).errors_5xx for index in range(4)) < 3


def test_the_alias_moves_without_anybody_asking() -> None:
    import threading

    with simulated("bad-deploy") as account:
        manual(account).advance(200)
        waited = threading.Event()
        for _ in range(100):
            if account.state.controls.alias_history("production")[-1][1].version == 42:
                break
            waited.wait(0.02)
        assert account.state.controls.alias_history("production")[-1][1].version == 42
        assert account.calls == []


def test_the_bad_version_fails_when_it_is_called_and_says_which_it_was(account: SimulatedAccount, client: Any) -> None:
    manual(account).advance(600)
    failed = 0
    for _ in range(60):
        manual(account).advance(1)
        answer = client.invoke(FunctionName=FUNCTION, Qualifier="LIVE", Payload=b"{}")
        assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "42")
        failed += answer.get("FunctionError") == "Unhandled"
        assert (b"KeyError" in answer["Payload"].read()) == ("FunctionError" in answer)
    assert 2 <= failed <= 20
    assert "FunctionError" not in client.invoke(FunctionName=FUNCTION, Qualifier="41", Payload=b"{}")
