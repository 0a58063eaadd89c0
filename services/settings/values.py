"""What can be configured. Defaults of thresholds are the runbook's (lines 92-98); names have none."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class EnvironmentKind(StrEnum):
    AWS = "aws"
    SANDBOX = "sandbox"
    """A simulated or local account: only here may the endpoint be something other than AWS."""


class Bands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """normal ≤ ELEVATED: below `normal` OK; up to `warning` ELEVATED; above WARN; above `critical` CRIT.

    Operators read literally (decisions A4): `< normal`, `> warning`, `> critical`.
    """

    normal: float
    warning: float
    critical: float


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The runbook's five key metrics, lines 94-98, and what its sentences leave open."""

    api_latency_ms: Bands = Bands(200, 1000, 2000)
    error_rate_percent: Bands = Bands(1, 5, 10)
    throttle_events: Bands = Bands(0, 0, 5)
    lambda_duration_ms: Bands = Bands(5000, 10000, 15000)
    lambda_error_percent: Bands = Bands(1, 5, 5)
    """Above 5 % is critical for a function (line 134)."""
    edge_4xx_percent: Bands = Bands(5, 10, 20)
    window_s: int = 300
    """Over how long rates and means are taken."""
    min_requests: int = 20
    """Below this many requests in the window a rate is not coloured; counts are shown."""


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range read as `> lower and <= upper` (decisions A4)."""

    lower: float
    upper: float


class AlertRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The conditions of the runbook's alerts (lines 131-135, 141-143) and rollback triggers (lines 273-275)."""

    mean_s: int = 300
    """Over how long a rate or a mean is taken before it is compared: the runbook's 5-minute period."""
    server_errors: int = 3
    """Line 131: this many or more 5xx …"""
    server_errors_s: int = 600
    """… within so long."""
    high_latency_ms: float = 2000
    """Line 132: a mean above this …"""
    high_latency_s: int = 900
    """… for so long."""
    throttle_events: int = 1
    """Line 133: this many or more throttle events within `mean_s`."""
    lambda_error_percent: float = 5
    """Line 134: above this."""
    failed_sign_ins: int = 10
    """Line 135: this many or more within one five-minute period."""
    elevated_error_percent: Span = Span(5, 10)
    """Line 141."""
    elevated_error_s: int = 300
    degraded_latency_ms: Span = Span(1000, 2000)
    """Line 142."""
    idle_hours: int = 2
    """Line 143: so many whole hours in a row without a request."""
    trigger_health_s: int = 300
    """Line 273: every probe failed for longer than this …"""
    trigger_health_probes: int = 5
    """… and so many of them (aws.md 1.3)."""
    trigger_error_percent: float = 10
    """Line 274: above this …"""
    trigger_error_s: int = 600
    """… for longer than this."""
    trigger_latency_ms: float = 5000
    """Line 275: a mean above this …"""
    trigger_latency_s: int = 900
    """… for longer than this."""


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rung of the escalation ladder: from so many minutes on it is theirs."""

    after_min: float
    who: str
    reach: str = ""
    """How they are reached, as it is shown beside their name: a telephone number, a name in the chat, an address."""


class Alerting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of an alert: who hears of it, and how. Every way to make itself heard is off until it is chosen."""

    ladder: tuple[Rung, ...] = (
        Rung(0, "On-call engineer"),
        Rung(15, "DevOps Lead"),
        Rung(30, "Engineering Manager"),
        Rung(60, "CTO"),
    )
    """Lines 166-169, by minutes since the first firing (decisions B1, B2)."""
    bell: bool = False
    """Ring the terminal bell once for each critical alert and trigger (the runbook's warnings ring nothing)."""
    desktop: bool = False
    """Send OSC 9 to the terminal: a desktop notification where it is understood."""
    command: tuple[str, ...] = ()
    """A program and its arguments, run once for each; the alert comes on its standard input as JSON and in the
    variables COCKPIT_ALERT_…"""
    command_limit_s: float = 10
    """Seconds after which it is ended."""


class Cadence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds between questions (decisions A17)."""

    metrics: float = 60
    percentiles: float = 300
    stack: float = 30
    stack_busy: float = 5
    """While an operation runs."""
    release: float = 15
    alarms: float = 30
    resources: float = 60
    """Table, distribution, API, function, pool, bucket."""
    invalidations: float = 30
    invalidations_busy: float = 5
    probes: float = 30
    """The health address (line 239, decisions C8)."""
    writes: float = 60
    """CloudTrail's LookupEvents, which is free and allows two calls a second to the whole account."""
    writes_busy: float = 20
    """While something is newly out of its band and its cause is looked for."""
    bursts: float = 300
    """A listing of the buckets' object versions: the only question of ours that S3 charges for."""
    logs: float = 4
    logs_busy: float = 2
    backfill_s: int = 3 * 3600
    """History asked for once, at the start."""
    overlap_s: int = 900
    """How far back each later metrics poll asks again: late points change old periods."""


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """List prices in dollars; they change, so they are settings."""

    per_1000_metrics: float = 0.01
    per_1000_lists: float = 0.005
    """S3's LIST requests: ListObjectVersions."""
    invalidation_path: float = 0.005
    free_invalidation_paths: int = 1000
    live_tail_minute: float = 0.01
    """CloudWatch Logs Live Tail, beyond the free 1,800 minutes a month."""
    insights_gb: float = 0.005
    """CloudWatch Logs Insights, per gigabyte scanned."""
    cost_request: float = 0.01
    """Cost Explorer, each page of an answer."""


class Logs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How logs are asked for."""

    calls_per_second: float = 2.0
    """FilterLogEvents of this cockpit per account and region: the quota of 5 is everybody's (aws.md 3.2)."""


class LogGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A log group that no resource names: the application's own."""

    name: str
    short: str


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What cannot be discovered, or overrides what is."""

    alias: str = "LIVE"
    log_groups: tuple[LogGroup, ...] = ()
    dashboard: str = ""
    policy_prefix: str = ""
    """How the names of the application's own IAM policies begin, for the hardening checks (runbook line 931). Empty: as
    the names of its functions, tables and buckets do."""


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A program of this machine that rolls the environment back: the runbook's `./scripts/rollback.sh prod`."""

    path: str = "./scripts/rollback.sh"
    """The first word of what is run, as it stands."""
    folder: str = ""
    """Where it is run, relative to the settings file; `path` is meant from there."""
    argument: str = ""
    """The environment as the script calls it; empty: its first short name, else its name."""


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One environment of the system."""

    name: str
    """What a typed confirmation has to equal."""
    stack: str
    region: str
    short: tuple[str, ...] = ()
    """Other names the command line takes."""
    production: bool = False
    account: str = ""
    """Twelve digits; when set, any other account is refused."""
    kind: EnvironmentKind = EnvironmentKind.AWS
    endpoint_url: str = ""
    """Only for kind = "sandbox"."""
    profile: str = ""
    read_only: bool = False
    url: str = ""
    health_url: str = ""
    """What the health check GETs. Empty: none is made, and the health trigger is not observable (decisions D5).

    In a sandbox the same path is asked with the same Host, but of `endpoint_url` (as curl's --connect-to does), so that
    nothing of the real service is ever touched.
    """
    aws_status_url: str = "https://health.aws.amazon.com/public/currentevents"
    """AWS's public list of current events, asked when a complete outage is looked into; empty: never. In a sandbox the
    same path is asked of `endpoint_url`."""
    health_json: bool = False
    """Whether it has to answer JSON for a rollback to count as recovered: a website that serves its start page for
    every address answers 200 to this one too."""
    purpose: str = ""
    lease_table: str = ""
    """A DynamoDB table of the same account and region through which operators on different machines keep out of each
    other's way (services/aws/lease_table.py). Empty: a file lock does, among those of one machine."""
    rollback_script: Script | None = None
    """Where it is there it is what `R` offers first; else, and without one, the rollback is the cockpit's own
    (decisions C1). A simulated account that is only visited (`--endpoint-url`, `demo`) never runs it."""
    template_bucket: str = ""
    """A bucket of the same region into which a kept template is put that is too long for CloudFormation's call (51,200
    bytes), to be read from there. Empty: such a template is not sent from here."""
    names: Names = Names()


class JournalKeeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long ended operations stay among the others before they are put into the journal's archive, whole."""

    keep_days: int = 365
    """0: for ever. Nothing is ever deleted."""
    keep_newest: int = 200
    """So many stay, however old."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is configured."""

    system: str
    """The system's name, as the header shows it."""
    environments: tuple[Environment, ...]
    thresholds: Thresholds = Thresholds()
    alerts: AlertRules = AlertRules()
    alerting: Alerting = Alerting()
    cadence: Cadence = Cadence()
    prices: Prices = Prices()
    logs: Logs = Logs()
    cost_cap: float = 0.25
    """Dollars per hour of an environment's own questions: above it they are asked more seldom, and the header says so.

    The EC2 Manager costs two cents; a stack of a hundred functions reaches this.
    """
    journal: JournalKeeping = JournalKeeping()
    runbook: str = ""
    """The operations runbook that screen 6 shows: a Markdown file, relative to the settings file; `built-in`: the EC2
    Manager's, which ships. Empty: there is none."""
