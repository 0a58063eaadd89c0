"""CloudWatch, served by us: moto has no metric math, no percentiles and evaluates no alarm."""

from __future__ import annotations

from functools import partial

from services.simulated.cloudwatch import metrics, queries
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.protocol import Handler
from services.simulated.state import SimulatedState


def handlers(state: SimulatedState) -> dict[str, Handler]:
    """Operation name → handler of service `cloudwatch`; what is not here the account does not serve."""
    reader = MetricReader(state)
    return {
        "GetMetricData": partial(queries.get_metric_data, reader),
        "GetMetricStatistics": partial(metrics.get_metric_statistics, reader),
        "ListMetrics": partial(metrics.list_metrics, reader),
        "PutMetricData": partial(metrics.put_metric_data, state, reader),
    }
