"""The web bucket, and its objects through time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.safe_text import SafeText


class Bucket(msgspec.Struct, frozen=True):
    """s3:HeadBucket and s3:GetBucketVersioning."""

    name: SafeText
    reachable: bool
    versioning: SafeText = SafeText("")
    """`Enabled`, `Suspended`, or empty: never enabled."""


class ObjectEntry(msgspec.Struct, frozen=True):
    """One entry of s3:ListObjectVersions as it is shown: with its key, made safe."""

    key: SafeText
    id: SafeText
    at: datetime | None
    latest: bool
    deleted: bool
    """A delete marker."""
    size: int = 0


class ObjectVersion(msgspec.Struct, frozen=True, gc=False):
    """One entry of s3:ListObjectVersions."""

    id: str
    modified: datetime
    """Whole seconds; of a multipart upload its beginning."""
    etag: str = ""
    size: int = 0
    marker: bool = False
    """A delete marker: from then on there was no such object."""
    archived: bool = False
    """In a storage class that has to be thawed before it can be copied."""


class KeyHistory(msgspec.Struct, frozen=True, gc=False):
    """One key of the bucket: what it holds now, and what it held at an instant."""

    key: str
    """As S3 has it; safe text is made of it where it is shown."""
    latest: ObjectVersion
    then: ObjectVersion | None
    """The newest entry that is not younger than the instant; None: there was none (any more)."""


class ContentHistory(msgspec.Struct, frozen=True):
    """A bucket between an instant and now: two entries a key, however many versions there are."""

    bucket: str
    versioning: str
    as_of: datetime
    read: datetime
    keys: tuple[KeyHistory, ...]
    publication: datetime | None = None
    """When the publication began that `as_of` is the second before; None: the instant was asked for."""
    expires_days: int | None = None
    """After how many days the bucket's lifecycle drops old versions; None: never, or it could not be read."""


class MoveKind(StrEnum):
    """What becomes of one key."""

    RESTORE = "restore"
    UNDELETE = "undelete"
    REMOVE = "remove"
    """It did not exist then. Kept unless removal was asked for."""
    SAME = "same"
    UNRESTORABLE = "unrestorable"


class Move(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One key of a restoration: a line of its manifest."""

    kind: MoveKind
    key: str
    now: str
    """Version id of what stands, the way back."""
    now_etag: str = ""
    now_size: int = 0
    then: str = ""
    """Version id of what shall stand; empty: nothing."""
    etag: str = ""
    size: int = 0
    page: bool = False
    """A page or what pages are found by: it comes after everything that it may name."""
    why: str = ""
    """Why it cannot be restored."""
