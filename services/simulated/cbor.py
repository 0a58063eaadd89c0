"""CBOR (RFC 8949) as far as Smithy's RPC protocol needs it: what CloudWatch's clients speak since 2025."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

_DEPTH_LIMIT = 64
_BREAK = object()


class CborError(ValueError):
    """The bytes are no CBOR value that this protocol allows."""


class Epoch(float):
    """Seconds since 1970 that are written with tag 1 and read from it."""


def encode(value: Any) -> bytes:
    """`value` as CBOR. Takes None, bool, int, float, str, bytes, datetime, Epoch, list, tuple and dict."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


def decode(data: bytes) -> Any:
    """The one value in `data`; a tag-1 number comes back as `Epoch`. Raises CborError."""
    try:
        value, end = _read(data, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise CborError(f"truncated or malformed CBOR: {error}") from error
    if value is _BREAK:
        raise CborError("a break outside of a container")
    if end != len(data):
        raise CborError(f"{len(data) - end} bytes after the value")
    return value


def _head(out: bytearray, major: int, number: int) -> None:
    if number < 24:
        out.append(major << 5 | number)
    elif number < 0x100:
        out += bytes((major << 5 | 24, number))
    elif number < 0x10000:
        out += struct.pack(">BH", major << 5 | 25, number)
    elif number < 0x100000000:
        out += struct.pack(">BI", major << 5 | 26, number)
    else:
        out += struct.pack(">BQ", major << 5 | 27, number)


def _write(out: bytearray, value: Any) -> None:
    # Ordered by how often each comes in a page of metrics.
    if isinstance(value, float):
        if isinstance(value, Epoch):
            out.append(0xC1)
        out += struct.pack(">Bd", 0xFB, value)
    elif isinstance(value, str):
        data = value.encode()
        _head(out, 3, len(data))
        out += data
    elif value is True or value is False:
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        _head(out, 0 if value >= 0 else 1, value if value >= 0 else -1 - value)
    elif value is None:
        out.append(0xF6)
    elif isinstance(value, list | tuple):
        _head(out, 4, len(value))
        for item in value:
            _write(out, item)
    elif isinstance(value, dict):
        _head(out, 5, len(value))
        for key, item in value.items():
            _write(out, key)
            _write(out, item)
    elif isinstance(value, bytes | bytearray):
        _head(out, 2, len(value))
        out += value
    elif isinstance(value, datetime):
        _write(out, Epoch(value.astimezone(UTC).timestamp()))
    else:
        raise TypeError(f"{type(value).__name__} has no CBOR form here")


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEPTH_LIMIT:
        raise CborError("nested too deep")
    initial = data[at]
    major, info = initial >> 5, initial & 31
    at += 1
    if major == 7:
        return _read_simple(data, at, info)
    if info == 31:
        return _read_indefinite(data, at, major, depth)
    number, at = _read_number(data, at, info)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        piece = data[at : at + number]
        if len(piece) != number:
            raise CborError("a string ends after the data")
        return (piece if major == 2 else piece.decode()), at + number
    if major == 4:
        items = []
        for _ in range(number):
            item, at = _read(data, at, depth + 1)
            items.append(item)
        return items, at
    if major == 5:
        return _read_map(data, at, number, depth)
    value, at = _read(data, at, depth + 1)
    return (Epoch(value) if number == 1 and isinstance(value, int | float) else value), at


def _read_number(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info < 24:
        return info, at
    if info > 27:
        raise CborError(f"reserved length {info}")
    size = 1 << (info - 24)
    piece = data[at : at + size]
    if len(piece) != size:
        raise CborError("a number ends after the data")
    return int.from_bytes(piece), at + size


def _read_map(data: bytes, at: int, count: int | None, depth: int) -> tuple[dict[Any, Any], int]:
    members: dict[Any, Any] = {}
    while count is None or len(members) < count:
        key, at = _read(data, at, depth + 1)
        if key is _BREAK and count is None:
            break
        if not isinstance(key, str | int):
            raise CborError("a key that is neither text nor a number")
        if key in members:
            raise CborError(f"the key {key!r} comes twice")
        members[key], at = _read(data, at, depth + 1)
    return members, at


def _read_indefinite(data: bytes, at: int, major: int, depth: int) -> tuple[Any, int]:
    if major == 5:
        return _read_map(data, at, None, depth)
    if major not in (2, 3, 4):
        raise CborError("a number without an end")
    items: list[Any] = []
    while True:
        item, at = _read(data, at, depth + 1)
        if item is _BREAK:
            break
        items.append(item)
    if major == 4:
        return items, at
    return (b"" if major == 2 else "").join(items), at


def _read_simple(data: bytes, at: int, info: int) -> tuple[Any, int]:
    if info == 31:
        return _BREAK, at
    if info in (20, 21):
        return info == 21, at
    if info in (22, 23):
        return None, at
    if info == 25:
        return struct.unpack_from(">e", data, at)[0], at + 2
    if info == 26:
        return struct.unpack_from(">f", data, at)[0], at + 4
    if info == 27:
        return struct.unpack_from(">d", data, at)[0], at + 8
    raise CborError(f"the simple value {info} is not allowed")
