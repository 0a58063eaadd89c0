"""DynamoDB tables."""

from __future__ import annotations

from services.aws.reply import need, need_text, number, rows, table, text
from services.aws.session import Account
from services.model.tables import Index, Table


async def describe(account: Account, name: str) -> Table:
    """The table and its global secondary indexes, which throttle by themselves. Raises AccountError."""
    reply = await account.ask("dynamodb", "DescribeTable", {"TableName": name})
    about = need(reply, "Table", dict)
    throughput = table(about, "ProvisionedThroughput")
    billing = table(about, "BillingModeSummary").get("BillingMode")
    return Table(
        name=need_text(about, "TableName"),
        status=need_text(about, "TableStatus"),
        on_demand=billing == "PAY_PER_REQUEST",
        read_units=number(throughput, "ReadCapacityUnits"),
        write_units=number(throughput, "WriteCapacityUnits"),
        indexes=tuple(
            Index(name=need_text(row, "IndexName"), status=text(row, "IndexStatus"))
            for row in rows(about, "GlobalSecondaryIndexes")
        ),
        items=number(about, "ItemCount"),
        size_bytes=number(about, "TableSizeBytes"),
    )
