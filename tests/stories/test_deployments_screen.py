"""Screen 4: a deployment goes on resource by resource, one that fails says why, and R goes to what is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from services.clock import ManualClock
from services.model.plan import Layer
from services.model.reading import Reading
from services.problems import ProblemKind, problem
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.watch.updates import FeedUpdate
from tests.simulated_support import boto, manual, simulated
from tests.stories.asked_support import asked_app
from tests.stories.deployments_support import listed, passed, settled, still, to_section
from tests.stories.screen_support import clock, shown, state_home, top, until
from tui.app import CockpitApp
from tui.screens.confirm import ConfirmScreen
from tui.screens.deployments import DeploymentsScreen
from tui.screens.deployments_asking import API, CONTENT, DRIFT, LAMBDA
from tui.screens.notice import NoticeScreen
from widgets.deploy_list import DeployList, DeployRow

__all__ = ["clock", "state_home"]

pytestmark = pytest.mark.usefixtures("state_home")

SPEED = 40.0


def _screen(account: SimulatedAccount) -> CockpitApp:
    settings = load()
    return CockpitApp(settings, at_endpoint(find(settings, "prod"), account.endpoint))


@pytest.mark.runbook("R097", "R226")
async def test_a_deployment_goes_on_resource_by_resource_and_its_end_is_announced() -> None:
    with simulated("bad-deploy") as account:
        app = still(account)
        async with shown(app, (80, 24)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in top(app))
            await settled(app, pilot)
            await passed(app, pilot, account, 118, 30)
            await until(pilot, lambda: "update under way" in top(app))
            await until(pilot, lambda: _word(app, "ManagerFunction") == "updated")
            assert _word(app, "ManagerFunctionAliasLIVE") in ("", "updating")
            await until(pilot, lambda: "of 5 done" in top(app))
            assert " %" in top(app), "its change set names five resources"
            await passed(app, pilot, account, 5, 5)
            await until(pilot, lambda: _word(app, "ManagerFunctionAliasLIVE") == "updated")
            await passed(app, pilot, account, *[5] * 5)
            await until(pilot, lambda: any("Stack: UPDATE_COMPLETE" in str(n.message) for n in app._notifications))
            await until(pilot, lambda: "deployed · 5 of 5 done" in top(app))
            assert listed(app)[0].when.endswith("58 s")


def _word(app: CockpitApp, name: str) -> str:
    """What the first row of that resource says; empty while there is none."""
    return next((row.word for row in listed(app) if row.name == name), "")


@pytest.mark.runbook("R221", "R223")
async def test_one_that_fails_in_a_nested_stack_shows_its_cause_and_whole_events_about_the_rollback() -> None:
    with simulated("nested-deploy-rolled-back") as account:
        app = still(account)
        async with shown(app, (120, 40)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in top(app))
            await settled(app, pilot)
            await passed(app, pilot, account, 118, 30, 20, 10)
            await until(pilot, lambda: "rollback in progress, not started here" in top(app))
            assert "EC2Manager-production-api-5xx" in top(app)
            await until(pilot, lambda: "ROOT CAUSE  NotificationsStack/DeadLetterQueue" in top(app))
            await passed(app, pilot, account, *[10] * 8)
            await until(pilot, lambda: "update failed, rolled back" in top(app))
            await pilot.resize_terminal(80, 24)
            await until(pilot, lambda: "Must be between 0 and 43200" in " ".join(top(app).split()))
            said = " ".join(top(app).split())
            assert "took " in said and "usually" in said, "nothing above the list is cut off"
            await pilot.resize_terminal(120, 40)
            names = [row.name for row in listed(app)]
            assert names.index("rollback") > names.index("DeadLetterQueue")
            queue = next(row for row in listed(app) if row.name == "DeadLetterQueue" and row.word == "update failed")
            app.screen.query_one(DeployList).to(listed(app).index(queue))
            await pilot.press("enter")
            await until(pilot, lambda: app.screen.has_class("-one") and "AWS::SQS::Queue" in top(app))
            assert "Must be between 0 and 43200" in top(app)
            await pilot.press("escape", "tab", "slash", *"ROLLback", "enter")
            await until(pilot, lambda: "/ROLLback" in top(app) and 0 < len(listed(app)) < 12)
            assert all("rollback" in row.searched for row in listed(app))
            assert {"UPDATE_ROLLBACK_COMPLETE"} <= {row.word for row in listed(app)}


@pytest.mark.runbook("R303")
async def test_r_on_a_version_prepares_a_rollback_to_that_one() -> None:
    with SimulatedAccount(scenario="calm", seed=1, speed=1) as account:
        app = _screen(account)
        async with shown(app, (120, 40)) as pilot:
            await pilot.press("4")
            await to_section(app, pilot, LAMBDA)
            await until(pilot, lambda: any(row.name == "$LATEST" for row in listed(app)), 30)
            chosen = next(row for row in listed(app) if row.name == "v39")
            await until(pilot, lambda: bool(app.session and app.session.situation and app.session.situation.apis.value))
            app.screen.query_one(DeployList).to(listed(app).index(chosen))
            await pilot.press("R")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            dialog = app.screen
            assert isinstance(dialog, ConfirmScreen)
            assert [one.version for one in dialog.plan.candidates if one.chosen] == [39]
            await pilot.press("escape")
        assert not [call for call in account.calls if call.operation == "UpdateAlias"]


async def test_r_on_the_stacks_part_does_what_the_verdict_above_it_says() -> None:
    with simulated("bad-deploy") as account:
        app = still(account)
        async with shown(app, (80, 24)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in top(app))
            await settled(app, pilot)
            await passed(app, pilot, account, 180, *[60] * 6)
            await until(pilot, lambda: "R  rolls LIVE back to v41" in top(app).replace("\xa0", " "))
            await pilot.press("R")
            await until(pilot, lambda: isinstance(app.screen, (ConfirmScreen, NoticeScreen)))
            dialog = app.screen
            assert isinstance(dialog, ConfirmScreen)
            assert [step.call.operation for step in dialog.plan.steps] == ["UpdateAlias"]
            assert Layer.STACK in [one.layer for one in dialog.plan.layers]


async def test_a_drift_detection_says_what_it_costs_before_it_begins() -> None:
    with SimulatedAccount(scenario="calm", seed=1, speed=SPEED) as account:
        app = _screen(account)
        async with shown(app, (120, 40)) as pilot:
            await pilot.press("4")
            await until(pilot, lambda: "deployed; says nothing of health" in top(app))
            await to_section(app, pilot, DRIFT)
            await pilot.press("d")
            await until(pilot, lambda: "d again: free, takes minutes" in top(app))
            assert not [call for call in account.calls if call.operation == "DetectStackDrift"]
            await pilot.press("d")
            await until(pilot, lambda: "as the template says" in top(app), 40)
            assert "IN_SYNC" in top(app)
        assert len([call for call in account.calls if call.operation == "DetectStackDrift"]) == 1


async def test_a_stack_that_may_not_be_read_is_said_and_the_layers_stand(clock: ManualClock) -> None:
    def script(operation: str, parameters: Mapping[str, Any], region: str) -> Any:
        raise AssertionError(f"{operation} was asked of an account of which nothing is known")

    app, watches = asked_app(clock, script)
    denied = problem(ProblemKind.DENIED, "this identity may not cloudformation:DescribeStacks")
    async with shown(app, (80, 24)) as pilot:
        await pilot.press("4")
        for feed in ("stack", "events"):
            watches[0].post(FeedUpdate(feed, Reading().failed(denied, clock.now())))
        await until(pilot, lambda: "may not cloudformation:DescribeStacks" in top(app))
        for _ in range(9):
            await pilot.press("tab")
        await pilot.press("j", "enter", "d", "d", "y", "escape")
        assert isinstance(app.screen, DeploymentsScreen | type(app.overview))


@pytest.mark.runbook("R167")
async def test_each_method_is_listed_with_what_it_calls_and_one_that_calls_something_else_is_marked() -> None:
    with simulated("calm") as account:
        api = account.apis["production"]
        api.strays = {("/health", "GET"): "somebody-elses:LIVE", ("/instances", "GET"): "ec2-manager-function-prod"}
        app = still(account)
        async with shown(app, (120, 40)) as pilot:
            await pilot.press("4")
            await settled(app, pilot)
            assert not [one for one in app.screen.query_one(DeployList).entries if one.key.startswith("method ")]
            await to_section(app, pilot, API)
            await until(pilot, lambda: any(row.name == "GET /health" for row in listed(app)), 30)
            found = {row.name: row for row in listed(app) if row.key.startswith("method ")}
            assert len(found) == sum(len(methods) for _, methods in api.resources.values())
            assert (found["GET /health"].word, found["GET /health"].facts) == (
                "another function",
                "AWS_PROXY  somebody-elses:LIVE",
            )
            assert found["GET /instances"].word == "not the alias"
            assert found["GET /instances"].facts == "AWS_PROXY  ec2-manager-function-prod:$LATEST"
            well = found["POST /instances/{id}"]
            assert (well.word, well.when) == ("", "29 s")
            assert well.facts == "AWS_PROXY  ec2-manager-function-prod:LIVE"
            assert found["OPTIONS /instances"].facts == "MOCK"


@pytest.mark.runbook("R216")
async def test_the_first_ten_object_versions_are_shown_with_their_marks_and_m_brings_ten_more() -> None:
    with simulated("calm") as account:
        bucket, s3 = account.state.estate.environment("production").bucket, boto(account, "s3")
        s3.put_object(Bucket=bucket, Key="a-page.html", Body=b"gone soon")
        manual(account).advance(5)
        s3.delete_object(Bucket=bucket, Key="a-page.html")
        there = s3.list_object_versions(Bucket=bucket)
        app = still(account)
        async with shown(app, (120, 40)) as pilot:
            await settled(app, pilot)
            await pilot.press("4")
            await until(pilot, lambda: isinstance(app.screen, DeploymentsScreen))
            await to_section(app, pilot, CONTENT)

            def objects() -> list[DeployRow]:
                return [row for row in listed(app) if row.key.startswith("object ")]

            await until(pilot, lambda: len(objects()) == 10, 30)
            marker, version, *rest = objects()
            assert (marker.name, marker.word) == ("a-page.html", "delete marker")
            assert there["DeleteMarkers"][0]["VersionId"] in marker.facts
            assert (version.name, version.word) == ("a-page.html", "")
            assert rest[0].word == "latest"
            assert all(row.when for row in objects())
            told = " ".join(span.text for line in marker.detail for span in line)
            assert f"{there['DeleteMarkers'][0]['LastModified']:%Y-%m-%d %H:%M:%S}Z" in told
            await pilot.press("m")
            total = len(there["Versions"]) + 1
            await until(pilot, lambda: len(objects()) == min(20, total), 30)
            assert total > 10
