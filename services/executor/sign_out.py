"""`users.sign_out`: nothing tells later whether it was done, and twice is as once; its answer is all there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aws import sign_out
from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.plan import Step
from services.settings.values import Environment


class SignOutStep:
    """Reads one user."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        found = await sign_out.user(account, str(step.call.parameters["UserPoolId"]), _name(step))
        return {"user.status": str(found.status) if found is not None else ""}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"user": _name(step)}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        if "signed_out" in known:
            text = f"{_name(step)} is signed out; {step.before.get('left', '')}"
            return Found(Standing.APPLIED, text, {"signed_out": True, "status": "signed out"})
        return Found(Standing.NOT_APPLIED, f"no answer tells that {_name(step)} was signed out", {})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        return {"signed_out": True}  # the service answers with nothing


def _name(step: Step) -> str:
    return str(step.call.parameters["Username"])
