"""A table's global secondary indexes with all that a change of them rests on; and a change, as a file says it."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.safe_text import SafeText


class KeyElement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of an index's key."""

    AttributeName: str
    KeyType: Literal["HASH", "RANGE"]


class AttributeDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The type of a key attribute."""

    AttributeName: str
    AttributeType: Literal["S", "N", "B"]


class Projection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What of an item the index holds."""

    ProjectionType: Literal["ALL", "KEYS_ONLY", "INCLUDE"]
    NonKeyAttributes: tuple[str, ...] = ()


class Throughput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Provisioned units a second."""

    ReadCapacityUnits: int
    WriteCapacityUnits: int


class Creation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A new index."""

    IndexName: str
    KeySchema: tuple[KeyElement, ...]
    Projection: Projection
    ProvisionedThroughput: Throughput | None = None


class Resizing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other throughput of an index."""

    IndexName: str
    ProvisionedThroughput: Throughput


class Deletion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An index that goes."""

    IndexName: str


class IndexUpdate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of the three, under DynamoDB's names."""

    Create: Creation | None = None
    Update: Resizing | None = None
    Delete: Deletion | None = None


class IndexChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: what the AWS CLI takes as `--global-secondary-index-updates`, the new attributes' types beside it."""

    GlobalSecondaryIndexUpdates: tuple[IndexUpdate, ...]
    AttributeDefinitions: tuple[AttributeDefinition, ...] = ()


class IndexNow(msgspec.Struct, frozen=True):
    """An index that there is."""

    name: SafeText
    status: SafeText
    keys: tuple[tuple[SafeText, SafeText], ...]
    """(attribute, HASH or RANGE)."""
    read_units: int = 0
    write_units: int = 0
    backfilling: bool = False


class TableIndexes(msgspec.Struct, frozen=True):
    """dynamodb:DescribeTable, as far as its indexes go."""

    table: SafeText
    status: SafeText
    on_demand: bool
    attributes: tuple[SafeText, ...]
    """Those whose types are known: keys of the table and of its indexes."""
    indexes: tuple[IndexNow, ...]
    items: int = 0
    size_bytes: int = 0

    def named(self, name: str) -> IndexNow | None:
        """The index of that name."""
        return next((one for one in self.indexes if one.name == name), None)
