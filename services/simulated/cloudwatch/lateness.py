"""How late points come beyond the usual, while a scenario has CloudWatch behind."""

from __future__ import annotations

from services.simulated.state import SimulatedState
from services.simulated.world import draws
from services.simulated.world.scenarios.conditions import LateMetrics


class Lateness:
    """The scenario's spells of late metrics; in the home region alone."""

    def __init__(self, state: SimulatedState) -> None:
        self._origin = state.started.timestamp()
        self._seed = state.seed
        self._spells = [one for one in state.scenario.conditions if isinstance(one, LateMetrics)]

    def of(self, start: int) -> float:
        """Seconds by which the points of the period from `start` (epoch seconds) come later than others do."""
        for spell in self._spells:
            if spell.holds(start - self._origin):
                return spell.least + (spell.most - spell.least) * draws.uniform(self._seed, start, "late")
        return 0.0
