"""A copy of an earlier version, answered by us, is what moto makes of the same request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

import pytest
from botocore.exceptions import ClientError

from services.simulated.account import SimulatedAccount
from tests.simulated_support import boto, simulated

KEY = "Ä b+c/%25.js"
"""A key that every step has to encode and decode once."""


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with simulated() as opened:
        yield opened


@pytest.fixture
def s3(account: SimulatedAccount) -> Any:
    return boto(account, "s3")


@pytest.fixture
def bucket(account: SimulatedAccount, s3: Any) -> str:
    """Production's web bucket, with two versions of KEY in it."""
    name = account.state.estate.environment("production").bucket
    for body in (b"good", b"bad"):
        s3.put_object(
            Bucket=name, Key=KEY, Body=body, ContentType="text/javascript", CacheControl="max-age=9", Tagging="a=b"
        )
    return name


def _first(s3: Any, bucket: str) -> str:
    return str(s3.list_object_versions(Bucket=bucket, Prefix=KEY)["Versions"][-1]["VersionId"])


def _copy(s3: Any, bucket: str, version: str, **more: str) -> dict[str, Any]:
    source = f"{bucket}/{KEY}?versionId={version}"
    answer: dict[str, Any] = s3.copy_object(Bucket=bucket, Key=KEY, CopySource=source, **more)
    return answer


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    """What the answer says, without what differs from one request to the next."""
    result = {**answer["CopyObjectResult"], "LastModified": ANY}
    named = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return {**named, "VersionId": ANY, "CopyObjectResult": result}


def test_ours_says_and_leaves_what_motos_does(s3: Any, bucket: str) -> None:
    version = _first(s3, bucket)
    ours = _copy(s3, bucket, version, MetadataDirective="COPY", TaggingDirective="COPY")
    kept = s3.get_object(Bucket=bucket, Key=KEY)
    theirs = _copy(s3, bucket, version, MetadataDirective="COPY", TaggingDirective="COPY", RequestPayer="requester")
    copied = s3.get_object(Bucket=bucket, Key=KEY)
    assert _told(ours) == _told(theirs)
    assert ours["VersionId"] != theirs["VersionId"]
    assert ours["CopySourceVersionId"] == version
    assert kept["Body"].read() == copied["Body"].read() == b"good"
    for name in ("ContentType", "CacheControl", "ETag", "Metadata", "TagCount", "ContentLength"):
        assert kept.get(name) == copied.get(name), name
    assert kept["ContentType"] == "text/javascript"


def test_it_compares_before_it_copies(s3: Any, bucket: str) -> None:
    version = _first(s3, bucket)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        _copy(s3, bucket, version, IfMatch='"00000000000000000000000000000000"')
    with pytest.raises(ClientError, match="PreconditionFailed"):
        _copy(s3, bucket, version, IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"bad"
    now = s3.head_object(Bucket=bucket, Key=KEY)["ETag"]
    _copy(s3, bucket, version, IfMatch=now)
    assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"good"


def test_what_has_been_deleted_comes_back_from_its_version(s3: Any, bucket: str) -> None:
    version = _first(s3, bucket)
    s3.delete_object(Bucket=bucket, Key=KEY)
    _copy(s3, bucket, version, IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"good"


def test_other_copies_are_motos(s3: Any, bucket: str) -> None:
    version = _first(s3, bucket)
    _copy(s3, bucket, version, MetadataDirective="REPLACE", ContentType="text/plain")
    assert s3.head_object(Bucket=bucket, Key=KEY)["ContentType"] == "text/plain"
    s3.copy_object(Bucket=bucket, Key="other.js", CopySource=f"{bucket}/{KEY}")
    assert s3.get_object(Bucket=bucket, Key="other.js")["Body"].read() == b"good"


@pytest.mark.parametrize(("key", "version"), [("absent.js", ""), (KEY, "no-such-version")])
def test_a_source_that_is_not_there_is_refused(s3: Any, bucket: str, key: str, version: str) -> None:
    source = f"{bucket}/{key}" + (f"?versionId={version}" if version else "")
    with pytest.raises(ClientError, match="NoSuch"):
        s3.copy_object(Bucket=bucket, Key="copy.js", CopySource=source)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key="copy.js")
