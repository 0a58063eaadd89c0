"""Keys of screen 7, the alarms."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import moves

KEYS: tuple[Key, ...] = (
    Key("open", "enter", "open", "Open the alarm: set-up, actions, history."),
    Key("filter", "slash", "filter", "Show only alarms with these words; !word leaves out."),
    Key("alerts", "v", "alerts",
        "The runbook's own alerts, with their clocks, who has taken them on, and where CloudWatch's alarms say "
        "otherwise; enter opens one."),
    Key("overnight", "n", "overnight", "What every alarm did in the last 12 hours."),
    *moves(),
)  # fmt: skip
