"""What the app hands to its screens: one moment of one environment, judged."""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.alerting.life import Life
from services.model.assessment import Assessment
from services.model.checklists import Marks
from services.model.entry import Operation
from services.model.runbook import Loaded
from services.model.situation import Situation
from services.problems import Problem
from services.settings.values import Environment, Settings
from tui.keys import KeyContext


class Picture(msgspec.Struct, frozen=True):
    """Everything a screen needs to draw itself."""

    settings: Settings
    environment: Environment
    situation: Situation | None
    """None until the environment's clock is known."""
    assessment: Assessment | None
    now: datetime
    """The account's time."""
    keys: KeyContext
    orphans: frozenset[str] = frozenset()
    """Ids of open operations whose executor has gone."""
    problem: Problem | None = None
    """Why the environment could not be opened; there is no situation then."""
    alerts: Life = Life()
    """What has become of the alerts, in this screen and all others of the environment."""
    runbook: Loaded | None = None
    """The runbook's text; None: it is being read."""
    marks: Marks = Marks()
    """What is ticked in the runbook's lists, here and in every other screen of the environment."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """This environment's operations, newest first."""
        return (self.situation.operations.value or ()) if self.situation is not None else ()

    def operation(self, identity: str) -> Operation | None:
        """The operation with this id."""
        return next((one for one in self.operations if one.id == identity), None)
