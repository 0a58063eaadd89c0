"""Kept templates: what each stack was deployed with, so that there is a state to go back to. AWS has no history of it.

A folder in the journal's own, so that a sandbox's are its own: `stack-….json` is one deployment, `template-….txt` a
template under its digest. A file is whole on disk before it has its name, and nothing that is named is ever rewritten
but the instant at which a deployment was last seen.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime

import msgspec

from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome, broken, slug
from services.model.kept import Deployed, KeptStack
from services.model.reading import Reading
from services.problems import ProblemKind, problem

FOLDER = "kept"

MOST = 30
"""Deployments of one stack that are kept; the oldest go, and templates with them that no deployment has any more."""

MOST_BYTES = 2_000_000
"""A longer template is not kept: AWS takes none of more than 1 MB."""


def shelf(home: JournalHome) -> JournalHome:
    """The folder of what is kept beside a journal."""
    return JournalHome(home.path / FOLDER)


def digest_of(deployed: Deployed) -> str:
    """Of everything that has to be sent again; the same for the same, whenever it was deployed."""
    told = (
        deployed.original, deployed.processed, deployed.parameters, deployed.tags, deployed.capabilities,
        deployed.role, deployed.notifications,
    )  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def keep(home: JournalHome, deployed: Deployed, disk: Disk | None = None) -> KeptStack | None:
    """On disk when this returns; None for what is no state to go back to. Raises JournalBroken."""
    if not deployed.whole or len(deployed.original) + len(deployed.processed) > MOST_BYTES:
        return None
    disk, folder = disk or Disk(), shelf(home)
    original, processed = (_template(folder, body, disk) for body in (deployed.original, deployed.processed))
    one = KeptStack(
        digest=digest_of(deployed),
        stack_id=deployed.stack_id,
        stack=deployed.stack,
        at=deployed.at,
        original=original,
        processed=processed,
        parameters=deployed.parameters,
        tags=deployed.tags,
        capabilities=deployed.capabilities,
        role=deployed.role,
        notifications=deployed.notifications,
        replaced=tuple(change.logical_id for change in deployed.changes if change.replacement == "True"),
        size=len(deployed.original.encode()),
    )
    name = f"{_prefix(one.stack_id)}{one.digest[:32]}.json"
    if not (name in folder.names() and _record(folder, name) == one):
        _write(folder, name, msgspec.json.encode(one), disk)
        _tidy(folder, one.stack_id)
    return one


def kept(home: JournalHome, stack_id: str) -> tuple[KeptStack, ...]:
    """What is kept of a stack, the newest first; a file that is damaged is left out. Raises JournalBroken."""
    folder = shelf(home)
    found = []
    for name in _names(folder, stack_id):
        one = _record(folder, name)
        if one is not None:
            file = str(folder.path / _file(one.original))
            found.append(msgspec.structs.replace(one, file=file, body=_body(folder, one.original)))
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def kept_with(
    home: JournalHome, deployed: Deployed, before: Reading[tuple[KeptStack, ...]], now: datetime
) -> Reading[tuple[KeptStack, ...]]:
    """Keep `deployed`, and what is kept of its stack then; a disk that refuses is a problem of the reading. Total."""
    try:
        keep(home, deployed)
        return before.answered(kept(home, deployed.stack_id), now)
    except JournalBroken as error:
        return before.failed(problem(ProblemKind.FAILING, error), now)


def template(home: JournalHome, digest: str) -> str:
    """A template, exactly. Raises JournalBroken when it is missing or is not what was kept."""
    folder = shelf(home)
    try:
        data = folder.read(_file(digest))
    except FileNotFoundError:
        raise JournalBroken(f"The kept template {folder.path / _file(digest)} is missing.") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise JournalBroken(f"The kept template {folder.path / _file(digest)} is not what was kept.")
    return data.decode()


def _body(folder: JournalHome, digest: str) -> str:
    try:
        data = folder.read(_file(digest))
    except FileNotFoundError:
        return ""
    return data.decode() if hashlib.sha256(data).hexdigest() == digest else ""


def _template(folder: JournalHome, body: str, disk: Disk) -> str:
    data = body.encode()
    digest = hashlib.sha256(data).hexdigest()
    if _body(folder, digest) != body:
        _write(folder, _file(digest), data, disk)
    return digest


def _file(digest: str) -> str:
    return f"template-{digest[:32]}.txt"


def _prefix(stack_id: str) -> str:
    return f"stack-{slug(stack_id)}-"


def _names(folder: JournalHome, stack_id: str) -> list[str]:
    return [name for name in folder.names() if name.startswith(_prefix(stack_id)) and name.endswith(".json")]


def _record(folder: JournalHome, name: str) -> KeptStack | None:
    try:
        return msgspec.json.decode(folder.read(name), type=KeptStack)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _write(folder: JournalHome, name: str, data: bytes, disk: Disk) -> None:
    """Whole or not at all: written beside, synced, renamed, and the folder synced."""
    beside = f"{name}.{os.getpid()}.new"
    try:
        descriptor = folder.create(beside, os.O_WRONLY | os.O_TRUNC)
        try:
            if disk.write(descriptor, data) != len(data):
                raise JournalBroken(f"{folder.path / name} could not be written whole: the disk may be full.")
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
        opened = folder.opened()
        try:
            os.rename(beside, name, src_dir_fd=opened, dst_dir_fd=opened)
            disk.sync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise broken(folder.path / name, error) from error


def _tidy(folder: JournalHome, stack_id: str) -> None:
    """Let the oldest deployments of a stack go, and templates that none has any more."""
    records = {name: one for name in _names(folder, stack_id) if (one := _record(folder, name)) is not None}
    old = sorted(records, key=lambda name: records[name].at, reverse=True)[MOST:]
    if not old:
        return
    opened = folder.opened()
    try:
        for name in old:
            os.unlink(name, dir_fd=opened)
        left = [_record(folder, name) for name in folder.names() if name.startswith("stack-")]
        used = {_file(digest) for one in left if one is not None for digest in (one.original, one.processed)}
        for name in folder.names():
            if name.startswith("template-") and name.endswith(".txt") and name not in used:
                os.unlink(name, dir_fd=opened)
    except OSError as error:
        raise broken(folder.path, error) from error
    finally:
        os.close(opened)
