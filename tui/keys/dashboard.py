"""Keys of screen 8, a dashboard."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import ends, scrolls

KEYS: tuple[Key, ...] = (
    Key("dashboards", "d", "choose", "Choose another dashboard of the account."),
    Key("shorter_range", "left_square_bracket", "shorter", "A shorter range of time."),
    Key("longer_range", "right_square_bracket", "longer", "A longer range of time."),
    Key("reread", "r", "read again", "Read the dashboard again now, what AWS refused before included.", footer=False),
    Key("copy_address", "y", "copy address",
        "Copy the address of the dashboard's page in the AWS console.", footer=False),
    *scrolls("board"),
    *ends("board"),
)  # fmt: skip
