"""What the records say of a step of many calls: which keys stand, which were left, of which nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.model.entry import Entry, Phase


class Ledger:
    """Keys by their numbers in the manifest. `take` adds one record of the step."""

    def __init__(self) -> None:
        self.stands: set[int] = set()
        self.changed: dict[int, str] = {}
        """Somebody else was there meanwhile: left as they are."""
        self.failed: dict[int, str] = {}
        self.settled: set[int] = set()
        """All three of these: nothing more is sent for them. Kept, not put together: it is asked for each key."""
        self.unanswered: set[int] = set()
        """An intent is on disk, and nothing of what became of it."""
        self.batches = 0

    @classmethod
    def of(cls, entries: Iterable[Entry], step: int) -> Ledger:
        ledger = cls()
        for entry in entries:
            if entry.step == step:
                ledger.take(entry)
        return ledger

    def take(self, entry: Entry) -> None:
        keys = entry.data.get("keys")
        if entry.phase is Phase.INTENT and isinstance(keys, list):
            self.batches += 1
            self.unanswered |= set(keys)
        if entry.phase not in (Phase.REPLY, Phase.RECONCILED):
            return
        stands, changed, failed = (_table(entry.data.get(kind)) for kind in ("stands", "changed", "failed"))
        again = entry.data.get("again")
        self.stands.update(stands)
        self.changed |= changed
        self.failed |= failed
        self.unanswered.difference_update(stands, changed, failed, again if isinstance(again, list) else ())
        self.settled.update(stands, changed, failed)


def _table(value: object) -> dict[int, str]:
    """JSON's names are text."""
    return {int(name): str(text) for name, text in value.items()} if isinstance(value, Mapping) else {}
