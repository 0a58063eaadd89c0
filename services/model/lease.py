"""A lease: who may change one thing, among operators who share nothing but the account."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.safe_text import SafeText


class LeaseRow(msgspec.Struct, frozen=True):
    """One row of the lease table, as it was read."""

    resource: str
    """What it is about, as `guards.resource_of` names it."""
    fence: int
    """Grows by one with each holder: a call of an earlier holder can be told by it."""
    beat: int
    """Grows by one with each renewal. Whoever waits counts on its own clock how long this stands still; the instants
    that two machines write down are never compared."""
    token: str = ""
    """Of the process that holds it; empty: nobody does."""
    operation: str = ""
    who: SafeText = SafeText("")
    doing: SafeText = SafeText("")
    since: datetime | None = None
    """The holder's account time; to be shown, not to be reckoned with."""

    @property
    def told(self) -> str:
        """`alice on bastion since 03:12:40Z: Roll back LIVE to v41 (operation 01M…)`."""
        since = f" since {self.since:%H:%M:%SZ}" if self.since is not None else ""
        doing = f": {self.doing}" if self.doing else ""
        return f"{self.who or 'somebody unnamed'}{since}{doing} (operation {self.operation or 'unnamed'})"
