"""The health score as the account's dashboard defines it: of that dashboard, its one widget alone is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from services.aws.dashboard_data import DashboardReader, cost
from services.aws.session import Account
from services.dashboards import queries
from services.dashboards.finding import find
from services.model.dashboards import Filled
from services.model.health_score import Defined
from services.safe_text import SafeText, safe


class ScoreReader:
    """Reads one account's score again and again."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._reader: DashboardReader | None = None
        self.billed = 0
        """How many metrics the last reading cost."""

    async def read(self, name: SafeText) -> Defined:
        """What the dashboard called `name` says, or why it says nothing. Raises AccountError."""
        self.billed = 0
        if not name:
            return Defined(name, why=SafeText("the environment has no dashboard that could define one"))
        if self._reader is None or self._reader.name != name:
            self._reader = DashboardReader(name)
        dashboard = await self._reader.parsed(self._account)
        widget = find(dashboard).score
        if widget is None:
            return Defined(name, why=safe(f"the dashboard {name} defines no health score"))
        alone = msgspec.structs.replace(dashboard, widgets=(widget,))
        asks = queries.asks(alone, self._account.clock.now().timestamp())
        self.billed = cost(asks)
        board = await self._reader.filled(self._account, alone, asks)
        return _told(name, widget.title or SafeText("health score"), board.filled[0])


def _told(name: SafeText, title: SafeText, filled: Filled) -> Defined:
    points = next((one.points for one in filled.answers if one.points), ())
    if points:
        at, value = points[-1]
        return Defined(name, title, value, datetime.fromtimestamp(at, UTC))
    why = filled.problem.message if filled.problem is not None else "nothing has been published to it"
    return Defined(name, title, why=safe(f"the dashboard {name} defines {title}, but {why}"))
