"""What a log message says of itself: how loud it is, and which request it belongs to.

Reads Lambda's Python and Node text formats, JSON lines, API Gateway's execution and access logs, and anything that
names its level near its beginning (aws.md 3.5). Cheap on purpose: it is called for every line of the tail.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from services.model.logs import Level

_HEAD = 200
"""Characters in which a plain line may name its level."""

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_REQUEST = re.compile(_UUID)

_WORD = re.compile(
    r"(?<![A-Za-z])(?:(?P<error>ERROR|FATAL|CRITICAL|SEVERE|Traceback|Task timed out|Unauthorized request"
    r"|Execution failed|Lambda execution failed|Exception|[A-Z]\w*(?:Error|Exception)(?=:))"
    r"|(?P<warn>WARN(?:ING)?|Method throttled)|(?P<info>INFO|NOTICE)|(?P<debug>DEBUG|TRACE))(?![A-Za-z])"
)
_STATUS = re.compile(r"completed with status: ?(\d{3})")

_NAMES = {
    "ERROR": Level.ERROR,
    "FATAL": Level.ERROR,
    "CRITICAL": Level.ERROR,
    "SEVERE": Level.ERROR,
    "EMERGENCY": Level.ERROR,
    "ALERT": Level.ERROR,
    "WARN": Level.WARN,
    "WARNING": Level.WARN,
    "INFO": Level.INFO,
    "NOTICE": Level.INFO,
    "DEBUG": Level.DEBUG,
    "TRACE": Level.DEBUG,
}
_LAMBDA_NOTES = ("START RequestId: ", "END RequestId: ", "INIT_START ", "INIT_REPORT ", "EXTENSION\t", "RESTORE_START ")
_GATEWAY_NOTES = (
    "Starting execution for request: ",
    "HTTP Method: ",
    "Verifying Usage Plan for request: ",
    "API Key ",
    "Extended Request Id: ",
    "Method request ",
    "Endpoint request ",
    "Endpoint response ",
    "Sending request to ",
    "Received response. Status: ",
    "Method response ",
    "Successfully completed execution",
    "AWS Integration Endpoint RequestId ",
    "X-ray Tracing ID ",
)
"""What the platform says of every request, well or not: read when wanted, not all the time."""
_GATEWAY_PREFIX = 39
"""Characters of `(<request id>) `."""
_BY_GROUP = {"error": Level.ERROR, "warn": Level.WARN, "info": Level.INFO, "debug": Level.DEBUG}


class _Document(msgspec.Struct):
    """The members of a JSON line that matter here; all others are skipped without being built."""

    level: Any = None
    severity: Any = None
    status: Any = None
    type: Any = None
    errorCode: Any = None
    request_id: Any = None
    requestId: Any = None
    record: Any = None


_DECODER = msgspec.json.Decoder(_Document)


def read(message: str) -> tuple[Level, str]:
    """Level and request id of a message; `Level.NONE` and the empty string where it has none. Total: any string."""
    if message.startswith("{"):
        found = _of_json(message)
        if found is not None:
            return found
    return _of_text(message)


def _of_text(message: str) -> tuple[Level, str]:
    head = message[:_HEAD]
    request = _REQUEST.search(head)
    name = request[0] if request is not None else ""
    if head.startswith("REPORT RequestId: "):
        return (Level.ERROR if "Status: timeout" in message or "Status: error" in message else Level.REPORT), name
    if head.startswith(_LAMBDA_NOTES) or (name and head.startswith(_GATEWAY_NOTES, _GATEWAY_PREFIX)):
        return Level.DEBUG, name
    status = _STATUS.search(head) if "tatus: " in head else None
    if status is not None:
        return (Level.ERROR if status[1][0] == "5" else Level.INFO), name
    word = _WORD.search(head)
    if word is None:
        return Level.NONE, name
    return _BY_GROUP[word.lastgroup or "info"], name


def _of_json(message: str) -> tuple[Level, str] | None:
    try:
        document = _DECODER.decode(message)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    name = _first_text(document.request_id, document.requestId)
    if not name and isinstance(document.record, dict):
        name = _first_text(document.record.get("requestId"))
    return _json_level(document), name


def _json_level(document: _Document) -> Level:
    word = _first_text(document.level, document.severity).upper()
    if word in _NAMES:
        return _NAMES[word]
    if document.type == "platform.report":
        return Level.REPORT
    if document.errorCode:
        return Level.ERROR
    status = str(document.status) if isinstance(document.status, int | str) else ""
    if len(status) == 3 and status.isdigit():
        return Level.ERROR if status[0] == "5" else Level.INFO
    return Level.NONE


def _first_text(*values: Any) -> str:
    for value in values:
        if isinstance(value, str) and value:
            return value[:128]
    return ""
