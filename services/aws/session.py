"""The one door to an account: every question of the house goes through `Account.ask`.

Building an Account costs nothing; aiobotocore is imported and clients are built with the first question, on
whichever event loop asks it. Not shared between loops.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from services.aws.budget import Budget
from services.aws.failures import REMEDIES, classify, not_aws
from services.clock import Clock
from services.model.spending import Spending
from services.problems import AccountError, Problem, ProblemKind, problem
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind, Prices

CONNECT_S = 4.0
READ_S = 15.0
"""Seconds of silence; a dripping reply is ended by the deadline alone (reliability 0.7)."""

DEADLINE_S = 20.0

RENEW_S = 25.0
"""Machine seconds between two looks for renewed credentials: botocore never reads a changed file again."""

GLOBAL_REGION = "us-east-1"
"""Where CloudFront's API and metrics, and nothing else of ours, live."""

# What a simulated account is given: never the operator's own.
_SANDBOX_KEYS = {"aws_access_key_id": "SIMULATED", "aws_secret_access_key": "SIMULATED"}


class Account:
    """Questions to one account, from one event loop."""

    def __init__(
        self, environment: Environment, clock: Clock, *, attempts: int = 3, prices: Prices | None = None
    ) -> None:
        self.environment = environment
        self.clock = clock
        self.budget = Budget(clock, prices)
        self._attempts = attempts
        self._clients: _Clients | None = None
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
            cause = classify(error, service, operation, region, self.clock.now())
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

    async def _send(self, service: str, operation: str, parameters: dict[str, Any], region: str) -> Mapping[str, Any]:
        clients = await self._current()
        clients.users += 1
        try:
            client = await clients.get(service, region)
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

    async def _current(self) -> _Clients:
        """The clients in use; new ones when the credentials of the old ones have run out."""
        async with self._lock:
            now = self.clock.monotonic()
            if self._stale and self._clients is not None and now - self._renewed >= RENEW_S:
                old, self._clients = self._clients, None
                self._stale, self._renewed = False, now
                if old.users == 0:
                    await old.close()
            if self._clients is None:
                self._clients = _Clients(self.environment, self._attempts)
            return self._clients


class _Clients:
    """One session and its clients: one per service and region, made when first asked for."""

    def __init__(self, environment: Environment, attempts: int) -> None:
        from aiobotocore.session import AioSession

        self.users = 0
        self._environment = environment
        self._config = _config(environment, attempts)
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self._found: bool | None = None
        """Whether there are credentials; None until looked for."""
        self._sandbox = environment.kind is EnvironmentKind.SANDBOX
        self._session = AioSession(profile=None if self._sandbox else environment.profile or None)
        if self._sandbox:
            # Nothing of the operator's own AWS files may matter to a simulated account.
            store = self._session.get_component("config_store")
            for name, value in (("profile", None), ("config_file", os.devnull), ("credentials_file", os.devnull)):
                store.set_config_variable(name, value)

    async def get(self, service: str, region: str) -> Any:
        client = self._made.get((service, region))
        if client is None:
            async with self._lock:
                client = self._made.get((service, region))
                if client is None:
                    client = self._made[service, region] = await self._make(service, region)
        return client

    async def _make(self, service: str, region: str) -> Any:
        if not self._sandbox:
            await self._identify()
        options: dict[str, Any] = {"region_name": region, "config": self._config}
        if self._sandbox:
            options |= _SANDBOX_KEYS
            if self._environment.endpoint_url:
                options["endpoint_url"] = self._environment.endpoint_url
        return await self._stack.enter_async_context(self._session.create_client(service, **options))

    async def _identify(self) -> None:
        """Look for credentials once per session, under the lock: where there are none, each look may take seconds."""
        if self._session.get_scoped_config().get("mfa_serial"):
            # botocore would ask for the code on the terminal, under the screen, and wait (aws.md 6.5).
            raise AccountError(_needs_code(self._environment))
        if self._found is None:
            self._found = await self._session.get_credentials() is not None
        if not self._found:
            raise AccountError(_no_credentials())

    async def close(self) -> None:
        await self._stack.aclose()
        self._made.clear()


def _config(environment: Environment, attempts: int) -> Any:
    from aiobotocore.config import AioConfig

    from services.aws.transport import SendOnce

    custom = environment.kind is EnvironmentKind.SANDBOX
    return AioConfig(
        http_session_cls=SendOnce,
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=16,
        proxies={},  # an empty table: those of the process's environment are not looked at
        ignore_configured_endpoint_urls=True,
        inject_host_prefix=not custom,
        user_agent_extra="ec2-manager-cockpit",
        **(
            {"s3": {"addressing_style": "path"}, "use_fips_endpoint": False, "use_dualstack_endpoint": False}
            if custom
            else {}
        ),
    )


def method_name(operation: str) -> str:
    """botocore's method for an operation: `DescribeStacks` is `describe_stacks`."""
    from botocore import xform_name

    return str(xform_name(operation))


def _is_page(reply: Mapping[str, Any]) -> bool:
    headers = (reply.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
    return str(headers.get("content-type", "")).startswith("text/html")


def _needs_code(environment: Environment) -> Problem:
    profile = environment.profile or os.environ.get("AWS_PROFILE", "") or "default"
    return Problem(
        ProblemKind.NO_CREDENTIALS,
        safe(f"the AWS profile {profile} asks for an MFA code, which is not asked for here"),
        remedy="Open a session first (aws sts get-session-token, aws sso login) and name its profile.",
    )


def _no_credentials() -> Problem:
    return problem(
        ProblemKind.NO_CREDENTIALS, "there are no AWS credentials", remedy=REMEDIES[ProblemKind.NO_CREDENTIALS]
    )


def _unknown(service: str, operation: str) -> Problem:
    return problem(
        ProblemKind.UNSUPPORTED, f"{service} has no operation {operation}", operation=f"{service}:{operation}"
    )
