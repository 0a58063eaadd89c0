"""The evidence beside the limits: yesterday's latency, the alarms, the health address, the log (aws.md 5.7). Pure.

A piece that could not be read says so and never counts as good: the verdict waits for it as long as it is patient.
What may not be read at all is said and not waited for: that would not change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from msgspec.structs import replace

from services.model.alarms import Alarm
from services.model.entry import Outcome
from services.model.evidence import Bearing, Piece
from services.model.plan import Criterion
from services.model.witness import Probe
from services.plural import several
from services.problems import Problem, ProblemKind
from services.rules.recovery import RecoveryVerdict
from services.rules.windows import usable
from services.rules.words import clock, count, duration_ms, listed, percent
from services.safe_text import SafeText, safe

DAY = 86_400
HOUR = 3_600

SHAPES = 2
"""New shapes that are quoted; the others are counted."""

SHAPE_CHARACTERS = 60

Means = tuple[Mapping[int, float], Mapping[int, float]]
"""Latency means in ms and their sample counts, by period start."""


def unread(about: str, what: str, problem: Problem) -> Piece:
    """What could not be read; what may not be is not waited for."""
    if problem.kind is ProblemKind.DENIED:
        return Piece(about, Bearing.DENIED, safe(f"{what} not judged: {problem.message}", 200))
    return _silent(about, what, problem.message)


def _silent(about: str, what: str, why: str) -> Piece:
    return Piece(about, Bearing.UNREAD, safe(f"{what} not read: {why}", 200))


def same_hour(first: int) -> tuple[int, int]:
    """The hour of yesterday in which the window would have begun: epoch seconds [from, until)."""
    start = (first - DAY) // HOUR * HOUR
    return start, start + HOUR


def latency(criterion: Criterion, now: Means, until: int, first: int, yesterday: Means | None) -> Piece:
    """The mean of the window [first, until) beside the same hour of yesterday; None: yesterday could not be read.

    It fails when it is more than `baseline_factor` times yesterday's and above what is usual anyway. An hour with
    fewer than `min_requests` requests is no yesterday to compare with: that is said, and the limit alone decides.
    """
    mean, _ = _mean(now, until, first)
    told = f"latency {duration_ms(mean)}" if mean is not None else "latency"
    if yesterday is None:
        return _silent("latency", f"{told}, yesterday", "the metrics do not answer")
    start, end = same_hour(first)
    before, weight = _mean(yesterday, end, start)
    if before is None or weight < criterion.min_requests:
        lacking = (
            "no data of yesterday" if before is None else f"only {several(weight, 'request')} yesterday at this hour"
        )
        return Piece("latency", Bearing.SAID, safe(f"{told}, {lacking}"))
    told += f", yesterday {duration_ms(before)}"
    if mean is None:
        return Piece("latency", Bearing.WAITS, safe(f"{told}: no settled minute yet"))
    if mean > max(criterion.baseline_factor * before, criterion.usual_ms):
        return Piece("latency", Bearing.BAD, safe(f"{told}: more than {criterion.baseline_factor:g} times as long"))
    return Piece("latency", Bearing.GOOD, safe(told))


def _mean(means: Means, until: int, first: int) -> tuple[float | None, float]:
    """Weighted by samples; and how many there were."""
    values, weights = usable(means[0], until, first), usable(means[1], until, first)
    total = sum(weights.get(start, 0.0) for start in values)
    return (sum(value * weights.get(at, 0.0) for at, value in values.items()) / total if total else None), total


def alarms(found: Sequence[Alarm], changed: datetime | None, now: datetime) -> Piece:
    """The stack's alarms, and which of them still ring since the bad change.

    Said, and neither waited for nor held against the rollback: an alarm's own window may hold minutes from before the
    switch for longer than ours, and one on a table does not move while its metric is silent (aws.md 0.10).
    """
    if not found:
        return Piece("alarms", Bearing.SAID, SafeText("the stack has no alarms"))
    ringing = [one for one in found if one.state == "ALARM"]
    before = [one for one in ringing if changed is not None and one.since is not None and one.since < changed]
    still = [one for one in ringing if one not in before]
    if still:
        verb = "rings" if len(still) == 1 else "ring"
        return Piece("alarms", Bearing.SAID, safe(f"alarm {listed([one.name for one in still], 2)} still {verb}", 200))
    if before:
        since = min(one.since for one in before if one.since is not None)
        told = f"alarms OK but {listed([one.name for one in before], 2)}, ringing since {clock(since, now)}"
        return Piece("alarms", Bearing.SAID, safe(f"{told}, before the change", 200))
    return Piece("alarms", Bearing.GOOD, SafeText("alarms OK"))


def health(url: str, as_json: bool, probes: Sequence[Probe]) -> Piece:
    """The health address since the switch: the newest answer, bad when two in a row were.

    `as_json`: the answer has to be JSON. A start page that is served for every address answers 200 to this one too.
    """
    if not url:
        return Piece("health", Bearing.SAID, SafeText("no health address"))
    path = urlsplit(url).path or "/"
    if not probes:
        return Piece("health", Bearing.WAITS, safe(f"{path} not asked yet"))
    newest = probes[-1]
    if not newest.status:
        return _silent("health", path, newest.note or "no answer")
    told = f"{path} {newest.status}{_kind(newest)}"
    if _well(newest, as_json):
        return Piece("health", Bearing.GOOD, safe(told))
    if newest.ok:
        told += ", JSON expected"
    twice = len(probes) > 1 and bool(probes[-2].status) and not _well(probes[-2], as_json)
    return Piece("health", Bearing.BAD if twice else Bearing.WAITS, safe(told))


def _well(probe: Probe, as_json: bool) -> bool:
    return probe.ok and (probe.json or not as_json)


def _kind(probe: Probe) -> str:
    """` JSON`, ` HTML`; what else it calls itself."""
    if probe.json:
        return " JSON"
    kind = probe.media.partition("/")[2] or str(probe.media)
    return f" {kind.upper()}" if kind else ""


def log(
    criterion: Criterion, since: Mapping[str, int], before: Collection[str], requests: float, *, whole: bool = True
) -> Piece:
    """Shapes of error lines since the switch (→ how many requests wrote one) that were not there before the change.

    They warn. Above the error limit they are as bad as errors that the API counts, unless not all of what was written
    before was read (`whole`): then they may be old.
    """
    new = {shape: number for shape, number in since.items() if shape not in before}
    if not new:
        return Piece("log", Bearing.GOOD, SafeText("no new error shape"))
    loudest = sorted(new, key=lambda shape: (-new[shape], shape))
    quoted = ", ".join(f"{_short(shape)} × {count(new[shape])}" for shape in loudest[:SHAPES])
    more = f" and {len(new) - SHAPES} more" if len(new) > SHAPES else ""
    told = f"{len(new)} new error shape{'s' if len(new) > 1 else ''}: {quoted}{more}"
    rate = 100.0 * max(new.values()) / requests if requests else 0.0
    if whole and requests >= criterion.min_requests and rate >= criterion.max_error_rate:
        return Piece("log", Bearing.BAD, safe(f"{told}, {percent(rate)} of the requests", 300))
    return Piece("log", Bearing.SAID, safe(told, 300))


def _short(shape: str) -> str:
    return shape if len(shape) <= SHAPE_CHARACTERS else f"{shape[: SHAPE_CHARACTERS - 1]}…"


def weighed(verdict: RecoveryVerdict, pieces: Sequence[Piece], *, patient: bool) -> RecoveryVerdict:
    """The limits' verdict with the evidence beside it: RECOVERED has to be borne out by every piece that counts."""
    if verdict.outcome is not Outcome.RECOVERED:
        return verdict
    bad = [str(one.text) for one in pieces if one.bearing is Bearing.BAD]
    denied = [str(one.text) for one in pieces if one.bearing is Bearing.DENIED]
    open_ = [str(one.text) for one in pieces if one.bearing in (Bearing.WAITS, Bearing.UNREAD)]
    if bad:
        return replace(verdict, outcome=Outcome.NOT_RECOVERED, sentence=_said(verdict, "but ", bad))
    if open_ and patient:
        return replace(verdict, outcome=None, sentence=_said(verdict, "waiting: ", open_))
    if open_:
        return replace(verdict, outcome=Outcome.INCONCLUSIVE, sentence=_said(verdict, "but ", open_))
    return replace(verdict, sentence=_said(verdict, "on what may be read: ", denied)) if denied else verdict


def _said(verdict: RecoveryVerdict, how: str, pieces: Sequence[str]) -> SafeText:
    return safe(f"{verdict.sentence}; {how}{'; '.join(pieces)}", 600)
