"""What a stack is deployed with, as it is now and as it was: without it nobody could go back (aws.md 4.1, 5.1)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.model.change_sets import PlannedChange
from services.safe_text import SafeText


class Setting(msgspec.Struct, frozen=True):
    """One parameter of a stack, exactly as it has to be sent again: made safe only where it is shown."""

    name: str
    value: str
    hidden: bool = False
    """NoEcho: AWS tells no value, and the one that the stack has can only be used again."""


class Deployed(msgspec.Struct, frozen=True):
    """One stack with everything that UpdateStack would need to bring it about again."""

    stack_id: SafeText
    stack: SafeText
    status: SafeText
    at: datetime
    """When its last operation began; its creation when there was none."""
    original: str
    """The template as it was sent: JSON (its lay-out is not kept) or YAML. Exactly as it has to be sent again."""
    processed: str
    """The template with its transforms carried out."""
    parameters: tuple[Setting, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    capabilities: tuple[str, ...] = ()
    role: str = ""
    notifications: tuple[str, ...] = ()
    changes: tuple[PlannedChange, ...] = ()
    """What the change set of its last operation said; empty when it came without one."""

    @property
    def whole(self) -> bool:
        """Whether an operation has gone through: only then is it a state to go back to."""
        return self.status.endswith("_COMPLETE") and not self.status.startswith(("DELETE", "ROLLBACK"))


class KeptStack(msgspec.Struct, frozen=True):
    """A `Deployed` on this machine's disk; the templates lie beside it under their digests."""

    digest: str
    """Of all that is deployed with it: two with the same are the same."""
    stack_id: SafeText
    stack: SafeText
    at: datetime
    """When it was deployed, the last time that it was."""
    original: str
    """SHA-256 of the template as it was sent."""
    processed: str
    parameters: tuple[Setting, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    capabilities: tuple[str, ...] = ()
    role: str = ""
    notifications: tuple[str, ...] = ()
    replaced: tuple[SafeText, ...] = ()
    """Resources that the operation which brought it replaced, by its change set."""
    size: int = 0
    """Bytes of the template as it was sent."""
    file: str = ""
    """Where that template lies."""
    body: str = ""
    """The template as it was sent; empty where it could not be read."""

    @property
    def name(self) -> str:
        """What people call it by: enough of its digest."""
        return self.digest[:8]
