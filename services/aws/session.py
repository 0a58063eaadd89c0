"""The one door to an account: every question of the house goes through `Account.ask`.

Building an Account costs nothing; aiobotocore is imported and clients are built with the first question, on
whichever event loop asks it. Not shared between loops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from services.aws.budget import Budget
from services.aws.clients import Clients
from services.aws.failures import REMEDIES, classify, not_aws, shown
from services.clock import Clock
from services.model.spending import Spending
from services.problems import AccountError, Problem, ProblemKind, problem
from services.settings.values import Environment, EnvironmentKind, Prices

DEADLINE_S = 20.0

RENEW_S = 25.0
"""Machine seconds between two looks for renewed credentials: botocore never reads a changed file again."""

GLOBAL_REGION = "us-east-1"
"""Where CloudFront's API and metrics, and nothing else of ours, live."""


class Account:
    """Questions to one account, from one event loop."""

    def __init__(
        self, environment: Environment, clock: Clock, *, attempts: int = 3, prices: Prices | None = None
    ) -> None:
        self.environment = environment
        self.clock = clock
        self.budget = Budget(clock, prices)
        self._attempts = attempts
        self._clients: Clients | None = None
        self._lock = asyncio.Lock()
        self._stale = False
        self._renewed = float("-inf")

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = DEADLINE_S,
    ) -> Mapping[str, Any]:
        """The parsed reply to one call.

        `service` and `operation` are botocore's names (`lambda`, `UpdateAlias`). `region` defaults to the
        environment's, CloudFront's to us-east-1. `deadline` is in machine seconds and covers all attempts. Raises
        AccountError; for a mutation see `Problem.outcome_unknown`.
        """
        region = region or (GLOBAL_REGION if service == "cloudfront" else self.environment.region)
        await self.budget.admit(service, operation, region)
        try:
            async with asyncio.timeout(deadline):
                reply = await self._send(service, operation, dict(parameters or {}), region)
        except AccountError as error:
            self._stale = self._stale or error.problem.kind is ProblemKind.NO_CREDENTIALS
            raise
        except Exception as error:
            # The edge: aiobotocore lets KeyError, RecursionError and RuntimeError through for odd replies.
            cause = classify(error, service, operation, region, self.clock.now(), self._elsewhere)
            self._stale = self._stale or cause.kind in (ProblemKind.EXPIRED, ProblemKind.NO_CREDENTIALS)
            raise AccountError(cause) from error
        if service != "s3" and _is_page(reply):
            raise AccountError(not_aws(service, operation, region, self.clock.now()))
        return reply

    async def close(self) -> None:
        """Close every connection. Questions under way fail."""
        clients, self._clients = self._clients, None
        if clients is not None:
            await clients.close()

    @property
    def spending(self) -> Spending:
        """Calls and dollars of this Account so far."""
        return self.budget.spending

    @property
    def _elsewhere(self) -> str:
        """The endpoint that is asked instead of AWS, as it may be shown."""
        sandbox = self.environment.kind is EnvironmentKind.SANDBOX
        return shown(self.environment.endpoint_url) if sandbox else ""

    async def _send(self, service: str, operation: str, parameters: dict[str, Any], region: str) -> Mapping[str, Any]:
        clients = await self._current()
        clients.users += 1
        try:
            client = await clients.get(service, operation, region)
            method = getattr(client, method_name(operation), None)
            if method is None:
                raise AccountError(_unknown(service, operation))
            self.budget.count(service, operation, parameters)
            reply: Mapping[str, Any] = await method(**parameters)
            return reply
        finally:
            clients.users -= 1
            if clients is not self._clients and clients.users == 0:
                await clients.close()

    async def _current(self) -> Clients:
        """The clients in use; new ones when the credentials of the old ones have run out."""
        async with self._lock:
            now = self.clock.monotonic()
            if self._stale and self._clients is not None and now - self._renewed >= RENEW_S:
                old, self._clients = self._clients, None
                self._stale, self._renewed = False, now
                if old.users == 0:
                    await old.close()
            if self._clients is None:
                self._clients = Clients(self.environment, self._attempts)
            return self._clients


def method_name(operation: str) -> str:
    """botocore's method for an operation: `DescribeStacks` is `describe_stacks`."""
    from botocore import xform_name

    return str(xform_name(operation))


def _is_page(reply: Mapping[str, Any]) -> bool:
    headers = (reply.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
    return str(headers.get("content-type", "")).startswith("text/html")


def _unknown(service: str, operation: str) -> Problem:
    return problem(
        ProblemKind.UNSUPPORTED,
        f"{service} has no operation {operation}",
        operation=f"{service}:{operation}",
        remedy=REMEDIES[ProblemKind.UNSUPPORTED],
    )
