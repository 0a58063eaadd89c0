"""Whether the journal can take an operation now: folder, space, and nobody else at work. Writes nothing."""

from __future__ import annotations

import os
import shutil

from services.journal.home import JournalBroken, JournalHome
from services.journal.leases import running
from services.journal.reading import operations
from services.model.entry import Operation
from services.model.readiness import Ground


def ground(home: JournalHome, environment: str) -> Ground:
    """As of now. The folder is made if it is missing, as it would be by an order."""
    try:
        os.close(home.opened())
        if not os.access(home.path, os.W_OK | os.X_OK):
            return Ground(str(home.path), problem=f"The journal's folder {home.path} cannot be written.")
        free = shutil.disk_usage(home.path).free
        at_work = [one for one in operations(home, environment) if one.open and not _judging(one)]
        held = [one for one in at_work if running(home, one.id)]
        return Ground(str(home.path), free, holder=_told(held[0]) if held else "")
    except JournalBroken as error:
        return Ground(str(home.path), problem=str(error))
    except OSError as error:
        return Ground(str(home.path), problem=f"Cannot look at {home.path}: {error.strerror}.")


def _judging(operation: Operation) -> bool:
    """Everything is applied: others may act meanwhile."""
    return operation.switched is not None


def _told(operation: Operation) -> str:
    actor = operation.entries[0].actor
    who = f"{actor.os_user} on {actor.host}" if actor is not None else "somebody"
    return f"{who} is at work since {operation.ordered:%H:%M:%SZ}: {operation.plan.title} ({operation.id})"
