"""Lambda: duration and errors (runbook lines 97 and 134)."""

from __future__ import annotations

from services.model.assessment import Unit
from services.model.series import Series
from services.rules.calm import calm_mean, calm_share, worst_of_many
from services.rules.judging import Finding, Question
from services.rules.view import Feed, View
from services.rules.windows import Track, Window, averaged, share
from services.rules.words import count, duration_ms, minutes
from services.rules.worst import Subject


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
    feed, timeouts = view.functions(), _timeouts_ms(view)

    def calm(series: Series, window: Window) -> float | None:
        invoked = feed.same("lambda.invocations", series.signal.resource)
        return calm_mean(
            series, invoked, window, view.thresholds.lambda_duration_ms, timeouts.get(series.signal.resource, 0.0)
        )

    def full(series: Series) -> Finding:
        return _duration_of(view, feed, series, timeouts.get(series.signal.resource, 0.0))

    return worst_of_many(view, feed, question, calm, full)


def _duration_of(view: View, feed: Feed, series: Series, limit: float) -> Finding:
    resource = series.signal.resource
    window = feed.window(series, view.thresholds.window_s)
    means = feed.points(series, "Average")
    longest = [value for start, value in feed.points(series, "Maximum").items() if window.start <= start < window.end]
    shown = []
    if (p99 := view.percentile("lambda.duration", resource, "p99", window.end)) is not None:
        shown.append(f"p99 {duration_ms(p99)}")
    if longest:
        shown.append(f"max {duration_ms(max(longest))}")
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
        untouched=_untouched(feed, resource),
    )


_OF_AN_INVOCATION = ("lambda.invocations", "lambda.errors", "lambda.duration")
"""What Lambda publishes of every invocation."""


def _untouched(feed: Feed, resource: str) -> str:
    """`not invoked yet` of a function of which CloudWatch knows nothing, while it knows others by names like its own.

    Its name is the stack's; that others publish under the same dimensions shows that the rest of the identity is right.
    """
    metrics = feed.reading.value
    own = [series for key in _OF_AN_INVOCATION if (series := feed.same(key, resource)) is not None]
    if metrics is None or not own:
        return ""
    if any(series.newest is not None or series.signal.id not in metrics.unpublished for series in own):
        return ""
    names = _dimension_names(own[0])
    likes = feed.find(own[0].signal.key)
    known = any(other.newest is not None and _dimension_names(other) == names for other in likes)
    return "not invoked yet" if known else ""


def _dimension_names(series: Series) -> tuple[str, ...]:
    return tuple(name for name, _ in series.signal.metric.dimensions)


def _timeouts_ms(view: View) -> dict[str, float]:
    return {known.name: known.timeout_s * 1000.0 for known in view.situation.functions.value or ()}


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
    most = view.settings.alerts.lambda_error_percent

    def calm(series: Series, window: Window) -> float | None:
        value = calm_share(
            series,
            feed.same("lambda.invocations", series.signal.resource),
            feed.same("lambda.throttles", series.signal.resource),
            window,
            view.thresholds.lambda_error_percent,
            view.thresholds.min_requests,
        )
        return None if value is None or value > most else value

    return worst_of_many(view, feed, question, calm, lambda series: _errors_of(view, feed, series))


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
        untouched=_untouched(feed, resource),
    )
