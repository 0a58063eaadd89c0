"""Keys of an operation that is followed or has ended; those that do nothing now are not named at its foot."""

from __future__ import annotations

from tui.keys.key import Group, Key
from tui.keys.moving import scrolls

KEYS: tuple[Key, ...] = (
    Key("next", "n", "next candidate",
        "After a rollback that did not help: the plan of the next candidate that has not been tried, or the choice of "
        "the other layers.", Group.ACT),
    Key("resume", "r", "carry on",
        "Where its executor has gone: have it carried on. What stands is read first, nothing is sent twice.",
        Group.ACT),
    Key("hand_over", "h", "by hand",
        "The journal, at the command lines with which a person finishes it or takes it back."),
    Key("judge", "v", "validate", "Under a rollback's verdict: say what was seen when signing in."),
    Key("withdraw", "w", "withdraw", "Take back what waits for its turn, before anything of it is sent.", Group.ACT),
    Key("complete", "c", "complete",
        "Close the runbook's rollback checklist as complete: takes an outcome and every item."),
    Key("security", "s", "security list",
        "Where an exposed vulnerability was the reason: begin the runbook's Security Incident Checklist."),
    Key("tell", "m", "message", "Copy the message for the stakeholders."),
    *scrolls("operation"),
)  # fmt: skip
