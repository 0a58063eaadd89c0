"""What a rollback may need to be permitted: each action, the ARNs it is used on, and whether these credentials may."""

from __future__ import annotations

from services.actions.readiness_check import check
from services.model.apis import ApiKind
from services.model.readiness import Answer, Check, Footing
from services.model.situation import Situation
from services.rules.stack_states import Way, permitted

UPDATE_ALIAS, INVALIDATE = "lambda:UpdateAlias", "cloudfront:CreateInvalidation"

UPDATE_STAGE = "apigateway:PATCH"
"""API Gateway's permissions are named by HTTP's methods, for both kinds of APIs."""


def wanted(situation: Situation) -> tuple[dict[str, tuple[str, ...]], str]:
    """Each action that a rollback may need and the ARNs it is used on, and the function whose alias moves."""
    release = next(iter(situation.releases.value or ()), None)
    function = str(release.function) if release is not None else ""
    identity = situation.identity.value
    account = identity.account if identity is not None else ""
    arns = [str(one.arn) for one in situation.functions.value or () if one.name == function and one.arn]
    stack, action = situation.stack.value, stack_action(situation)
    moved = {action: (str(stack.id),)} if stack is not None and action else {}
    edges = [f"arn:aws:cloudfront::{account}:distribution/{one.id}" for one in situation.distributions.value or ()]
    return {
        UPDATE_ALIAS: tuple(arns) or ("*",),
        UPDATE_STAGE: _stages(situation) or ("*",),
        INVALIDATE: tuple(edges) or ("*",),
        **moved,
    }, function


def _stages(situation: Situation) -> tuple[str, ...]:
    """The ARNs of the APIs' stages, in the stack's own region."""
    stack = situation.stack.value
    named = str(stack.id).split(":") if stack is not None else []
    if len(named) < 4:
        return ()
    return tuple(
        f"arn:{named[1]}:apigateway:{named[3]}::/{'restapis' if one.kind is ApiKind.REST else 'apis'}/{one.id}"
        f"/stages/{one.stage}"
        for one in situation.apis.value or ()
        if one.stage
    )


def stack_action(situation: Situation) -> str:
    """The IAM action that the stack's way back would take now; empty where it has none."""
    stack = situation.stack.value
    ways = permitted(stack.status).ways if stack is not None else ()
    return _ACTIONS[ways[0]] if ways else ""


_ACTIONS = {
    Way.CANCEL: "cloudformation:CancelUpdateStack",
    Way.CONTINUE: "cloudformation:ContinueUpdateRollback",
    Way.ROLL_BACK: "cloudformation:RollbackStack",
    Way.REDEPLOY: "cloudformation:UpdateStack",
}


def permission(action: str, footing: Footing | None) -> Check:
    """Whether these credentials may, as far as the simulation of their policies says."""
    allowed = footing.allowed.get(action) if footing is not None else None
    if allowed is None:
        why = footing.why_not_known if footing is not None else "not asked yet"
        return check("permission", Answer.UNKNOWN, f"{action}: {why or 'not known'}")
    if not allowed:
        return check(
            "permission", Answer.NO, f"these credentials may not {action}", "Use the operator's role, or grant it."
        )
    return check("permission", Answer.YES, f"{action} is allowed")
