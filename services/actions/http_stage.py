"""The stage of an HTTP API: one call moves it, unless it deploys by itself (`apigatewayv2`, UpdateStage).

It has neither canary nor cache. With AutoDeploy on API Gateway refuses to be told a deployment, and would serve the
newest again with the next change of the API.
"""

from __future__ import annotations

from services.model.apis import Api, ApiKind
from services.model.plan import Call, Precondition, Step
from services.safe_text import SafeText, safe
from services.settings.values import Environment

KIND = "api.http_stage"


def fixed(api: Api, region: str) -> tuple[SafeText, SafeText] | None:
    """Why this API's stage cannot be pointed at a deployment and what would lift that; None where it can."""
    if api.kind is ApiKind.WEBSOCKET:
        return (
            safe(f"{api.name} is a WEBSOCKET API: its stage is not moved from here"),
            SafeText("Deploy the earlier API again, or move its stage in the console."),
        )
    if not api.auto_deploy:
        return None
    line = f"aws apigatewayv2 update-stage --region {region} --api-id {api.id} --stage-name '{api.stage}'"
    return (
        safe(
            f"stage {api.stage} of {api.name} deploys by itself (AutoDeploy): API Gateway refuses to point it at an "
            "earlier deployment",
            400,
        ),
        safe(
            f"Turn that off first ({line} --no-auto-deploy), or put the earlier routes and integrations back: "
            "they are deployed at once.",
            600,
        ),
    )


def step(environment: Environment, api: Api, goal: str, updated: str, stack: str) -> Step:
    """Point the stage at deployment `goal`. `updated`: the instant of its last change, `stack`: the stack's status."""
    return Step(
        kind=KIND,
        title=safe(f"API  stage {api.stage}  {api.deployment} → {goal}"),
        call=Call(
            "apigatewayv2",
            "UpdateStage",
            environment.region,
            {"ApiId": str(api.id), "StageName": str(api.stage), "DeploymentId": goal},
        ),
        preconditions=(
            Precondition("stage.deployment", str(api.deployment)),
            Precondition("stage.updated", updated),
            Precondition("stage.auto_deploy", "false"),
            Precondition("stack.status", stack),
        ),
        before={"deployment": str(api.deployment), "updated": updated},
        after={"deployment": goal},
    )
