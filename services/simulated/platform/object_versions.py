"""S3 as far as moto is not like AWS: the listing of versions, and writes that compare before they write.

moto orders versions of the same instant at random, marks the wrong one as the latest, does not encode keys, and copies
whatever `If-Match` or `If-None-Match` says of the destination (s3 API reference, CopyObject).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from services.simulated.moto_backing import MotoBacking
from services.simulated.protocol import AwsError, Context, Handler

MOST = 1_000
"""Entries on a page."""


class ObjectVersions:
    """The versions in moto's buckets."""

    def __init__(self, moto: MotoBacking) -> None:
        self._moto = moto
        self._lock = threading.Lock()

    def handlers(self) -> dict[str, Handler]:
        return {"ListObjectVersions": self.listed}

    @contextmanager
    def comparing(self, context: Context, operation: str, parameters: dict[str, Any]) -> Iterator[None]:
        """While moto writes: nobody else does, and what the request demands of the destination has been found true."""
        if operation not in ("CopyObject", "PutObject", "DeleteObject"):
            yield
            return
        with self._lock:
            if operation == "CopyObject":
                self._compare(context, parameters)
            yield

    def _compare(self, context: Context, parameters: dict[str, Any]) -> None:
        wanted, absent = parameters.get("IfMatch"), parameters.get("IfNoneMatch")
        if wanted is None and absent is None:
            return
        found = self._bucket(context, str(parameters["Bucket"])).keys.getlist(str(parameters["Key"])) or []
        etag = "" if not found or _marker(found[-1]) else str(found[-1].etag)
        if wanted is not None and not etag:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        if (wanted is not None and str(wanted).strip('"') != etag.strip('"')) or (absent is not None and etag):
            raise AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)

    def listed(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        bucket = self._bucket(context, str(parameters["Bucket"]))
        prefix, most = str(parameters.get("Prefix", "")), min(MOST, int(parameters.get("MaxKeys", MOST)))
        after = str(parameters.get("KeyMarker", "")), str(parameters.get("VersionIdMarker", ""))
        encoded = parameters.get("EncodingType") == "url"
        page: list[tuple[str, Any, bool]] = []
        truncated = False
        for entry in _entries(bucket, prefix, after):
            if len(page) == most:
                truncated = True
                break
            page.append(entry)
        result: dict[str, Any] = {
            "Name": bucket.name,
            "Prefix": _encoded(prefix, encoded),
            "KeyMarker": _encoded(after[0], encoded),
            "MaxKeys": most,
            "IsTruncated": truncated,
            "Versions": [_version(*one, encoded) for one in page if not _marker(one[1])],
            "DeleteMarkers": [_told(*one, encoded) for one in page if _marker(one[1])],
        }
        if encoded:
            result["EncodingType"] = "url"
        if truncated:
            result["NextKeyMarker"] = _encoded(page[-1][0], encoded)
            result["NextVersionIdMarker"] = _id(page[-1][1])
        return result

    def _bucket(self, context: Context, name: str) -> Any:
        self._moto.ready("s3")
        from moto.s3.models import s3_backends

        bucket = s3_backends[context.account]["aws"].buckets.get(name)
        if bucket is None:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
        return bucket


def _entries(bucket: Any, prefix: str, after: tuple[str, str]) -> Iterator[tuple[str, Any, bool]]:
    """(key, entry, whether it is the latest) by key, newest first, behind the markers."""
    key_marker, version_marker = after
    for key in sorted((one for one in bucket.keys if one.startswith(prefix)), key=str.encode):
        if key.encode() < key_marker.encode() or (key == key_marker and not version_marker):
            continue
        skipping = key == key_marker
        for place, entry in enumerate(reversed(bucket.keys.getlist(key))):
            if not skipping:
                yield key, entry, place == 0
            elif _id(entry) == version_marker:
                skipping = False


def _marker(entry: Any) -> bool:
    from moto.s3.models import FakeDeleteMarker

    return isinstance(entry, FakeDeleteMarker)


def _id(entry: Any) -> str:
    """Objects from before versioning have the id `null`."""
    return str(entry.version_id or "null")


def _told(key: str, entry: Any, newest: bool, encoded: bool) -> dict[str, Any]:
    modified: datetime = entry.last_modified
    return {
        "Key": _encoded(key, encoded),
        "VersionId": _id(entry),
        "IsLatest": newest,
        "LastModified": modified.replace(microsecond=0, tzinfo=modified.tzinfo or UTC),
    }


def _version(key: str, entry: Any, newest: bool, encoded: bool) -> dict[str, Any]:
    more = {"ETag": entry.etag, "Size": entry.size, "StorageClass": entry.storage_class or "STANDARD"}
    return _told(key, entry, newest, encoded) | more


def _encoded(text: str, encoded: bool) -> str:
    return quote(text, safe="/") if encoded else text
