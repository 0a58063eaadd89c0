"""Keys of screen 3, the logs."""

from __future__ import annotations

from tui.keys.key import Key
from tui.keys.moving import moves

KEYS: tuple[Key, ...] = (
    Key("filter", "slash", "filter",
        "Filter as you type: words, !word, /expression/, .status>=500, level:warn, group:api."),
    Key("unfold", "enter", "unfold", "Set the line out whole, JSON by its fields; again: fold it."),
    Key("follow", "space", "hold", "Hold still and count what comes; again: follow."),
    Key("hide", "h", "hide/mark", "Leave out what does not pass the filter, or mark what passes.", footer=False),
    Key("next", "n", "next", "The next error; with marks, the next line that passes the filter.", footer=False),
    Key("previous", "N", "previous", "The one before.", footer=False),
    Key("kinds", "equals_sign", "errors",
        "Errors by kind: how often, since when, until when; enter shows the lines of one."),
    Key("search", "s", "search",
        "Search in AWS: the runbook's searches, any filter pattern, what was searched before."),
    Key("request", "i", "request", "Everything with this line's request id, across groups, in order."),
    Key("chart", "c", "charts", "The minute of this line on the charts.", footer=False),
    Key("version", "v", "version", "Which version of the function wrote this line.", footer=False),
    Key("before", "b", "before",
        "How often lines like this one came before the newest deployment, and since.", footer=False),
    Key("groups", "f", "groups", "Which log groups are followed, all like a wildcard too; what each keeps."),
    Key("live", "dollar_sign", "live tail",
        "CloudWatch Live Tail: lines within a second, for money; asks first. Again: off.", footer=False),
    Key("least", "l", "level",
        "Show warnings and errors, errors, every line, or all but routine ones, as at first.", footer=False),
    Key("time", "t", "time", "Jump to a time: 03:07, 2026-11-22 03:07, 15m, 2h."),
    Key("earlier", "less_than_sign", "earlier",
        "Read further back, as far as the groups keep their lines.", also=("comma",)),
    Key("later", "greater_than_sign", "later",
        "Read on from the youngest line of a history.", also=("full_stop",), footer=False),
    Key("mark", "m", "mark", "Mark the line, or take its mark away.", footer=False),
    Key("next_mark", "apostrophe", "next mark", "To the next marked line.", footer=False),
    Key("wrap", "w", "wrap", "Long lines over several rows, or cut.", footer=False),
    Key("clock", "u", "clock", "Times as UTC, as this machine's, or as ages.", footer=False),
    Key("copy", "y", "copy", "Copy the line to your terminal's clipboard, without secrets.", footer=False),
    Key("export", "x", "save", "Write what is shown into a text and a JSON lines file.", footer=False),
    Key("keep", "ctrl+s", "keep", "Keep the search under a name.", footer=False),
    Key("remove", "ctrl+r", "remove", "Forget the selected search that was kept.", footer=False),
    *moves(
        down=("newer", "To the next line."),
        up=("older", "To the line before."),
        first=("oldest", "To the oldest line."),
        last=("newest", "To the newest line; the live tail follows again."),
        page_down=("page down", "A page newer."),
        page_up=("page up", "A page older; at the oldest line reads further back."),
    ),
)  # fmt: skip
