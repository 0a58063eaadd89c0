"""CloudFront: 4xx rate and cache hit rate (runbook line 98), published in us-east-1 with Region=Global."""

from __future__ import annotations

from services.model.assessment import Unit
from services.model.series import Series
from services.plural import several
from services.rules.judging import Finding, Question
from services.rules.view import Feed, View
from services.rules.windows import averaged
from services.rules.words import percent
from services.rules.worst import Subject, subject


def subjects(view: View) -> tuple[Subject, ...]:
    """`edge.4xx`, `edge.hits`."""
    return _refused(view), _hits(view)


def _refused(view: View) -> Subject:
    question = Question(
        "edge.4xx",
        "CloudFront 4xx",
        Unit.PERCENT,
        "4xx responses of all viewer requests, minutes weighted by requests",
        "runbook line 98",
        view.thresholds.edge_4xx_percent,
        view.thresholds.min_requests,
    )
    feed = view.edge()
    return subject(question, feed, [_refused_of(view, feed, series) for series in feed.find("edge.4xx")])


def _refused_of(view: View, feed: Feed, series: Series) -> Finding:
    resource = series.signal.resource
    window = feed.window(series, view.thresholds.window_s)
    rates, requests = feed.points(series, "Average"), _requests(feed, resource)
    track = averaged(rates, requests)
    among = track.weight(window)
    failing = averaged(feed.points(feed.same("edge.5xx", resource), "Average"), requests).value(window)
    shown = [several(among, "request")] if requests else []
    if failing:
        shown.append(f"5xx {percent(failing)}")
    return Finding(
        series,
        track,
        window,
        points=rates,
        siblings=requests,
        detail=" · ".join(shown),
        tally=(track.amount(window) / 100, among) if requests else None,
    )


def _hits(view: View) -> Subject:
    question = Question(
        "edge.hits",
        "Cache hit rate",
        Unit.PERCENT,
        "Viewer requests served from the cache, minutes weighted by requests",
        "runbook line 533",
        low_is_bad=True,
    )
    feed = view.edge()
    return subject(question, feed, [_hits_of(view, feed, series) for series in feed.find("edge.hits")])


def _hits_of(view: View, feed: Feed, series: Series) -> Finding:
    resource = series.signal.resource
    window = feed.window(series, view.thresholds.window_s)
    rates, requests = feed.points(series, "Average"), _requests(feed, resource)
    return Finding(
        series,
        averaged(rates, requests),
        window,
        points=rates,
        siblings=requests,
        detail=several(sum(requests.get(start, 0.0) for start in window.starts), "request") if requests else "",
        disabled=_disabled(view, resource),
    )


def _disabled(view: View, resource: str) -> str:
    """Why there is no hit rate: the paid metrics of the distribution are off."""
    for distribution in view.situation.distributions.value or ():
        if distribution.id == resource and distribution.extra_metrics is False:
            return f"the additional metrics of {resource} are not switched on (they are paid for)"
    return ""


def _requests(feed: Feed, resource: str) -> dict[int, float]:
    return feed.points(feed.same("edge.requests", resource), "Sum")
