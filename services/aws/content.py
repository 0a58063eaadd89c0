"""S3: the web bucket."""

from __future__ import annotations

from typing import Any

from services.aws.reply import instant, number, rows, text
from services.aws.session import Account
from services.model.content import Bucket, ObjectVersion
from services.problems import AccountError, ProblemKind
from services.safe_text import safe


async def describe(account: Account, bucket: str) -> Bucket:
    """Whether the bucket is there and keeps versions. A bucket that is gone is an answer. Raises AccountError."""
    try:
        await account.ask("s3", "HeadBucket", {"Bucket": bucket})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return Bucket(name=safe(bucket), reachable=False)
        raise
    reply = await account.ask("s3", "GetBucketVersioning", {"Bucket": bucket})
    return Bucket(name=safe(bucket), reachable=True, versioning=text(reply, "Status"))


async def versions(account: Account, bucket: str, count: int) -> tuple[ObjectVersion, ...]:
    """The first `count` (1000 at most) entries of the bucket, in S3's order: by key, newest first. Raises AccountError.

    Each question is a LIST request, which S3 charges for.
    """
    asked: dict[str, Any] = {"Bucket": bucket, "MaxKeys": min(1000, count)}
    page = await account.ask("s3", "ListObjectVersions", asked)
    found = [
        ObjectVersion(
            key=text(row, "Key"),
            id=text(row, "VersionId"),
            at=instant(row, "LastModified"),
            latest=row.get("IsLatest") is True,
            deleted=field == "DeleteMarkers",
            size=number(row, "Size"),
        )
        for field in ("Versions", "DeleteMarkers")
        for row in rows(page, field)
    ]
    found.sort(key=lambda one: (one.key, -(one.at.timestamp() if one.at else 0.0)))
    return tuple(found)
