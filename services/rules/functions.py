"""Lambda: duration and errors (runbook lines 97 and 134)."""

from __future__ import annotations

from services.model.assessment import Unit
from services.model.series import Series
from services.rules.judging import Finding, Question, Subject, subject
from services.rules.view import Feed, View
from services.rules.windows import Track, averaged, share
from services.rules.words import count, duration_ms, minutes


def subjects(view: View) -> tuple[Subject, ...]:
    """`lambda.duration`, `lambda.errors`."""
    return _duration(view), _errors(view)


def _duration(view: View) -> Subject:
    question = Question(
        "lambda.duration",
        "Lambda duration",
        Unit.MILLISECONDS,
        "Mean Duration over all invocations",
        "runbook line 97",
        view.thresholds.lambda_duration_ms,
    )
    feed = view.functions()
    return subject(question, feed, [_duration_of(view, feed, series) for series in feed.find("lambda.duration")])


def _duration_of(view: View, feed: Feed, series: Series) -> Finding:
    resource = series.signal.resource
    window = feed.window(series, view.thresholds.window_s)
    means = feed.points(series, "Average")
    longest = [value for start, value in feed.points(series, "Maximum").items() if window.start <= start < window.end]
    shown = []
    if (p99 := view.percentile("lambda.duration", resource, "p99", window.end)) is not None:
        shown.append(f"p99 {duration_ms(p99)}")
    if longest:
        shown.append(f"max {duration_ms(max(longest))}")
    limit = _timeout_ms(view, resource)
    timed_out = bool(longest) and limit > 0 and max(longest) >= limit
    return Finding(
        series,
        averaged(means, feed.points(series, "SampleCount")),
        window,
        points=means,
        siblings=feed.points(feed.same("lambda.invocations", resource), "Sum"),
        detail=" · ".join(shown),
        remark=f"the longest reached the time-out of {duration_ms(limit)}" if timed_out else "",
        attention=timed_out,
    )


def _timeout_ms(view: View, function: str) -> float:
    for known in view.situation.functions.value or ():
        if known.name == function:
            return known.timeout_s * 1000.0
    return 0.0


def _errors(view: View) -> Subject:
    question = Question(
        "lambda.errors",
        "Lambda errors",
        Unit.PERCENT,
        "Failed invocations of all invocations",
        "runbook line 134",
        view.thresholds.lambda_error_percent,
        view.thresholds.min_requests,
    )
    feed = view.functions()
    return subject(question, feed, [_errors_of(view, feed, series) for series in feed.find("lambda.errors")])


def _errors_of(view: View, feed: Feed, series: Series) -> Finding:
    resource = series.signal.resource
    window = feed.window(series, view.thresholds.window_s)
    invocations = feed.points(feed.same("lambda.invocations", resource), "Sum")
    track = share(feed.points(series, "Sum"), invocations)
    failed, among = track.amount(window), track.weight(window)
    refused = {
        start: events for start, events in feed.points(feed.same("lambda.throttles", resource), "Sum").items() if events
    }
    throttles = Track(refused).amount(window)
    throttled = f"{count(throttles)} throttled" if throttles else ""
    detail = f"{count(failed)} of {count(among)} · {minutes(window.end - window.start)}"
    return Finding(
        series,
        track,
        window,
        points=feed.points(series, "Sum"),  # zeros too: where there is none, nothing is known of the errors
        siblings=invocations | refused,
        detail=" · ".join(filter(None, (detail, throttled))),
        remark=throttled,
        attention=throttles > 0,
        tally=(failed, among),
    )
