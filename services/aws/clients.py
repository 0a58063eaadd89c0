"""The clients of one account: aiobotocore's sessions, and one client per service and region, made when asked for.

Imports aiobotocore when the first client is made, not before.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from typing import Any

from services.aws.failures import REMEDIES
from services.aws.operations import trimmed
from services.problems import AccountError, Problem, ProblemKind, problem
from services.safe_text import safe
from services.settings.values import Environment, EnvironmentKind

CONNECT_S = 4.0
LONGEST_S = 1_000.0
"""What is waited for longest: a function that takes its fifteen minutes."""

READ_S = 15.0
"""Seconds of silence; a dripping reply is ended by the deadline alone (reliability 0.7)."""

USER_AGENT = "ec2-manager-cockpit (aiobotocore)"
"""What CloudTrail shows. Said whole: botocore would put it together from thirty parts, twice a call."""

# What a simulated account is given: never the operator's own.
_SANDBOX_KEYS = {"aws_access_key_id": "SIMULATED", "aws_secret_access_key": "SIMULATED"}


class Clients:
    """Everything that was made with one set of credentials. For one event loop."""

    def __init__(self, environment: Environment, attempts: int) -> None:
        self.users = 0
        self._environment = environment
        self._attempts = attempts
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._made: dict[tuple[str, str, bool, bool, bool], Any] = {}
        self._sessions: dict[tuple[bool, bool], _Session] = {}

    async def get(self, service: str, operation: str, region: str, once: bool = False, patient: bool = False) -> Any:
        """A client that has this operation: a small one where the table of operations holds it.

        `once`: of one attempt. `patient`: of one that waits through any silence, as long as it is let.
        """
        small = trimmed(service, operation)
        key = (service, region, small, once, patient)
        client = self._made.get(key)
        if client is None:
            async with self._lock:
                client = self._made.get(key)
                if client is None:
                    session = self._session(small, once)
                    client = self._made[key] = await session.client(service, region, self._stack, patient)
        return client

    async def close(self) -> None:
        """Close every connection."""
        await self._stack.aclose()
        self._made.clear()

    def _session(self, small: bool, once: bool) -> _Session:
        if (small, once) not in self._sessions:
            attempts = 1 if once else self._attempts
            self._sessions[small, once] = _Session(self._environment, attempts, small)
        return self._sessions[small, once]


class _Session:
    """One of aiobotocore's sessions, of trimmed models or of botocore's own."""

    def __init__(self, environment: Environment, attempts: int, small: bool) -> None:
        from aiobotocore.session import AioSession

        from services.aws.models import full, models
        from services.aws.parsing import ParserFactory

        self._environment = environment
        self._sandbox = environment.kind is EnvironmentKind.SANDBOX
        self._found: bool | None = None
        """Whether there are credentials; None until looked for."""
        self._attempts = attempts
        self._config = _config(environment, attempts)
        self._made = AioSession(profile=None if self._sandbox else environment.profile or None)
        self._made.register_component("data_loader", models() if small else full())
        self._made.register_component("response_parser_factory", ParserFactory())
        if self._sandbox:
            # Nothing of the operator's own AWS files may matter to a simulated account.
            store = self._made.get_component("config_store")
            for name, value in (("profile", None), ("config_file", os.devnull), ("credentials_file", os.devnull)):
                store.set_config_variable(name, value)

    async def client(self, service: str, region: str, stack: AsyncExitStack, patient: bool = False) -> Any:
        """A new client, closed with `stack`; `patient`: it waits through any silence.

        Raises AccountError when there are no credentials to use.
        """
        if not self._sandbox:
            await self._identify()
        options: dict[str, Any] = {"region_name": region, "config": self._config}
        if patient:
            options["config"] = _config(self._environment, self._attempts, LONGEST_S)
        if self._sandbox:
            options |= _SANDBOX_KEYS
            if self._environment.endpoint_url:
                options["endpoint_url"] = self._environment.endpoint_url
        return await stack.enter_async_context(self._made.create_client(service, **options))

    async def _identify(self) -> None:
        """Look for credentials once per session, under the lock: where there are none, each look may take seconds."""
        if self._made.get_scoped_config().get("mfa_serial"):
            # botocore would ask for the code on the terminal, under the screen, and wait (aws.md 6.5).
            raise AccountError(_needs_code(self._environment))
        if self._found is None:
            self._found = await self._made.get_credentials() is not None
        if not self._found:
            raise AccountError(_no_credentials())


def _config(environment: Environment, attempts: int, read_s: float = READ_S) -> Any:
    from aiobotocore.config import AioConfig

    from services.aws.transport import SendOnce

    custom = environment.kind is EnvironmentKind.SANDBOX
    return AioConfig(
        http_session_cls=SendOnce,
        connect_timeout=CONNECT_S,
        read_timeout=read_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=16,
        proxies={},  # an empty table: those of the process's environment are not looked at
        ignore_configured_endpoint_urls=True,
        inject_host_prefix=not custom,
        user_agent=USER_AGENT,
        **(
            {"s3": {"addressing_style": "path"}, "use_fips_endpoint": False, "use_dualstack_endpoint": False}
            if custom
            else {}
        ),
    )


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
