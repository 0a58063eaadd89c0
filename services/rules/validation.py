"""Validation after a rollback (runbook lines 756-781): four checks tick themselves, a person signs in for the fifth.

Only what was seen after the switch counts. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.model.entry import Entry, Operation
from services.model.situation import Situation
from services.model.validation import Check, Finding, Validation
from services.rules.probed import known
from services.rules.recovery import fresh_start
from services.rules.words import clock
from services.safe_text import SafeText, safe

SLOWEST_MS = 2_000.0
"""A health check that takes longer fails the list: the runbook's WARN of response times (line 94)."""

ERRORS_S = 600
"""Over how long the API's server errors are summed: two periods of five minutes (line 773)."""

MOST_ERRORS = 3
"""From here on they are no noise any more."""

SETTLE_S = 120
"""After which a minute of the API's metrics does not change any more."""

SIGN_IN, VALIDATED, TOLD = "sign-in", "validated", "told"
"""What remarks of persons are about."""


def validation(
    operation: Operation, situation: Situation, now: datetime, unwell: Sequence[str] | None, url: str
) -> Validation:
    """The five checks of an operation that took effect.

    `unwell`: the components that cannot do their work, by name and reason; None: they have not been read since.
    `url`: where a person signs in.
    """
    switched = operation.switched or operation.ordered
    return Validation(
        (
            _system(unwell),
            _answers(situation, switched),
            _sign_in(operation, url),
            _speed(situation, operation.ordered, switched),
            _errors(situation, switched, now),
        ),
        _validated(operation),
        _remarked(operation, TOLD),
    )


def _system(unwell: Sequence[str] | None) -> Check:
    if unwell is None:
        return Check("System", Finding.WAITS, SafeText("the components have not been read since"))
    if unwell:
        return Check("System", Finding.FAIL, safe("; ".join(unwell), 300))
    return Check("System", Finding.OK, SafeText("every component can do its work"))


def _answers(situation: Situation, switched: datetime) -> Check:
    since = [one for one in known(situation.probes.value, situation.now) if one.at > switched]
    newest = max(since, key=lambda one: one.at, default=None)
    if newest is None:
        return Check("API", Finding.WAITS, SafeText("its health address has not been asked since"))
    found = Finding.OK if newest.ok else Finding.FAIL
    return Check("API", found, safe(f"{newest.note or 'no answer'} at {clock(newest.at, newest.at)}", 200))


def _sign_in(operation: Operation, url: str) -> Check:
    said = _newest(operation, SIGN_IN)
    where = f" at {url}" if url else ""
    if said is None:
        return Check("Sign-in", Finding.WAITS, safe(f"sign in{where}, then press v: a person says how it went", 200))
    found = Finding.OK if said.data.get("good") is True else Finding.FAIL
    return Check("Sign-in", found, safe(_by(said), 300))


def _speed(situation: Situation, ordered: datetime, switched: datetime) -> Check:
    probes = known(situation.probes.value, situation.now)
    before = next((one for one in reversed(probes) if one.at <= ordered and one.status), None)
    after = next((one for one in reversed(probes) if one.at > switched and one.status), None)
    if after is None:
        return Check("Speed", Finding.WAITS, SafeText("no health check was answered since"))
    was = f", before {before.took_ms / 1000:.2f} s" if before is not None else ""
    text = safe(f"{after.took_ms / 1000:.2f} s{was}; at most {SLOWEST_MS / 1000:.0f} s")
    return Check("Speed", Finding.OK if after.took_ms <= SLOWEST_MS else Finding.FAIL, text)


def _errors(situation: Situation, switched: datetime, now: datetime) -> Check:
    metrics = situation.metrics.value
    first = fresh_start(switched)
    series = metrics.find("api.5xx") if metrics is not None else ()
    # What was never asked for is no zero: neither what came after the newest answer nor what is before the history.
    known = min((one.asked_until for one in series), default=0)
    settled = min(first + ERRORS_S, int(min(known, now.timestamp() - SETTLE_S)) // 60 * 60)
    minutes = max(0, settled - first) // 60
    if any(one.asked_from > first for one in series):
        return Check(
            "Errors", Finding.WAITS, SafeText("the metrics held here begin after the switch; screen 2 has more")
        )
    if not series or minutes == 0:
        return Check("Errors", Finding.WAITS, SafeText("no minute since the switch has settled"))
    found = sum(value for one in series for at, value in one.statistic("Sum").items() if first <= at < settled)
    text = f"{found:.0f} server errors in {minutes} of {ERRORS_S // 60} minutes since {clock(switched, switched)}"
    if found >= MOST_ERRORS:
        return Check("Errors", Finding.FAIL, safe(f"{text}; fewer than {MOST_ERRORS} are well"))
    if minutes * 60 < ERRORS_S:
        return Check("Errors", Finding.WAITS, safe(text))
    return Check("Errors", Finding.OK, safe(text))


def _newest(operation: Operation, about: str) -> Entry | None:
    return next((one for one in reversed(operation.remarks) if one.data.get("about") == about), None)


def _validated(operation: Operation) -> SafeText:
    """Whoever signed in in vain afterwards has taken it back."""
    last = next((one for one in reversed(operation.remarks) if one.data.get("about") in (SIGN_IN, VALIDATED)), None)
    return SafeText("") if last is not None and last.data.get("good") is not True else _remarked(operation, VALIDATED)


def _remarked(operation: Operation, about: str) -> SafeText:
    said = _newest(operation, about)
    return safe(_by(said), 400) if said is not None else SafeText("")


def _by(said: Entry) -> str:
    who = f", {said.actor.os_user}" if said.actor is not None else ""
    return f"{said.text} ({clock(said.at, said.at)}{who})"
