"""What else may be known besides the Situation's own feeds: probes of the service, recorded writes, object writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.model.reading import Reading
from services.safe_text import SafeText


class Timing(msgspec.Struct, frozen=True):
    """Where the time of a health check went, in this machine's milliseconds, each part by itself."""

    dns_ms: float
    """0 where the host is an address."""
    connect_ms: float
    tls_ms: float | None
    """None: without TLS."""
    first_byte_ms: float
    """From the connection to the head of the answer: the service's own time, and the way there and back."""
    total_ms: float
    """Everything, the body included."""


class Probe(msgspec.Struct, frozen=True):
    """One health check of ours: GET of the environment's health address (decisions C8)."""

    at: datetime
    ok: bool
    """Below 400 and answered; a redirect counts as answered."""
    note: SafeText = SafeText("")
    """`HTTP 200`, `HTTP 503`, `connection refused`, `TLS: certificate expired`."""
    status: int = 0
    """HTTP's own; 0 when nothing was answered."""
    took_ms: float = 0.0
    """This machine's milliseconds from the first packet to the head of the answer, or to giving up."""
    sent: bool = True
    """The request went out: where it leads to an API Gateway, that counts it among its requests. False: there was no
    connection to send it by."""
    media: SafeText = SafeText("")
    """What the answer calls its body: `application/json`, `text/html`."""
    json: bool = False
    """Whether the body is called JSON and is."""
    timing: Timing | None = None
    """None: nothing was answered."""
    blind: bool = False
    """Not answered while the account did not answer either: it tells of the way there, and nothing of the service."""


class Probes(msgspec.Struct, frozen=True):
    """What our health checks have shown, and how many there were."""

    newest: tuple[Probe, ...]
    """Those of the last hour, in any order."""
    sent: Mapping[int, int] = {}
    """Minute (epoch seconds) → health checks that went out in it, of the last day; none before the watch began."""


class RecordedWrite(msgspec.Struct, frozen=True):
    """One mutating call that CloudTrail recorded."""

    at: datetime
    service: SafeText
    """The event source without its domain: `lambda`."""
    operation: SafeText
    """`UpdateFunctionConfiguration20150331v2` as recorded, or without the version."""
    who: SafeText
    """User or role session name."""
    resource: SafeText = SafeText("")
    by_service: SafeText = SafeText("")
    """invokedBy: `cloudformation.amazonaws.com` when a service did it on somebody's behalf."""
    error: SafeText = SafeText("")
    """errorCode; a refused call changed nothing."""
    id: str = ""
    """CloudTrail's eventID."""


class Trail(msgspec.Struct, frozen=True):
    """What CloudTrail has told so far."""

    writes: tuple[RecordedWrite, ...]
    """Newest first."""
    since: datetime
    """From here on everything was read that had been delivered; of what is before only some is known, or nothing."""


class ObjectBurst(msgspec.Struct, frozen=True):
    """Objects of a bucket written or deleted in close succession: a publication of content."""

    bucket: SafeText
    began: datetime
    ended: datetime
    written: int
    deleted: int = 0


class Witness(msgspec.Struct, frozen=True):
    """What the rules know besides AWS's own metrics and events. What was never asked waits, and is said not to be
    known."""

    probes: Reading[Probes] = Reading()
    writes: Reading[Trail] = Reading()
    bursts: Reading[tuple[ObjectBurst, ...]] = Reading()
    isolated_since: datetime | None = None
    """Since when the API is isolated on purpose: its health says nothing then (decisions C10)."""
