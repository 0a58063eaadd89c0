"""Whether the world has moved on under a plan that somebody is still reading. Pure; the executor reads again anyway."""

from __future__ import annotations

from services.actions.guards import resource_of, resources
from services.actions.weights import weights_text
from services.model.plan import Plan, Step
from services.model.situation import Situation
from services.safe_text import SafeText, safe


def overtaken(plan: Plan, situation: Situation) -> SafeText:
    """What has changed since the plan was made and by whom, as far as that is known; empty while nothing has.

    `LIVE is at v41 now, it was at v42, by alice on bastion`.
    """
    for step in plan.steps:
        moved = _moved(step, situation)
        if moved:
            return safe(f"{moved}{_by(plan, step, situation)}", 300)
    return SafeText("")


_NAMES = (("restApiId", "ApiId"), ("stageName", "StageName"))
"""How calls name an API and its stage: a REST API's, an HTTP API's."""


def _moved(step: Step, situation: Situation) -> str:
    expected = {one.what: one.expected for one in step.preconditions}
    given = step.call.parameters
    if step.kind == "lambda.alias":
        for release in situation.releases.value or ():
            alias = release.alias
            if alias is None or (release.function, alias.name) != (given.get("FunctionName"), given.get("Name")):
                continue
            now, then = f"v{alias.version}", f"v{step.before.get('version', '?')}"
            if alias.revision_id != expected.get("alias.revision", alias.revision_id):
                weights = weights_text(alias.weights)
                now += f" with weights {weights}" if weights else ""
                return f"{alias.name} is at {now} now, it was at {then}"
    if step.kind in ("api.stage", "api.http_stage"):
        api_id, stage = (given.get(rest, given.get(http)) for rest, http in _NAMES)
        for api in situation.apis.value or ():
            then = step.before.get("deployment", "")
            if (api.id, api.stage) == (api_id, stage) and api.deployment != then:
                return f"stage {api.stage} serves deployment {api.deployment} now, it served {then}"
    return ""


def _by(plan: Plan, step: Step, situation: Situation) -> str:
    """Who, when it is in the journal that both share."""
    resource = resource_of(step.call.parameters)
    for one in situation.operations.value or ():
        if one.switched is not None and one.switched >= plan.made and resource in resources(one):
            who = one.entries[0].actor
            return f", by {who.os_user} on {who.host}" if who is not None else f", by operation {one.id}"
    return ""
