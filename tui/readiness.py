"""What screen and command ask for readiness alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.model.readiness import Footing
from services.model.situation import Situation
from services.settings.values import Environment

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.watch.on_demand import Question


def footing_of(situation: Situation, environment: Environment) -> Question[Footing]:
    """The question for permissions, provisioned concurrency and the clock. Imports: not before the first paint."""
    from services.actions.permissions import wanted

    actions, function = wanted(situation)

    async def question(account: Account) -> Footing:
        from services.aws.footing import footing

        return await footing(account, situation.identity.value, actions, function, environment.names.alias)

    return question
