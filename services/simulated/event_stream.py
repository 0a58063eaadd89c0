"""AWS's event stream encoding: `application/vnd.amazon.eventstream`, one framed message after another.

A message is prelude (total length, headers' length, CRC-32 of both), headers, payload, CRC-32 of everything before.
Source: the encoding's page in the Amazon Transcribe guide; botocore.eventstream is the reader it is tested with.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
"""The header type of a UTF-8 string."""


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message, whole."""
    told = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(told) + len(payload), len(told))
    head = prelude + struct.pack("!I", zlib.crc32(prelude)) + told + payload
    return head + struct.pack("!I", zlib.crc32(head))


def event(kind: str, value: Any) -> bytes:
    """An event of the stream with its members as JSON; `initial-response` is the first of an RPC protocol."""
    headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    return frame(headers, json.dumps(value, separators=(",", ":")).encode())


def refusal(code: str, message: str) -> bytes:
    """A modelled error, with which the service ends the stream."""
    headers = {":message-type": "exception", ":exception-type": code, ":content-type": "application/json"}
    return frame(headers, json.dumps({"message": message}).encode())


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack("!B", len(key)) + key + struct.pack("!BH", _STRING, len(text)) + text
