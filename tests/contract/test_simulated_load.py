"""Many clients at once: every one gets its own answer, and compare-and-set lets exactly one through."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from tests.simulated_support import boto, simulated

LIVE = {"FunctionName": "ec2-manager-function-prod", "Name": "LIVE"}


def test_of_many_that_update_the_same_revision_one_wins() -> None:
    with simulated() as account:
        client = boto(account, "lambda", max_pool_connections=16)
        revision = client.get_alias(**LIVE)["RevisionId"]

        def update(number: int) -> str:
            try:
                client.update_alias(**LIVE, FunctionVersion=str(38 + number % 3), RevisionId=revision)
            except ClientError as error:
                return str(error.response["Error"]["Code"])
            return "applied"

        with ThreadPoolExecutor(16) as pool:
            told = list(pool.map(update, range(32)))
        assert sorted(told) == ["PreconditionFailedException"] * 31 + ["applied"]
        assert len(account.state.controls.alias_history("production")) == 5


def test_every_caller_gets_the_answer_to_its_own_question() -> None:
    with simulated() as account:
        client = boto(account, "cloudformation", max_pool_connections=16)
        names = [f"EC2Manager-{name}" for name in ("production", "staging", "dev")] * 20

        def described(name: str) -> str:
            return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackName"])

        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(described, names)) == names
        assert len(account.calls) == 60
        assert len({call.id for call in account.calls}) == 60


def test_a_service_that_is_asked_by_many_at_first_is_seeded_once() -> None:
    with simulated() as account:
        table = account.state.estate.environment("production").table
        client = boto(account, "dynamodb", max_pool_connections=16)
        with ThreadPoolExecutor(12) as pool:
            told = list(pool.map(lambda _: client.describe_table(TableName=table)["Table"]["ItemCount"], range(12)))
        assert told == [told[0]] * 12
        assert len(client.list_backups(TableName=table)["BackupSummaries"]) == 2
