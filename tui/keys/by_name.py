"""Actions without a key: the palette finds them by name."""

from __future__ import annotations

from tui.keys.key import Group, Key, prepares

BY_NAME: tuple[Key, ...] = (
    prepares("export_logs", "", "export logs",
        "export a log group into a bucket, the newest hours into a local file", footer=False),
    prepares("retention", "", "log retention", "change how long a log group keeps its events", footer=False),
    prepares("configure", "", "function memory", "change memory or timeout of a function", footer=False),
    prepares("clean_up", "", "old versions",
        "delete old versions of a function, never one in use, a rollback's target or the newest three", footer=False),
    prepares("test_invoke", "", "test invoke",
        "call a function once, with a payload that can be changed", footer=False),
    Key("sign_out", "", "sign out a user",
        "Prepare to sign a user out of every device; shows what that leaves, the plan, and asks.",
        Group.ACT, changes=True, footer=False),
    prepares("index_change", "", "index change",
        "make, resize or delete one index of a table, from a JSON file", footer=False),
    Key("outage", "", "system outage",
        "Look at AWS itself, the stack and its tables; from there call the function once, and read the log at ERROR.",
        footer=False),
    Key("breach", "", "suspected breach",
        "Open the runbook's security checklist, and begin it: isolation, evidence, credentials, each with its action.",
        footer=False),
    Key("save_template", "", "save template",
        "Write the stack's template, its transforms carried out, into a new file with its digest, as evidence.",
        footer=False),
    Key("backups", "", "table backups",
        "A table's backups and how far back any second can be restored; from there prepare a restore into a new "
        "table, or a backup.", footer=False),
)  # fmt: skip
