"""Keys of screen 2, the metrics."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import moves

KEYS: tuple[Key, ...] = (
    Key("choose", "slash", "choose", "Choose another metric, or several in one chart: type words, enter takes it."),
    Key("statistic", "s", "statistic",
        "Show the next statistic of the metric, or the next that are told side by side."),
    Key("period", "c", "coarser",
        "Points of the next coarser period; after the coarsest the finest that is kept.", footer=False),
    Key("shorter", "left_square_bracket", "shorter", "A shorter window, down to 15 minutes."),
    Key("longer", "right_square_bracket", "longer",
        "A longer window, up to 15 months, at the period that is kept for it."),
    Key("compare", "w", "compare", "Behind it the same time yesterday, then last week, then nothing."),
    Key("export", "x", "export", "Write what is shown into files: CSV, SVG, PNG, and a chart of letters for a chat."),
    Key("left", "left", "cursor", "The cursor a step back; the values stand under the chart."),
    Key("logs", "enter", "logs then", "The log lines of the moment under the cursor."),
    Key("right", "right", "cursor", "The cursor a step on.", footer=False),
    Key("far_left", "shift+left", "far back", "The cursor ten steps back.", footer=False),
    Key("far_right", "shift+right", "far on", "The cursor ten steps on.", footer=False),
    Key("earlier", "less_than_sign", "earlier", "The window half its length back.", also=("comma",), footer=False),
    Key("later", "greater_than_sign", "later",
        "The window half its length on, up to now.", also=("full_stop",), footer=False),
    *moves(
        down=("next", "The next metric of the list."),
        up=("previous", "The metric before."),
        first=("oldest", "The cursor to the oldest point."),
        last=("newest", "The cursor to the newest point."),
        page_down=None,
        page_up=None,
    ),
)  # fmt: skip
