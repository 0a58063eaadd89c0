"""Rows of the layers: who serves, what is live, and nothing secret among outputs and parameters."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.model.apis import Api, ApiDeployment, Canary
from services.model.assessment import State
from services.model.functions import FunctionVersion, LatestCode, Release, VersionEvidence
from services.model.stacks import Stack
from services.safe_text import safe
from tests.unit.rules_support import FUNCTION, NOW, at, release
from tui.deploy_layers import api_rows, output_rows, release_rows
from widgets.deploy_list import DeployRow
from widgets.spans import text_of

LATEST = LatestCode(safe(FUNCTION), safe("newestcode123"), at(3))


def _rows(one: Release, *evidence: VersionEvidence, latest: LatestCode | None = LATEST) -> list[DeployRow]:
    return list(release_rows(one, evidence, latest, (), "LIVE", NOW))


@pytest.mark.runbook("R101")
def test_the_version_that_live_serves_is_current_beside_the_code_of_latest() -> None:
    rows = _rows(release(42))
    assert [row.name for row in rows if row.word == "current"] == ["v42"]
    latest = next(row for row in rows if row.name == "$LATEST")
    assert latest.facts.startswith("newestco")
    assert latest.when == "3 min"


@pytest.mark.runbook("R102")
def test_sixty_versions_are_all_listed_by_number_without_latest() -> None:
    many = tuple(FunctionVersion(n, safe(f"sha{n}"), safe(f"brings {n}"), at(n)) for n in range(60, 0, -1))
    rows = [row for row in _rows(replace(release(60), versions=many), latest=None) if not row.heading]
    assert [row.name for row in rows] == [f"v{n}" for n in range(60, 0, -1)]
    assert all(f"brings {row.name[1:]}" in row.facts and row.when for row in rows)


@pytest.mark.runbook("R103")
def test_a_weighted_second_version_is_shown_and_a_missing_alias_is_said() -> None:
    one = release(42)
    assert one.alias is not None
    rows = _rows(replace(one, alias=replace(one.alias, weights=((43, 0.1),))))
    assert "LIVE → v42, 10 % to v43" in rows[0].facts
    (heading, *_) = _rows(replace(one, alias=None))
    assert "alias LIVE not configured" in heading.facts
    assert heading.state is State.WARN


def test_a_live_version_that_fails_is_red_and_an_old_one_with_errors_is_not() -> None:
    bad = [VersionEvidence(safe(FUNCTION), n, 1000, 120, at(60), NOW) for n in (42, 41)]
    rows = {row.name: row for row in _rows(release(42), *bad)}
    assert (rows["v42"].state, rows["v41"].state) == (State.CRIT, State.NO_TRAFFIC)
    assert "errors 12.0 % of 1 000" in rows["v41"].facts
    assert (rows["v42"].target, rows["v41"].target) == (None, 41)


@pytest.mark.runbook("R160")
def test_the_deployment_that_the_stage_serves_is_marked_live() -> None:
    made = tuple(ApiDeployment(safe(id), at(ago), safe(f"about {id}")) for id, ago in (("c", 1), ("b", 2), ("a", 3)))
    api = Api(safe("a1"), safe("api"), safe("prod"), safe("b"), at(1), deployments=made)
    rows = [row for row in api_rows((api,), NOW) if not row.heading]
    assert [(row.name, row.word) for row in rows] == [("c", ""), ("b", "live"), ("a", "")]


@pytest.mark.runbook("R160")
def test_a_stages_canary_is_shown_with_what_rolling_back_does_with_it() -> None:
    made = tuple(ApiDeployment(safe(id), at(ago)) for id, ago in (("c", 1), ("b", 2), ("a", 3)))
    canary = Canary(safe("c"), 12.5, safe("{}"))
    api = Api(safe("a1"), safe("api"), safe("prod"), safe("b"), at(1), canary, deployments=made)
    heading, *rows = api_rows((api,), NOW)
    assert (heading.state, "prod → b, 12.5 % to c (canary)" in heading.facts) == (State.WARN, True)
    assert [(row.name, row.word, row.state) for row in rows[:2]] == [
        ("c", "12.5 % canary", State.ELEVATED),
        ("b", "live", State.OK),
    ]
    for one in (heading, rows[0]):
        assert "ends the canary: c gets nothing more, everything goes to b" in text_of(one.detail[-1])


def test_a_stage_that_deploys_by_itself_says_so() -> None:
    api = Api(safe("a1"), safe("api"), safe("$default"), safe("b"), at(1), auto_deploy=True)
    (heading,) = api_rows((api,), NOW)
    assert heading.facts.endswith("deploys by itself")


def test_parameters_and_outputs_show_no_secret() -> None:
    stack = Stack(
        safe("s"), safe("arn"), safe("UPDATE_COMPLETE"),
        parameters=((safe("DbPassword"), safe("hunter2")), (safe("Hidden"), safe("****")), (safe("Env"), safe("prod"))),
        outputs=((safe("Key"), safe("AKIAIOSFODNN7EXAMPLE")), (safe("Url"), safe("https://x.example/"))),
    )  # fmt: skip
    rows = {row.name: row for row in output_rows(stack)}
    told = " ".join(row.searched for row in rows.values()) + " ".join(row.facts for row in rows.values())
    assert "hunter2" not in told
    assert "akiaiosfodnn7example" not in told.lower()
    assert "NoEcho" in rows["Hidden"].facts
    assert (rows["Env"].facts, rows["Url"].facts) == ("prod", "https://x.example/")
