"""The stage's plan and the plan of layers, from values: what is chosen, what is refused, what is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from services.actions.layered import plan_layers, survey
from services.actions.stage import plan_stage_rollback
from services.model.apis import Api, ApiDeployment, ApiKind, Canary
from services.model.content import Bucket
from services.model.plan import Layer, Plan, Refusal
from services.model.series import MetricId, Metrics, Series, Signal
from services.model.stacks import Stack
from services.rules.layers import at_gateway, indicated
from services.safe_text import SafeText
from tests.unit.actions_support import NOW, PRODUCTION, SETTINGS, situation


def deployment(id: str, days: float) -> ApiDeployment:
    return ApiDeployment(SafeText(id), NOW - timedelta(days=days), SafeText(f"what {id} brought"))


API = Api(
    SafeText("a1"),
    SafeText("api-production"),
    SafeText("prod"),
    deployment=SafeText("live"),
    deployed=NOW - timedelta(minutes=9),
    deployments=(deployment("later", 0.001), deployment("live", 0.01), deployment("good", 3), deployment("old", 9)),
)
CANARY = Canary(SafeText("later"), 10.0, SafeText('{"deploymentId": "later", "percentTraffic": 10.0}'))


def planned(api: Api = API, target: str = "", **feeds: Any) -> Plan:
    found = plan_stage_rollback(situation(apis=(api,), **feeds), PRODUCTION, SETTINGS, NOW, target)
    assert isinstance(found, Plan), found
    return found


def refused(api: Api = API, target: str = "", **feeds: Any) -> Refusal:
    found = plan_stage_rollback(situation(apis=(api,), **feeds), PRODUCTION, SETTINGS, NOW, target)
    assert isinstance(found, Refusal)
    return found


def test_the_newest_deployment_before_the_live_one_is_proposed() -> None:
    plan = planned()
    assert [(one.name, one.chosen) for one in plan.candidates] == [("good", True), ("old", False)]
    (step,) = plan.steps
    assert step.call.parameters["patchOperations"] == [{"op": "replace", "path": "/deploymentId", "value": "good"}]
    assert {one.what: one.expected for one in step.preconditions}["stage.deployment"] == "live"
    assert plan.criterion is not None
    assert plan.criterion.requests is not None
    assert dict(plan.criterion.requests.dimensions) == {"ApiName": "api-production", "Stage": "prod"}


def test_a_canary_is_ended_first_and_removed_in_any_case() -> None:
    api = replace(API, canary=CANARY)
    removal = {"op": "remove", "path": "/canarySettings"}
    for target, goal in (("", "live"), ("good", "good")):
        patches = planned(api, target).steps[0].call.parameters["patchOperations"]
        assert patches == [{"op": "replace", "path": "/deploymentId", "value": goal}, removal]


def test_an_http_api_is_moved_by_its_own_call_and_judged_by_its_own_metrics() -> None:
    plan = planned(replace(API, kind=ApiKind.HTTP))
    (step,) = plan.steps
    names = {"ApiId": "a1", "StageName": "prod", "DeploymentId": "good"}
    assert (step.kind, step.call.service, step.call.parameters) == ("api.http_stage", "apigatewayv2", names)
    assert {one.what: one.expected for one in step.preconditions}["stage.auto_deploy"] == "false"
    assert plan.criterion is not None
    assert plan.criterion.errors is not None
    assert plan.criterion.errors.name == "5xx"
    assert "cache" not in " ".join(plan.notes)


def test_a_cache_is_flushed_after_the_switch() -> None:
    kinds = [step.kind for step in planned(replace(API, cached=True)).steps]
    assert kinds == ["api.stage", "api.cache"]


@pytest.mark.parametrize(
    ("api", "target", "reason"),
    [
        (replace(API, deployments=(deployment("live", 1),)), "", "no deployment of api-production older than live"),
        (replace(API, deployments=(deployment("other", 1),)), "", "not in the API's list"),
        (API, "nosuch", "no deployment nosuch"),
        (API, "live", "serves live already"),
        (replace(API, kind=ApiKind.HTTP, auto_deploy=True), "", "deploys by itself (AutoDeploy)"),
        (replace(API, kind=ApiKind.WEBSOCKET), "", "WEBSOCKET API"),
        (replace(API, stage=SafeText("")), "", "no API with a stage"),
        (replace(API, deployed=None), "", "not known"),
    ],
)
def test_what_cannot_be_moved_is_refused_with_its_reason(api: Api, target: str, reason: str) -> None:
    found = refused(api, target)
    assert reason in found.reason
    assert found.remedy


def test_no_stage_is_moved_while_the_stack_is_at_work() -> None:
    busy = Stack(SafeText("EC2Manager-production"), SafeText("arn:stack"), SafeText("UPDATE_IN_PROGRESS"))
    found = refused(stack=busy)
    assert "UPDATE_IN_PROGRESS" in found.reason
    assert "can be cancelled" in found.remedy


def _metrics(failed: float, made: float) -> Metrics:
    """Server errors of the API and errors of the function, each minute of the newest ten; what no function made was no
    invocation."""
    end = int(NOW.timestamp()) // 60 * 60
    found = {}
    invoked = 200 - (failed - made)
    for key, each in (
        ("api.5xx", failed),
        ("lambda.errors", made),
        ("api.count", 200),
        ("lambda.invocations", invoked),
    ):
        signal = Signal(key, key, MetricId("us-west-2", "AWS", key, ()), ("Sum",))
        found[signal.id] = Series(signal, {"Sum": {end - 60 * back: each for back in range(1, 11)}}, end - 600, end)
    return Metrics(found)


def test_minutes_that_were_not_asked_for_are_no_requests_without_an_invocation() -> None:
    """The line was cut five minutes ago: the API's last minutes were published, the function's not yet."""
    end = int(NOW.timestamp()) // 60 * 60
    whole = _metrics(40, 40).series
    cut = {
        key: replace(
            one,
            points={
                "Sum": {at: v for at, v in one.statistic("Sum").items() if at < end - (300 if "api" in key else 420)}
            },
            asked_until=end - 300,
        )
        for key, one in whole.items()
    }
    seen = situation(apis=(API,), metrics=Metrics(cut))
    assert not at_gateway(seen)
    assert indicated(seen) is Layer.ALIAS


@pytest.mark.parametrize(
    ("failed", "made", "layer"),
    [(40, 0, Layer.STAGE), (40, 40, Layer.ALIAS), (40, 8, Layer.STAGE), (0, 0, Layer.ALIAS), (0.5, 0, Layer.ALIAS)],
)
def test_errors_that_no_function_made_point_at_the_stage(failed: float, made: float, layer: Layer) -> None:
    seen = situation(apis=(API,), metrics=_metrics(failed, made))
    assert at_gateway(seen) is (layer is Layer.STAGE)
    assert indicated(seen) is layer
    plan = plan_layers(seen, PRODUCTION, SETTINGS, NOW)
    assert isinstance(plan, Plan)
    assert [one.layer for one in plan.layers if one.chosen] == [layer]


def test_several_layers_are_one_plan_in_the_safe_order() -> None:
    plan = plan_layers(situation(apis=(API,)), PRODUCTION, SETTINGS, NOW, (Layer.STAGE, Layer.ALIAS))
    assert isinstance(plan, Plan)
    assert [step.kind for step in plan.steps] == ["lambda.alias", "api.stage"]
    assert len([line for line in plan.notes if line.startswith("Drift")]) == 1
    assert not [line for line in plan.notes if line.startswith("API")], "the stage is no longer left as it is"


def test_one_of_several_that_is_refused_refuses_the_plan_and_a_target_names_one_layer() -> None:
    alone = replace(API, deployments=(deployment("live", 1),))
    seen = situation(apis=(alone,))
    assert isinstance(plan_layers(seen, PRODUCTION, SETTINGS, NOW, (Layer.STAGE, Layer.ALIAS)), Refusal)
    both = plan_layers(situation(apis=(API,)), PRODUCTION, SETTINGS, NOW, (Layer.STAGE, Layer.ALIAS), target="41")
    assert isinstance(both, Refusal)
    assert isinstance(plan_layers(situation(apis=(API,)), PRODUCTION, SETTINGS, NOW, (Layer.STACK,)), Refusal)


@pytest.mark.parametrize(
    ("versioning", "said"), [("Enabled", "point at the web content"), ("Suspended", "versioning of web is suspended")]
)
def test_where_the_content_broke_no_other_layer_passes_for_its_remedy(versioning: str, said: str) -> None:
    web = Bucket(SafeText("web"), True, SafeText(versioning))
    seen = situation(apis=(API,), buckets=(web,))
    plan = plan_layers(seen, PRODUCTION, SETTINGS, NOW, key="edge.4xx")
    assert isinstance(plan, Refusal)
    assert said in plan.reason
    assert [one.layer for one in survey(seen, PRODUCTION, SETTINGS, NOW, "edge.4xx") if one.indicated] == [
        Layer.CONTENT
    ]
