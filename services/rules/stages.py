"""Which deployment an API's stage could go back to, and which of these is proposed (aws.md 5.1, 5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.apis import Api, ApiDeployment
from services.model.entry import Operation, Outcome
from services.model.plan import Step


def live(api: Api) -> ApiDeployment | None:
    """The deployment that the stage serves; None when it is not in the list."""
    return next((one for one in api.deployments if one.id == api.deployment), None)


def targets(api: Api) -> tuple[ApiDeployment, ...]:
    """Deployments the stage could go back to, in the order they are offered: those made before the live one.

    With a canary the stage's own deployment comes first: ending the canary is the smallest step back.
    """
    present = live(api)
    if present is None or present.created is None:
        return ()
    earlier = tuple(one for one in api.deployments if one.created is not None and one.created < present.created)
    return (present, *earlier) if api.canary is not None else earlier


def disproved(api: Api, operations: Sequence[Operation]) -> frozenset[str]:
    """Deployments to which an earlier rollback of ours did not help."""
    return frozenset(
        step.after.get("deployment", "")
        for operation in operations
        if operation.outcome is Outcome.NOT_RECOVERED
        for step in operation.plan.steps
        if step.kind in ("api.stage", "api.http_stage") and api_of(step) == api.id
    )


def api_of(step: Step) -> str:
    """The id of the API whose stage a step changes; empty for any other step."""
    given = step.call.parameters
    return str(given.get("restApiId", given.get("ApiId", "")))


def proposed(api: Api, operations: Sequence[Operation]) -> ApiDeployment | None:
    """The newest target that is not known to be of no use; None when there is none."""
    useless = disproved(api, operations)
    return next((one for one in targets(api) if one.id not in useless), None)
