"""What the verdict says while an API is closed on purpose: that first, and only then what else is broken."""

from __future__ import annotations

from collections.abc import Sequence

from services.model.apis import Api
from services.model.assessment import State, Verdict
from services.model.entry import Operation
from services.model.plan import ActionKind
from services.rules.view import View
from services.rules.words import clock
from services.safe_text import safe

NOTE = "isolated on purpose"
"""What the topology says of such an API."""


def verdict(view: View, broken: Verdict | None) -> Verdict | None:
    """None while nobody has closed anything. `broken`: what would be said otherwise; what began since is its doing."""
    since = view.situation.witness.isolated_since
    if since is None:
        return None
    closed = [api for api in view.situation.apis.value or () if api.isolated]
    several = len(view.situation.apis.value or ()) > 1
    told = "; ".join(_told(api, several) for api in closed)
    sentence, state = f"ISOLATED on purpose since {clock(since, view.now)}: {told}", State.WARN
    besides = _besides(broken) if broken is not None and (broken.since is None or broken.since < since) else ""
    if broken is not None and besides:
        sentence, state = f"{sentence}. {besides}", broken.state
    ours = holding(view.situation.operations.value or ())
    does = "prepares to open it again" if ours else ""
    return Verdict(state, safe(sentence, 600), since=since, key="X" if ours else "", remedy=safe(does))


def _told(api: Api, several: bool) -> str:
    of = f" of {api.name}" if several else ""
    if api.shut:
        return f"stage {api.stage}{of} lets nobody in (429)"
    return f"the API's policy{of} denies everybody (403)"


def _besides(broken: Verdict) -> str:
    """What is broken apart from that."""
    return "; ".join(part for part in broken.sentence.split("; ") if not part.endswith(NOTE))


def holding(operations: Sequence[Operation]) -> Operation | None:
    """The operation of ours that holds an API closed, which another plan can take back. `operations`: newest first."""
    done = [one for one in operations if one.plan.kind is ActionKind.ISOLATE]
    newest = next((one for one in done if one.reversible and not one.open), None)
    return newest if newest is not None and not newest.plan.undo_of else None
