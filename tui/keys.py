"""The one table of keys: footer, help, palette and bindings all read it.

Actions that change something are upper case; none of them is the shift-neighbour of a key whose slip would hurt.
Every key has a stable id, a reason when it is off, and a sentence for the help.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Group(StrEnum):
    """Chapters of the help."""

    ACT = "Act"
    LOOK = "Look"
    SCREEN = "Screens"
    GO = "Go"


class Key(msgspec.Struct, frozen=True):
    """One key and what it does."""

    id: str
    """Stable: configuration, help pages and tests name it."""
    key: str
    """As Textual spells it: `R`, `question_mark`, `ctrl+p`."""
    shown: str
    """As a person reads it: `R`, `?`, `^p`."""
    label: str
    """In the footer, two words at most."""
    group: Group
    sentence: str
    """In help and palette: what happens."""
    also: tuple[str, ...] = ()
    """Other keys that do the same."""
    changes: bool = False
    """It prepares a change of the account: off under read-only, where its plan can still be looked at."""
    footer: bool = True
    where: str = ""
    """Id of the screen on which alone it works; empty: everywhere."""


KEYS: tuple[Key, ...] = (
    Key("overview", "1", "1", "Overview", Group.SCREEN, "What is broken, since when, what changed, which key helps."),
    Key(
        "metrics", "2", "2", "Metrics", Group.SCREEN,
        "One metric large: its statistics, thresholds and changes, 15 minutes to 15 months.",
    ),
    Key(
        "logs", "3", "3", "Logs", Group.SCREEN,
        "All log lines with filter, history, kinds of errors, searches, and everything of a request.",
    ),
    Key(
        "deployments", "4", "4", "Deployments", Group.SCREEN,
        "The stack's operations, resource by resource, and what is deployed in every layer.",
    ),
    Key(
        "alarms", "7", "7", "Alarms", Group.SCREEN,
        "CloudWatch's alarms of both regions: since when, why, whom they tell, what they did.",
    ),
    Key(
        "dashboard", "8", "8", "Dashboard", Group.SCREEN,
        "The environment's CloudWatch dashboard, or any other of the account, drawn from its body.",
    ),
    Key(
        "journal", "9", "9", "Journal", Group.SCREEN,
        "Everything that was done from here, by whom, with the exact calls, their outcome, and how to finish by hand.",
    ),
    Key(
        "fleet", "0", "0", "All", Group.SCREEN,
        "Every environment side by side, worst first: state, since when, what changed, what it costs; enter opens one.",
    ),
    Key(
        "rollback", "R", "R", "roll back", Group.ACT,
        "Prepare to go back to what served before, in the layer that errs (space: others); shows the plan and asks.",
        changes=True,
    ),
    Key(
        "invalidate", "I", "I", "invalidate", Group.ACT,
        "Prepare to drop paths from the content delivery network's caches; shows the plan and asks.",
        changes=True,
    ),
    Key(
        "restore", "U", "U", "restore content", Group.ACT,
        "Prepare to put the web content back as it was before its newest publication; shows the plan and asks.",
        changes=True, footer=False,
    ),
    Key(
        "undo", "z", "z", "undo", Group.ACT,
        "Prepare to take the newest rollback back: the version before it goes live again; shows the plan and asks.",
        changes=True,
    ),
    Key(
        "acknowledge", "a", "a", "acknowledge", Group.LOOK,
        "Take on the alert that waits, for every screen of the environment; of several it asks which. "
        "The account is left as it is.", footer=False,
    ),
    Key(
        "alert", "exclamation_mark", "!", "alert", Group.LOOK,
        "Open the alert that waits, else the one that matters most: what it is, its clock, who responds, what helps.",
    ),
    Key(
        "readiness", "p", "p", "ready?", Group.LOOK,
        "Whether a rollback would work right now, layer by layer, and what lifts each thing in the way.", footer=False,
    ),
    Key("operation", "o", "o", "operation", Group.LOOK, "Follow the operation under way, or read the newest one."),
    Key(
        "pause", "space", "space", "pause", Group.LOOK, "Hold the log tail still and count new lines; again: go on.",
        where="overview",
    ),
    Key(
        "level", "l", "l", "level", Group.LOOK,
        "Show warnings and errors, errors, every log line, or all but routine ones, as at first.", footer=False,
        where="overview",
    ),
    Key("focus", "tab", "tab", "next pane", Group.LOOK, "Move to the next pane; shift+tab moves back.", footer=False),
    Key("refresh", "r", "r", "ask again", Group.LOOK, "Ask AWS everything again now.", footer=False),
    Key("environment", "e", "e", "environment", Group.GO, "Switch to another environment."),
    Key(
        "palette", "ctrl+p", "^p", "palette", Group.GO, "Find any action by name.", also=("colon",), footer=False
    ),
    Key(
        "suspend", "ctrl+z", "^z", "suspend", Group.GO,
        "Go back to the shell; fg returns. An operation under way goes on.", footer=False,
    ),
    Key("help", "question_mark", "?", "help", Group.GO, "Show these keys.", also=("f1",)),
    Key(
        "quit", "q", "q", "quit", Group.GO,
        "Leave the cockpit. An operation under way goes on without it.", also=("ctrl+q", "ctrl+c"),
    ),
)  # fmt: skip


BY_NAME: tuple[Key, ...] = (
    Key(
        "export_logs", "", "", "export logs", Group.ACT,
        "Prepare to export a log group into a bucket, the newest hours into a local file; shows the plan and asks.",
        changes=True, footer=False,
    ),
    Key(
        "retention", "", "", "log retention", Group.ACT,
        "Prepare to change how long a log group keeps its events; shows the plan and asks.",
        changes=True, footer=False,
    ),
    Key(
        "configure", "", "", "function memory", Group.ACT,
        "Prepare to change memory or timeout of a function; shows the plan and asks.",
        changes=True, footer=False,
    ),
)  # fmt: skip
"""Actions without a key: the palette finds them by name."""


VIEW_KEYS: tuple[Key, ...] = (
    Key("open", "enter", "enter", "switch to it", Group.LOOK, "Leave this environment and open the one selected.",
        where="fleet"),
    Key("down", "j", "j", "down", Group.LOOK, "To the next.", also=("down",), footer=False, where="fleet"),
    Key("up", "k", "k", "up", Group.LOOK, "To the one before.", also=("up",), footer=False, where="fleet"),
    Key("first", "g", "g", "worst", Group.LOOK, "To the worst.", also=("home",), footer=False, where="fleet"),
    Key("last", "G", "G", "last", Group.LOOK, "To the last.", also=("end",), footer=False, where="fleet"),
    Key("page_down", "pagedown", "PgDn", "page down", Group.LOOK, "A page further.", also=("ctrl+f",), footer=False,
        where="fleet"),
    Key("page_up", "pageup", "PgUp", "page up", Group.LOOK, "A page back.", also=("ctrl+b",), footer=False,
        where="fleet"),
    Key("filter", "slash", "/", "filter", Group.LOOK,
        "Filter as you type: words, !word, /expression/, .status>=500, level:warn, group:api.", where="logs"),
    Key("unfold", "enter", "enter", "unfold", Group.LOOK, "Set the line out whole, JSON by its fields; again: fold it.",
        where="logs"),
    Key("follow", "space", "space", "hold", Group.LOOK, "Hold still and count what comes; again: follow.",
        where="logs"),
    Key("hide", "h", "h", "hide/mark", Group.LOOK, "Leave out what does not pass the filter, or mark what passes.",
        footer=False, where="logs"),
    Key("next", "n", "n", "next", Group.LOOK, "The next error; with marks, the next line that passes the filter.",
        footer=False, where="logs"),
    Key("previous", "N", "N", "previous", Group.LOOK, "The one before.", footer=False, where="logs"),
    Key("kinds", "equals_sign", "=", "errors", Group.LOOK,
        "Errors by kind: how often, since when, until when; enter shows the lines of one.", where="logs"),
    Key("search", "s", "s", "search", Group.LOOK,
        "Search in AWS: the runbook's searches, any filter pattern, what was searched before.", where="logs"),
    Key("request", "i", "i", "request", Group.LOOK, "Everything with this line's request id, across groups, in order.",
        where="logs"),
    Key("chart", "c", "c", "charts", Group.LOOK, "The minute of this line on the charts.", footer=False, where="logs"),
    Key("version", "v", "v", "version", Group.LOOK, "Which version of the function wrote this line.", footer=False,
        where="logs"),
    Key("before", "b", "b", "before", Group.LOOK,
        "How often lines like this one came before the newest deployment, and since.", footer=False, where="logs"),
    Key("groups", "f", "f", "groups", Group.LOOK, "Which log groups are shown; what there is of each.", where="logs"),
    Key("least", "l", "l", "level", Group.LOOK,
        "Show warnings and errors, errors, every line, or all but routine ones, as at first.", footer=False,
        where="logs"),
    Key("time", "t", "t", "time", Group.LOOK, "Jump to a time: 03:07, 2026-11-22 03:07, 15m, 2h.", where="logs"),
    Key("earlier", "less_than_sign", "<", "earlier", Group.LOOK,
        "Read further back, as far as the groups keep their lines.", also=("comma",), where="logs"),
    Key("later", "greater_than_sign", ">", "later", Group.LOOK, "Read on from the youngest line of a history.",
        also=("full_stop",), footer=False, where="logs"),
    Key("mark", "m", "m", "mark", Group.LOOK, "Mark the line, or take its mark away.", footer=False, where="logs"),
    Key("next_mark", "apostrophe", "'", "next mark", Group.LOOK, "To the next marked line.", footer=False,
        where="logs"),
    Key("wrap", "w", "w", "wrap", Group.LOOK, "Long lines over several rows, or cut.", footer=False, where="logs"),
    Key("clock", "u", "u", "clock", Group.LOOK, "Times as UTC, as this machine's, or as ages.", footer=False,
        where="logs"),
    Key("copy", "y", "y", "copy", Group.LOOK, "Copy the line to your terminal's clipboard, without secrets.",
        footer=False, where="logs"),
    Key("export", "x", "x", "save", Group.LOOK, "Write what is shown into a text and a JSON lines file.",
        footer=False, where="logs"),
    Key("keep", "ctrl+s", "^s", "keep", Group.LOOK, "Keep the search under a name.", footer=False, where="logs"),
    Key("remove", "ctrl+r", "^r", "remove", Group.LOOK, "Forget the selected search that was kept.", footer=False,
        where="logs"),
    Key("down", "j", "j", "newer", Group.LOOK, "To the next line.", also=("down",), footer=False, where="logs"),
    Key("up", "k", "k", "older", Group.LOOK, "To the line before.", also=("up",), footer=False, where="logs"),
    Key("page_down", "pagedown", "PgDn", "page down", Group.LOOK, "A page newer.", also=("ctrl+f",), footer=False,
        where="logs"),
    Key("page_up", "pageup", "PgUp", "page up", Group.LOOK, "A page older; at the oldest line reads further back.",
        also=("ctrl+b",), footer=False, where="logs"),
    Key("first", "g", "g", "oldest", Group.LOOK, "To the oldest line.", also=("home",), footer=False, where="logs"),
    Key("last", "G", "G", "newest", Group.LOOK, "To the newest line; the live tail follows again.", also=("end",),
        footer=False, where="logs"),
    Key("open", "enter", "enter", "open", Group.LOOK, "Open the alarm: set-up, actions, history.", where="alarms"),
    Key("filter", "slash", "/", "filter", Group.LOOK, "Show only alarms with these words; !word leaves out.",
        where="alarms"),
    Key("overnight", "n", "n", "overnight", Group.LOOK, "What every alarm did in the last 12 hours.", where="alarms"),
    Key("alerts", "v", "v", "alerts", Group.LOOK,
        "The runbook's own alerts, with their clocks, who has taken them on, and where CloudWatch's alarms say "
        "otherwise; enter opens one.", where="alarms"),
    Key("down", "j", "j", "down", Group.LOOK, "To the next.", also=("down",), footer=False, where="alarms"),
    Key("up", "k", "k", "up", Group.LOOK, "To the one before.", also=("up",), footer=False, where="alarms"),
    Key("first", "g", "g", "first", Group.LOOK, "To the first.", also=("home",), footer=False, where="alarms"),
    Key("last", "G", "G", "last", Group.LOOK, "To the last.", also=("end",), footer=False, where="alarms"),
    Key("page_down", "pagedown", "PgDn", "page down", Group.LOOK, "A page further.", also=("ctrl+f",), footer=False,
        where="alarms"),
    Key("page_up", "pageup", "PgUp", "page up", Group.LOOK, "A page back.", also=("ctrl+b",), footer=False,
        where="alarms"),
    Key("open", "enter", "enter", "open", Group.LOOK,
        "Open the operation: its calls as command lines, every record, what stood before.", where="journal"),
    Key("filter", "slash", "/", "filter", Group.LOOK, "Show only operations with these words; !word leaves out.",
        where="journal"),
    Key("verify", "v", "v", "verify", Group.LOOK, "Check the chain of every file, and name the damaged ones.",
        where="journal"),
    Key("export", "x", "x", "export", Group.LOOK,
        "Write what is shown, without secrets, as Markdown and as JSON lines.", where="journal"),
    Key("copy", "y", "y", "copy", Group.LOOK,
        "Copy the opened operation's command lines to your terminal's clipboard.", where="journal"),
    Key("carry_on", "c", "c", "carry on", Group.LOOK,
        "Have an operation carried on whose executor has gone; shows its plan and asks.", where="journal"),
    Key("down", "j", "j", "down", Group.LOOK, "To the next.", also=("down",), footer=False, where="journal"),
    Key("up", "k", "k", "up", Group.LOOK, "To the one before.", also=("up",), footer=False, where="journal"),
    Key("first", "g", "g", "newest", Group.LOOK, "To the newest.", also=("home",), footer=False, where="journal"),
    Key("last", "G", "G", "oldest", Group.LOOK, "To the oldest.", also=("end",), footer=False, where="journal"),
    Key("page_down", "pagedown", "PgDn", "page down", Group.LOOK, "A page further.", also=("ctrl+f",), footer=False,
        where="journal"),
    Key("page_up", "pageup", "PgUp", "page up", Group.LOOK, "A page back.", also=("ctrl+b",), footer=False,
        where="journal"),
    Key("choose", "slash", "/", "choose", Group.LOOK, "Choose another metric: type words, enter takes it.",
        where="metrics"),
    Key("statistic", "s", "s", "statistic", Group.LOOK, "Show the next statistic of the metric.", where="metrics"),
    Key("shorter", "left_square_bracket", "[", "shorter", Group.LOOK, "A shorter window, down to 15 minutes.",
        where="metrics"),
    Key("longer", "right_square_bracket", "]", "longer", Group.LOOK,
        "A longer window, up to 15 months, at the period that is kept for it.", where="metrics"),
    Key("compare", "w", "w", "compare", Group.LOOK, "Behind it the same time yesterday, then last week, then nothing.",
        where="metrics"),
    Key("export", "x", "x", "export", Group.LOOK,
        "Write what is shown into files: CSV, SVG, PNG, and a chart of letters for a chat.", where="metrics"),
    Key("left", "left", "←", "cursor", Group.LOOK, "The cursor a step back; the values stand under the chart.",
        where="metrics"),
    Key("logs", "enter", "enter", "logs then", Group.LOOK, "The log lines of the moment under the cursor.",
        where="metrics"),
    Key("right", "right", "→", "cursor", Group.LOOK, "The cursor a step on.", footer=False, where="metrics"),
    Key("far_left", "shift+left", "⇧←", "far back", Group.LOOK, "The cursor ten steps back.", footer=False,
        where="metrics"),
    Key("far_right", "shift+right", "⇧→", "far on", Group.LOOK, "The cursor ten steps on.", footer=False,
        where="metrics"),
    Key("earlier", "less_than_sign", "<", "earlier", Group.LOOK, "The window half its length back.", also=("comma",),
        footer=False, where="metrics"),
    Key("later", "greater_than_sign", ">", "later", Group.LOOK, "The window half its length on, up to now.",
        also=("full_stop",), footer=False, where="metrics"),
    Key("down", "j", "j", "next", Group.LOOK, "The next metric of the list.", also=("down",), footer=False,
        where="metrics"),
    Key("up", "k", "k", "previous", Group.LOOK, "The metric before.", also=("up",), footer=False, where="metrics"),
    Key("first", "g", "g", "oldest", Group.LOOK, "The cursor to the oldest point.", also=("home",), footer=False,
        where="metrics"),
    Key("last", "G", "G", "newest", Group.LOOK, "The cursor to the newest point.", also=("end",), footer=False,
        where="metrics"),
    Key("dashboards", "d", "d", "choose", Group.LOOK, "Choose another dashboard of the account.", where="dashboard"),
    Key("shorter_range", "left_square_bracket", "[", "shorter", Group.LOOK, "A shorter range of time.",
        where="dashboard"),
    Key("longer_range", "right_square_bracket", "]", "longer", Group.LOOK, "A longer range of time.",
        where="dashboard"),
    Key("reread", "r", "r", "read again", Group.LOOK,
        "Read the dashboard again now, what AWS refused before included.", footer=False, where="dashboard"),
    Key("copy_address", "y", "y", "copy address", Group.LOOK,
        "Copy the address of the dashboard's page in the AWS console.", footer=False, where="dashboard"),
    Key("board_down", "j", "j", "down", Group.LOOK, "A row down.", also=("down",), footer=False, where="dashboard"),
    Key("board_up", "k", "k", "up", Group.LOOK, "A row up.", also=("up",), footer=False, where="dashboard"),
    Key("board_page_down", "pagedown", "PgDn", "page down", Group.LOOK, "A page down.", also=("space", "ctrl+f"),
        footer=False, where="dashboard"),
    Key("board_page_up", "pageup", "PgUp", "page up", Group.LOOK, "A page up.", also=("ctrl+b",), footer=False,
        where="dashboard"),
    Key("board_top", "g", "g", "top", Group.LOOK, "To the top.", also=("home",), footer=False, where="dashboard"),
    Key("board_end", "G", "G", "end", Group.LOOK, "To the end.", also=("end",), footer=False, where="dashboard"),
    Key("rollback_to", "R", "R", "roll back to", Group.ACT,
        "Prepare to send the traffic to the version under the marker; elsewhere to the one the evidence proposes.",
        changes=True, footer=False, where="deployments"),
    Key("next_section", "tab", "tab", "next part", Group.LOOK, "The next part: stack, events, versions, stage …",
        also=("right", "l"), where="deployments"),
    Key("former_section", "shift+tab", "⇧tab", "part before", Group.LOOK, "The part before.", also=("left", "h"),
        footer=False, where="deployments"),
    Key("open", "enter", "enter", "open", Group.LOOK,
        "Unfold an operation, or show an entry whole: a resource's events with their reasons.", where="deployments"),
    Key("filter", "slash", "/", "filter", Group.LOOK, "Show only what has these words, such as rollback.",
        where="deployments"),
    Key("drift", "d", "d", "drift", Group.LOOK,
        "Have CloudFormation compare the account with the template: free, takes minutes, changes nothing. "
        "Asks before it begins.", where="deployments"),
    Key("earlier", "less_than_sign", "<", "earlier", Group.LOOK, "Start the events an operation earlier.",
        also=("comma",), footer=False, where="deployments"),
    Key("later", "greater_than_sign", ">", "later", Group.LOOK, "Start the events an operation later.",
        also=("full_stop",), footer=False, where="deployments"),
    Key("copy", "y", "y", "copy", Group.LOOK, "Copy what is selected, whole and without secrets.", footer=False,
        where="deployments"),
    Key("more", "m", "m", "more", Group.LOOK, "Ten more object versions.", footer=False, where="deployments"),
    Key("down", "j", "j", "down", Group.LOOK, "To the next.", also=("down",), footer=False, where="deployments"),
    Key("up", "k", "k", "up", Group.LOOK, "To the one before.", also=("up",), footer=False, where="deployments"),
    Key("first", "g", "g", "first", Group.LOOK, "To the first.", also=("home",), footer=False, where="deployments"),
    Key("last", "G", "G", "last", Group.LOOK, "To the last.", also=("end",), footer=False, where="deployments"),
    Key("page_down", "pagedown", "PgDn", "page down", Group.LOOK, "A page further.", also=("ctrl+f",), footer=False,
        where="deployments"),
    Key("page_up", "pageup", "PgUp", "page up", Group.LOOK, "A page back.", also=("ctrl+b",), footer=False,
        where="deployments"),
    Key("take", "a", "a", "acknowledge", Group.LOOK, "Take this alert on, for every screen.", where="alert"),
    Key("called", "c", "c", "called", Group.LOOK, "Whose turn it is on the ladder has been called.", where="alert"),
    Key("not_called", "x", "x", "not called", Group.LOOK, "They are not called, on purpose.", where="alert"),
    Key("next_rule", "n", "n", "next", Group.LOOK, "The next alert of the runbook.", where="alert"),
    Key("former_rule", "N", "N", "previous", Group.LOOK, "The one before.", footer=False, where="alert"),
    Key("rule_down", "j", "j", "down", Group.LOOK, "A row down.", also=("down",), footer=False, where="alert"),
    Key("rule_up", "k", "k", "up", Group.LOOK, "A row up.", also=("up",), footer=False, where="alert"),
    Key("rule_page_down", "pagedown", "PgDn", "page down", Group.LOOK, "A page down.", also=("space", "ctrl+f"),
        footer=False, where="alert"),
    Key("rule_page_up", "pageup", "PgUp", "page up", Group.LOOK, "A page up.", also=("ctrl+b",), footer=False,
        where="alert"),
)  # fmt: skip
"""Keys of one screen each (`where`). They come before those of everywhere, so none may stand twice on a screen."""


class KeyContext(msgspec.Struct, frozen=True):
    """What decides whether a key does something at this moment."""

    read_only: bool = False
    parts_known: bool = False
    """The stack's parts have been found: there is something to plan for."""
    has_operation: bool = False
    """The journal holds an operation of this environment."""
    running: bool = False
    """One of them is under way."""
    undoable: bool = False
    """One of them can be taken back."""
    waiting: int = 0
    """How many alerts nobody has acknowledged."""
    unopened: str = ""
    """Why the account cannot be asked at all; empty when it can."""


READ_ONLY = "read-only: the plan can be looked at, nothing can be changed"


def why_off(key: Key, context: KeyContext) -> str:
    """Why `key` does nothing now, as a sentence; empty when it works."""
    if key.id == "operation" and not context.has_operation:
        return "nothing has been done in this environment yet"
    if key.id == "acknowledge" and not context.waiting:
        return "nothing waits to be acknowledged"
    if not key.changes:
        return ""
    if context.read_only:
        return READ_ONLY
    if context.unopened:
        return context.unopened
    if context.running:
        return "an operation is under way; o shows it"
    if key.id == "undo":
        return "" if context.undoable else "there is nothing to take back"
    return "" if context.parts_known else "the parts of the stack are not known yet"


def blocks(key: Key, context: KeyContext) -> bool:
    """Whether pressing `key` is answered with its reason only. Under read-only a plan may still be looked at."""
    reason = why_off(key, context)
    return bool(reason) and why_off(key, msgspec.structs.replace(context, read_only=False)) != ""


def view_keys(screen: str) -> tuple[Key, ...]:
    """The keys of one screen's own, in the order of its footer."""
    return tuple(key for key in VIEW_KEYS if key.where == screen)


def key_by_id(identity: str) -> Key:
    """The key with this id. Raises KeyError."""
    for key in (*KEYS, *BY_NAME):
        if key.id == identity:
            return key
    raise KeyError(identity)


def key_by_shown(shown: str) -> Key | None:
    """The key of everywhere that a person reads as `shown`; None when there is none."""
    return next((key for key in KEYS if key.shown == shown), None)
