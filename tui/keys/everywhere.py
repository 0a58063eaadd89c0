"""Keys that work everywhere, by their screens' numbers first.

Actions that change something are upper case; none of them is the shift-neighbour of a key whose slip would hurt.
"""

from __future__ import annotations

from tui.keys.key import Group, Key, prepares

KEYS: tuple[Key, ...] = (
    Key("overview", "1", "Overview", "What is broken, since when, what changed, which key helps.", Group.SCREEN),
    Key("metrics", "2", "Metrics",
        "One metric large, or several in one chart: statistics, thresholds, changes, 15 minutes to 15 months.",
        Group.SCREEN),
    Key("logs", "3", "Logs",
        "All log lines with filter, history, kinds of errors, searches, and everything of a request.", Group.SCREEN),
    Key("deployments", "4", "Deployments",
        "The stack's operations, resource by resource, and what is deployed in every layer.", Group.SCREEN),
    Key("runbook", "6", "Runbook",
        "The runbook's text, searchable without any account; its checklists, and what maintenance is due.",
        Group.SCREEN),
    Key("alarms", "7", "Alarms",
        "CloudWatch's alarms of both regions: since when, why, whom they tell, what they did.", Group.SCREEN),
    Key("dashboard", "8", "Dashboard",
        "The environment's CloudWatch dashboard, or any other of the account, drawn from its body.", Group.SCREEN),
    Key("journal", "9", "Journal",
        "Everything that was done from here, by whom, with the exact calls, their outcome, and how to finish by "
        "hand.", Group.SCREEN),
    Key("fleet", "0", "All",
        "Every environment side by side, worst first: state, since when, what changed, what it costs; enter opens "
        "one.", Group.SCREEN),
    Key("app_log", "L", "app log",
        "Follow the application's own log, over whatever is shown; esc comes back to just that.", footer=False),
    prepares("rollback", "R", "roll back", "go back to what served before, in the layer that errs (space: others)"),
    prepares("invalidate", "I", "invalidate", "drop paths from the content delivery network's caches"),
    prepares("restore", "U", "restore content",
        "put the web content back as it was before its newest publication", footer=False),
    prepares("isolate", "X", "isolate",
        "close the API to everybody, by its throttle or by a policy, or to open it again", footer=False),
    prepares("undo", "z", "undo", "take the newest rollback back: the version before it goes live again"),
    Key("acknowledge", "a", "acknowledge",
        "Take on the alert that waits, for every screen of the environment; of several it asks which. The account "
        "is left as it is.", footer=False),
    Key("alert", "exclamation_mark", "alert",
        "Open the alert that waits, else the one that matters most: what it is, its clock, who responds, what helps."),
    Key("readiness", "p", "ready?",
        "Whether a rollback would work right now, layer by layer, and what lifts each thing in the way.", footer=False),
    Key("health", "h", "health",
        "The health score: the dashboard's own where it defines one, else made of the tiles, with its formula.",
        footer=False),
    Key("operation", "o", "operation", "Follow the operation under way, or read the newest one."),
    Key("pause", "space", "pause", "Hold the log tail still and count new lines; again: go on.", where="overview"),
    Key("level", "l", "level",
        "Show warnings and errors, errors, every log line, or all but routine ones, as at first.",
        footer=False, where="overview"),
    Key("focus", "tab", "next pane", "Move to the next pane; shift+tab moves back.", footer=False),
    Key("refresh", "r", "ask again", "Ask AWS everything again now.", footer=False),
    Key("environment", "e", "environment", "Switch to another environment.", Group.GO),
    Key("palette", "ctrl+p", "palette", "Find any action by name.", Group.GO, also=("colon",), footer=False),
    Key("suspend", "ctrl+z", "suspend",
        "Go back to the shell; fg returns. An operation under way goes on.", Group.GO, footer=False),
    Key("help", "question_mark", "help", "Show these keys.", Group.GO, also=("f1",)),
    Key("quit", "q", "quit",
        "Leave the cockpit. An operation under way goes on without it.", Group.GO, also=("ctrl+q", "ctrl+c")),
)  # fmt: skip
