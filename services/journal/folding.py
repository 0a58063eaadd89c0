"""What an operation's records add up to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from services.model.entry import Entry, Operation, Phase
from services.safe_text import SafeText, safe


def fold(entries: Sequence[Entry], beat: datetime | None = None, damage: str = "") -> Operation | None:
    """The operation, or None when its order (the record that holds the plan) is not among the entries.

    `beat` is the newest sign of life from the sidecar file; `damage` says which record cannot be trusted.
    """
    order = next((entry for entry in entries if entry.phase is Phase.ORDERED and entry.plan is not None), None)
    if order is None or order.plan is None:
        return None
    told = [entry for entry in entries if entry.phase is not Phase.HEARTBEAT]
    newest = told[-1]
    ended = next((entry for entry in reversed(told) if entry.outcome is not None), None)
    text = newest.text if not damage else safe(f"journal damaged ({damage}); up to there: {newest.text}")
    return Operation(
        id=order.operation,
        plan=order.plan,
        entries=tuple(entries),
        ordered=order.at,
        phase=newest.phase,
        text=SafeText(text),
        switched=_switched(told),
        outcome=ended.outcome if ended else None,
        ended=ended.at if ended else None,
        beat=max(newest.at, beat or newest.at),
        progress=_progress(told),
        judge_at=_judge_at(told),
    )


def _switched(entries: Sequence[Entry]) -> datetime | None:
    """When the last call took effect: APPLIED says it."""
    for entry in reversed(entries):
        if entry.phase is Phase.APPLIED:
            stated = entry.data.get("switched")
            return _time(stated) or entry.at
    return None


def _judge_at(entries: Sequence[Entry]) -> datetime | None:
    stated = (_time(entry.data["judge_at"]) for entry in reversed(entries) if "judge_at" in entry.data)
    return next(stated, None)


def _progress(entries: Sequence[Entry]) -> tuple[int, int]:
    for entry in reversed(entries):
        periods = entry.data.get("periods", entry.data.get("progress"))
        if isinstance(periods, list) and len(periods) == 2 and all(isinstance(number, int) for number in periods):
            return int(periods[0]), int(periods[1])
    return (0, 0)


def _time(text: object) -> datetime | None:
    try:
        found = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
