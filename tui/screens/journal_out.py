"""What goes out of screen 9: command lines to the clipboard, operations into files, what checking the chains found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from services.journal.home import JournalBroken
from services.journal.verifying import summary as found_in
from services.journal.verifying import verified
from services.model.journal import FileFinding, Listed
from services.plural import several
from services.settings.values import Environment
from tui.clipboard import TooLarge, copy
from tui.screens.journal_reading import JournalReading
from widgets.journal_view import FindingsView

CHECKED = 200
"""Files whose chains are checked in one go, between two words on the progress."""


class JournalOut(JournalReading):
    """Copies, writes, verifies."""

    def __init__(self, system: str, environment: Environment) -> None:
        super().__init__(system, environment)
        self._shown: tuple[Listed, ...] = ()
        """What the filter leaves of the list."""
        self._said = ""
        self._findings = FindingsView(id="findings-view")

    def _only(self, name: str) -> None:
        """Show what has this class in place of the list; empty: the list."""
        raise NotImplementedError

    # ---- the chains

    def do_verify(self) -> None:
        """Check every chain anew, or go back to the list."""
        self._said = ""
        if self.has_class("-verify"):
            self._only("")
        else:
            self._only("-verify")
            self._findings.show((), "checking …")
            self.run_worker(self._verify(), group="verify", exclusive=True)
        self._again()

    async def _verify(self) -> None:
        findings: tuple[FileFinding, ...] = ()
        try:
            source = verified()
            while some := await asyncio.to_thread(_some, source):
                findings += some
                self._findings.show((), f"checking … {several(len(findings), 'file')} so far")
            self._findings.show(findings, found_in(findings))
        except JournalBroken as error:
            self._findings.show(findings, str(error))

    # ---- out

    def do_copy(self) -> None:
        """The command lines by hand, to the terminal's clipboard."""
        if self._whole is None or self._whole.by_hand is None or self._opened is None:
            self._answer("open an operation first: what is copied are its command lines")
            return
        from services.actions.by_hand import as_text
        from services.redact import redact

        try:
            copy(self.app, redact(as_text(self._whole.by_hand)))
        except TooLarge as error:
            self._answer(f"not copied: {error}; x writes them into a file")
            return
        self._answer("command lines copied, if your terminal takes it (OSC 52); x writes files")

    def do_export(self) -> None:
        """Write what is shown – the opened operation, or those of the list – as Markdown and as JSON lines."""
        listed = self._listed(self._opened) if self._opened is not None else None
        chosen = (listed,) if listed is not None else self._shown
        if not chosen:
            self._answer("there is no operation to write")
            return
        self._answer(f"writing {several(len(chosen), 'operation')} …")
        self.run_worker(self._export(chosen), group="export", exclusive=True)

    async def _export(self, chosen: tuple[Listed, ...]) -> None:
        from tui.journal_out import write_all

        name = chosen[0].environment if len({one.environment for one in chosen}) == 1 else "all"
        now = self.picture.now if self.picture is not None else chosen[0].ordered
        try:
            written = await asyncio.to_thread(write_all, Path.cwd(), chosen, name, now)
        except (OSError, JournalBroken) as error:
            self._answer(f"nothing more was written: {error}")
            return
        self._answer(f"written: {' and '.join(path.name for path in written)} in {written[0].parent}")


def _some(source: Iterator[FileFinding]) -> tuple[FileFinding, ...]:
    return tuple(islice(source, CHECKED))
