"""The one door to an account: every question of the house goes through `Account.ask`.

Building an Account costs nothing; aiobotocore is imported and clients are built with the first question, on
whichever event loop asks it. Not shared between loops.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any

from services.aws.budget import Budget, Limits
from services.aws.connections import Connections
from services.aws.failures import REMEDIES, classify, not_aws, shown
from services.aws.log_pace import CALLS_PER_SECOND, Pace
from services.clock import Clock
from services.model.spending import Spending
from services.problems import AccountError, Problem, ProblemKind, problem
from services.settings.values import Environment, EnvironmentKind, Prices

DEADLINE_S = 20.0

GLOBAL_REGION = "us-east-1"
"""Where CloudFront's API and metrics, and nothing else of ours, live."""


class Account:
    """Questions to one account, from one event loop."""

    def __init__(
        self,
        environment: Environment,
        clock: Clock,
        *,
        attempts: int = 3,
        prices: Prices | None = None,
        limits: Limits | None = None,
        share: float = 1.0,
        connections: Connections | None = None,
        cost_cap: float = math.inf,
        log_calls: float = CALLS_PER_SECOND,
    ) -> None:
        """`limits`: shared with others that ask the same account, `share`: how much of the rates this one and its like
        may take. `connections`: of the same credentials, shared and closed by whoever made them. `log_calls`:
        FilterLogEvents a second, of everybody who asks through this Account or the same limits."""
        self.environment = environment
        self.clock = clock
        limiter = (limits or Limits()).of(environment, log_calls)
        self.budget = Budget(clock, prices, limiter, share, cost_cap)
        self.log_pace = Pace(clock, log_calls * share)
        self._shared = connections is not None
        self._connections = connections or Connections(environment, attempts)

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = DEADLINE_S,
        once: bool = False,
        patient: bool = False,
    ) -> Mapping[str, Any]:
        """The parsed reply to one call, a body that comes as a stream as bytes.

        `service` and `operation` are botocore's names (`lambda`, `UpdateAlias`). `region` defaults to the
        environment's, CloudFront's to us-east-1. `deadline` is in machine seconds and covers all attempts; `once`:
        there is one attempt, for what would be paid twice; `patient`: silence ends with the deadline alone.

        Raises AccountError; for a mutation see `Problem.outcome_unknown`.
        """
        region = region or (GLOBAL_REGION if service == "cloudfront" else self.environment.region)
        await self.budget.admit(service, operation, region)
        try:
            async with asyncio.timeout(deadline):
                reply = await self._send(service, operation, dict(parameters or {}), region, once, patient)
        except AccountError as error:
            if error.problem.kind is ProblemKind.NO_CREDENTIALS:
                self._connections.doubt()
            raise
        except Exception as error:
            # The edge: aiobotocore lets KeyError, RecursionError and RuntimeError through for odd replies.
            cause = classify(error, service, operation, region, self.clock.now(), self._elsewhere)
            if cause.kind in (ProblemKind.EXPIRED, ProblemKind.NO_CREDENTIALS):
                self._connections.doubt()
            raise AccountError(cause) from error
        if service != "s3" and _is_page(reply):
            raise AccountError(not_aws(service, operation, region, self.clock.now()))
        return reply

    async def close(self) -> None:
        """Close every connection that is this Account's own. Questions under way fail."""
        if not self._shared:
            await self._connections.close()

    @property
    def spending(self) -> Spending:
        """Calls and dollars of this Account so far."""
        return self.budget.spending

    @property
    def _elsewhere(self) -> str:
        """The endpoint that is asked instead of AWS, as it may be shown."""
        sandbox = self.environment.kind is EnvironmentKind.SANDBOX
        return shown(self.environment.endpoint_url) if sandbox else ""

    async def _send(
        self, service: str, operation: str, parameters: dict[str, Any], region: str, once: bool, patient: bool
    ) -> Mapping[str, Any]:
        clients = await self._connections.take(self.clock)
        try:
            client = await clients.get(service, operation, region, once, patient)
            method = getattr(client, method_name(operation), None)
            if method is None:
                raise AccountError(_unknown(service, operation))
            self.budget.count(service, operation, parameters)
            reply: Mapping[str, Any] = await method(**parameters)
            return await _whole(reply)
        finally:
            await self._connections.give_back(clients)


async def _whole(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    """Streams are read here, under the deadline and while the connection is ours."""
    streams = [name for name, value in reply.items() if hasattr(value, "iter_chunks")]
    return {**reply, **{name: await reply[name].read() for name in streams}} if streams else reply


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
