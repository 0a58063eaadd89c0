"""What every handler of the simulated account stands on."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING

from services.clock import Clock
from services.simulated.estate import Estate
from services.simulated.publishing import Publishing
from services.simulated.world.controls import Controls
from services.simulated.world.scenarios import Scenario

if TYPE_CHECKING:
    from services.simulated.cloudwatch.reading import MetricReader
    from services.simulated.desk.world import DeskWorld
    from services.simulated.logs.groups import Groups
    from services.simulated.world.model import World


class SimulatedState:
    """One account: its clock, its world, what steers the world, and its names.

    `lock` guards what handlers keep between calls; it may be taken again by the thread that holds it.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        world: World,
        controls: Controls,
        scenario: Scenario,
        estate: Estate,
        seed: int,
        started: datetime,
        desk: DeskWorld,
    ) -> None:
        self.clock = clock
        self.world = world
        self.controls = controls
        self.scenario = scenario
        self.estate = estate
        self.seed = seed
        self.started = started
        self.publishing = Publishing()
        self.desk = desk
        """The second application: its names and its minutes."""
        self.aws_events: list[dict[str, str]] = []
        """AWS's own public list of current events, as rows of it; whoever runs the account puts some there."""
        self.lock = threading.RLock()
        self.logs: Groups
        """The log groups, from when their handlers are made; tests plant lines and floods in them."""
        self.metrics: MetricReader
        """Every metric, from when its handlers are made; tests put exact points into its `custom`."""
