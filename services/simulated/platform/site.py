"""The web site as a browser gets it: the bucket's content behind CloudFront's cache.

What the edge shows is what the bucket held when the edge last fetched it: when the account opened, when a day had
passed, or when an invalidation of the path was complete. So restored content is seen only after an invalidation.
"""

from __future__ import annotations

import mimetypes
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from moto.core.request import Request

from services.simulated.errors import Answer
from services.simulated.estate import EnvironmentEstate
from services.simulated.moto_backing import MotoBacking
from services.simulated.moto_time import at as moto_at
from services.simulated.platform.content import digest
from services.simulated.recording import RecordedCall
from services.simulated.state import SimulatedState
from services.simulated.world.controls import ContentState
from services.simulated.world.scenarios import Publication

TTL = timedelta(days=1)
PREFIX = "/_site/"

_WRITES = frozenset(
    {"PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "CompleteMultipartUpload", "RestoreObject"}
)


class Site:
    """Serves the content and watches the buckets for changes."""

    def __init__(self, state: SimulatedState, moto: MotoBacking) -> None:
        self._state = state
        self._moto = moto

    def page(self, request: Request, now: datetime) -> Answer | None:
        """An answer for a distribution's domain or `/_site/ENVIRONMENT/path`; None for anything else."""
        host = request.host.partition(":")[0].lower()
        for environment in self._state.estate.environments:
            if host == environment.distribution_domain:
                return self._served(environment, request.path, now)
            prefix = f"{PREFIX}{environment.name}"
            if request.path == prefix or request.path.startswith(f"{prefix}/"):
                return self._served(environment, request.path.removeprefix(prefix) or "/", now)
        return None

    def observe(self, call: RecordedCall) -> None:
        """Tell the world when what a bucket's `index.html` says has changed."""
        if call.service != "s3" or call.operation not in _WRITES or not 200 <= call.status < 300:
            return
        for environment in self._state.estate.environments:
            if environment.bucket == call.parameters.get("Bucket"):
                self._note(environment, call.at)

    def _note(self, environment: EnvironmentEstate, at: datetime) -> None:
        newest = self._as_of(environment, "index.html", None)
        page = newest.value if newest is not None else b""
        state = ContentState(digest(page) if newest is not None else "", self._missing(environment, page))
        history = self._state.controls.content_history(environment.name)
        if not history or history[-1][1] != state:
            self._state.controls.put_content(environment.name, at, state)

    def _missing(self, environment: EnvironmentEstate, page: bytes) -> float:
        """Which share of the page and of what it names is not there."""
        if not page:
            return 1.0
        named = re.findall(rb'(?:src|href)="/([^"]+)"', page)
        absent = sum(self._as_of(environment, name.decode(), None) is None for name in named)
        return absent / (len(named) + 1)

    def published(self, environment: EnvironmentEstate, publication: Publication, at: datetime) -> None:
        """A pipeline's publication takes effect: what pages name comes before them."""
        self._moto.ready("s3")
        from moto.s3.models import s3_backends

        backend = s3_backends[self._state.estate.account]["aws"]
        with moto_at(at):
            for key in publication.drops:
                backend.delete_object(environment.bucket, key)
            for key, text in publication.puts.items():
                put = backend.put_object(environment.bucket, key, text.encode(), disable_notification=True)
                kind = mimetypes.guess_type(key)[0] or "binary/octet-stream"
                put.set_metadata({"Content-Type": kind, "Cache-Control": "max-age=60"})
        self._note(environment, at)

    def _served(self, environment: EnvironmentEstate, path: str, now: datetime) -> Answer:
        path = "/index.html" if path == "/" else path
        fetched = self._fetched(environment, path, now)
        held = self._as_of(environment, path.lstrip("/"), fetched)
        headers = {
            "Via": f"1.1 {environment.distribution_domain} (CloudFront)",
            "X-Amz-Cf-Pop": "SEA900-P1",
            "Age": str(int((now - fetched).total_seconds())),
        }
        if held is None:
            # A bucket that may not be listed says 403 for what it does not have.
            refused = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'
            return Answer(
                403, headers | {"Content-Type": "application/xml", "X-Cache": "Error from cloudfront"}, refused
            )
        headers |= {
            "Content-Type": held.metadata.get("Content-Type", "binary/octet-stream"),
            "ETag": held.etag,
            "Last-Modified": format_datetime(_aware(held.last_modified), usegmt=True),
            "X-Cache": "Hit from cloudfront" if fetched < now else "Miss from cloudfront",
        }
        return Answer(200, headers, held.value)

    def _fetched(self, environment: EnvironmentEstate, path: str, now: datetime) -> datetime:
        """When the edge took what it holds of `path`."""
        taken = self._state.started
        for one in self._state.controls.invalidations(environment.name):
            if taken < one.completed <= now and any(_covers(pattern, path) for pattern in one.paths):
                taken = one.completed
        return taken + ((now - taken) // TTL) * TTL

    def _as_of(self, environment: EnvironmentEstate, key: str, moment: datetime | None) -> Any | None:
        """The bucket's object as it was just before `moment` (None: as it is now); None when there was none."""
        self._moto.ready("s3")
        from moto.s3.models import FakeDeleteMarker, s3_backends

        bucket = s3_backends[self._state.estate.account]["aws"].get_bucket(environment.bucket)
        newest = None
        for entry in bucket.keys.getlist(key) or ():
            if moment is None or _aware(entry.last_modified) < moment:
                newest = entry
        return None if newest is None or isinstance(newest, FakeDeleteMarker) else newest


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _covers(pattern: str, path: str) -> bool:
    """CloudFront's own rule: an asterisk only at the end; `/` is the root object."""
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return pattern == path or (pattern == "/" and path == "/index.html")
