"""Keys of screen 4, the deployments."""

from __future__ import annotations

from tui.keys.key import Group, Key, prepares
from tui.keys.moving import moves

KEYS: tuple[Key, ...] = (
    Key("rollback_to", "R", "roll back to",
        "Prepare to send the traffic to the version under the marker; elsewhere what the verdict says; where it "
        "says nothing, on the stack's parts what its state permits: cancel, continue, roll back, or deploy a kept "
        "template again.",
        Group.ACT, changes=True, footer=False),
    Key("next_section", "tab", "next part", "The next part: stack, events, versions, stage …", also=("right", "l")),
    Key("former_section", "shift+tab", "part before", "The part before.", also=("left", "h"), footer=False),
    Key("open", "enter", "open",
        "Unfold an operation, or show an entry whole: a resource's events with their reasons."),
    Key("filter", "slash", "filter", "Show only what has these words, such as rollback."),
    Key("function_errors", "x", "its errors",
        "Exceptions and time-outs of the function under the marker in the last hour, on screen 3.", footer=False),
    Key("function_log", "f", "its log",
        "Follow the log of the function under the marker, every line, on screen 3.", footer=False),
    prepares("configure", "C", "memory/timeout",
        "change memory or timeout of the function under the marker", footer=False),
    Key("validate", "v", "validate",
        "After a stack operation: what state every component is in now, kept below the operation with its time.",
        footer=False),
    Key("drift", "d", "drift",
        "Have CloudFormation compare the account with the template: free, takes minutes, changes nothing. Asks "
        "before it begins."),
    Key("earlier", "less_than_sign", "earlier",
        "Start the events an operation earlier.", also=("comma",), footer=False),
    Key("later", "greater_than_sign", "later",
        "Start the events an operation later.", also=("full_stop",), footer=False),
    Key("copy", "y", "copy", "Copy what is selected, whole and without secrets.", footer=False),
    Key("more", "m", "more", "Ten more object versions.", footer=False),
    *moves(),
)  # fmt: skip
