"""When objects of a bucket were written or deleted: S3 tells it by their versions alone, and has no filter by time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.aws.reply import instant, need, rows, text
from services.aws.session import Account
from services.model.witness import ObjectBurst
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import safe

PAGES = 10
"""A thousand versions a page; each page is a LIST request that S3 charges for."""

TOGETHER = timedelta(minutes=2)
"""Writes this close to one another are one publication."""

KEPT = 20
"""The newest publications of a bucket; those before explain nothing that is on the screen."""


async def bursts(account: Account, bucket: str) -> tuple[ObjectBurst, ...]:
    """The newest publications into a bucket, newest first.

    Raises AccountError; also of a bucket too large to be listed: half of its keys would not tell when they changed.
    """
    written: list[datetime] = []
    deleted: list[datetime] = []
    asked: dict[str, Any] = {"Bucket": bucket, "MaxKeys": 1000}
    for _ in range(PAGES):
        page = await account.ask("s3", "ListObjectVersions", asked)
        need(page, "IsTruncated", bool)
        for field, moments in (("Versions", written), ("DeleteMarkers", deleted)):
            moments.extend(at for row in rows(page, field) if (at := instant(row, "LastModified")) is not None)
        if not page["IsTruncated"]:
            return grouped(bucket, written, deleted)
        asked |= {"KeyMarker": need(page, "NextKeyMarker", str), "VersionIdMarker": text(page, "NextVersionIdMarker")}
    raise AccountError(_too_many(bucket))


def grouped(bucket: str, written: Iterable[datetime], deleted: Iterable[datetime]) -> tuple[ObjectBurst, ...]:
    """Writes and deletions in close succession as one burst each, newest first."""
    moments = sorted([*((at, True) for at in written), *((at, False) for at in deleted)])
    groups: list[list[tuple[datetime, bool]]] = []
    for moment in moments:
        if groups and moment[0] - groups[-1][-1][0] <= TOGETHER:
            groups[-1].append(moment)
        else:
            groups.append([moment])
    return tuple(
        ObjectBurst(safe(bucket), group[0][0], group[-1][0], sum(put for _, put in group), sum(not p for _, p in group))
        for group in reversed(groups[-KEPT:])
    )


def _too_many(bucket: str) -> Problem:
    return Problem(
        ProblemKind.REFUSED,
        safe(f"{bucket} holds more than {PAGES * 1000:,} object versions: their times are not looked up", 300),
        operation="s3:ListBucketVersions",
        remedy="Let a lifecycle rule of the bucket expire old versions.",
    )
