"""A plan to restore the web content: the bucket is read on demand, its manifest is on disk before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.model.plan import ActionKind, Plan, Refusal
from services.model.situation import Situation
from services.safe_text import safe
from services.settings.values import Environment, Settings

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.clock import Clock
    from services.journal.home import JournalHome


def restoration(
    situation: Situation,
    environment: Environment,
    settings: Settings,
    clock: Clock,
    as_of: datetime | None = None,
    *,
    remove: bool = False,
    undo_of: str = "",
    home: JournalHome | None = None,
) -> Callable[[Account], Coroutine[Any, Any, Plan | Refusal]]:
    """A question for the watch: the plan as of `as_of` (None: before the newest publication), or why there is none.

    Answering it raises AccountError when the bucket cannot be read.
    """
    from services.actions.content import ours, plan_content
    from services.aws.content import history
    from services.journal.home import JournalBroken, JournalHome
    from services.journal.manifests import write_manifest

    async def answer(account: Account) -> Plan | Refusal:
        parts = situation.parts.value
        buckets = parts.buckets if parts is not None else ()
        if not buckets:
            return Refusal(ActionKind.ROLLBACK, safe("the stack has no web bucket"), safe("Nothing to restore."))
        found = await history(account, buckets[0], as_of, ours(situation.operations.value or ()))
        planned = plan_content(situation, environment, settings, clock.now(), found, remove=remove, undo_of=undo_of)
        if isinstance(planned, Refusal):
            return planned
        folder = home or JournalHome.default(environment)
        try:
            write_manifest(folder, planned.plan.steps[0].after["manifest"], planned.moves)
        except JournalBroken as error:
            return Refusal(ActionKind.ROLLBACK, safe(str(error), 400), safe("Without a backup nothing is restored."))
        return planned.plan

    return answer
