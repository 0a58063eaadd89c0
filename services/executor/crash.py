"""Named points at which a test kills the executor, to prove that nothing is lost or done twice there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping

from services.settings.values import Environment, EnvironmentKind

VARIABLE = "CRASH_AT"

POINTS = ("before-intent", "intent", "sent", "reply", "applied", "verifying", "before-done")
"""In the order in which they are passed. `0:sent` is: after the first step's call, before its reply is recorded.

A step of many calls has batches: `0:sent@2` is its third, and `half` is a point of its own after the first answer."""

CrashPoint = Callable[[int, str], None]


def crash_point(environment: Environment, variables: Mapping[str, str] = os.environ) -> CrashPoint:
    """What to call at each point: kills this process with SIGKILL at `CRASH_AT=<step>:<point>`.

    Honoured in sandboxes alone; anywhere else it does nothing.
    """
    wanted = variables.get(VARIABLE, "")
    if not wanted or environment.kind is not EnvironmentKind.SANDBOX:
        return _nothing

    def here(step: int, point: str) -> None:
        if wanted == f"{step}:{point}":
            os.kill(os.getpid(), signal.SIGKILL)

    return here


def _nothing(step: int, point: str) -> None:
    """Not asked for."""
