"""Dashboards of the simulated account: the runbook's four sections, and only metrics that are published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.simulated.protocol import AwsError
from tests.unit.cloudwatch_support import CloudWatch, metric


def body(cloudwatch: CloudWatch, name: str) -> dict[str, Any]:
    found = json.loads(cloudwatch.ask("GetDashboard", DashboardName=name)["DashboardBody"])
    assert isinstance(found, dict)
    return found


def graphed(of: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Region, namespace, name and dimensions of every metric that the dashboard draws."""
    for widget in of["widgets"]:
        for line in widget["properties"].get("metrics", ()):
            words = [word for word in line if isinstance(word, str)]
            if words:
                pairs = dict(zip(words[2::2], words[3::2], strict=True))
                yield widget["properties"]["region"], words[0], words[1], pairs


def test_the_primary_dashboard_has_the_four_sections_of_the_runbook() -> None:
    found = body(CloudWatch(), "EC2Manager-Enhanced-production")
    headings = [w["properties"]["markdown"] for w in found["widgets"] if w["type"] == "text"]
    assert headings == [
        "## API Performance Overview",
        "## DynamoDB Performance",
        "## Business Metrics",
        "## System Health",
    ]


@pytest.mark.parametrize("environment", ["production", "staging", "dev"])
def test_every_metric_of_a_dashboard_answers_unless_nothing_happened(environment: str) -> None:
    cloudwatch = CloudWatch()
    drawn = list(graphed(body(cloudwatch, f"EC2Manager-Enhanced-{environment}")))
    assert {namespace for _, namespace, _, _ in drawn} >= {"AWS/ApiGateway", "AWS/DynamoDB", "EC2Manager"}
    for region, namespace, name, dimensions in drawn:
        query = [metric("m1", namespace, name, dimensions, "SampleCount")]
        (result,) = cloudwatch.data(query, -3600, 0, 0, region=region)["MetricDataResults"]
        assert bool(result["Values"]) is ("Throttle" not in name), (namespace, name)


def test_widgets_lie_beside_and_under_each_other_and_never_on_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in body(CloudWatch(), "EC2Manager-Enhanced-production")["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        assert all(x < 24 for x, _ in cells)
        taken |= cells


def test_a_dashboard_can_be_put_listed_and_deleted() -> None:
    cloudwatch = CloudWatch()
    cloudwatch.ask("PutDashboard", 60.0, DashboardName="mine", DashboardBody='{"widgets": []}')
    entries = cloudwatch.ask("ListDashboards", DashboardNamePrefix="m")["DashboardEntries"]
    assert [(entry["DashboardName"], entry["Size"]) for entry in entries] == [("mine", 15)]
    assert len(cloudwatch.ask("ListDashboards")["DashboardEntries"]) == 4
    with pytest.raises(AwsError):
        cloudwatch.ask("DeleteDashboards", DashboardNames=["mine", "nobody"])
    cloudwatch.ask("DeleteDashboards", DashboardNames=["mine"])
    with pytest.raises(AwsError) as raised:
        cloudwatch.ask("GetDashboard", DashboardName="mine")
    assert raised.value.code == "ResourceNotFound"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"widgets": 3}'])
def test_a_body_that_is_no_dashboard_is_refused(text: str) -> None:
    with pytest.raises(AwsError) as raised:
        CloudWatch().ask("PutDashboard", DashboardName="mine", DashboardBody=text)
    assert raised.value.code == "InvalidParameterInput"
