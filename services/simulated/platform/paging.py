"""Pages of a list that is whole in memory: a token is the position, signed by its form and nothing more."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from services.simulated.protocol import AwsError

T = TypeVar("T")

_PREFIX = "simulated-page:"


def page(items: list[T], token: str | None, size: int, code: str = "ValidationError") -> tuple[list[T], str | None]:
    """The page `token` names and the next one's token; a token we never gave is refused with `code`."""
    start = _position(token, code) if token else 0
    end = start + size
    following = base64.urlsafe_b64encode(f"{_PREFIX}{end}".encode()).decode() if end < len(items) else None
    return items[start:end], following


def _position(token: str, code: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except (ValueError, binascii.Error) as error:
        raise AwsError(code, "The pagination token is invalid.") from error
    number = text.removeprefix(_PREFIX)
    if number == text or not number.isdecimal():
        raise AwsError(code, "The pagination token is invalid.")
    return int(number)
