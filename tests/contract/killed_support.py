"""Lives of the real executor, each a process of its own that a SIGKILL ends at a named point.

A fork server holds everything imported and botocore's models read, so that a life begins in milliseconds and is a
process all the same: what it did not write to the disk or send to the account is gone with it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from services.aws.models import full
from services.clock import Clock
from services.executor.__main__ import _alone
from services.executor.crash import VARIABLE
from services.model.entry import Operation
from services.model.plan import Plan
from services.simulated.account import SimulatedAccount
from tests.contract.content_support import Shelf

LIMIT_S = 100.0
"""Machine seconds for one life to end."""

for _service in ("apigateway", "cloudfront", "cognito-idp", "dynamodb", "lambda", "logs", "s3"):
    full().load_service_model(_service, "service-2")
    full().load_service_model(_service, "endpoint-rule-set-1")
for _data in ("endpoints", "partitions", "_retry", "sdk-default-configuration"):
    full().load_data(_data)


def servers() -> ForkServerContext:
    """The fork server's context; it ends with this process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "services.executor.verifying", "aiobotocore.session"])
    return context


def live(path: str, operation: str, point: str, by: str, limit: int) -> None:
    """What the process does: the executor's own way from its arguments on. `limit`: most bytes of its files."""
    from argparse import Namespace

    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if point:
        os.environ[VARIABLE] = point
    raise SystemExit(_alone(Namespace(home=Path(path), operation=operation, locks="", resume=by)))


class Gallows(Shelf):
    """A desk whose operations are carried out by processes, on an account whose clock runs."""

    def __init__(self, account: SimulatedAccount, path: Path) -> None:
        super().__init__(account, path)
        self._context = servers()

    @property
    def clock(self) -> Clock:  # type: ignore[override]  # it runs by itself: nobody moves it
        return self.account.clock

    async def life(self, operation: str, point: str = "", by: str = "") -> bool:
        """One life, until it ends by itself or is killed at `point`; whether it was killed."""
        code = await self.ended(operation, point, by)
        assert code in (0, -signal.SIGKILL), code
        return code != 0

    async def ended(self, operation: str, point: str = "", by: str = "", limit: int = 0) -> int:
        """One life's exit code: 1 when its journal could not be written."""
        given = (str(self.home.path), operation, point, by, limit)
        process: ForkServerProcess = self._context.Process(target=live, args=given)
        process.start()
        await asyncio.to_thread(process.join, LIMIT_S)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"a life did not end: {self.read(operation).text}")
        return process.exitcode

    async def killed_then_resumed(self, plan: Plan, point: str) -> Operation:
        """Killed there, then carried on to its end."""
        operation = self.order(plan)
        assert await self.life(operation, point), f"it never came to {point}"
        assert self.read(operation).open
        assert not await self.life(operation, by="oncall on bastion")
        return self.read(operation)

    def asked(self, *names: str) -> int:
        """Calls of these operations that reached the account so far."""
        return sum(call.operation in names for call in self.account.calls)
