"""What can go wrong between us and an account, as values: whose fault it is and what to do next.

Problem          one failed question, ready to be shown: kind, sentence, remedy, the call that failed
AccountError     the exception that carries a Problem through services/aws; it never leaves services/watch,
                 services/executor or the command line
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.safe_text import SafeText, safe


class ProblemKind(StrEnum):
    """The differences that change what a person does next."""

    DENIED = "denied"
    """The account answered: this identity may not. The permission is named."""
    EXPIRED = "expired"
    """The session's credentials have run out; renew them."""
    NO_CREDENTIALS = "no credentials"
    WRONG_ACCOUNT = "wrong account"
    THROTTLED = "throttled"
    NOT_FOUND = "not found"
    REFUSED = "refused"
    """The account understood and said no (validation, conflict, limit)."""
    UNSUPPORTED = "unsupported"
    """This endpoint has no such operation."""
    UNREACHABLE = "unreachable"
    """No answer was begun: name, connection, TLS."""
    TIMEOUT = "timeout"
    """Our deadline passed. For a mutation this means the outcome is unknown."""
    GARBLED = "garbled"
    """Something answered that is not AWS, or an answer without the fields it must have."""
    FAILING = "failing"
    """AWS answered with an error of its own (5xx)."""


class Problem(msgspec.Struct, frozen=True):
    """One failed question to an account."""

    kind: ProblemKind
    message: SafeText
    """One sentence, safe to show: what was asked and what came back."""
    operation: str = ""
    """`service:Operation` as IAM spells it, e.g. `dynamodb:DescribeTable`."""
    code: SafeText = SafeText("")
    """AWS's error code where there is one."""
    remedy: str = ""
    """What would lift it, as a sentence; empty when waiting is all there is."""
    at: datetime | None = None
    """When it happened, the account's time."""

    @property
    def outcome_unknown(self) -> bool:
        """Whether a mutation that ended so may have been applied all the same."""
        return self.kind in (
            ProblemKind.TIMEOUT,
            ProblemKind.GARBLED,
            ProblemKind.UNREACHABLE,
            ProblemKind.FAILING,
        )

    @property
    def passing(self) -> bool:
        """Whether the same question may well be answered a moment later, with nobody doing anything."""
        return self.kind in (
            ProblemKind.THROTTLED,
            ProblemKind.TIMEOUT,
            ProblemKind.UNREACHABLE,
            ProblemKind.FAILING,
        )


class AccountError(Exception):
    """A question that failed; carries its Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class ConfigurationError(Exception):
    """The operator's configuration or command line is wrong. The message names file, field and remedy."""


def problem(
    kind: ProblemKind,
    message: object,
    *,
    operation: str = "",
    code: str = "",
    remedy: str = "",
    at: datetime | None = None,
) -> Problem:
    """A Problem whose message and code are made safe."""
    return Problem(kind, safe(message, 600), operation, safe(code), remedy, at)
