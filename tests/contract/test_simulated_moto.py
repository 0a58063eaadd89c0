"""A canary for every internal of moto that the simulated account stands on. When one sings, read the new moto."""

from __future__ import annotations

import importlib
import inspect
from datetime import UTC, datetime

import pytest

from services.simulated import moto_time
from services.simulated.resolving import service_model
from tests.simulated_support import START, boto, manual, simulated


@pytest.mark.parametrize(
    ("module", "name", "parameters"),
    [
        ("moto.core.parse", "PROTOCOL_PARSERS", ()),
        ("moto.core.serialize", "get_serializer_class", ("service_name", "protocol")),
        ("moto.core.serialize", "SerializationContext", ("request_id",)),
        ("moto.core.routing", "get_service_router", ("service_name",)),
        ("moto.core.utils", "utcnow", ()),
        ("moto.core.model_instances", "reset_model_data", ()),
        ("moto.moto_server.werkzeug_app", "DomainDispatcherApplication", ("create_app",)),
        ("moto.moto_server.werkzeug_app", "create_backend_app", ("service",)),
        ("moto.backends", "list_of_moto_modules", ()),
        ("moto.backend_index", "backend_url_patterns", ()),
        ("moto.s3.models", "FakeDeleteMarker", ()),
        ("moto.s3.models", "s3_backends", ()),
        ("moto.dynamodb.models", "dynamodb_backends", ()),
        ("moto.cognitoidp.models", "cognitoidp_backends", ()),
        ("moto.sns.models", "sns_backends", ()),
        ("moto.iam.models", "iam_backends", ()),
        ("moto.ec2.models", "ec2_backends", ()),
    ],
)
def test_moto_still_has(module: str, name: str, parameters: tuple[str, ...]) -> None:
    found = getattr(importlib.import_module(module), name)
    if parameters:
        assert set(parameters) <= set(inspect.signature(found).parameters)


@pytest.mark.parametrize(
    "service", ["cloudformation", "lambda", "apigateway", "cloudfront", "cloudtrail", "sts", "logs"]
)
def test_motos_router_still_gives_its_model(service: str) -> None:
    model = service_model(service)
    assert model is not None
    assert model.service_name == service
    assert model.operation_names


def test_motos_modules_still_take_their_time_by_name() -> None:
    with simulated() as account:
        for service, modules in moto_time._MODULES.items():
            moto_time.follow(account.clock.now, service)
            for name in modules:
                module = importlib.import_module(name)
                follows = getattr(module, "utcnow", None) is moto_time.account_utcnow
                assert follows or not hasattr(module, "utcnow"), name


def test_what_moto_makes_is_made_at_the_accounts_time() -> None:
    with simulated() as account:
        manual(account).advance(3600)
        environment = account.state.estate.environment("production")
        made = boto(account, "dynamodb").create_backup(TableName=environment.table, BackupName="before-the-change")
        assert made["BackupDetails"]["BackupCreationDateTime"] == account.clock.now()
        pool = boto(account, "cognito-idp").create_user_pool(PoolName="other")["UserPool"]
        assert pool["CreationDate"] == account.clock.now()


def test_time_can_be_set_back_for_history_and_returns() -> None:
    moto_time.follow(lambda: START)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with moto_time.at(past):
        assert moto_time.account_utcnow() == past.replace(tzinfo=None)
    assert moto_time.account_utcnow() == START.replace(tzinfo=None)


def test_the_table_has_what_the_runbook_looks_for() -> None:
    with simulated() as account:
        environment = account.state.estate.environment("production")
        client = boto(account, "dynamodb")
        table = client.describe_table(TableName=environment.table)["Table"]
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == [environment.index]
        assert table["CreationDateTime"] < START
        assert table["ItemCount"] > 0
        recovery = client.describe_continuous_backups(TableName=environment.table)["ContinuousBackupsDescription"]
        assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        backups = client.list_backups(TableName=environment.table)["BackupSummaries"]
        assert len(backups) == 2
        assert all(backup["BackupCreationDateTime"] < START for backup in backups)


def test_every_pool_signs_with_the_key_that_moto_gives_it() -> None:
    from moto.cognitoidp import models

    with simulated() as account:
        users = boto(account, "cognito-idp")
        for environment in account.state.estate.environments:
            users.describe_user_pool(UserPoolId=environment.user_pool)
        backend = models.cognitoidp_backends[account.state.estate.account]["us-west-2"]
        keys = [pool.json_web_key for pool in backend.user_pools.values()]
        assert len(keys) == 3
        assert all(key is keys[0] for key in keys)
        assert models.jwk.__name__ == "joserfc.jwk"
        other = backend.create_user_pool("another", {})
        assert other.json_web_key.as_dict() == keys[0].as_dict()


def test_the_pool_and_the_topic_have_the_names_the_stack_gives_them() -> None:
    with simulated() as account:
        environment = account.state.estate.environment("staging")
        users = boto(account, "cognito-idp")
        assert (
            users.describe_user_pool(UserPoolId=environment.user_pool)["UserPool"]["Name"]
            == "ec2-manager-users-staging"
        )
        assert len(users.list_users(UserPoolId=environment.user_pool)["Users"]) == 7
        topics = [topic["TopicArn"] for topic in boto(account, "sns").list_topics()["Topics"]]
        assert environment.topic_arn in topics
