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
    CLEAN_UP = "clean-up"
    """Old versions of a function, deleted."""
    BACK_UP_TABLE = "table backup"
    INDEX = "index change"
    """One global secondary index of a table."""
    SIGN_OUT = "sign-out"
    """Of one user, everywhere."""
    INVOKE = "test invoke"
    """One call of a function."""
    ISOLATE = "isolate"
    """The API lets nobody in, or everybody again."""
    RESTORE_TABLE = "table restore"
    """Into a new table."""


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

    @property
    def api(self) -> str:
        """The id of the API that it is about, of either kind; empty: it is about none."""
        return str(self.parameters.get("restApiId") or self.parameters.get("ApiId") or "")


class Precondition(msgspec.Struct, frozen=True):
    """What must still be true when the call is made; read again by the executor, compared by equality."""

    what: str
    """`alias.revision`, `alias.version`, `alias.weights`, `stage.deployment`, `stack.status`, `distribution.status`."""
    expected: str


UNDOABLE = frozenset(
    {
        *("lambda.alias", "api.stage", "api.http_stage", "api.throttle", "api.http_throttle", "api.policy"),
        *("content.restore", "stack.update"),
    }
)
"""Kinds of steps that can be taken back by another plan."""


class Step(msgspec.Struct, frozen=True):
    """One step of a plan. `kind` selects the executor's way to perform, look up and undo it."""

    kind: str
    """`lambda.alias`, `api.stage`, `api.cache`, `api.throttle`, `api.policy`, `api.deployment`,
    `content.restore` (many calls, of which `call` is the pattern),
    `edge.invalidation`, `lambda.configuration`, `lambda.version` (deleted), `logs.retention`, `logs.export`,
    `table.backup`, `table.restore`, `table.index`,
    `lambda.invoke`, `users.sign_out`, `stack.cancel`, `stack.continue`, `stack.rollback`, `stack.update`,
    `script.run` (a program of this machine: no AWS call)."""
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
    waits_s: float = 0.0
    """Machine seconds that the answer may take beyond the usual: a function's own timeout."""
    apart: bool = False
    """No other step rests on it: where it does not come about that is recorded, and the others are carried out."""

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
    baseline_factor: float = 2.0
    """How many times the mean latency of the same hour yesterday is too much …"""
    usual_ms: float = 200.0
    """… where it is also above this, which is well at any time (line 94)."""
    changed: datetime | None = None
    """No later than this the bad change was made; None: not known, and then nothing is told apart by it."""
    log_groups: tuple[str, ...] = ()
    """The application's and the function's, for error lines of shapes that were not there before the change."""
    server_errors: MetricId | None = None
    """CloudFront's `5xxErrorRate`. With it this is about the edge: `requests` is CloudFront's, `errors` its
    `4xxErrorRate`, and both errors are rates already."""
    max_server_error_rate: float = 1.0
    """Percent, of `server_errors`."""


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
    typed: str = ""
    """What a typed confirmation has to equal instead: the name of what will be made."""

    @property
    def word(self) -> str:
        """What a typed confirmation has to equal."""
        return self.typed or self.environment


class Unread(msgspec.Struct, frozen=True):
    """A layer that could be rolled back, of which more has to be read before there is a plan."""

    title: SafeText


class Refusal(msgspec.Struct, frozen=True):
    """Why there is no plan, and what would lift that."""

    kind: ActionKind
    reason: SafeText
    remedy: SafeText = SafeText("")
