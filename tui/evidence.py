"""A suspected breach: its checklist from anywhere, and the stack's template kept as evidence. Found in the palette."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from services.model.checklists import Doing, Mark
from services.rules.checklists import SECURITY, TEMPLATE, parts_of
from services.safe_text import SafeText, safe
from tui import new_files
from tui.by_name import ByName
from tui.new_files import plain

if TYPE_CHECKING:
    from services.model.runbook import Loaded
    from tui.session import Session


class Evidence(ByName):
    """What the runbook asks for at once where somebody may have broken in (lines 886-921)."""

    runbook: Loaded | None

    def do_breach(self) -> None:
        self.show_checklist(SECURITY)

    def show_checklist(self, identity: str, note: str = "") -> None:
        raise NotImplementedError

    def do_save_template(self) -> None:
        if self.session is None:
            return
        from services.aws.deployed import processed

        stack = self.session.environment.stack
        self._read(lambda account: processed(account, stack), self._save_template)

    @work(group="evidence")
    async def _save_template(self, template: str) -> None:
        """Into a new file in the working folder; the checklist, where it is begun, says where and which."""
        from tui.ticks import kept

        session = self.session
        if session is None:
            return
        now = self.clock.now()
        stem = f"cockpit-evidence-{plain(session.environment.stack)}-{now:%Y%m%dT%H%M%SZ}"
        try:
            path, digest = await asyncio.to_thread(write, Path.cwd(), stem, template)
        except OSError as error:
            self.notify(f"Not saved: {safe(error, 300)}", severity="error", markup=False)
            return
        mark = _mark(session, self.runbook, path, digest, now)
        problem = await kept(session, mark) if mark is not None else ""
        ticked = "" if mark is None else f"; not ticked: {problem}" if problem else "; ticked on the security checklist"
        self.notify(f"The template is in {path.name}, SHA-256 {digest[:16]}…{ticked}", markup=False)
        self.present_soon()

    def present_soon(self) -> None:
        raise NotImplementedError


def write(folder: Path, stem: str, template: str) -> tuple[Path, str]:
    """Write a template into a new file that only its owner reads; its path and SHA-256. Raises OSError.

    An older file is never overwritten.
    """
    ending = "json" if template.lstrip().startswith("{") else "yaml"
    body = template.encode()
    (path,) = new_files.write(folder, stem, {ending: (body,)})
    return path, hashlib.sha256(body).hexdigest()


def _mark(session: Session, loaded: Loaded | None, path: Path, digest: str, now: datetime) -> Mark | None:
    """The tick of the part; None where no such list has been begun."""
    begun = session.marks.open_occasion(SECURITY)
    runbook = loaded.runbook if loaded is not None else None
    items = [item.id for one in runbook.checklists if one.id == SECURITY for item in one.items] if runbook else []
    item = next((one for one in items if TEMPLATE in parts_of(one)), "")
    if begun is None or not item:
        return None
    return Mark(
        SECURITY, begun.occasion, f"{item}/{TEMPLATE}", Doing.DONE, now, SafeText(""), safe(path, 500),
        evidence=SafeText(f"SHA-256 {digest}"),
    )  # fmt: skip
