"""Invalidating CloudFront's copies (aws.md 5.5, runbook line 748): one call, followed until it is Completed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.actions.drafting import draft
from services.actions.guards import account_refusal, operation_refusal, refuse, resource_of, unknown
from services.actions.paths import MOST_WILDCARDS, BadPath, encoded
from services.model.edge import Distribution
from services.model.plan import ActionKind, Call, Plan, Precondition, Refusal, Step
from services.model.situation import Situation
from services.safe_text import SafeText, safe
from services.settings.values import Environment, Prices, Settings

_KIND = ActionKind.INVALIDATE

REFERENCE = "ec2m-<operation id>"
"""Stands for the CallerReference until the order gives the operation its id: the same id, the same invalidation."""


def plan_invalidation(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    paths: Sequence[str],
    *,
    distribution: str = "",
) -> Plan | Refusal:
    """Drop CloudFront's copies of `paths`. `distribution` chooses where a stack has several."""
    refusal = account_refusal(_KIND, situation, environment) or unknown(
        _KIND, "the distribution", situation.distributions, environment, now
    )
    if refusal is not None:
        return refusal
    found = _distribution(situation, distribution)
    if isinstance(found, Refusal):
        return found
    try:
        ready = encoded(paths)
    except BadPath as error:
        return refuse(_KIND, str(error), "Paths begin with /, a * stands last, one to a word.")
    refusal = _room(situation, ready) or operation_refusal(
        _KIND, situation.operations.value or (), resource_of({"DistributionId": str(found.id)})
    )
    if refusal is not None:
        return refusal
    return _plan(situation, environment, settings, now, found, paths, ready)


def invalidation_step(distribution: Distribution, paths: Sequence[str], *, then: bool = False) -> Step:
    """Drop the copies of these paths. `then`: after the content that they are copies of has been put back."""
    there = {"distribution": str(distribution.id)}
    batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": REFERENCE}
    return Step(
        kind="edge.invalidation",
        title=safe(f"Edge  {'then ' if then else ''}invalidate  {_shown(paths)}"),
        call=Call(
            "cloudfront",
            "CreateInvalidation",
            "us-east-1",
            {"DistributionId": str(distribution.id), "InvalidationBatch": batch},
        ),
        preconditions=(Precondition("distribution.enabled", "true"),),
        before={**there, "domain": str(distribution.domain)} if then else there,
        after={"status": "Completed"},
    )


def _shown(paths: Sequence[str]) -> str:
    return " ".join(paths[:4]) + (f" and {len(paths) - 4} more" if len(paths) > 4 else "")


def _distribution(situation: Situation, wanted: str) -> Distribution | Refusal:
    there = [one for one in situation.distributions.value or () if wanted in ("", str(one.id))]
    if not there:
        return refuse(_KIND, "the stack has no CloudFront distribution" + (f" {wanted}" if wanted else ""), "Name one.")
    if len(there) > 1:
        ids = ", ".join(f"{one.id} ({one.domain})" for one in there)
        return refuse(_KIND, f"the stack has several distributions: {ids}", "Choose one.")
    if not there[0].enabled:
        return refuse(_KIND, f"distribution {there[0].id} is disabled and serves nothing", "Enable it first.")
    return there[0]


def _room(situation: Situation, ready: Sequence[str]) -> Refusal | None:
    """15 wildcard paths may be in progress at a time; more is refused by CloudFront, so say it before."""
    wildcards = sum(path.endswith("*") for path in ready)
    running = [one for one in situation.invalidations.value or () if not one.done]
    taken = sum(path.endswith("*") for one in running for path in one.paths)
    if wildcards and wildcards + taken > MOST_WILDCARDS:
        return refuse(
            _KIND,
            f"{taken} wildcard paths are in progress; with these {wildcards} it would be more than {MOST_WILDCARDS}",
            "Wait until one of the invalidations has completed.",
        )
    return None


def _cost(number: int, prices: Prices) -> str:
    noun = "path" if number == 1 else "paths"
    return (
        f"Cost      {number} {noun}: free within the account's {prices.free_invalidation_paths} of the month, "
        f"else ${number * prices.invalidation_path:.3f}"
    )


def _plan(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    now: datetime,
    distribution: Distribution,
    asked: Sequence[str],
    ready: tuple[str, ...],
) -> Plan:
    told = [_cost(len(ready), settings.prices)]
    if set(ready) - set(asked):
        told.append("Encoded   some characters of the paths are sent encoded, as CloudFront wants them")
    if distribution.in_progress:
        told.append(f"Running   {distribution.in_progress} invalidation(s) are in progress already")
    return draft(
        _KIND,
        situation,
        environment,
        now,
        title=f"Invalidate {_shown(ready)} of {distribution.domain}",
        steps=(invalidation_step(distribution, ready),),
        saved=(
            safe(
                f"distribution {distribution.id}: status {distribution.status}, "
                f"{distribution.in_progress} invalidations in progress"
            ),
        ),
        irreversible=(
            SafeText(
                "an invalidation cannot be cancelled; until copies are fetched again the origin has more to serve"
            ),
            SafeText("browsers and other caches keep their own copies"),
        ),
        notes=tuple(safe(line, 400) for line in told),
    )
