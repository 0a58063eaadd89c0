"""S3 as far as moto is not like AWS: the listing of versions, and writes that compare before they write.

moto orders versions of the same instant at random, marks the wrong one as the latest, does not encode keys, and copies
whatever `If-Match` or `If-None-Match` says of the destination (s3 API reference, CopyObject). The copies of which a
restoration needs thousands are answered here: moto's own way to the same few lines takes three times as long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from services.simulated.moto_backing import MotoBacking
from services.simulated.protocol import AwsError, Context, Handler, LeftToMoto

MOST = 1_000
"""Entries on a page."""

_DIRECTIVES = ("MetadataDirective", "TaggingDirective")
_PLAIN = {"Bucket", "Key", "CopySource", "IfMatch", "IfNoneMatch", *_DIRECTIVES}
_AT_ONCE = ("STANDARD", None)
"""Storage classes of which a copy is nothing but a copy."""


class ObjectVersions:
    """The versions in moto's buckets."""

    def __init__(self, moto: MotoBacking) -> None:
        self._moto = moto
        self._lock = threading.Lock()

    def handlers(self) -> dict[str, Handler]:
        return {"ListObjectVersions": self.listed, "CopyObject": self.copied}

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

    def copied(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        """A copy of an earlier version that changes nothing else; any other is moto's."""
        given = {parameter for parameter, value in parameters.items() if value}
        if given - _PLAIN or any(parameters.get(name, "COPY") != "COPY" for name in _DIRECTIVES):
            raise LeftToMoto
        name, key, version = _source(str(parameters["CopySource"]))
        with self._lock:
            bucket = self._bucket(context, str(parameters["Bucket"]))
            found = next((one for one in self._held(context, name, key) if str(one.version_id) == version), None)
            if found is None or _marker(found) or found.storage_class not in _AT_ONCE:
                raise LeftToMoto
            self._compare(context, parameters)
            return self._copy(context, found, bucket, str(parameters["Key"]))

    def _copy(self, context: Context, found: Any, bucket: Any, key: str) -> dict[str, Any]:
        backend = self._backend(context)
        backend.copy_object(found, bucket.name, key, mdirective="COPY", provided_version_id=found.version_id)
        made = bucket.keys[key]
        if bucket.acl is not None:
            made.set_acl(bucket.acl)
        told = {"ETag": made.etag, "LastModified": made.last_modified.replace(microsecond=0)}
        if made.checksum_value:
            told[f"Checksum{made.checksum_algorithm}"] = made.checksum_value
        result = {"CopyObjectResult": told, "CopySourceVersionId": found.version_id}
        if bucket.is_versioned:
            result["VersionId"] = made.version_id
        if made.encryption is not None:
            result["ServerSideEncryption"] = made.encryption
        return result

    def _held(self, context: Context, bucket: str, key: str) -> list[Any]:
        """The versions of a key, oldest first."""
        return list(self._bucket(context, bucket).keys.getlist(key) or [])

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
        bucket = self._backend(context).buckets.get(name)
        if bucket is None:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
        return bucket

    def _backend(self, context: Context) -> Any:
        self._moto.ready("s3")
        from moto.s3.models import s3_backends

        return s3_backends[context.account]["aws"]


def _source(text: str) -> tuple[str, str, str]:
    """Bucket, key and version id of `bucket/key?versionId=…` as a header holds it; an id that is not there is empty."""
    path, _, query = text.partition("?")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    return bucket, key, parse_qs(query).get("versionId", [""])[0]


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
