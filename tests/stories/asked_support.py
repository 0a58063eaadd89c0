"""A watch that is told what it learns and asked what it does not: answers come from a script, on the app's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from services.aws.log_pace import Pace
from services.clock import Clock
from services.problems import AccountError, Problem
from services.settings.loading import find, load
from services.settings.values import Environment, Settings
from services.watch.updates import Update
from tests.stories.screen_support import ToldWatch
from tui.app import CockpitApp
from tui.session import Opened

Script = Callable[[str, Mapping[str, Any], str], Any]
"""Operation, parameters, region → the reply, or a Problem to fail with."""


class ScriptedAccount:
    """Stands where an Account stands."""

    def __init__(self, environment: Environment, clock: Clock, script: Script) -> None:
        self.environment, self.clock = environment, clock
        self.asked: list[tuple[str, str]] = []
        self.log_pace = Pace(clock, 1000.0)
        self._script = script

    async def ask(
        self, service: str, operation: str, parameters: Mapping[str, Any] | None = None, *, region: str = ""
    ) -> Any:
        self.asked.append((operation, region or self.environment.region))
        reply = self._script(operation, parameters or {}, region or self.environment.region)
        if isinstance(reply, Problem):
            raise AccountError(reply)
        return reply


class AskedWatch(ToldWatch):
    """Told and asked."""

    def __init__(self, environment: Environment, post: Callable[[Update], None], account: ScriptedAccount) -> None:
        super().__init__(environment, post)
        self.account = account

    def ask(self, question: Callable[[Any], Any]) -> Future[Any]:
        """Answer a question on the loop that asks."""
        return asyncio.run_coroutine_threadsafe(question(self.account), asyncio.get_running_loop())


def asked_app(clock: Clock, script: Script) -> tuple[CockpitApp, list[AskedWatch]]:
    """The app on such watches, newest last."""
    watches: list[AskedWatch] = []

    def opener(environment: Environment, settings: Settings, post: Callable[[Update], None]) -> Opened:
        watch = AskedWatch(environment, post, ScriptedAccount(environment, clock, script))
        watches.append(watch)
        return Opened(clock, watch)

    settings = load()
    return CockpitApp(settings, find(settings, "prod"), opener=opener, machine=clock), watches
