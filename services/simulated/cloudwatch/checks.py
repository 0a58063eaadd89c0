"""Refusals in CloudWatch's words, shared by the operations."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from services.simulated.protocol import AwsError

FINE_PERIODS = (1, 5, 10, 20, 30)
"""Only custom metrics of high resolution have them."""


def validation(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def invalid_value(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


def invalid_combination(message: str) -> AwsError:
    return AwsError("InvalidParameterCombination", message)


def epoch(moment: Any) -> float:
    """Epoch seconds of a timestamp in any of the forms that a handler is given."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(moment)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def check_period(period: int, where: str = "Period") -> None:
    if period not in FINE_PERIODS and (period < 60 or period % 60):
        raise validation(f"The parameter {where} must be a value in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.")


def rounded_start(start: float, now: float) -> int:
    """A StartTime as CloudWatch rounds it down: to the minute, five minutes or the hour, by its age (aws.md 2.1)."""
    age = now - start
    step = 60 if age < 15 * 86_400 else 300 if age < 63 * 86_400 else 3600
    return int(start // step) * step


def page_token(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value, sort_keys=True).encode()).decode()


def read_token(token: str) -> dict[str, Any]:
    """What `page_token` wrote; InvalidNextToken for anything else."""
    try:
        value = json.loads(urlsafe_b64decode(token.encode()))
    except ValueError as error:
        raise AwsError("InvalidNextToken", "The specified NextToken is not valid.") from error
    if not isinstance(value, dict):
        raise AwsError("InvalidNextToken", "The specified NextToken is not valid.")
    return value


def number_of(token: dict[str, Any], member: str, default: float) -> float:
    """A number that a token carries; InvalidNextToken when it carries something else there."""
    value = token.get(member, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise AwsError("InvalidNextToken", "The specified NextToken is not valid.")
    return value


def page_of(items: list[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
    """`size` of the items from where the token says, and the token of the rest."""
    offset = 0
    if token:
        given = read_token(token).get("offset")
        if not isinstance(given, int) or not 0 <= given <= len(items):
            raise AwsError("InvalidNextToken", "The specified NextToken is not valid.")
        offset = given
    rest = offset + size
    return items[offset:rest], page_token({"offset": rest}) if rest < len(items) else None
