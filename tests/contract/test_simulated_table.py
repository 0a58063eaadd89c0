"""The simulated account's DynamoDB compares and writes in one move, as AWS's does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from botocore.exceptions import ClientError

from tests.contract.lease_support import TABLE, LeaseTable
from tests.simulated_support import simulated

AT_ONCE = 4


def test_of_writes_under_one_condition_at_one_instant_exactly_one_is_taken() -> None:
    with simulated() as account:
        table = LeaseTable(account)
        table.create()
        barrier = Barrier(AT_ONCE)

        def write(number: int, key: str) -> bool:
            barrier.wait()
            try:
                table.client.update_item(
                    TableName=TABLE,
                    Key={"resource": {"S": key}},
                    UpdateExpression="SET #owner = :me",
                    ConditionExpression="attribute_not_exists(#owner)",
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues={":me": {"N": str(number)}},
                )
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"
                return False
            return True

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for turn in range(10):
                taken = list(pool.map(write, range(AT_ONCE), [f"row {turn}"] * AT_ONCE))
                assert sum(taken) == 1
