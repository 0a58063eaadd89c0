"""moto's buckets for services of the account that write into them by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.simulated.moto_backing import MotoBacking
from services.simulated.moto_time import at


class Buckets:
    """The account's buckets, made ready when they are first looked for."""

    def __init__(self, moto: MotoBacking, account: str) -> None:
        self._moto = moto
        self._account = account

    def region(self, name: str) -> str | None:
        """Where the bucket is; None when there is none of that name."""
        bucket = self._find(name)
        return None if bucket is None else str(bucket.region_name)

    def policy(self, name: str) -> bytes | None:
        bucket = self._find(name)
        return None if bucket is None else bucket.policy

    def get(self, name: str, key: str) -> bytes | None:
        """What an object holds; None when there is no bucket or no object of that name."""
        found = self._backend().get_object(name, key) if self._find(name) is not None else None
        return None if found is None else bytes(found.value)

    def put(self, name: str, key: str, body: bytes, moment: datetime) -> None:
        """Write an object as of `moment`. A bucket that is gone by now takes nothing."""
        if self._find(name) is None:
            return
        with at(moment):
            self._backend().put_object(name, key, body, disable_notification=True)

    def _find(self, name: str) -> Any | None:
        return self._backend().buckets.get(name)

    def _backend(self) -> Any:
        self._moto.ready("s3")
        from moto.s3.models import s3_backends

        return s3_backends[self._account]["aws"]
