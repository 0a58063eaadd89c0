"""Did restored content help? What CloudFront counts as errors in minutes that begin after the switch. Pure.

Its 4xxErrorRate and 5xxErrorRate are rates of each minute already: minutes count by their requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.model.entry import Outcome
from services.model.plan import Criterion
from services.plural import several
from services.rules.recovery import PERIOD, RecoveryVerdict, fresh_start, shortest
from services.rules.windows import Window, floor, instant, usable
from services.rules.words import clock, count, minutes, percent
from services.safe_text import safe

Minutes = Mapping[int, float]
"""Period start, epoch seconds → value."""


def edge_recovered(
    criterion: Criterion, requests: Minutes, client: Minutes, server: Minutes, switched: datetime, now: datetime
) -> RecoveryVerdict:
    """The verdict on CloudFront's minutes. `client`, `server`: 4xx and 5xx in percent.

    With too few requests until patience is over no rate speaks against what was fetched and compared: that is said.
    """
    first, needed = fresh_start(switched), max(1, criterion.window_s // PERIOD)
    end, complete = floor(now.timestamp() - criterion.settle_s, PERIOD), first + needed * PERIOD
    judge_at, settled = instant(complete + criterion.settle_s), max(0, (end - first) // PERIOD)
    impatient = (now - switched).total_seconds() >= criterion.patience_s
    counts = usable(requests, end, first)
    total = sum(counts.values())

    def verdict(outcome: Outcome | None, sentence: str, until: int) -> RecoveryVerdict:
        return RecoveryVerdict(outcome, (min(settled, needed), needed), safe(sentence), judge_at, until, total)

    if settled < needed and not impatient:
        waits = f"{settled} of {needed} settled minutes at the edge; judged at {clock(judge_at, now)}"
        return verdict(None, waits, max(first, end))
    window = shortest(counts, first, complete, end, criterion.min_requests)
    if window is None:
        few = f"CloudFront had {several(total, 'request')} since {clock(instant(first), now)}, too few for a rate"
        return verdict(Outcome.RECOVERED if impatient else None, few, max(first, end))
    rates = [_rate(one, counts, window) for one in (client, server)]
    if None in rates:
        lacking = "4xx" if rates[0] is None else "5xx"
        return verdict(Outcome.INCONCLUSIVE if impatient else None, f"no {lacking} rate of CloudFront yet", window.end)
    return verdict(*_judged(criterion, rates, counts, window, now), window.end)


def _rate(rates: Minutes, counts: Minutes, window: Window) -> float | None:
    """Weighted by requests, over the minutes that have both."""
    both = [at for at in usable(rates, window.end, window.start) if counts.get(at)]
    weight = sum(counts[at] for at in both)
    return sum(rates[at] * counts[at] for at in both) / weight if weight else None


def _judged(
    criterion: Criterion, rates: list[float | None], counts: Minutes, window: Window, now: datetime
) -> tuple[Outcome, str]:
    client, server = (rate or 0.0 for rate in rates)
    seen = sum(value for at, value in counts.items() if at < window.end)
    facts = (
        f"CloudFront 4xx {percent(client)}, 5xx {percent(server)} of {count(seen)} requests "
        f"over {minutes(window.end - window.start)} from {clock(instant(window.start), now)}"
    )
    limits = (("4xx", client, criterion.max_error_rate), ("5xx", server, criterion.max_server_error_rate))
    failed = [f"{name} is not below {percent(most)}" for name, rate, most in limits if not rate < most]
    if failed:
        return Outcome.NOT_RECOVERED, f"{facts}: {' and '.join(failed)}"
    return Outcome.RECOVERED, facts
