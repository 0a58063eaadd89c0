"""A lease table in the simulated account, made as the refusal's own command lines say, and what others do to it."""

from __future__ import annotations

import shlex
from typing import Any

import msgspec

from services.aws.lease_table import create_lines
from services.simulated.account import SimulatedAccount
from tests.contract.executor_support import NO_WAITING, Desk
from tests.simulated_support import boto

TABLE = "cockpit-leases"

QUICK = msgspec.structs.replace(NO_WAITING, lease_s=3.0, renew_s=0.05)
"""A holder that has not renewed for three seconds of this machine's is dead; one call begins within one of them."""

LASTING = msgspec.structs.replace(NO_WAITING, renew_s=0.05)
"""Renewed often and never taken for dead, however slow the machine is."""

Item = dict[str, dict[str, str]]


class LeaseTable:
    """The table by boto: the account's own word."""

    def __init__(self, account: SimulatedAccount) -> None:
        self.account, self.client = account, boto(account, "dynamodb", read_timeout=60)  # it imports moto first

    def create(self) -> None:
        """By the lines that a refusal prints."""
        told = [_options(line) for line in create_lines(TABLE, "us-west-2")]
        attribute, key = told[0]["attribute-definitions"], told[0]["key-schema"]
        self.client.create_table(
            TableName=told[0]["table-name"],
            BillingMode=told[0]["billing-mode"],
            AttributeDefinitions=[_pairs(attribute)],
            KeySchema=[_pairs(key)],
        )
        self.client.update_time_to_live(
            TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
        )

    def rows(self) -> dict[str, Item]:
        return {item["resource"]["S"]: item for item in self.client.scan(TableName=TABLE)["Items"]}

    def row(self, resource: str) -> Item:
        return self.rows()[resource]

    def put(self, resource: str, *, fence: int = 7, beat: int = 3, token: str = "theirs", **more: str) -> None:
        """Somebody else holds it."""
        about = {"token": token, "who": "bob on laptop", "operation": "B" * 26, "doing": "Roll back LIVE", **more}
        item: Item = {"resource": {"S": resource}, "fence": {"N": str(fence)}, "beat": {"N": str(beat)}}
        self.client.put_item(TableName=TABLE, Item=item | {name: {"S": value} for name, value in about.items()})

    def beat(self, resource: str) -> None:
        """The other one renews."""
        self.client.update_item(
            TableName=TABLE,
            Key={"resource": {"S": resource}},
            UpdateExpression="ADD beat :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    def remove(self, resource: str) -> None:
        self.client.delete_item(TableName=TABLE, Key={"resource": {"S": resource}})


def with_table(desk: Desk) -> Desk:
    """A desk whose settings name the table."""
    desk.environment = msgspec.structs.replace(desk.environment, lease_table=TABLE)
    return desk


def _options(line: str) -> dict[str, str]:
    words = shlex.split(line)
    return {word[2:]: words[place + 1] for place, word in enumerate(words) if word.startswith("--")}


def _pairs(text: str) -> dict[str, Any]:
    """The AWS CLI's shorthand for one structure."""
    return dict(part.split("=", 1) for part in text.split(","))
