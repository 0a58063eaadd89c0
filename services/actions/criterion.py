"""How recovery will be recognised: which series, over how long, below what (aws.md 5.7, decisions C9)."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from msgspec.structs import replace

from services import catalogue
from services.model.apis import Api, ApiKind
from services.model.functions import Release
from services.model.plan import Criterion
from services.model.series import MetricId, Series
from services.model.situation import Situation
from services.rules.words import count, duration_ms, percent
from services.settings.values import Bands, Environment, Settings

MIN_REQUESTS = 100
"""Requests that a verdict on production takes; elsewhere the threshold below which no rate is coloured."""

MOST_GROUPS = 4
"""Log groups that are read for new errors."""

Identities = tuple[MetricId | None, MetricId | None, MetricId | None]
"""Requests, errors, latency."""


def criterion(situation: Situation, release: Release, environment: Environment, settings: Settings) -> Criterion:
    """Judged where users feel it: at the API that calls the function; at the function itself when there is none."""
    thresholds = settings.thresholds
    api = _api(situation, release)
    if (api is not None or situation.apis.value) and not _by_itself(situation, release):
        found = _at_gateway(_at_api(situation, environment, api), environment, settings)
    else:
        errors, duration = thresholds.lambda_error_percent, thresholds.lambda_duration_ms
        found = _criterion(_at_function(situation, release), errors, duration, environment, settings)
    live = release.alias.version if release.alias is not None else 0
    published = next((one.published for one in release.versions if one.number == live), None)
    return _borne_out(found, published, _log_groups(situation, environment, str(release.function)), environment)


def criterion_of(api: Api, situation: Situation, environment: Environment, settings: Settings) -> Criterion:
    """Judged at this API's stage."""
    dimensions = tuple(sorted(catalogue.api_dimensions(api).items()))
    found = _at_gateway(_named(environment.region, dimensions), environment, settings)
    made = next((one.created for one in api.deployments if one.id == api.deployment), None)
    return _borne_out(found, made or api.deployed, _log_groups(situation, environment), environment)


def _borne_out(
    found: Criterion, changed: datetime | None, groups: tuple[str, ...], environment: Environment
) -> Criterion:
    """With the evidence by which the verdict has to be borne out."""
    pieces = ["yesterday's latency"]
    if environment.health_url:
        pieces.append(urlsplit(environment.health_url).path or "/")
    if groups and changed is not None:
        pieces.append("no new errors in the log")
    text = f"{found.text}; borne out by {', '.join(pieces)}"
    return replace(found, text=text, changed=changed, log_groups=groups)


def criterion_of_edge(distribution: str, environment: Environment, settings: Settings) -> Criterion:
    """Of restored content: what CloudFront counts as errors, once the pages have been fetched and compared."""
    thresholds = settings.thresholds
    window, least = thresholds.window_s, MIN_REQUESTS if environment.production else thresholds.min_requests
    client, server = thresholds.edge_4xx_percent.normal, thresholds.error_rate_percent.normal
    requests, failed, broken = (
        catalogue.edge_metric(distribution, name) for name in ("Requests", "4xxErrorRate", "5xxErrorRate")
    )
    return Criterion(
        text=(
            f"pages come out of the edge as restored, then CloudFront 4xx < {percent(client)}, "
            f"5xx < {percent(server)} for {window // 60} settled minutes"
        ),
        window_s=window,
        settle_s=catalogue.EDGE_SETTLE_S,
        min_requests=least,
        max_error_rate=client,
        max_server_error_rate=server,
        requests=requests,
        errors=failed,
        server_errors=broken,
    )


def _log_groups(situation: Situation, environment: Environment, function: str = "") -> tuple[str, ...]:
    """The application's own and the functions': of one, or of all."""
    named = [group.name for group in environment.names.log_groups]
    known = [one for one in situation.functions.value or () if function in ("", str(one.name))]
    return tuple(dict.fromkeys([*named, *(str(one.log_group) for one in known if one.log_group)]))[:MOST_GROUPS]


def _at_gateway(identities: Identities, environment: Environment, settings: Settings) -> Criterion:
    thresholds = settings.thresholds
    return _criterion(identities, thresholds.error_rate_percent, thresholds.api_latency_ms, environment, settings)


def _criterion(
    identities: Identities, errors: Bands, latency: Bands, environment: Environment, settings: Settings
) -> Criterion:
    thresholds = settings.thresholds
    window, least = thresholds.window_s, MIN_REQUESTS if environment.production else thresholds.min_requests
    return Criterion(
        text=(
            f"{window // 60} settled minutes after the switch, at least {count(least)} requests: "
            f"errors < {percent(errors.normal)}, latency < {duration_ms(latency.warning)}"
        ),
        window_s=window,
        min_requests=least,
        max_error_rate=errors.normal,
        max_latency_ms=latency.warning,
        usual_ms=latency.normal,
        requests=identities[0],
        errors=identities[1],
        latency=identities[2],
    )


def _api(situation: Situation, release: Release) -> Series | None:
    """The request count of the API whose integrations call the function; the first API's where that is not known."""
    metrics = situation.metrics.value
    counts = metrics.find("api.count") if metrics is not None else ()
    calling = [api for api in situation.apis.value or () if any(_calls(uri, release) for uri in api.integrations)]
    of_these = {tuple(sorted(catalogue.api_dimensions(api).items())) for api in calling}
    found = [series for series in counts if series.signal.metric.dimensions in of_these]
    return next(iter(found or counts), None)


def _calls(uri: str, release: Release) -> bool:
    return re.search(rf":function:{re.escape(release.function)}(?:[:/]|\Z)", uri) is not None


def _by_itself(situation: Situation, release: Release) -> bool:
    """Whether the APIs are known to call other functions and not this one: a worker is judged by its own deeds."""
    uris = [uri for api in situation.apis.value or () for uri in api.integrations]
    return bool(uris) and not any(_calls(uri, release) for uri in uris)


def _at_api(situation: Situation, environment: Environment, found: Series | None) -> Identities:
    if found is not None:
        requests = found.signal.metric
        region, dimensions = requests.region, requests.dimensions
    else:
        api = next(iter(situation.apis.value or ()), None)
        if api is None or not api.stage:
            return (None, None, None)
        region, dimensions = environment.region, tuple(sorted(catalogue.api_dimensions(api).items()))
    return _named(region, dimensions)


def _named(region: str, dimensions: tuple[tuple[str, str], ...]) -> Identities:
    kind = ApiKind.HTTP if dict(dimensions).get("ApiId") else ApiKind.REST
    failed = catalogue.API_NAMES[kind]["api.5xx"]
    named = (MetricId(region, "AWS/ApiGateway", name, dimensions) for name in ("Count", failed, "Latency"))
    return (next(named), next(named), next(named))


def _at_function(situation: Situation, release: Release) -> Identities:
    metrics = situation.metrics.value
    if metrics is None:
        return (None, None, None)

    def named(key: str) -> MetricId | None:
        for series in metrics.find(key):
            if dict(series.signal.metric.dimensions).get("FunctionName") == release.function:
                return series.signal.metric
        return None

    return (named("lambda.invocations"), named("lambda.errors"), named("lambda.duration"))
