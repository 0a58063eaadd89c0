"""Who asks: the simulated account knows one operator."""

from __future__ import annotations

from typing import Any

from services.simulated.protocol import Context, Handler
from services.simulated.state import SimulatedState


def handlers(state: SimulatedState) -> dict[str, Handler]:
    """STS as far as we serve it; moto serves the rest."""

    def get_caller_identity(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        arn = state.estate.caller_arn
        return {"UserId": f"AROA3XFRBF535PLBIFPI4:{arn.rpartition('/')[2]}", "Account": context.account, "Arn": arn}

    return {"GetCallerIdentity": get_caller_identity}
