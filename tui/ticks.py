"""Ticks on their way to the disk: on a thread, for the disk may be slow and another screen may be writing."""

from __future__ import annotations

import asyncio

from services.journal.home import JournalBroken
from services.model.checklists import Mark, Marks
from services.safe_text import SafeText, safe
from tui.ordering import who
from tui.session import Session


async def kept(session: Session, mark: Mark) -> SafeText:
    """Keep a mark in the name of who works here. Why it was not kept; empty when it was."""

    def write() -> Marks:
        session.checks.add(mark, who(session))
        return session.checks.read()

    try:
        session.marks = await asyncio.to_thread(write)
    except (JournalBroken, OSError) as error:
        return safe(error, 300)
    return SafeText("")
