"""Values of an API's shapes to and from JSON and CBOR. Each shape is compiled once into a small function.

A page of log events or metrics is tens of thousands of values; walking the model for each costs more than
everything else together. A shape whose values need no change compiles to None and is copied as it stands.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from services.simulated.cbor import Epoch
from services.simulated.protocol import AwsError

Format = Literal["json", "cbor"]
Convert = Callable[[Any], Any] | None


class Codec:
    """The conversions of one service model's shapes, made on demand."""

    def __init__(self, wire: Format) -> None:
        self._wire = wire
        self._encoders: dict[str, Convert] = {}
        self._decoders: dict[str, Convert] = {}
        self._making = threading.RLock()
        self._unfinished: dict[str, Convert] = {}
        """What the thread that holds `_making` has begun; others see it only when it is whole."""

    def encode(self, shape: Any, value: Mapping[str, Any]) -> Any:
        """A result in botocore's form as what goes on the wire. None members are left out."""
        convert = self._compiled(shape, self._encoders, self._encoder)
        return dict(value) if convert is None else convert(value)

    def decode(self, shape: Any, value: Any) -> dict[str, Any]:
        """What came over the wire as parameters in botocore's form; unknown members are dropped, as AWS does."""
        if not isinstance(value, Mapping):
            raise AwsError("SerializationException", "Start of structure or map found where not expected.")
        convert = self._compiled(shape, self._decoders, self._decoder)
        result = value if convert is None else convert(value)
        return dict(result)

    def _compiled(self, shape: Any, cache: dict[str, Convert], make: Callable[[Any], Convert]) -> Convert:
        name = shape.name
        if name in cache:
            return cache[name]
        with self._making:
            if name in cache:
                return cache[name]
            begun = self._unfinished
            if name in begun:
                return begun[name]
            outermost = not begun
            # A shape that holds itself finds this stand-in, which looks again when it is called.
            begun[name] = lambda value: _apply(cache[name], value)
            try:
                begun[name] = found = make(shape)
                if outermost:
                    cache.update(begun)
            finally:
                if outermost:
                    self._unfinished = {}
            return found

    def _encoder(self, shape: Any) -> Convert:
        kind = shape.type_name
        if kind == "structure":
            return self._structure_encoder(shape)
        if kind == "list":
            return _each(self._compiled(shape.member, self._encoders, self._encoder))
        if kind == "map":
            return _each_value(self._compiled(shape.value, self._encoders, self._encoder))
        if kind == "timestamp":
            return _epoch if self._wire == "cbor" else _number
        if kind == "blob":
            return None if self._wire == "cbor" else _base64
        if kind in ("double", "float"):
            return float
        return None

    def _structure_encoder(self, shape: Any) -> Convert:
        members = [
            (name, _wire_name(name, member), self._compiled(member, self._encoders, self._encoder))
            for name, member in shape.members.items()
        ]

        def structure(value: Mapping[str, Any]) -> dict[str, Any]:
            out = {}
            for name, wire_name, convert in members:
                item = value.get(name)
                if item is not None:
                    out[wire_name] = item if convert is None else convert(item)
            return out

        if any(convert is not None or wire_name != name for name, wire_name, convert in members):
            return structure
        names = frozenset(name for name, _, _ in members)

        def plain(value: Mapping[str, Any]) -> Mapping[str, Any]:
            return value if value.keys() <= names and None not in value.values() else structure(value)

        return plain

    def _decoder(self, shape: Any) -> Convert:
        kind = shape.type_name
        if kind == "structure":
            return self._structure_decoder(shape)
        if kind == "list":
            return _checked(list, _each(self._compiled(shape.member, self._decoders, self._decoder)))
        if kind == "map":
            return _checked(dict, _each_value(self._compiled(shape.value, self._decoders, self._decoder)))
        if kind == "timestamp":
            return _moment
        if kind == "blob":
            return None if self._wire == "cbor" else _bytes
        if kind in ("string", "character"):
            return _checked(str, None)
        if kind in ("integer", "long"):
            return _integer
        return None

    def _structure_decoder(self, shape: Any) -> Convert:
        members = {
            _wire_name(name, member): (name, self._compiled(member, self._decoders, self._decoder))
            for name, member in shape.members.items()
        }

        def structure(value: Mapping[str, Any]) -> dict[str, Any]:
            out = {}
            for wire_name, item in value.items():
                known = members.get(wire_name)
                if known is not None and item is not None:
                    name, convert = known
                    out[name] = item if convert is None else convert(item)
            return out

        return _checked(dict, structure)


def _wire_name(name: str, member: Any) -> str:
    return str(member.serialization.get("name", name))


def _apply(convert: Convert, value: Any) -> Any:
    return value if convert is None else convert(value)


def _each(convert: Convert) -> Convert:
    return None if convert is None else lambda values: [convert(value) for value in values]


def _each_value(convert: Convert) -> Convert:
    return None if convert is None else lambda values: {key: convert(value) for key, value in values.items()}


def _checked(kind: type, convert: Convert) -> Convert:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise AwsError("SerializationException", f"{type(value).__name__} can not be converted to {kind.__name__}")
        return value if convert is None else convert(value)

    return check


def _integer(value: Any) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise AwsError("SerializationException", f"{type(value).__name__} can not be converted to an Integer")
    return int(value)


def _number(value: datetime | float) -> float:
    return value.timestamp() if isinstance(value, datetime) else value


def _epoch(value: datetime | float) -> Epoch:
    return Epoch(_number(value))


def _base64(value: bytes | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise AwsError("SerializationException", "a blob that is not base64") from error


def _moment(value: Any) -> datetime:
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise AwsError("SerializationException", f"not a timestamp: {value!r:.60}") from error
