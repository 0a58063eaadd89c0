"""The newest hours of a log group, which an export still lacks: read page by page into a file beside the journal."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
from typing import Any

import msgspec

from services.aws.logs import Search
from services.aws.reply import garbled
from services.aws.session import Account
from services.journal.home import JournalHome
from services.model.plan import Step

BEHIND_MS = 12 * 3_600_000
"""`Log data can take up to 12 hours to become available for export` (aws.md 3.6)."""


async def dump(account: Account, home: JournalHome, stem: str, step: Step) -> dict[str, Any]:
    """Write the events of the export's last twelve hours; what is recorded of them. Raises AccountError, OSError.

    One event a line, gzip, as AWS told it: an event that AWS told twice stands twice, under one eventId. The SHA-256 is
    the file's; a manifest lies beside it. Begun anew by a resume, as long as nothing has been sent.
    """
    asked = step.call.parameters
    group, end = str(asked["logGroupName"]), int(str(asked["to"]))
    search = Search(group, group, max(int(str(asked["from"])), end - BEHIND_MS), end)
    events = pages = 0
    name, token = f"{stem}.events.jsonl.gz", ""
    with os.fdopen(home.create(name, os.O_WRONLY | os.O_TRUNC), "wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
            while True:
                reply = await account.ask("logs", "FilterLogEvents", search.parameters(token))
                found = reply.get("events")
                if not isinstance(found, list):
                    raise garbled("events")
                lines = msgspec.json.Encoder().encode_lines(found)
                await asyncio.to_thread(packed.write, lines)
                events, pages = events + len(found), pages + 1
                token = str(reply.get("nextToken") or "")
                if not token:
                    break
        file.flush()
        os.fsync(file.fileno())
    told = {
        "file": name,
        "sha256": await asyncio.to_thread(_digest, home, name),
        "group": group,
        "from": search.start,
        "to": end,
        "events": events,
        "pages": pages,
    }
    with os.fdopen(home.create(f"{stem}.manifest.json", os.O_WRONLY | os.O_TRUNC), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return {"dump": told}


def _digest(home: JournalHome, name: str) -> str:
    with os.fdopen(home.existing(name), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
