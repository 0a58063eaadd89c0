"""API Gateway: latency, error rate, requests (runbook lines 94-95)."""

from __future__ import annotations

from collections.abc import Mapping

from services.model.assessment import Unit
from services.model.series import Series
from services.rules import visits
from services.rules.judging import Finding, Question
from services.rules.view import Feed, View
from services.rules.windows import Track, Window, averaged, filled, instant, share
from services.rules.words import clock, count, duration_ms, minutes, percent
from services.rules.worst import Subject, subject


def subjects(view: View) -> tuple[Subject, ...]:
    """`api.latency`, `api.errors`, `api.requests`."""
    return _latency(view), _errors(view), _requests(view)


def requests_of(feed: Feed, resource: str) -> dict[int, float]:
    """Requests per period: Count's SampleCount (aws.md 1.1), its Sum where that is missing."""
    series = feed.same("api.count", resource)
    return feed.points(series, "SampleCount") or feed.points(series, "Sum")


def _latency(view: View) -> Subject:
    question = Question(
        "api.latency",
        "API latency",
        Unit.MILLISECONDS,
        "Mean of API Gateway Latency over all requests",
        "runbook line 94",
        view.thresholds.api_latency_ms,
    )
    feed = view.api()
    return subject(question, feed, [_latency_of(view, feed, series) for series in feed.find("api.latency")])


def _latency_of(view: View, feed: Feed, series: Series) -> Finding:
    resource = series.signal.resource
    window = feed.window(series, view.thresholds.window_s)
    means = feed.points(series, "Average")
    integration = feed.same("api.integration", resource)
    backend = averaged(feed.points(integration, "Average"), feed.points(integration, "SampleCount")).value(window)
    shown = [
        f"{name} {duration_ms(value)}"
        for name in ("p95", "p99")
        if (value := view.percentile("api.latency", resource, name, window.end)) is not None
    ]
    if backend is not None:
        shown.append(f"backend {duration_ms(backend)}")
    return Finding(
        series,
        averaged(means, feed.points(series, "SampleCount")),
        window,
        points=means,
        siblings=requests_of(feed, resource),
        detail=" · ".join(shown),
        remark="" if backend is None else f"the integration took {duration_ms(backend)} of it",
    )


def _errors(view: View) -> Subject:
    question = Question(
        "api.errors",
        "API errors",
        Unit.PERCENT,
        "5XX responses of all requests",
        "runbook line 95",
        view.thresholds.error_rate_percent,
        view.thresholds.min_requests,
    )
    feed = view.api()
    return subject(question, feed, [_errors_of(view, feed, series) for series in feed.find("api.5xx")])


def _errors_of(view: View, feed: Feed, series: Series) -> Finding:
    resource = series.signal.resource
    window = feed.window(series, view.thresholds.window_s)
    errors = feed.points(series, "Sum")
    requests = feed.points(series, "SampleCount") | requests_of(feed, resource)
    track = share(errors, dict(sorted(requests.items())))
    failed, among = track.amount(window), track.weight(window)
    detail = f"{count(failed)} of {count(among)} · {minutes(window.end - window.start)}"
    refused = Track(feed.points(feed.same("api.4xx", resource), "Sum")).amount(window)
    if refused and among:
        detail += f" · 4xx {count(refused)} ({percent(100 * refused / among)})"
    # Zeros are published too, a sample for each request: where there is none, nothing is known of the errors.
    published = feed.points(series, "SampleCount") | errors
    return Finding(series, track, window, points=published, siblings=requests, detail=detail, tally=(failed, among))


def _requests(view: View) -> Subject:
    question = Question("api.requests", "Requests", Unit.PER_MINUTE, "Requests per minute", "runbook line 108")
    feed = view.api()
    return subject(question, feed, [_requests_of(view, feed, series) for series in feed.find("api.count")])


def _requests_of(view: View, feed: Feed, series: Series) -> Finding:
    window = feed.window(series, view.thresholds.window_s)
    requests = requests_of(feed, series.signal.resource)
    elapsed, amount = window.end - window.start, Track(requests).amount(window)
    people = visits.of_people(view, requests)
    return Finding(
        series,
        per(60, requests, window, series.signal.period),
        window,
        points=requests,
        siblings=feed.points(feed.same("api.latency", series.signal.resource), "SampleCount"),
        detail=f"{count(amount)} in {minutes(elapsed)} · {amount / elapsed:.1f}/s",
        unvisited=_unvisited(people, window) if amount else "",
    )


def _unvisited(people: Mapping[int, float], window: Window) -> str:
    """That nobody but us asked for anything in the window, and since when; empty when somebody did."""
    if Track(people).amount(window):
        return ""
    last = max((start for start, number in people.items() if number and start < window.start), default=None)
    since = f" since {clock(instant(last + window.period))}" if last is not None else ""
    return f"none but our own health checks{since}"


def per(seconds: float, counter: dict[int, float], window: Window, period: int) -> Track:
    """A counter as a rate per `seconds`; the silence between its points is 0."""
    amounts = filled(counter, period, window.end)
    return Track(amounts, dict.fromkeys(amounts, period / seconds))
