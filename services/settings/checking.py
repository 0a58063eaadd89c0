"""What numbers and lists of the settings have to be, beyond their types: the field, and a sentence with the remedy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from services.safe_text import safe
from services.settings.values import Alerting, AlertRules, Bands, Cadence, Settings, Span, Thresholds

Complaint = tuple[str, str]
"""The field as it is written, `alerts.mean_s`, and what is wrong with it."""

DAY = 86_400

LEAST_CAP, MOST_CAP = 0.001, 1_000.0
"""Dollars per hour."""


def complaints(settings: Settings) -> Iterator[Complaint]:
    """Everything that is wrong, in the order of the file's tables."""
    yield from _within(
        "cost_cap", settings.cost_cap, LEAST_CAP, MOST_CAP, f"dollars per hour from {LEAST_CAP} to {MOST_CAP:g}"
    )
    yield from _of_thresholds(settings.thresholds)
    yield from _of_alerts(settings.alerts)
    yield from _of_alerting(settings.alerting)
    yield from _of_cadence(settings.cadence)
    yield from _within("logs.calls_per_second", settings.logs.calls_per_second, 0.1, 5, "calls from 0.1 to 5")


def _of_cadence(cadence: Cadence) -> Iterator[Complaint]:
    for name, value in _fields(cadence):
        if not 0.5 <= value <= 7 * DAY:
            yield f"cadence.{name}", f"{value} is out of range; seconds from 0.5 to a week."


def _of_thresholds(thresholds: Thresholds) -> Iterator[Complaint]:
    for name, value in _fields(thresholds):
        field = f"thresholds.{name}"
        if isinstance(value, Bands):
            yield from _of_bands(field, value)
        elif name == "window_s":
            yield from _window(field, value)
        elif value < 1:
            yield field, f"{value}: has to be at least 1."


def _of_bands(field: str, bands: Bands) -> Iterator[Complaint]:
    values = [(name, getattr(bands, name)) for name in ("normal", "warning", "critical")]
    for name, value in values:
        if not 0 <= value < float("inf"):
            yield f"{field}.{name}", f"{value} is no threshold; write a number from 0 on."
            return
    for (lower, low), (upper, high) in pairwise(values):
        if low > high:
            yield field, f"has to rise: {lower} {low:g} is above {upper} {high:g}."
            return
    if field.endswith("_percent") and bands.critical > 100:
        yield f"{field}.critical", f"{bands.critical:g} % is never reached; write at most 100."


def _of_alerts(rules: AlertRules) -> Iterator[Complaint]:
    for name, value in _fields(rules):
        field = f"alerts.{name}"
        if isinstance(value, Span):
            yield from _of_span(field, value)
        elif name == "trigger_health_s":
            yield from _within(field, value, 30, DAY, "seconds from 30 to a day")
        elif name.endswith("_s"):
            yield from _window(field, value)
        elif name == "idle_hours":
            yield from _within(field, value, 1, 24, "whole hours from 1 to 24")
        elif name.endswith("_percent"):
            yield from _within(field, value, 0, 100, "a share from 0 to 100, in percent")
        elif isinstance(value, int):
            yield from _within(field, value, 1, 1_000_000, "a whole number from 1 on")
        else:
            yield from _within(field, value, 0, 3_600_000, "milliseconds from 0 to an hour")


def _of_span(field: str, span: Span) -> Iterator[Complaint]:
    if not 0 <= span.lower < span.upper < float("inf"):
        yield field, f"has to rise: lower {span.lower:g} is not below upper {span.upper:g}."
    elif field.endswith("_percent") and span.upper > 100:
        yield f"{field}.upper", f"{span.upper:g} % is never reached; write at most 100."


def _of_alerting(alerting: Alerting) -> Iterator[Complaint]:
    yield from _of_ladder(alerting)
    yield from _within("alerting.command_limit_s", alerting.command_limit_s, 0.5, 600, "seconds from 0.5 to 600")
    if not alerting.command:
        return
    program = alerting.command[0]
    if "\0" in "".join(alerting.command):
        yield "alerting.command", "holds a NUL character; nothing can be run like that."
    elif not program or shutil.which(program) is None:
        shown = repr(str(safe(program, 120)))
        yield "alerting.command", f"there is no program {shown} to run; write its whole path, or [] for none."


def _of_ladder(alerting: Alerting) -> Iterator[Complaint]:
    for index, rung in enumerate(alerting.ladder):
        field = f"alerting.ladder[{index}]"
        if not 0 <= rung.after_min <= 7 * 1440:
            yield f"{field}.after_min", f"{rung.after_min:g} is out of range; minutes from 0 to a week."
        if not rung.who.strip() or not rung.who.isprintable():
            yield f"{field}.who", "has to name somebody, in printable characters."
    for index, (one, other) in enumerate(pairwise(alerting.ladder), 1):
        if one.after_min >= other.after_min:
            yield (
                f"alerting.ladder[{index}].after_min",
                f"has to rise from rung to rung: {other.after_min:g} min comes after {one.after_min:g} min.",
            )


def _window(field: str, seconds: float) -> Iterator[Complaint]:
    """Rates and means are taken over whole periods of a minute."""
    if seconds % 60 or not 60 <= seconds <= DAY:
        yield field, f"{seconds} is out of range; whole minutes in seconds, from 60 to a day (86400)."


def _within(field: str, value: float, least: float, most: float, wanted: str) -> Iterator[Complaint]:
    if not least <= value <= most:
        yield field, f"{value} is out of range; write {wanted}."


def _fields(table: Any) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(table, name)) for name in table.__struct_fields__)
