"""Many environments watched beside each other: one thread, one event loop, one set of clients per set of credentials.

Each environment's watch is one of its own, with its own polls and Problems: none waits for another. What they share is
what would be the same thirty times over, and the rates of the accounts that they ask.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from services.aws.budget import Limits
from services.aws.connections import Connections, credentials_of
from services.clock import Clock
from services.settings.values import Environment, Settings
from services.watch.scope import LIGHT
from services.watch.updates import Update
from services.watch.watch import Watch


class Beside:
    """Makes light watches and runs them until closed."""

    def __init__(self, limits: Limits) -> None:
        """Starts the thread; nothing is asked yet."""
        self._limits = limits
        self._connections: dict[tuple[str, str], Connections] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="watch beside", daemon=True)
        self._thread.start()

    def watch(
        self, environment: Environment, settings: Settings, clock: Clock, post: Callable[[Update], None]
    ) -> Watch:
        """A light watch of `environment` that runs here once it is started. Any thread."""
        with self._lock:
            shared = self._connections.setdefault(credentials_of(environment), Connections(environment))
        return Watch(
            environment,
            settings,
            clock,
            post,
            scope=LIGHT,
            limits=self._limits,
            connections=shared,
            launch=self._launch,
        )

    def close(self) -> None:
        """End every watch and close the connections; returns at once."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)

    def join(self, timeout: float | None = None) -> None:
        """Wait, in machine seconds, until the thread has ended."""
        self._thread.join(timeout)

    def _launch(self, watching: Coroutine[Any, Any, None]) -> None:
        try:
            asyncio.run_coroutine_threadsafe(watching, self._loop)
        except RuntimeError:  # closed between the opening of an environment and its start
            watching.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._end())
            self._loop.close()

    async def _end(self) -> None:
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for shared in self._connections.values():
            await shared.close()
