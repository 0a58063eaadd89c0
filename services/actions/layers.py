"""The other layers: why a rollback of the function leaves them as they are. Shown, so that nobody wonders."""

from __future__ import annotations

from datetime import datetime

from services.model.functions import Alias, Release
from services.model.situation import Situation
from services.rules.stack_states import permitted
from services.safe_text import SafeText, safe


def notes(situation: Situation, release: Release, alias: Alias, target: int) -> tuple[SafeText, ...]:
    """One line a layer, then what the next deployment will do."""
    live = next((version.published for version in release.versions if version.number == alias.version), None)
    told = [*_api(situation, live), *_content(situation), *_edge(situation), *_stack(situation, alias, target)]
    if release.called_by_api is None:
        told.append("Warning   whether the API calls the alias could not be read: if it does not, this changes nothing")
    if alias.weights:
        shares = ", ".join(f"{share:.0%} to v{version}" for version, share in alias.weights)
        told.append(f"Weights   the alias sends {shares}: cleared, everything goes to v{target}")
    return tuple(safe(line, 400) for line in told)


def _api(situation: Situation, live: datetime | None) -> list[str]:
    told = []
    for api in situation.apis.value or ():
        newest = api.deployments[0].created if api.deployments else api.deployed
        if newest is not None and live is not None and newest > live:
            told.append(
                f"API       stage {api.stage} was deployed {newest:%Y-%m-%d %H:%MZ}, after the live version was "
                "published: it stays as it is"
            )
        else:
            told.append(f"API       stage {api.stage}: no deployment newer than the live version, nothing to do")
    return told


def _content(situation: Situation) -> list[str]:
    return [f"Content   {bucket.name} is not touched" for bucket in situation.buckets.value or ()]


def _edge(situation: Situation) -> list[str]:
    if not situation.distributions.value:
        return []
    return ["Edge      no invalidation: the content does not change (I invalidates)"]


def _stack(situation: Situation, alias: Alias, target: int) -> list[str]:
    stack = situation.stack.value
    if stack is None:
        return []
    told = []
    if stack.status.endswith("_COMPLETE"):
        told.append(f"Stack     {stack.status}: CloudFormation has no rollback for a completed operation")
    else:
        told.append(f"Stack     {stack.status}: not touched; {permitted(stack.status).text}")
    if target != alias.version:
        told.append(
            f"Drift     the stack does not know of this: its next deployment may move {alias.name} again. "
            "Mend the source before that"
        )
    return told
