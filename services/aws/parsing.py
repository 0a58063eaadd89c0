"""How replies are read: botocore's parsers, made cheap where the large pages are.

Two things cost most of a watch's time in botocore. Every timestamp becomes local time by way of dateutil (15 us each;
three hours of metrics hold four thousand), and every member of every log event is looked up in the model. Here a
timestamp is UTC at once, and what is plain JSON in the model is taken as it was decoded.

Imports aiobotocore: only from functions that run where that hurts nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from aiobotocore.parsers import AioJSONParser, AioResponseParserFactory
from botocore.utils import parse_timestamp

_PLAIN = frozenset({"string", "integer", "long", "float", "double", "boolean"})


def instant(value: Any) -> datetime:
    """A reply's timestamp, UTC: epoch seconds or ISO 8601; any other form by botocore. Raises ValueError."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and value[4:5] == "-":
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass  # odd years and half seconds of a day: botocore knows more forms
    other: datetime = parse_timestamp(value)
    return other.replace(tzinfo=UTC) if other.tzinfo is None else other.astimezone(UTC)


class PlainJSONParser(AioJSONParser):  # type: ignore[misc]  # aiobotocore ships no types
    """Lists whose members JSON can say by itself are not walked through. Members that the model lacks stay in them."""

    def _parse_body_as_json(self, body_contents: bytes) -> Any:
        try:
            return msgspec.json.decode(body_contents)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return super()._parse_body_as_json(body_contents)

    def _handle_list(self, shape: Any, node: Any) -> Any:
        known: dict[str, bool] = self.__dict__.setdefault("_plain_lists", {})
        if shape.name not in known:
            known[shape.name] = plain(shape)
        return node if known[shape.name] else super()._handle_list(shape, node)


class ParserFactory(AioResponseParserFactory):  # type: ignore[misc]  # likewise
    """botocore's parsers with ours for JSON and our reading of timestamps."""

    def __init__(self) -> None:
        super().__init__()
        self.set_parser_defaults(timestamp_parser=instant)

    def create_parser(self, protocol_name: str) -> Any:
        if protocol_name == "json":
            return PlainJSONParser(**self._defaults)
        return super().create_parser(protocol_name)


def plain(shape: Any, above: tuple[str, ...] = ()) -> bool:
    """Whether decoded JSON is what botocore would make of it: no times, no bytes, no names of its own."""
    if shape.name in above or "name" in shape.serialization:
        return False
    inside = (*above, shape.name)
    kind = shape.type_name
    if kind == "structure":
        odd = shape.is_document_type or getattr(shape, "is_tagged_union", False)
        return not odd and all(plain(member, inside) for member in shape.members.values())
    if kind == "list":
        return plain(shape.member, inside)
    if kind == "map":
        return shape.key.type_name == "string" and plain(shape.value, inside)
    return kind in _PLAIN
