"""DynamoDB: a table's global secondary indexes, their keys and their state."""

from __future__ import annotations

from services.aws.reply import Reply, need, need_text, number, rows, table, text
from services.aws.session import Account
from services.model.table_indexes import IndexNow, TableIndexes


async def read(account: Account, name: str) -> TableIndexes:
    """The table's indexes as they stand. Raises AccountError."""
    reply = await account.ask("dynamodb", "DescribeTable", {"TableName": name})
    about = need(reply, "Table", dict)
    return TableIndexes(
        table=need_text(about, "TableName"),
        status=need_text(about, "TableStatus"),
        on_demand=table(about, "BillingModeSummary").get("BillingMode") == "PAY_PER_REQUEST",
        attributes=tuple(need_text(row, "AttributeName") for row in rows(about, "AttributeDefinitions")),
        indexes=tuple(_index(row) for row in rows(about, "GlobalSecondaryIndexes")),
        items=number(about, "ItemCount"),
        size_bytes=number(about, "TableSizeBytes"),
    )


def _index(row: Reply) -> IndexNow:
    units = table(row, "ProvisionedThroughput")
    return IndexNow(
        name=need_text(row, "IndexName"),
        status=text(row, "IndexStatus"),
        keys=tuple((text(key, "AttributeName"), text(key, "KeyType")) for key in rows(row, "KeySchema")),
        read_units=number(units, "ReadCapacityUnits"),
        write_units=number(units, "WriteCapacityUnits"),
        backfilling=row.get("Backfilling") is True,
    )
