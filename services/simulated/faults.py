"""Faults on order: the nth call of an operation is throttled, denied, garbled, cut off. For tests of those who call.

account.faults.add(Fault("lambda", "UpdateAlias", FaultKind.RESET_AFTER))  # applied, no answer
account.faults.add(Fault("dynamodb", "*", FaultKind.DENY, times=None))  # from now on, for ever
account.faults.add(Fault("logs", "FilterLogEvents", FaultKind.THROTTLE, nth=3, times=2))
account.faults.add(Fault("logs", "*", FaultKind.THROTTLE, times=None, begins=then, ends=later))  # by its clock
"""

from __future__ import annotations

import threading
from datetime import datetime
from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """What the caller meets instead of its answer."""

    THROTTLE = "throttle"
    """400, the service's throttling error; nothing is applied."""
    DENY = "deny"
    """403 AccessDenied, naming the action."""
    EXPIRED = "expired"
    """The session's token has run out."""
    CONFLICT = "conflict"
    """409, as S3 answers a conditional write that meets another; nothing is applied."""
    SERVER_ERROR = "server error"
    """500 in the service's own shape."""
    UNAVAILABLE = "unavailable"
    """503 in the service's own shape."""
    HTML_200 = "html 200"
    """A captive portal: status 200, a web page."""
    HTML_502 = "html 502"
    """A broken proxy: status 502, a web page."""
    SLOW_BODY = "slow body"
    """The true answer, dripped: `seconds` of this machine's time between single bytes."""
    HANG = "hang"
    """Nothing is applied and nothing is sent for `seconds`; then the connection is closed."""
    RESET_BEFORE = "reset before"
    """The connection is reset; nothing was applied."""
    RESET_AFTER = "reset after"
    """The call is applied, then the connection is reset without an answer."""


class Fault(msgspec.Struct, frozen=True):
    """One order: which calls, and what becomes of them."""

    service: str
    """botocore's name, `lambda`; `*` is any."""
    operation: str
    """`UpdateAlias`; `*` is any; `StartLiveTail/event` is each event of such a stream."""
    kind: FaultKind
    nth: int = 1
    """The first matching call after the order that is hit, counted from 1."""
    times: int | None = 1
    """How many in a row; None: from then on."""
    seconds: float = 0.5
    region: str = ""
    """Empty: any."""
    begins: datetime | None = None
    """Account's time from which on calls are hit and counted; None: from the order on."""
    ends: datetime | None = None
    """Account's time from which on they are not any more; None: see `times`."""

    def matches(self, service: str, operation: str, region: str, now: datetime) -> bool:
        """Whether a call at `now` is one of those that the order is about."""
        return (
            self.service in ("*", service)
            and self.operation in ("*", operation)
            and self.region in ("", region)
            and (self.begins is None or self.begins <= now)
            and (self.ends is None or now < self.ends)
        )


class Faults:
    """The orders that stand, in order; the first that matches and is due is taken. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        if fault.nth < 1 or (fault.times is not None and fault.times < 1):
            raise ValueError("nth and times are counted from 1")
        if any(moment is not None and moment.tzinfo is None for moment in (fault.begins, fault.ends)):
            raise ValueError("begins and ends need an offset")
        with self._lock:
            self._orders.append((fault, 0))

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

    @property
    def pending(self) -> int:
        """Orders that still have calls to hit."""
        with self._lock:
            return len(self._orders)

    def take(self, service: str, operation: str, region: str, now: datetime) -> Fault | None:
        """The fault a call meets that comes at `now`; counts the call for every order that matches it."""
        taken: Fault | None = None
        with self._lock:
            kept: list[tuple[Fault, int]] = []
            for fault, seen in self._orders:
                count = seen + fault.matches(service, operation, region, now)
                hit = count > seen and count >= fault.nth and taken is None
                if hit:
                    taken = fault
                elif count > seen and count >= fault.nth:
                    count = seen  # another order took this call; ours still has to come
                over = fault.ends is not None and fault.ends <= now
                if not over and (fault.times is None or count < fault.nth + fault.times - 1):
                    kept.append((fault, count))
            self._orders = kept
        return taken
