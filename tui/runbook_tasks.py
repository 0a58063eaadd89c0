"""What each task of regular maintenance needs: the screen, the plan or the look that its key opens. Pure.

Tasks are the runbook's; which key helps with one is found by its own words. Where the cockpit has no part for a task
yet the row says so, and the task is ticked by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.model.backups import Recovery
from services.model.functions import Function
from services.model.hardening import Counts
from services.model.runbook import Task
from tui.commands.report import report
from tui.picture import Picture
from tui.rule_steps import status_lines, status_note
from widgets.rule_steps import StatusLine
from widgets.spans import Row

WELL, FAILED, UNREAD = "OK", "FAIL", "NOT READ"
"""Verdicts that are kept with a tick."""


class Errand(msgspec.Struct, frozen=True):
    """What `enter` does on a task."""

    does: str = ""
    """The screen's method `errand_<does>`; empty: there is nothing to open."""
    says: str = ""
    """What that is, or why there is nothing. `{price}`: of a request to Cost Explorer, by the settings."""


_ERRANDS = {
    "daily/check-system-health": Errand("status", "looks at every component now, and ticks with what it finds"),
    "daily/review-overnight-alerts": Errand("overnight", "what the alarms did overnight, screen 7"),
    "daily/check-cost-metrics": Errand("costs", "asks Cost Explorer for yesterday by service, one request, {price}"),
    "weekly/review-performance-trends": Errand("trends", "a week of the key metrics beside the week before, screen 2"),
    "weekly/analyze-cost": Errand("costs", "asks Cost Explorer for seven days by service, one request, {price}"),
    "weekly/review-backup-status": Errand("backups", "the table's backups; t ticks with what recovery says"),
    "weekly/clean-up-old-resources": Errand("clean_up", "the plan that would delete old versions; asks first"),
    "monthly/security-audit": Errand("hardening", "the four hardening checks; t keeps them"),
    "monthly/documentation-updates": Errand("text", "the runbook's text"),
    "monthly/dr-testing": Errand("test_restore", "restores the newest backup into a test table; asks first"),
    "monthly/cost-optimization": Errand("costs", "asks Cost Explorer for last month by service, one request, {price}"),
}
"""How a task's id begins → what its key does."""

BACKUPS = "weekly/review-backup-status"
"""The task whose tick carries what point-in-time recovery says."""

COSTS = ("daily/check-cost-metrics", "weekly/analyze-cost", "monthly/cost-optimization")
"""How the ids of the tasks begin whose ticks carry what the account costs."""

AUDIT = "monthly/security-audit"
"""The task whose tick carries what the hardening checks found."""


def errand(task: Task) -> Errand:
    """What is opened for a task; nothing where the runbook asks for thought alone."""
    return next((does for words, does in _ERRANDS.items() if task.id.startswith(words)), Errand())


def fact(task: Task, picture: Picture) -> str:
    """What is known of the matter already, beside the task; empty: nothing."""
    if task.id.startswith("weekly/update-security-patches"):
        return "; ".join(f"{one.name} {one.runtime}, update {one.update_status}" for one in _functions(picture))
    if task.id.startswith("monthly/documentation-updates") and picture.runbook is not None:
        runbook = picture.runbook.runbook
        return f"version {runbook.version}, last updated {runbook.updated}" if runbook is not None else ""
    return ""


class Looked(msgspec.Struct, frozen=True):
    """What a look at the system found: kept with the tick."""

    verdict: str
    evidence: str
    lines: tuple[StatusLine, ...] = ()
    rows: tuple[Row, ...] = ()
    """What else is shown of it."""
    counts: Counts | None = None
    """Kept with the tick, for the next look to compare with."""
    at: datetime | None = None
    """When the account answered, its time; None: it was not asked, or has not answered."""


def system_health(picture: Picture) -> Looked | None:
    """The components as `cockpit status` has them; None: nothing has been judged yet."""
    if picture.situation is None or picture.assessment is None:
        return None
    lines = status_lines(picture)
    found = report(picture.environment, picture.situation, picture.assessment)
    down = any(not row.usable for row in found.components)
    verdict = FAILED if down else UNREAD if found.blind else WELL
    return Looked(verdict, status_note(lines), lines)


def recoverable(found: Sequence[tuple[str, Recovery]]) -> Looked:
    """Whether every table can be restored to any second."""
    lacking = [name for name, recovery in found if not recovery.enabled]
    if lacking:
        return Looked(FAILED, f"point-in-time recovery DISABLED: {', '.join(lacking)}")
    return Looked(
        WELL, f"point-in-time recovery ENABLED: {', '.join(name for name, _ in found) or 'there is no table'}"
    )


def _functions(picture: Picture) -> tuple[Function, ...]:
    return (picture.situation.functions.value or ()) if picture.situation is not None else ()
