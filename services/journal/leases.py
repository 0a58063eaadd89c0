"""Who acts on what, on this machine: locks that the kernel frees the moment their holder dies.

A lock belongs to an open file, not to a process: the one who orders takes it and hands the open file to the executor,
so there is no instant at which two orders both believe that they have it.
"""

from __future__ import annotations

import fcntl
import os
from datetime import datetime

import msgspec

from services.journal.home import JournalHome, broken, slug
from services.safe_text import SafeText, safe


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock."""

    operation: str
    who: SafeText
    since: datetime


class Held(Exception):
    """Somebody else has it. `holder` is None when the lock's file does not say."""

    def __init__(self, what: str, holder: Holder | None) -> None:
        if holder is None:
            super().__init__(f"{what} is being acted on by another session on this machine")
        else:
            super().__init__(
                f"{what} is being acted on by {holder.who} since {holder.since:%H:%M:%SZ}, operation {holder.operation}"
            )
        self.holder = holder


class Lock:
    """A held lock. `descriptor` can be handed to a child process, which then holds it too."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def release(self) -> None:
        """Let go of our hold; a child that was handed the descriptor keeps its own."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def lease_name(environment: str, resource: str) -> str:
    """File name of the lease on one resource of one environment."""
    return f"lease-{slug(f'{environment}-{resource}')}.lock"


def take_lease(home: JournalHome, environment: str, resource: str, holder: Holder) -> Lock:
    """The right to change `resource`. Raises Held, JournalBroken."""
    return _take(home, lease_name(environment, resource), resource, holder)


def take_operation(home: JournalHome, holder: Holder) -> Lock:
    """The right to carry out an operation: one executor each. Raises Held, JournalBroken."""
    return _take(home, f"{holder.operation}.lock", f"operation {holder.operation}", holder)


def running(home: JournalHome, operation: str) -> bool:
    """Whether an executor has this operation in hand now. Free the moment it ends, however it ends."""
    try:
        descriptor = home.existing(f"{operation}.lock")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise broken(home.path, error) from error
    try:
        # Shared: two who ask at once do not take each other for the executor.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(home: JournalHome, name: str, what: str, holder: Holder) -> Lock:
    try:
        descriptor = home.create(name, os.O_RDWR)
    except OSError as error:
        raise broken(home.path / name, error) from error
    try:
        if not _locked(descriptor):
            found = _holder(descriptor)
            os.close(descriptor)
            raise Held(what, found)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, msgspec.json.encode(holder), 0)
    except OSError as error:
        os.close(descriptor)
        raise broken(home.path / name, error) from error
    return Lock(descriptor)


def _locked(descriptor: int) -> bool:
    """Try for an exclusive lock; several times, since one who merely looks (`running`) holds it for microseconds."""
    for _ in range(200):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.sched_yield()
            continue
        return True
    return False


def _holder(descriptor: int) -> Holder | None:
    try:
        found = msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None
    return msgspec.structs.replace(found, who=safe(found.who, 200), operation=safe(found.operation, 64))
