"""Which layer the evidence points at: where the errors are made decides what has to be rolled back."""

from __future__ import annotations

from services.model.apis import Api, ApiKind
from services.model.changes import Change
from services.model.plan import Layer
from services.model.series import Series
from services.model.situation import Situation
from services.rules.stages import proposed
from services.rules.windows import floor, usable

SETTLE, WINDOW, PERIOD = 120, 300, 60
"""Seconds: what is newer may still fill; what is looked at; one point."""

LEAST = 5
"""Server errors below which nothing is concluded."""

FUNCTIONS_SHARE = 0.2
"""Up to this share of the API's server errors may come from functions when the API itself is said to make them."""

UNCALLED_SHARE = 0.5
"""At least this share of the errors must show as requests without an invocation."""

BROKEN_STACK = frozenset({"UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"})
"""States out of which CloudFormation alone leads (aws.md 4.1)."""


def indicated(situation: Situation, key: str = "api.") -> Layer:
    """The layer that is preselected. `key` is of the judgement in breach."""
    stack = situation.stack.value
    if stack is not None and (stack.status in BROKEN_STACK or stack.status == "UPDATE_IN_PROGRESS"):
        return Layer.STACK
    if key.startswith("edge."):
        return Layer.CONTENT
    return Layer.STAGE if at_gateway(situation) else Layer.ALIAS


def at_gateway(situation: Situation) -> bool:
    """Whether the API answers with server errors before it calls a function: these requests were no invocations.

    A function that answers 500 by itself has failed nothing as Lambda counts, but it was invoked.
    """
    metrics = situation.metrics.value
    if metrics is None:
        return False
    requests, server_errors = metrics.find("api.count"), metrics.find("api.5xx")
    invoked, faults = metrics.find("lambda.invocations"), metrics.find("lambda.errors")
    throttled = metrics.find("lambda.throttles")
    if not invoked:
        return False
    # The newest minutes that all of them were asked about, settled: where one was not asked for longer (a line that is
    # cut, one function of hundreds whose turn is to come), its missing minutes are no requests without invocations.
    asked = min(one.asked_until for found in (requests, server_errors, invoked, faults, throttled) for one in found)
    end = floor(min(asked, situation.now.timestamp()) - SETTLE, PERIOD)
    failed, made = _sum(server_errors, end), _sum(faults, end) + _sum(throttled, end)
    uncalled = _sum(requests, end) - _sum(invoked, end)
    return failed >= LEAST and made <= FUNCTIONS_SHARE * failed and uncalled >= UNCALLED_SHARE * failed


def stage_back(situation: Situation) -> tuple[Api, str] | None:
    """The stage and the deployment it would go back to; None without exactly one API whose stage can be moved."""
    movable = [api for api in situation.apis.value or () if api.stage and api.kind is not ApiKind.WEBSOCKET]
    staged = [api for api in movable if not api.auto_deploy]
    if len(staged) != 1:
        return None
    target = proposed(staged[0], situation.operations.value or ())
    return (staged[0], str(target.id)) if target is not None else None


def deploys_api(change: Change) -> bool:
    """Whether CloudTrail's change is a deployment of an API, by its words."""
    return change.sentence.startswith("apigateway ") and ("Deployment" in change.sentence or "Stage" in change.sentence)


def _sum(series: tuple[Series, ...], end: int) -> float:
    """Of the minutes before `end`, over every series."""
    return sum(sum(usable(one.statistic("Sum"), end, end - WINDOW).values()) for one in series)
