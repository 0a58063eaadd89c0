"""One writer: only the executor calls what changes an account. Proved from botocore's models and our sources.

Every string, attribute and identifier of the sources is held against every operation of every service we could reach;
an operation is reading when its name begins with a verb that AWS uses for reading, and changing otherwise.
"""

from __future__ import annotations

import ast
import functools
from datetime import UTC, datetime
from pathlib import Path

import botocore.loaders
import pytest

ROOT = Path(__file__).parents[2]

SERVICES = (
    *("apigateway", "apigatewayv2", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "cognito-idp"),
    *("dynamodb", "ec2", "health", "iam", "lambda", "logs", "s3", "sns", "sts"),
)

READING = (
    *("Get", "List", "Describe", "Head", "Filter", "Lookup", "Search", "Query", "Scan", "Select", "BatchGet"),
    *(
        "Detect",
        "Estimate",
        "Validate",
        "Test",
        "Preview",
        "Simulate",
        "StartQuery",
        "StopQuery",
        "StartLiveTail",
        "Verify",
    ),
)
"""Verbs that leave an account as it is. StartQuery and StartLiveTail read, for money."""

HANDS = ("services/executor/", "services/actions/")
"""The executor sends; a plan names its call."""

LEFT_OUT = (*HANDS, "services/simulated/")
"""The simulated account serves these operations and is no client; import-linter keeps it out of the product."""


@functools.cache
def changing() -> frozenset[str]:
    """Names of every operation that changes something, in botocore's and in Python's spelling."""
    from botocore import xform_name

    loader = botocore.loaders.Loader()
    names: set[str] = set()
    for service in SERVICES:
        model = loader.load_service_model(service, "service-2")
        names |= {name for name in model["operations"] if not name.startswith(READING)}
    return frozenset(names | {xform_name(name) for name in names})


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def named(path: Path) -> set[str]:
    """Operations a file could send: string constants (docstrings apart) and methods that are called on something.

    `lambda.UpdateAlias(…)` inside a longer text is words for a person and is not counted: nothing can send that.
    """
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            found.add(node.value)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found & changing()


def test_the_list_of_changing_operations_is_what_it_should_be() -> None:
    wanted = {"UpdateAlias", "CreateInvalidation", "UpdateStack", "RollbackStack", "DeleteFunction", "PutObject"}
    wanted |= {"AdminUserGlobalSignOut", "RestoreTableToPointInTime", "UpdateStage", "PutRestApi", "Invoke"}
    assert wanted <= changing()
    assert "update_alias" in changing()
    assert not {"GetAlias", "FilterLogEvents", "DescribeStacks", "LookupEvents"} & changing()


def test_nothing_outside_the_hands_names_a_changing_operation() -> None:
    looked_at = [path for path in sources("services", "widgets", "tui") if not shown(path).startswith(LEFT_OUT)]
    assert len(looked_at) > 50
    found = {shown(path): names for path in looked_at if (names := named(path))}
    assert found == {"tui/app.py": {"subscribe"}}, "the one exception is Textual's signal, not SNS's Subscribe"


def test_within_the_executor_one_file_sends_and_only_what_is_allowed() -> None:
    from services.executor.calls import ALLOWED, LEASING

    naming = {shown(path): named(path) for path in sources("services/executor") if named(path)}
    assert naming == {"services/executor/calls.py": {operation for _, operation in (*ALLOWED, LEASING)}}
    assert LEASING not in ALLOWED, "no plan can order it"
    assert {operation for path in sources("services/actions") for operation in named(path)} == {
        operation for _, operation in ALLOWED
    }


@pytest.mark.parametrize(
    ("table", "update"),
    [("", {"ConditionExpression": "#token = :token"}), ("leases", {}), ("leases", {"ConditionExpression": ""})],
)
async def test_a_lease_is_written_under_a_condition_and_to_the_table_of_the_settings_alone(
    table: str, update: dict[str, str]
) -> None:
    from services.aws.session import Account
    from services.clock import ManualClock
    from services.executor.calls import NotAllowed, Sender
    from services.settings.values import Environment

    environment = Environment(name="production", stack="s", region="us-west-2", lease_table=table)
    account = Account(environment, ManualClock(datetime(2026, 11, 23, tzinfo=UTC)))
    with pytest.raises(NotAllowed):
        await Sender(account).lease({**update, "TableName": "orders"}, 1.0)
    assert account.spending.calls == {}


def test_only_the_executor_makes_an_account_of_one_attempt() -> None:
    makers = [
        shown(path)
        for path in sources("services", "tui")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and any(keyword.arg == "attempts" for keyword in node.keywords)
    ]
    assert makers == ["services/executor/taking_up.py"]


def test_the_check_would_find_a_writer(tmp_path: Path) -> None:
    """The control: each way of naming an operation is seen."""
    for text in (
        "await account.ask('lambda', 'UpdateAlias', {})",
        "client.update_alias(FunctionName='x')",
        "operation = 'DeleteFunction'",
    ):
        (tmp_path / "x.py").write_text(text)
        assert named(tmp_path / "x.py"), text
    (tmp_path / "x.py").write_text('"""UpdateAlias is only spoken of here."""\nname = "lambda.UpdateAlias(LIVE)"')
    assert not named(tmp_path / "x.py")
