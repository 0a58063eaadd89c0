"""What the tail can promise, as the pane's title; and what stands in the pane while there are no lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from services.model.logs import TailStatus
from services.model.reading import Reading
from widgets.wording import grouped

NAME = "Logs"
ASKING = "asking for the last minutes of the logs …"


def title(reading: Reading[TailStatus], width: int) -> str:
    """The longest form that fits `width` cells: `Logs · 3 groups · complete to 03:11:36, 0 gaps`."""
    for form in _forms(reading):
        if len(form) <= width:
            return form
    return NAME


def empty(reading: Reading[TailStatus]) -> str:
    """Why there is nothing to read."""
    status = reading.value
    if reading.waiting:
        return ASKING
    if status is not None and not status.groups:
        return "no log group is followed; f on screen 3 says which there are"
    if status is not None and status.claims and not any(claim.shown for claim in status.claims):
        return "no log group is shown; f on screen 3 chooses them"
    if reading.problem is not None:
        return reading.problem.message
    if status is None or status.complete_to is None:
        return ASKING
    return "no line in the last minutes"


def _forms(reading: Reading[TailStatus]) -> Iterator[str]:
    status = reading.value
    if status is None:
        yield f"{NAME} · {'failing' if reading.problem is not None else 'waiting'}"
        return
    count = sum(claim.shown for claim in status.claims) if status.claims else len(status.groups)
    whole = len(status.groups) + status.left_out
    of = f" of {whole}" if whole != count else ""
    groups = f"{count}{of} group{'' if whole == 1 else 's'}"
    hidden = _hidden(status)
    if status.complete_to is None:
        read = f", {grouped(status.lines)} lines so far" if status.lines else ""
        yield f"{NAME} · {groups}{hidden} · not complete yet{read}"
        yield f"{NAME} · {groups}{hidden} · not complete yet"
        yield f"{NAME} · {groups}{hidden}"
        return
    moment = datetime.fromtimestamp(status.complete_to / 1000, UTC).strftime("%H:%M:%S")
    gaps = _gaps(status)
    if status.spacing_s:
        slowed = f"AWS throttles: a call every {status.spacing_s:.0f} s"
        yield f"{NAME} · {groups}{hidden} · complete to {moment}, {gaps} · {slowed}"
        gaps += " · slowed"
    yield f"{NAME} · {groups}{hidden} · complete to {moment}, {gaps}"
    yield f"{NAME} · {groups}{hidden} · to {moment}, {gaps}"
    yield f"{NAME}{hidden} · to {moment}, {gaps}"
    yield f"{NAME} · to {moment}{'' if not status.gaps else ' ▲'}"
    yield f"{NAME} · {moment}"


def _gaps(status: TailStatus) -> str:
    count = len(status.gaps)
    if not count:
        return "0 gaps"
    lasting = sum(gap.lasting for gap in status.gaps)
    stay = f", {lasting} for good" if lasting else ""
    return f"▲ {count} gap{'' if count == 1 else 's'}{stay}"


def _hidden(status: TailStatus) -> str:
    """Groups that cannot be read are said before anything is promised."""
    denied = f" · ▲ {len(status.denied)} denied" if status.denied else ""
    shut = f" · ▲ {len(status.unreadable)} for Insights only" if status.unreadable else ""
    return denied + shut + (f" · ▲ {len(status.missing)} missing" if status.missing else "")
