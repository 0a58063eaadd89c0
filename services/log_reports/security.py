"""Who was refused: errors in CloudTrail, failed sign-ins, requests that came without a right (decisions E8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from services.model.logs import LogLine
from services.model.sign_ins import FailedSignIn
from services.safe_text import SafeText, safe

TRAIL_PATTERN = '{ $.errorCode = "*" }'
SIGN_IN_PATTERN = '?FAILED ?Fail ?"NotAuthorizedException"'
ACCESS_PATTERN = "{ $.status >= 400 && $.status < 500 }"

REFUSED = (401, 403)
_FAILED = ("fail", "failed", "failure")


class TrailError(msgspec.Struct, frozen=True):
    """One call that CloudTrail recorded with an error."""

    at: int
    """Epoch milliseconds."""
    who: SafeText
    event: SafeText
    error: SafeText
    address: SafeText


class SignIns(msgspec.Struct, frozen=True):
    """Failed sign-ins, counted."""

    failed: int = 0
    users: tuple[tuple[SafeText, int], ...] = ()
    """Most first."""
    addresses: tuple[tuple[SafeText, int], ...] = ()
    unparsed: int = 0


class Refusals(msgspec.Struct, frozen=True):
    """Requests that were answered with 4xx."""

    refused: tuple[tuple[SafeText, int], ...] = ()
    """401 and 403 by address, most first."""
    others: tuple[tuple[SafeText, int], ...] = ()
    """Other 4xx by address."""
    unparsed: int = 0
    """Lines of another format: what they say is not known."""


def trail_errors(lines: Iterable[LogLine]) -> tuple[TrailError, ...]:
    """Newest first; events without an error code, and what is no event, are left out."""
    found = []
    for line in lines:
        told = _document(line)
        if told is not None and _text(told, "errorCode"):
            found.append(
                TrailError(
                    line.at,
                    _who(told.get("userIdentity")),
                    _text(told, "eventName"),
                    _text(told, "errorCode"),
                    _text(told, "sourceIPAddress"),
                )
            )
    return tuple(sorted(found, key=lambda one: -one.at))


def sign_ins(lines: Iterable[LogLine]) -> SignIns:
    """Failures by user and by address, from what a user pool delivers."""
    told = [(line, _message(line)) for line in lines]
    failed = [_failed(line, message) for line, message in told if message is not None and _has_failed(message)]
    users, addresses = Counter(one.user for one in failed), Counter(one.address for one in failed)
    unparsed = sum(message is None for _, message in told)
    return SignIns(len(failed), _most(users), _most(addresses), unparsed)


def failed_sign_ins(lines: Iterable[LogLine]) -> list[FailedSignIn]:
    """Each failure by itself, from what a user pool delivers; other lines are left out."""
    told = ((line, _message(line)) for line in lines)
    return [_failed(line, message) for line, message in told if message is not None and _has_failed(message)]


def _message(line: LogLine) -> Mapping[str, Any] | None:
    told = _document(line)
    message = told.get("message") if told is not None else None
    return message if isinstance(message, Mapping) else None


def _has_failed(message: Mapping[str, Any]) -> bool:
    return _text(message, "eventResponse").lower() in _FAILED


def _failed(line: LogLine, message: Mapping[str, Any]) -> FailedSignIn:
    user, address = _text(message, "userName"), _text(message, "ipAddress")
    return FailedSignIn(line.at, line.id, user or SafeText("(nobody)"), address or SafeText("(unknown)"))


def refusals(lines: Iterable[LogLine]) -> Refusals:
    """Requests without a right by address, other 4xx apart, from an API's access log of JSON lines."""
    refused: Counter[SafeText] = Counter()
    others: Counter[SafeText] = Counter()
    unparsed = 0
    for line in lines:
        told = _document(line)
        status = _status(told)
        if told is None or status is None:
            unparsed += 1
        elif 400 <= status < 500:
            (refused if status in REFUSED else others)[_text(told, "ip") or SafeText("(unknown)")] += 1
    return Refusals(_most(refused), _most(others), unparsed)


def _document(line: LogLine) -> Mapping[str, Any] | None:
    try:
        found = msgspec.json.decode(line.text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(told: Mapping[str, Any], field: str) -> SafeText:
    value = told.get(field)
    return safe(value, 300) if isinstance(value, str) else SafeText("")


def _who(identity: object) -> SafeText:
    if not isinstance(identity, Mapping):
        return SafeText("(unknown)")
    return next(filter(None, (_text(identity, one) for one in ("arn", "userName", "invokedBy", "type"))), SafeText("-"))


def _status(told: Mapping[str, Any] | None) -> int | None:
    value = told.get("status") if told is not None else None
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _most(counted: Counter[SafeText]) -> tuple[tuple[SafeText, int], ...]:
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
