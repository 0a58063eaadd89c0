"""What a stack's resources publish besides what the cockpit watches: ListMetrics, resource by resource.

By resource and not by namespace: a namespace of a large account has thousands of metrics, a resource some dozens.
ListMetrics tells of what had data in the last two weeks (aws.md 2.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from services.aws.reply import need, pages, rows, text
from services.aws.session import Account
from services.model.series import MetricId

PAGES = 2
"""Five hundred metrics a page."""

RESOURCES = 60
"""As many are browsed: a question each, five a second."""

_LEADING = ("FunctionName", "TableName", "ApiName", "ApiId", "DistributionId", "BucketName", "UserPool", "TopicName")
"""The dimension that names a resource, by namespace one of these."""


class Published(msgspec.Struct, frozen=True, order=True):
    """A resource as metrics name it."""

    region: str
    namespace: str
    dimension: str
    value: str


def resources(known: Iterable[MetricId]) -> tuple[Published, ...]:
    """The resources that these metrics are of, each once."""
    found = set()
    for metric in known:
        pairs = dict(metric.dimensions)
        name = next((one for one in _LEADING if one in pairs), None)
        if name is not None:
            found.add(Published(metric.region, metric.namespace, name, pairs[name]))
    return tuple(sorted(found))


async def browse(account: Account, of: Sequence[Published]) -> tuple[MetricId, ...]:
    """Every metric these resources have published lately, sorted. Raises AccountError."""
    found: set[MetricId] = set()
    for one in of:
        asked = {"Namespace": one.namespace, "Dimensions": [{"Name": one.dimension, "Value": one.value}]}
        async for page in pages(account, "cloudwatch", "ListMetrics", asked, region=one.region, limit=PAGES):
            need(page, "Metrics", list)
            for row in rows(page, "Metrics"):
                pairs = sorted((str(text(pair, "Name")), str(text(pair, "Value"))) for pair in rows(row, "Dimensions"))
                name = str(text(row, "MetricName"))
                if name:
                    found.add(MetricId(one.region, one.namespace, name, tuple(pairs)))
    return tuple(sorted(found))
