"""How much of an environment is watched: everything, or only what judgement needs."""

from __future__ import annotations

import msgspec

from services.settings.values import Cadence


class Scope(msgspec.Struct, frozen=True):
    """Which feeds are asked, in the order in which they are needed, and how much slower than the settings say."""

    plain: tuple[str, ...]
    """Fields of Situation that are asked of AWS as they are."""
    measured: tuple[str, ...]
    """Those that are series of metrics."""
    evidence: bool = True
    """How each version of a function did, when content was published, what the dashboard says: what explains."""
    tail: bool = True
    """Log lines."""
    slower: float = 1.0
    """Factor on the seconds between two questions."""
    share: float = 1.0
    """How much of an account's rates all watches of this scope may take together."""

    def paced(self, cadence: Cadence) -> Cadence:
        """`cadence` as it is here. Reach and overlap of history stay: a judgement looks back as far."""
        if self.slower == 1.0:
            return cadence
        slower = {name: getattr(cadence, name) * self.slower for name in _QUESTIONS}
        return msgspec.structs.replace(cadence, **slower)


_QUESTIONS = ("metrics", "percentiles", "stack", "stack_busy", "release", "alarms", "resources", "invalidations")

MEASURED = ("metrics", "percentiles", "edge_metrics")

WHOLE = Scope(
    plain=(
        # In this order: what the first screen needs most comes first.
        "identity",
        "stack",
        "parts",
        "alarms",
        "apis",
        "tables",
        "functions",
        "releases",
        "events",
        "distributions",
        "invalidations",
        "buckets",
        "user_pools",
        "writes",
        "deployed",
        "sign_ins",
    ),
    measured=MEASURED,
)

LIGHT = Scope(
    plain=(
        *("identity", "stack", "parts", "alarms", "apis", "tables", "functions", "releases", "events"),
        "distributions",
    ),
    measured=MEASURED,
    evidence=False,
    tail=False,
    slower=2.0,
    share=0.75,
)
"""For a row among many: the verdict and its alerts, half as often. No log lines, no record of versions, and nothing
that only one of our own operations or a screen of its own looks at. The environment on the screen always finds a
quarter of the rates left, however many begin at once."""
