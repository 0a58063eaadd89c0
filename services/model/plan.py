"""What an action would do, before anything is done. Pure values; a plan never performs itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.series import MetricId
from services.safe_text import SafeText


class ActionKind(StrEnum):
    ROLLBACK = "rollback"
    INVALIDATE = "invalidate"
    CONFIGURE = "configure"
    """Memory and timeout of a function."""
    RETENTION = "retention"
    """How long a log group keeps its events."""
    EXPORT = "export"
    """Log events into a bucket."""


class Layer(StrEnum):
    """What can be rolled back by itself, in the order in which it is safe (aws.md 5.6)."""

    STACK = "stack"
    """CloudFormation: alone, never beside the others."""
    ALIAS = "alias"
    """Lambda's alias."""
    STAGE = "stage"
    """The API's stage."""
    CONTENT = "content"
    """The web content, and CloudFront's copies of it."""


class Grade(StrEnum):
    """How much it takes to confirm."""

    KEY = "key"
    """`y`."""
    TYPED = "typed"
    """The environment's name, typed, and a reason."""


class Call(msgspec.Struct, frozen=True):
    """One mutating AWS call, exactly as it will be sent."""

    service: str
    """botocore's service name, `lambda`."""
    operation: str
    """botocore's operation name, `UpdateAlias`."""
    region: str
    parameters: dict[str, object]
    """JSON values only, so that plan, screen, journal and wire show the same thing."""


class Precondition(msgspec.Struct, frozen=True):
    """What must still be true when the call is made; read again by the executor, compared by equality."""

    what: str
    """`alias.revision`, `alias.version`, `alias.weights`, `stage.deployment`, `stack.status`, `distribution.status`."""
    expected: str


UNDOABLE = frozenset({"lambda.alias", "api.stage", "content.restore"})
"""Kinds of steps that can be taken back by another plan."""


class Step(msgspec.Struct, frozen=True):
    """One step of a plan. `kind` selects the executor's way to perform, look up and undo it."""

    kind: str
    """`lambda.alias`, `api.stage`, `api.cache`, `content.restore` (many calls, of which `call` is the pattern),
    `edge.invalidation`, `lambda.configuration`, `logs.retention`, `logs.export`."""
    title: SafeText
    """`Lambda  LIVE  v42 → v41`."""
    call: Call
    preconditions: tuple[Precondition, ...] = ()
    before: dict[str, str] = {}
    """What stands now, for undo and for the record."""
    after: dict[str, str] = {}
    """What will stand when it is done."""
    repeatable: bool = False
    """Nothing of it can be read back, and twice is as once: without an answer it is sent again."""

    @property
    def undoable(self) -> bool:
        """Whether another plan can take it back."""
        return self.kind in UNDOABLE


class Criterion(msgspec.Struct, frozen=True):
    """How recovery will be recognised: judged on settled periods that begin after the switch."""

    text: str
    """`error rate < 1 % over 5 settled minutes, at least 100 requests`."""
    window_s: int = 300
    settle_s: int = 120
    min_requests: int = 100
    max_error_rate: float = 1.0
    """Percent."""
    max_latency_ms: float = 1000.0
    patience_s: int = 1200
    """After this long without enough settled data the verdict is INCONCLUSIVE."""
    requests: MetricId | None = None
    """API Gateway `Count`, the `SampleCount` of which is the number of requests."""
    errors: MetricId | None = None
    """API Gateway `5XXError`."""
    latency: MetricId | None = None
    """API Gateway `Latency`."""


class Candidate(msgspec.Struct, frozen=True):
    """A version the alias could go back to, or a deployment the stage could, with its evidence."""

    version: int
    sha: SafeText
    published: datetime | None
    errors: float | None
    """Error rate in percent while it last served; None: it did not serve in the window that was asked."""
    requests: int
    evidence: SafeText
    chosen: bool = False
    name: SafeText = SafeText("")
    """What it is called where it is no version of a function: the deployment's id."""

    @property
    def label(self) -> str:
        """`v41`, `k3x9ab`."""
        return self.name or f"v{self.version}"


class LayerChoice(msgspec.Struct, frozen=True):
    """One layer, as it is offered beside the others."""

    layer: Layer
    text: SafeText
    """Its first step, or why it cannot be rolled back."""
    possible: bool
    chosen: bool = False
    indicated: bool = False
    """The evidence points at it."""


class Plan(msgspec.Struct, frozen=True):
    """A prepared action."""

    kind: ActionKind
    environment: str
    """The environment's name, which a typed confirmation has to equal."""
    account: SafeText
    title: str
    made: datetime
    expires: datetime
    """A plan older than this is void (reliability 3.1: five minutes)."""
    grade: Grade
    steps: tuple[Step, ...]
    saved: tuple[SafeText, ...]
    """What is recorded before the first call."""
    irreversible: tuple[SafeText, ...]
    notes: tuple[SafeText, ...] = ()
    """Layers that need nothing, warnings, cost."""
    candidates: tuple[Candidate, ...] = ()
    criterion: Criterion | None = None
    """None: done when the service says done (an invalidation)."""
    undo_of: str = ""
    """Operation id, when this plan takes an earlier operation back."""
    layers: tuple[LayerChoice, ...] = ()
    """What could be rolled back, these and others."""


class Refusal(msgspec.Struct, frozen=True):
    """Why there is no plan, and what would lift that."""

    kind: ActionKind
    reason: SafeText
    remedy: SafeText = SafeText("")
