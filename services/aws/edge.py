"""CloudFront: the distribution and its invalidations. A global service, asked in us-east-1."""

from __future__ import annotations

from datetime import UTC, datetime

from services.aws.reply import instant, need, need_text, number, rows, table, texts
from services.aws.session import Account
from services.model.edge import Distribution, Invalidation
from services.problems import AccountError, ProblemKind
from services.safe_text import safe

LISTED = 25
"""Newest invalidations listed."""

OPENED = 10
"""Of these, how many are opened for their paths."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def describe(account: Account, distribution: str) -> Distribution:
    """The distribution and whether its paid metrics are on. Raises AccountError."""
    reply = await account.ask("cloudfront", "GetDistribution", {"Id": distribution})
    about = need(reply, "Distribution", dict)
    config = table(about, "DistributionConfig")
    return Distribution(
        id=need_text(about, "Id"),
        domain=need_text(about, "DomainName"),
        status=need_text(about, "Status"),
        enabled=bool(config.get("Enabled")),
        aliases=texts(table(config, "Aliases"), "Items"),
        in_progress=number(about, "InProgressInvalidationBatches"),
        modified=instant(about, "LastModifiedTime"),
        extra_metrics=await _extra_metrics(account, distribution),
    )


async def _extra_metrics(account: Account, distribution: str) -> bool | None:
    """Whether CacheHitRate and the like are paid for; None when it could not be read (aws.md 1.1)."""
    try:
        reply = await account.ask("cloudfront", "GetMonitoringSubscription", {"DistributionId": distribution})
    except AccountError as error:
        return False if error.problem.kind is ProblemKind.NOT_FOUND else None
    config = table(table(reply, "MonitoringSubscription"), "RealtimeMetricsSubscriptionConfig")
    status = config.get("RealtimeMetricsSubscriptionStatus")
    return None if status is None else status == "Enabled"


async def invalidations(
    account: Account, distribution: str, known: tuple[Invalidation, ...] = ()
) -> tuple[Invalidation, ...]:
    """The newest invalidations with their paths, newest first. Raises AccountError.

    The list has no paths; each is opened once, so `known` (the last answer) saves those questions.
    """
    reply = await account.ask(
        "cloudfront", "ListInvalidations", {"DistributionId": distribution, "MaxItems": str(LISTED)}
    )
    listing = need(reply, "InvalidationList", dict)
    paths = {one.id: one for one in known if one.paths}
    found = sorted(
        (
            Invalidation(id=need_text(row, "Id"), status=need_text(row, "Status"), created=instant(row, "CreateTime"))
            for row in rows(listing, "Items")
        ),
        key=lambda one: one.created or _LONG_AGO,
        reverse=True,
    )
    opened: list[Invalidation] = []
    for place, one in enumerate(found):
        if one.id in paths:
            before = paths[one.id]
            opened.append(Invalidation(one.id, one.status, one.created, before.paths, before.reference))
        elif place < OPENED:
            opened.append(await invalidation(account, distribution, one.id))
        else:
            opened.append(one)
    return tuple(opened)


async def invalidation(account: Account, distribution: str, id: str) -> Invalidation:
    """One invalidation, opened. Raises AccountError."""
    reply = await account.ask("cloudfront", "GetInvalidation", {"DistributionId": distribution, "Id": id})
    about = need(reply, "Invalidation", dict)
    batch = table(about, "InvalidationBatch")
    return Invalidation(
        id=need_text(about, "Id"),
        status=need_text(about, "Status"),
        created=instant(about, "CreateTime"),
        paths=texts(table(batch, "Paths"), "Items"),
        reference=safe(batch.get("CallerReference", "")),
    )
