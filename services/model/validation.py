"""Whether the system is well after a rollback: the runbook's five checks (lines 756-781), each with its evidence."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from services.safe_text import SafeText


class Finding(StrEnum):
    """What a check came to."""

    OK = "OK"
    FAIL = "FAIL"
    WAITS = "WAITS"
    """It cannot be said yet; the text says what for."""


class Check(msgspec.Struct, frozen=True):
    """One check of the list."""

    title: str
    finding: Finding
    text: SafeText


class Validation(msgspec.Struct, frozen=True):
    """All five in the runbook's order, and what a person made of them."""

    checks: tuple[Check, ...]
    validated: SafeText = SafeText("")
    """When all five were well, or by whom and for what reason that was overridden; empty: not validated."""
    told: SafeText = SafeText("")
    """When the stakeholders were told, by whom; empty: not yet."""

    @property
    def open(self) -> tuple[Check, ...]:
        """The checks that are not well."""
        return tuple(one for one in self.checks if one.finding is not Finding.OK)
