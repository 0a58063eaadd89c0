"""What the commands print: aligned, coloured only where colour is wanted, never by colour alone."""

from __future__ import annotations

import io

import msgspec
import pytest

from services.model.assessment import State
from services.model.plan import Layer
from services.model.tables import Table
from services.problems import ConfigurationError, ProblemKind
from services.rules import judge
from services.safe_text import safe
from services.settings.values import Environment
from tests.unit.rules_support import NOW, SETTINGS, api_series, calm, failed, metrics, read, steady
from tui.commands.glance import misnamed, unreachable
from tui.commands.output import age, coloured, table
from tui.commands.report import Report, as_json, component, report
from tui.commands.rollback import layers_of, target_of
from tui.commands.status import lines

ENVIRONMENT = Environment("production", "EC2Manager-production", "us-west-2")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def reported(chosen: str = "all", **feeds: object) -> Report:
    situation = calm(**feeds)  # type: ignore[arg-type]  # feeds by name
    return report(ENVIRONMENT, situation, judge(situation, SETTINGS, NOW), chosen)


BROKEN = read(metrics(*api_series(steady(100), steady(50), steady(100))))


def test_columns_are_aligned_with_and_without_colour() -> None:
    rows: list[tuple[str | State, ...]] = [("api", State.CRIT, "x"), ("lambda", State.OK, "y")]
    plain = table(("NAME", "STATE", "DETAIL"), rows, False)
    assert plain == ["NAME    STATE  DETAIL", "api     CRIT   x", "lambda  OK     y"]
    painted = table(("NAME", "STATE", "DETAIL"), rows, True)
    assert "\x1b[" in painted[1]
    assert "CRIT" in painted[1]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert coloured(Terminal()) is expected
    assert coloured(io.StringIO()) is False


def test_ages_are_short_and_absence_is_a_dash() -> None:
    assert [age(seconds) for seconds in (None, -1, 8, 119, 180, 7300)] == ["-", "0 s", "8 s", "119 s", "3 min", "2 h"]


@pytest.mark.runbook("R012")
def test_a_report_has_a_line_for_each_component_and_metric_and_the_verdict_first() -> None:
    shown = lines(reported(), False)
    assert shown[0] == "OK  All five key metrics normal; 214 requests/min; last change v41 3 days ago."
    first_words = [line.split(" ")[0] for line in shown]
    for name in ("stack", "api", "lambda", "table", "cdn", "users", "bucket", "alarms"):
        assert name in first_words
    assert sum("runbook" in line for line in shown) == 0


def test_a_component_is_reported_with_its_own_metrics_and_judged_by_them_alone() -> None:
    assert reported("table", metrics=BROKEN).critical is False
    found = reported("api", metrics=BROKEN)
    assert found.critical is True
    assert [row.name for row in found.components] == ["api"]
    assert {metric.key for metric in found.metrics} == {"api.latency", "api.errors", "api.requests"}
    assert reported("users").metrics == ()


@pytest.mark.parametrize(("status", "critical"), [("ACTIVE", False), ("UPDATING", False), ("DELETING", True)])
def test_a_component_that_cannot_work_is_bad_although_its_colour_is_a_warning(status: str, critical: bool) -> None:
    found = reported(tables=read((Table(safe("audit"), safe(status), True),)))
    assert found.critical is critical
    assert State.CRIT not in [row.state for row in found.components]


def test_names_of_services_find_their_component_and_slips_are_answered() -> None:
    assert [component(word) for word in ("DynamoDB", "cloudfront", "s3", "all")] == ["table", "cdn", "bucket", "all"]
    with pytest.raises(ConfigurationError, match="Did you mean table"):
        component("tabel")


def test_the_json_is_one_object_with_its_documented_fields() -> None:
    value = msgspec.json.decode(as_json(reported(metrics=BROKEN), 1))
    assert set(value) == {
        *("version", "environment", "stack", "region", "account", "endpoint", "at", "exit", "verdict"),
        *("components", "metrics", "problems"),
    }
    assert set(value["verdict"]) == {"state", "sentence", "since", "suspect", "remedy"}
    assert {tuple(row) for row in value["components"]} == {("name", "state", "detail", "age_s", "usable")}
    (errors,) = [metric for metric in value["metrics"] if metric["key"] == "api.errors"]
    assert (errors["state"], errors["value"], errors["unit"], errors["coverage"]) == ("CRIT", 50.0, "%", [5, 5])
    assert errors["thresholds"] == [{"value": 5.0, "state": "WARN"}, {"value": 10.0, "state": "CRIT"}]


def test_what_could_not_be_asked_is_listed() -> None:
    denied = failed(ProblemKind.DENIED, None, 0, "cognito-idp:DescribeUserPool")
    value = msgspec.json.decode(as_json(reported(user_pools=denied), 0))
    assert value["problems"] == [
        {
            "feed": "user_pools",
            "kind": "denied",
            "message": "it is denied",
            "operation": "cognito-idp:DescribeUserPool",
        }
    ]


@pytest.mark.parametrize("kind", [ProblemKind.UNREACHABLE, ProblemKind.EXPIRED, ProblemKind.NO_CREDENTIALS])
def test_an_account_that_gave_no_answer_is_unreachable(kind: ProblemKind) -> None:
    bad = failed(kind)
    assert unreachable(calm(identity=bad, stack=bad, parts=bad)) is bad.problem
    assert unreachable(calm(identity=bad, parts=bad)) is None


@pytest.mark.parametrize("kind", [ProblemKind.WRONG_ACCOUNT, ProblemKind.NOT_FOUND])
def test_another_account_or_a_missing_stack_is_a_wrong_configuration(kind: ProblemKind) -> None:
    bad = failed(kind)
    situation = calm(stack=bad, parts=bad)
    assert unreachable(situation) is None
    assert misnamed(situation) is bad.problem


@pytest.mark.parametrize("kind", [ProblemKind.UNREACHABLE, ProblemKind.DENIED, ProblemKind.THROTTLED])
def test_what_was_never_seen_is_not_given_a_clean_bill_of_health(kind: ProblemKind) -> None:
    bad = failed(kind)
    assert reported(metrics=bad, edge_metrics=bad).blind
    assert not reported(edge_metrics=bad).blind
    assert reported("users", user_pools=bad).blind
    assert not reported("users").blind
    assert not reported(user_pools=bad).blind


def test_a_target_is_previous_or_a_number() -> None:
    assert [target_of(word, [Layer.ALIAS]) for word in ("previous", "41", "v41")] == ["", "41", "v41"]
    with pytest.raises(ConfigurationError, match="no version"):
        target_of("latest", [Layer.ALIAS])
    assert target_of("k3x9ab", [Layer.STAGE]) == "k3x9ab"


def test_layers_are_named_with_commas_and_a_version_means_the_alias() -> None:
    assert layers_of("", "previous") == ()
    assert layers_of("", "41") == (Layer.ALIAS,)
    assert layers_of("stage, alias", "previous") == (Layer.STAGE, Layer.ALIAS)
    with pytest.raises(ConfigurationError, match="no layer"):
        layers_of("alias,database", "previous")
