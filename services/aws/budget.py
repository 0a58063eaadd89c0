"""How often AWS is asked, and what that costs: one budget per environment, its rates shared by all of one account.

Quotas belong to the account and its region (aws.md 2.1, 3.2), so rates are counted in the account's time.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.aws import capping
from services.aws.log_pace import CALLS_PER_SECOND
from services.clock import Clock
from services.model.spending import Need, Spending
from services.settings.values import Environment, EnvironmentKind, Prices

STATISTICS_PER_METRIC = 5
"""Up to five statistics of one metric in one request are billed as one (aws.md 2.2)."""

LISTING = "s3:ListObjectVersions"
"""The polled call that costs money and is no question to CloudWatch."""

COSTS = "ce:GetCostAndUsage"
"""Asked on a key alone; each page is paid."""

LOG_EVENTS = "logs:FilterLogEvents"

RATES: Mapping[str, tuple[float, float]] = {
    # operation: calls per second, burst. Far below the quotas: others use the same account.
    # Its rate is `logs.calls_per_second`. log_pace.py spaces what one environment asks; this holds all of an account.
    LOG_EVENTS: (CALLS_PER_SECOND, 8.0),
    "cloudformation:DescribeStackEvents": (1.0, 6.0),
    "cloudformation:DescribeStacks": (1.0, 6.0),
    "cloudformation:ListStackResources": (1.0, 10.0),
    # Half of what the whole account may ask of each region (aws.md 3.6).
    "cloudtrail:LookupEvents": (1.0, 4.0),
    "cloudwatch:DescribeAlarms": (2.0, 10.0),
    "cloudwatch:DescribeAlarmHistory": (1.0, 3.0),
    "cloudwatch:GetMetricData": (2.0, 12.0),
    "cloudwatch:ListMetrics": (5.0, 25.0),
    # S3 takes 3,500 writes and 5,500 reads a second of one prefix.
    "s3:CopyObject": (500.0, 1_000.0),
    "s3:DeleteObject": (500.0, 1_000.0),
    "s3:HeadObject": (500.0, 1_000.0),
    "s3:ListObjectVersions": (20.0, 100.0),
    "s3:ListObjectsV2": (20.0, 100.0),
}
_OTHERS = (5.0, 30.0)

ANOTHER_WORLD_S = 60.0
"""A clock that has gone back by more than this is another simulated account's at the same address."""


class Bucket:
    """A token bucket in the account's time."""

    def __init__(self, rate: float, burst: float, now: datetime) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: datetime) -> float:
        """Take a token now; the seconds to wait before it may be used, 0 when at once."""
        passed = (now - self._at).total_seconds()
        if passed < -ANOTHER_WORLD_S:
            self._at, self._tokens = now, self._burst
        passed = max(0.0, passed)
        self._at = max(now, self._at)
        self._tokens = min(self._burst, self._tokens + passed * self._rate) - 1.0
        return 0.0 if self._tokens >= 0 else -self._tokens / self._rate


class Limiter:
    """The rates of one account. Any thread may take."""

    def __init__(self, log_calls: float = CALLS_PER_SECOND) -> None:
        """`log_calls`: FilterLogEvents a second of everybody together."""
        self._log_calls = log_calls
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, float], Bucket] = {}

    def take(self, name: str, region: str, now: datetime, share: float = 1.0) -> float:
        """Take a call of `service:Operation`; the seconds of the account's time until it may be made.

        `share` below 1: one of those who together have no more than this part of the rate.
        """
        with self._lock:
            bucket = self._buckets.get((name, region, share))
            if bucket is None:
                rate, burst = RATES.get(name, _OTHERS)
                rate = self._log_calls if name == LOG_EVENTS else rate
                bucket = self._buckets[name, region, share] = Bucket(rate * share, max(1.0, burst * share), now)
            return bucket.take(now)


class Limits:
    """The limiter of each account that this process asks. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limiters: dict[tuple[str, str], Limiter] = {}

    def of(self, environment: Environment, log_calls: float = CALLS_PER_SECOND) -> Limiter:
        """The one that all environments of the same account share: told by endpoint, else by number or profile.

        `log_calls`: as for Limiter; the first to ask for an account's says it for all.
        """
        sandbox = environment.kind is EnvironmentKind.SANDBOX
        account = (environment.endpoint_url, "") if sandbox else ("", environment.account or environment.profile)
        with self._lock:
            return self._limiters.setdefault(account, Limiter(log_calls))


class Budget:
    """Counts every call and holds those back that come too fast."""

    def __init__(
        self,
        clock: Clock,
        prices: Prices | None = None,
        limiter: Limiter | None = None,
        share: float = 1.0,
        cap: float = math.inf,
    ) -> None:
        """`share`: see Limiter.take; what is left of the rate is always there for the others.

        `cap`: dollars per hour that are not to be passed.
        """
        self._clock = clock
        self._cap = cap
        self._shares = (share, 1.0) if share < 1.0 else (1.0,)
        self._prices = prices or Prices()
        self._limiter = limiter or Limiter()
        self._began = clock.now()
        self._calls: Counter[str] = Counter()
        self._metrics = 0
        self._standing: dict[tuple[str, Need | None], capping.Standing] = {}
        self._floors: dict[Need, float] | None = None
        self.remark = ""
        """See Spending.remark."""

    async def admit(self, service: str, operation: str, region: str) -> None:
        """Wait until this call may be made."""
        for share in self._shares:
            wait = self._limiter.take(f"{service}:{operation}", region, self._clock.now(), share)
            if wait > 0:
                await self._clock.sleep(wait)

    def count(self, service: str, operation: str, parameters: Mapping[str, Any]) -> None:
        """One call is being sent."""
        self._calls[f"{service}:{operation}"] += 1
        if operation == "GetMetricData":
            self._metrics += billed(parameters.get("MetricDataQueries", ()))

    def expect(self, feed: str, metrics: int, every: float, *, lists: int = 0, need: Need | None = None) -> None:
        """`feed` asks for `metrics` billed metrics and `lists` listings of S3 every `every` seconds from now on.

        With a `need` that is its usual pause, and it is asked more seldom while the cap demands it (`floor`).
        """
        dollars = metrics * self._per_metric + lists * self._per_list
        standing = capping.Standing(dollars, every, need)
        if self._standing.get((feed, need)) != standing:
            self._standing[feed, need] = standing
            self._floors = None

    def strained(self, feed: str, metrics: int, every: float) -> bool:
        """Whether `feed` may not ask for so many judged metrics every `every` seconds, the cap being kept."""
        others = [one for (of, need), one in self._standing.items() if of != feed or need is Need.DIAGNOSIS]
        whole = capping.Standing(metrics * self._per_metric, every)
        return capping.floors([*others, whole], self._cap)[Need.JUDGED] > every

    def looked_through(self, metrics: int) -> None:
        """A Metrics Insights query was sent; it is billed by what it looks at, and was counted as one."""
        self._metrics += max(0, metrics - 1)

    def asked(self, operation: str) -> int:
        """How often `service:Operation` has been sent so far."""
        return self._calls[operation]

    def floor(self, need: Need) -> float:
        """The shortest pause, in seconds, that questions of this need may have so that the cap is kept; 0: any."""
        return self._all_floors()[need]

    def paced(self, every: float, need: Need = Need.JUDGED) -> float:
        """The pause of questions of this need whose usual one is `every`."""
        return capping.paced(every, self.floor(need))

    def _all_floors(self) -> dict[Need, float]:
        if self._floors is None:
            self._floors = capping.floors(tuple(self._standing.values()), self._cap)
        return self._floors

    @property
    def _per_metric(self) -> float:
        return self._prices.per_1000_metrics / 1000.0

    @property
    def _per_list(self) -> float:
        return self._prices.per_1000_lists / 1000.0

    @property
    def spending(self) -> Spending:
        """What was spent so far, and the rate at which it goes on."""
        minutes = max(1.0, (self._clock.now() - self._began).total_seconds() / 60.0)
        return Spending(
            calls=dict(self._calls),
            metrics_requested=self._metrics,
            dollars=self._metrics * self._per_metric
            + self.asked(LISTING) * self._per_list
            + self.asked(COSTS) * self._prices.cost_request,
            per_hour=capping.per_hour(capping.stretched(self._standing.values(), self._all_floors())),
            calls_per_minute=sum(self._calls.values()) / minutes,
            pauses=self._pauses(),
            slowed=frozenset(need for need, every in self._asked_for() if every < self.floor(need)),
            remark=self.remark,
        )

    def _asked_for(self) -> list[tuple[Need, float]]:
        """(need, usual pause) of every question that costs something and gives way."""
        standing = self._standing.values()
        return [(one.need, one.every) for one in standing if one.need is not None and one.dollars > 0]

    def _pauses(self) -> dict[Need, float]:
        """Of each need the shortest pause that any of its questions has now."""
        found: dict[Need, float] = {}
        for need, every in self._asked_for():
            pause = self.paced(every, need)
            found[need] = min(found.get(need, pause), pause)
        return found


def billed(queries: Any) -> int:
    """How many metrics AWS bills for these MetricDataQueries."""
    statistics: Counter[tuple[Any, ...]] = Counter()
    for query in queries:
        metric = (query.get("MetricStat") or {}).get("Metric") or {}
        dimensions = tuple(sorted((one["Name"], one["Value"]) for one in metric.get("Dimensions", ())))
        statistics[metric.get("Namespace"), metric.get("MetricName"), dimensions] += 1
    return sum(math.ceil(count / STATISTICS_PER_METRIC) for count in statistics.values())
