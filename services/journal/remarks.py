"""What persons add to an operation once it is ordered: what they saw, whom they told. A chained file of its own.

The executor's own records stay its own: remarks follow the order, in `<id>.remarks.jsonl`, whoever writes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime

from services.journal.chain import Chain, read_chain
from services.journal.home import JournalHome, broken
from services.journal.writing import JournalWriter
from services.model.entry import Actor, Entry, Phase

REMARKS = ".remarks.jsonl"
LOCK = ".remarks.lock"

WITHDRAWN = "withdrawn"
"""What a remark is about that takes back what waits for its turn: the executor sends it no more."""


def remark(
    home: JournalHome, operation: str, text: str, about: str, who: Actor, at: datetime, *, good: bool = True
) -> Entry:
    """Add one remark; on the disk when this returns. Raises JournalBroken, FileNotFoundError without such an operation.

    `about` names what is remarked on (`sign-in`, `validated`, `told`, WITHDRAWN), `good` whether it is as it should be.
    """
    head = read_chain(home.read(f"{operation}.order.jsonl")).head
    with _locked(home, operation):
        writer = JournalWriter(home, operation, operation + REMARKS, previous=head)
        try:
            return writer.append(Phase.REMARK, text, at, data={"about": about, "good": good}, actor=who)
        finally:
            writer.close()


def read_remarks(home: JournalHome, operation: str, head: str) -> Chain | None:
    """The chain of remarks on an operation whose order ends with the hash `head`; None: there are none."""
    try:
        return read_chain(home.read(operation + REMARKS), head)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _locked(home: JournalHome, operation: str) -> Iterator[None]:
    """One writer at a time, of all screens on this machine; a record takes milliseconds."""
    try:
        descriptor = home.create(operation + LOCK, os.O_RDWR)
    except OSError as error:
        raise broken(home.path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    except OSError as error:
        raise broken(home.path, error) from error
    finally:
        os.close(descriptor)
