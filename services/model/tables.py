"""DynamoDB tables."""

from __future__ import annotations

import msgspec

from services.safe_text import SafeText


class Index(msgspec.Struct, frozen=True):
    """A global secondary index: it throttles by itself."""

    name: SafeText
    status: SafeText


class Table(msgspec.Struct, frozen=True):
    """dynamodb:DescribeTable."""

    name: SafeText
    status: SafeText
    on_demand: bool
    read_units: int = 0
    """Provisioned; 0 on demand."""
    write_units: int = 0
    indexes: tuple[Index, ...] = ()
    items: int = 0
    """Refreshed by AWS about every six hours."""
    size_bytes: int = 0
    operations: tuple[SafeText, ...] = ()
    """Operations that were called in the last two weeks, as CloudWatch knows them: `GetItem`, `Query` …"""
