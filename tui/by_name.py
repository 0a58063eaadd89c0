"""Actions that have no key of their own and are found in the palette: each asks for a line, reads, and plans."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual import work

from services.model.situation import Situation
from services.problems import AccountError
from tui.acting import Acting, Planner
from tui.order_lines import Figures, Keeping, Leaving, read_figures, read_keeping, read_leaving
from tui.screens.line import LineScreen
from tui.screens.notice import NoticeScreen

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.model.functions import Observed
    from services.watch.on_demand import Question

T = TypeVar("T")


class ByName(Acting):
    """Memory and timeout, retention, export."""

    def do_configure(self) -> None:
        function = next(iter(self._situation.functions.value or ()), None) if self._situation else None
        value = f"{function.name} memory={function.memory_mb} timeout={function.timeout_s}" if function else ""
        hint = "The function, its memory in MB, its timeout in seconds; what stands there is what it has."
        self.push_screen(LineScreen("Change memory or timeout", value, hint, read_figures), self._configure)

    def do_retention(self) -> None:
        hint = "The log group, and how many days it keeps its events, or never."
        screen = LineScreen("Change a log group's retention", f"{self._first_group()} ", hint, read_keeping)
        self.push_screen(screen, self._keep)

    def do_export_logs(self) -> None:
        hint = "The log group, the bucket, and how far back: 90m, 24h, 7d."
        screen = LineScreen("Export logs into a bucket", f"{self._first_group()} ", hint, read_leaving)
        self.push_screen(screen, self._export)

    @property
    def _situation(self) -> Situation | None:
        return self.session.situation if self.session is not None else None

    def _first_group(self) -> str:
        """The application's own group, else the first function's."""
        session = self.session
        named = session.environment.names.log_groups if session is not None else ()
        functions = self._situation.functions.value if self._situation is not None else None
        return next((one.name for one in named), next((str(one.log_group) for one in functions or ()), ""))

    def _configure(self, given: Figures | None) -> None:
        if given is None or self._situation is None:
            return
        from services.actions.configuration import plan_configuration
        from services.aws.function_use import observed

        known = next((one for one in self._situation.functions.value or () if one.name == given.function), None)
        now, group = self.clock.now(), str(known.log_group) if known is not None else ""

        async def question(account: Account) -> Observed | None:
            try:
                return await observed(account, group, now) if group else None
            except AccountError:
                return None  # the plan says that it is not known

        self._plan_after(question, lambda use: lambda situation, environment, settings, at: plan_configuration(
            situation, environment, settings, at, given.function,
            memory_mb=given.memory_mb, timeout_s=given.timeout_s, observed=use,
        ))  # fmt: skip

    def _keep(self, given: Keeping | None) -> None:
        if given is None:
            return
        from services.actions.retention import plan_retention
        from services.aws.logs import describe_groups

        self._plan_after(
            lambda account: describe_groups(account, given.group),
            lambda groups: (
                lambda situation, environment, settings, at: plan_retention(
                    situation, environment, settings, at, groups, given.group, given.days
                )
            ),
        )

    def _export(self, given: Leaving | None) -> None:
        if given is None:
            return
        from services.actions.export import plan_export
        from services.aws.log_exports import ground

        self._plan_after(
            lambda account: ground(account, given.bucket),
            lambda found: (
                lambda situation, environment, settings, at: plan_export(
                    situation, environment, settings, at, found, given.group, at - given.back, at
                )
            ),
        )

    @work(group="order-facts", exclusive=True)
    async def _plan_after(self, question: Question[T], planner: Callable[[T], Planner]) -> None:
        """Have the watch read what the plan rests on; then plan. Another environment by then: nothing comes of it."""
        from services.watch.on_demand import ask

        session = self.session
        try:
            found = await asyncio.wrap_future(ask(session.watch if session is not None else None, question))
        except AccountError as error:
            if session is self.session:
                remedy = error.problem.remedy or "Try again."
                self.push_screen(NoticeScreen("No plan", f"It cannot be read: {error.problem.message}", remedy))
            return
        if session is self.session:
            self._prepare(planner(found))
