"""`lambda.invoke`: one call of a function. What came back is all there is: nothing can be read of it afterwards."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from services.aws.session import Account
from services.executor.standing import Found, Standing
from services.model.plan import Step
from services.safe_text import safe, safe_lines
from services.settings.values import Environment

BODY_CHARACTERS = 8_000
"""Of the body that are kept, and said where there are more."""


class InvokeStep:
    """Reads which version would be called; of the call itself the records alone tell."""

    async def observe(self, account: Account, environment: Environment, step: Step) -> dict[str, str]:
        called = {name: step.call.parameters[name] for name in ("FunctionName", "Qualifier")}
        reply = await account.ask("lambda", "GetFunctionConfiguration", called)
        return {"invoke.version": str(safe(reply.get("Version", "")))}

    async def snapshot(self, account: Account, environment: Environment, step: Step) -> dict[str, Any]:
        return {"version": step.before.get("version", ""), "log_group": step.before.get("log_group", "")}

    async def look_up(self, account: Account, step: Step, known: Mapping[str, Any]) -> Found:
        if "status" not in known and known.get("problem"):
            return Found(Standing.NOT_APPLIED, "the function was not called", {})
        if "status" not in known:
            where = step.before.get("log_group", "") or "its log"
            return Found(
                Standing.UNKNOWN,
                f"whether {step.call.parameters['FunctionName']} ran is not known, and it is not called again: "
                f"look into {where}",
                {},
            )
        error = str(known.get("error") or "")
        text = f"HTTP {known['status']}, executed {_version(str(known.get('version', '')))}"
        if error:
            return Found(Standing.APPLIED, f"FunctionError {error}: {text}", {"status": "failed", "failed": error})
        return Found(Standing.APPLIED, f"{text}, no FunctionError", {"status": "answered"})

    def gist(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        """The whole answer, made safe: status, error, version, the log's tail, the body."""
        return {
            "status": int(reply.get("StatusCode") or 0),
            "error": str(safe(reply.get("FunctionError") or "", 100)),
            "version": str(safe(reply.get("ExecutedVersion") or "", 40)),
            "log": [str(line) for line in _log(reply.get("LogResult"))],
            "body": str(safe(_text(reply.get("Payload")), BODY_CHARACTERS)),
        }


def _log(encoded: object) -> tuple[str, ...]:
    """The last 4 KB of the log, which come as base64; what is none is left out."""
    try:
        raw = base64.b64decode(encoded if isinstance(encoded, str | bytes) else "", validate=True)
    except (binascii.Error, ValueError):
        return ()
    return tuple(str(line) for line in safe_lines(_text(raw).rstrip("\n"))) if raw else ()


def _text(raw: object) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes | bytearray) else str(raw or "")


def _version(named: str) -> str:
    return f"v{named}" if named.isdigit() else named
