"""CloudWatch Logs of the simulated account: groups, streams, events made of the world's requests, filter patterns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.simulated.logs import inventory, searching, writing
from services.simulated.logs.exporting import Buckets, Exports
from services.simulated.logs.groups import Groups
from services.simulated.logs.insights.queries import Queries
from services.simulated.logs.live_tail import LiveTail
from services.simulated.logs.trail import TrailEvents
from services.simulated.protocol import Context, Handler
from services.simulated.state import SimulatedState

Operation = Callable[[Groups, Context, dict[str, Any]], dict[str, Any] | None]

_OPERATIONS: dict[str, Operation] = {
    "CreateLogGroup": writing.create_log_group,
    "CreateLogStream": writing.create_log_stream,
    "DeleteLogGroup": writing.delete_log_group,
    "DeleteLogStream": writing.delete_log_stream,
    "DeleteRetentionPolicy": writing.delete_retention_policy,
    "DescribeLogGroups": inventory.describe_log_groups,
    "DescribeLogStreams": inventory.describe_log_streams,
    "FilterLogEvents": searching.filter_log_events,
    "GetLogEvents": searching.get_log_events,
    "PutLogEvents": writing.put_log_events,
    "PutRetentionPolicy": writing.put_retention_policy,
    "TestMetricFilter": writing.test_metric_filter,
}


def handlers(state: SimulatedState, buckets: Buckets, trail: TrailEvents | None = None) -> dict[str, Handler]:
    """Operation name → handler, for service `logs`; `trail` knows what CloudTrail writes into its group."""
    groups = state.logs = Groups(state, trail)

    def handler(operation: Operation) -> Handler:
        def handle(context: Context, parameters: dict[str, Any]) -> dict[str, Any] | None:
            with groups.lock:
                groups.throttle.take(context.operation, context.region, context.now)
                return operation(groups, context, parameters)

        return handle

    live = LiveTail(state, groups)
    queries = Queries()
    exports = Exports(state.seed, buckets)
    operations = _OPERATIONS | {
        "CancelExportTask": exports.cancel,
        "CreateExportTask": exports.create,
        "DescribeExportTasks": exports.describe,
        "DescribeQueries": queries.describe,
        "GetLogRecord": queries.record,
        "GetQueryResults": queries.results,
        "StartLiveTail": live.start,
        "StartQuery": queries.start,
        "StopQuery": queries.stop,
    }
    return {name: handler(operation) for name, operation in operations.items()}
