"""The operations runbook as its text tells it. Every word of it is the document's own."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from services.safe_text import SafeText


class Section(msgspec.Struct, frozen=True):
    """A heading and where it stands."""

    title: SafeText
    level: int
    """2 for a part of the document, 3 for what is inside one."""
    line: int
    """Of the heading, from 1."""


class Item(msgspec.Struct, frozen=True):
    """One thing of a checklist."""

    id: str
    """Made of its words: it stays while the document around it changes."""
    text: SafeText
    line: int


class Checklist(msgspec.Struct, frozen=True):
    """A heading with boxes to tick under it."""

    id: str
    title: SafeText
    line: int
    items: tuple[Item, ...]


class Every(StrEnum):
    """How often a task comes round."""

    DAY = "daily"
    WEEK = "weekly"
    MONTH = "monthly"


class Task(msgspec.Struct, frozen=True):
    """A task of regular maintenance."""

    id: str
    text: SafeText
    line: int
    every: Every


class Runbook(msgspec.Struct, frozen=True):
    """The document whole, and what is read out of it."""

    title: SafeText
    lines: tuple[SafeText, ...]
    """All of it, as it is written; line 1 is the first."""
    sections: tuple[Section, ...]
    checklists: tuple[Checklist, ...] = ()
    tasks: tuple[Task, ...] = ()
    facts: dict[str, SafeText] = {}
    """What the header says of the document: `Document Version` → `1.0`."""
    footer: dict[str, SafeText] = {}
    """The same of its last lines."""

    @property
    def version(self) -> SafeText:
        return self.facts.get(VERSION, SafeText(""))

    @property
    def updated(self) -> SafeText:
        return self.facts.get(UPDATED, SafeText(""))

    @property
    def next_review(self) -> date | None:
        """The day up to which it holds; None where it names none that can be read."""
        try:
            return date.fromisoformat(self.footer.get(REVIEW, self.facts.get(REVIEW, SafeText(""))))
        except ValueError:
            return None

    @property
    def differences(self) -> tuple[str, ...]:
        """What header and footer say differently, by name."""
        return tuple(name for name, said in self.facts.items() if self.footer.get(name, said) != said)

    def checklist(self, identity: str) -> Checklist | None:
        return next((one for one in self.checklists if one.id == identity), None)


VERSION, UPDATED, REVIEW = "Document Version", "Last Updated", "Next Review"
"""What the document calls its own facts."""


class Loaded(msgspec.Struct, frozen=True):
    """What came of looking for the document."""

    runbook: Runbook | None = None
    problem: SafeText = SafeText("")
    """Why there is none, with the remedy."""
