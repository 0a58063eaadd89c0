"""S3: the web bucket and its objects through time (aws.md 5.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any

from services.aws.reply import Reply, garbled, instant, need, number, rows, table, text
from services.aws.session import Account
from services.model.content import Bucket, ContentHistory, KeyHistory, ObjectEntry, ObjectVersion
from services.problems import AccountError, ProblemKind
from services.safe_text import safe

QUIET_S = 120
"""Seconds without a write that part two publications."""

PAGES_MOST = 2_000
"""Pages of a listing: two million entries. More is no web site, and would never be looked through."""

_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})


async def describe(account: Account, bucket: str) -> Bucket:
    """Whether the bucket is there and keeps versions. A bucket that is gone is an answer. Raises AccountError."""
    try:
        await account.ask("s3", "HeadBucket", {"Bucket": bucket})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return Bucket(name=safe(bucket), reachable=False)
        raise
    return Bucket(name=safe(bucket), reachable=True, versioning=safe(await versioning(account, bucket)))


async def versions(account: Account, bucket: str, count: int) -> tuple[ObjectEntry, ...]:
    """The first `count` (1000 at most) entries of the bucket, in S3's order: by key, newest first. Raises AccountError.

    Each question is a LIST request, which S3 charges for.
    """
    asked: dict[str, Any] = {"Bucket": bucket, "MaxKeys": min(1000, count)}
    page = await account.ask("s3", "ListObjectVersions", asked)
    found = [
        ObjectEntry(
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


async def versioning(account: Account, bucket: str) -> str:
    """`Enabled`, `Suspended`, or empty: never enabled. Raises AccountError."""
    return text(await account.ask("s3", "GetBucketVersioning", {"Bucket": bucket}), "Status")


async def history(
    account: Account,
    bucket: str,
    as_of: datetime | None = None,
    ours: Iterable[tuple[datetime, datetime]] = (),
) -> ContentHistory:
    """What every key held at `as_of` and holds now. Raises AccountError.

    Without an instant it is the second before the newest publication; writes within `ours` (operations of our own) are
    none. Then the bucket is listed twice, so that two entries a key are kept and not all.
    """
    began = None
    if as_of is None:
        began = newest_publication([one.modified async for _, one in entries(account, bucket)], ours)
        as_of = (began or account.clock.now()) - timedelta(seconds=1)
    keys: list[KeyHistory] = []
    async for key, versions in _by_key(account, bucket):
        then = next((one for one in versions if one.modified <= as_of), None)
        keys.append(KeyHistory(key, versions[0], then))
    return ContentHistory(
        bucket=bucket,
        versioning=await versioning(account, bucket),
        as_of=as_of,
        read=account.clock.now(),
        keys=tuple(keys),
        publication=began,
        expires_days=await _expiry(account, bucket),
    )


def newest_publication(moments: Iterable[datetime], ours: Iterable[tuple[datetime, datetime]] = ()) -> datetime | None:
    """When the newest burst of writes that were not ours began."""
    windows = tuple(ours)
    theirs = sorted({one for one in moments if not any(begin <= one <= end for begin, end in windows)}, reverse=True)
    began: datetime | None = None
    for moment in theirs:
        if began is not None and (began - moment).total_seconds() > QUIET_S:
            break
        began = moment
    return began


async def held(account: Account, bucket: str) -> dict[str, ObjectVersion]:
    """Every object that the bucket holds now, by key. Raises AccountError.

    A listing of objects, which names no versions (their ids are empty): of a bucket with a long history it is a
    fraction of the listing of versions.
    """
    asked: dict[str, Any] = {"Bucket": bucket}
    found: dict[str, ObjectVersion] = {}
    for _ in range(PAGES_MOST):
        reply = await account.ask("s3", "ListObjectsV2", asked)
        need(reply, "Name", str)
        for row in rows(reply, "Contents"):
            found[need(row, "Key", str)] = _object(row)
        if not reply.get("IsTruncated"):
            return found
        following = reply.get("NextContinuationToken")
        if not following or following == asked.get("ContinuationToken"):
            raise garbled("the marker of the next page")
        asked = {"Bucket": bucket, "ContinuationToken": following}
    raise garbled(f"an end of the objects of {bucket}")


def _modified(row: Reply) -> datetime:
    modified = instant(row, "LastModified")
    if modified is None:
        raise garbled("LastModified")
    return modified


def _object(row: Reply) -> ObjectVersion:
    return ObjectVersion("", _modified(row).replace(microsecond=0), need(row, "ETag", str), number(row, "Size"))


async def head(account: Account, bucket: str, key: str) -> ObjectVersion | None:
    """What one key holds now; None when nothing. Raises AccountError."""
    try:
        reply = await account.ask("s3", "HeadObject", {"Bucket": bucket, "Key": key})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return None
        raise
    return ObjectVersion(str(reply.get("VersionId", "")), _modified(reply), str(reply.get("ETag", "")), _size(reply))


async def entries(account: Account, bucket: str) -> AsyncIterator[tuple[str, ObjectVersion]]:
    """Every version and delete marker, a page at a time; by key, newest first. Raises AccountError.

    botocore asks for URL-encoded keys by itself and decodes them.
    """
    asked: dict[str, Any] = {"Bucket": bucket}
    for _ in range(PAGES_MOST):
        reply = await account.ask("s3", "ListObjectVersions", asked)
        need(reply, "Name", str)
        for one in _page(reply):
            yield one
        if not reply.get("IsTruncated"):
            return
        following = {"KeyMarker": reply.get("NextKeyMarker"), "VersionIdMarker": reply.get("NextVersionIdMarker")}
        following = {name: value for name, value in following.items() if value}
        if not following or following == {name: asked.get(name) for name in following}:
            raise garbled("the marker of the next page")
        asked = {"Bucket": bucket, **following}
    raise garbled(f"an end of the versions of {bucket}")


def _page(reply: Reply) -> list[tuple[str, ObjectVersion]]:
    """Versions and markers come apart: put together by key, the latest first, then by time; ties keep list order."""
    found = [_entry(row, marker=False) for row in rows(reply, "Versions")]
    found += [_entry(row, marker=True) for row in rows(reply, "DeleteMarkers")]
    found.sort(key=lambda one: (one[0].encode("utf-8", "surrogatepass"), not one[1], -one[2].modified.timestamp()))
    return [(key, version) for key, _, version in found]


def _entry(row: Reply, *, marker: bool) -> tuple[str, bool, ObjectVersion]:
    version = ObjectVersion(
        need(row, "VersionId", str),
        _modified(row).replace(microsecond=0),
        "" if marker else need(row, "ETag", str),
        number(row, "Size"),
        marker,
        str(row.get("StorageClass", "")) in _ARCHIVED,
    )
    return need(row, "Key", str), bool(row.get("IsLatest")), version


async def _by_key(account: Account, bucket: str) -> AsyncIterator[tuple[str, list[ObjectVersion]]]:
    """Each key with its entries, newest first; one key's may come on several pages."""
    key: str | None = None
    versions: list[ObjectVersion] = []
    async for name, version in entries(account, bucket):
        if name != key:
            if key is not None:
                yield key, versions
            key, versions = name, []
        versions.append(version)
    if key is not None:
        yield key, versions


async def _expiry(account: Account, bucket: str) -> int | None:
    """The shortest life of an old version. Not allowed to look, or no lifecycle: not known."""
    try:
        reply = await account.ask("s3", "GetBucketLifecycleConfiguration", {"Bucket": bucket})
    except AccountError:
        return None  # a warning less; the listing itself shows what is still there
    days = [
        number(table(rule, "NoncurrentVersionExpiration"), "NoncurrentDays")
        for rule in rows(reply, "Rules")
        if rule.get("Status") == "Enabled" and table(rule, "NoncurrentVersionExpiration")
    ]
    return min(days, default=None)


def _size(reply: Reply) -> int:
    return number(reply, "ContentLength")
