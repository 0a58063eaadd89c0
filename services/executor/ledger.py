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
        stands, again = _table(entry.data.get("stands")), entry.data.get("again")
        self.stands |= set(stands)
        self.changed |= _table(entry.data.get("changed"))
        self.failed |= _table(entry.data.get("failed"))
        told = self.stands | set(self.changed) | set(self.failed) | set(again if isinstance(again, list) else ())
        self.unanswered -= told

    @property
    def settled(self) -> set[int]:
        return self.stands | set(self.changed) | set(self.failed)


def _table(value: object) -> dict[int, str]:
    """JSON's names are text."""
    return {int(name): str(text) for name, text in value.items()} if isinstance(value, Mapping) else {}
