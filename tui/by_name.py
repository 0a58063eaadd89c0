"""Actions that have no key of their own and are found in the palette: each asks for a line, reads, and plans."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual import work

from services.model.situation import Situation
from services.problems import AccountError
from tui.acting import Acting
from tui.order_lines import (
    Clearing,
    Figures,
    Keeping,
    Leaving,
    read_clearing,
    read_figures,
    read_keeping,
    read_leaving,
    read_name,
)
from tui.ordering import Planner
from tui.screens.line import LineScreen
from tui.screens.notice import NoticeScreen

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.model.functions import Observed
    from services.watch.on_demand import Question
    from tui.screens.invoke import Called

T = TypeVar("T")

TELL_AFTER = 1.0
"""Seconds of machine time after which it is said that something is being read."""

OLD_DAYS = 30
"""The runbook's age of an old version, as the line begins with it."""


class ByName(Acting):
    """Memory and timeout, old versions, test invoke, sign-out, retention, export."""

    def do_configure(self) -> None:
        self.configure("")

    def configure(self, name: str) -> None:
        """Ask for the figures of the function with this name, or of the first."""
        known = (self._situation.functions.value or ()) if self._situation else ()
        function = next((one for one in known if one.name == name), next(iter(known), None))
        value = f"{function.name} memory={function.memory_mb} timeout={function.timeout_s}" if function else ""
        hint = "The function, its memory in MB, its timeout in seconds; what stands there is what it has."
        self.push_screen(LineScreen("Change memory or timeout", value, hint, read_figures), self._configure)

    def do_retention(self) -> None:
        hint = "The log group, and how many days it keeps its events, or never."
        screen = LineScreen("Change a log group's retention", f"{self._first_group()} ", hint, read_keeping)
        self.push_screen(screen, self._keep)

    def do_export_logs(self) -> None:
        hint = "The log groups with commas, the bucket, how far back (90m, 24h, 7d); queue waits for another export."
        screen = LineScreen("Export logs into a bucket", f"{self._first_group()} ", hint, read_leaving)
        self.push_screen(screen, self._export)

    def do_clean_up(self) -> None:
        function = next(iter(self._situation.releases.value or ()), None) if self._situation else None
        value = f"{function.function} {OLD_DAYS}d" if function else ""
        hint = "The function, and how old (30d) or from before which day (2026-08-01); keep=5 keeps more than three."
        self.push_screen(LineScreen("Delete old versions", value, hint, read_clearing), self._clear)

    def do_test_invoke(self) -> None:
        from services.actions.invoke import PRESETS
        from tui.screens.invoke import InvokeScreen
        from tui.screens.outage import OutageScreen

        # The runbook's payload of an outage (line 978) comes first where one is looked into.
        presets = PRESETS[::-1] if isinstance(self.screen, OutageScreen) else PRESETS
        function = next(iter(self._situation.functions.value or ()), None) if self._situation else None
        self.push_screen(InvokeScreen(str(function.name) if function else "", presets), self._invoke)

    def do_sign_out(self) -> None:
        parts = self._situation.parts.value if self._situation is not None else None
        pools = parts.user_pools if parts is not None else ()
        hint = f"The user's name or e-mail address, in pool {pools[0] if pools else '(the stack has none)'}."
        self.push_screen(LineScreen("Sign out a user", "", hint, read_name), self._sign_out)

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

    def _invoke(self, given: Called | None) -> None:
        if given is None:
            return
        from services.actions.invoke import plan_invoke

        self._prepare(lambda situation, environment, settings, at: plan_invoke(
            situation, environment, settings, at, given.function, given.payload
        ))  # fmt: skip

    def _sign_out(self, name: str | None) -> None:
        parts = self._situation.parts.value if self._situation is not None else None
        if name is None or parts is None or not parts.user_pools:
            return
        from services.actions.sign_out import plan_sign_out
        from services.aws.sign_out import ground

        pool, clients = str(parts.user_pools[0]), [str(one) for one in parts.user_pool_clients]
        self._plan_after(
            lambda account: ground(account, pool, clients, name),
            lambda found: (
                lambda situation, environment, settings, at: plan_sign_out(
                    situation, environment, settings, at, found, name
                )
            ),
        )

    def _clear(self, given: Clearing | None) -> None:
        if given is None:
            return
        from services.actions.clean_up import plan_clean_up
        from services.aws.version_uses import read

        self._plan_after(
            lambda account: read(account, given.function),
            lambda uses: (
                lambda situation, environment, settings, at: plan_clean_up(
                    situation, environment, settings, at, uses, given.before(at), given.keep
                )
            ),
        )

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
                    situation, environment, settings, at, found, given.groups, at - given.back, at, queue=given.queue
                )
            ),
        )

    def _plan_after(self, question: Question[T], planner: Callable[[T], Planner]) -> None:
        """Have the watch read what the plan rests on; then plan."""
        self._read(question, lambda found: self._prepare(planner(found)), "No plan")

    @work(group="order-facts", exclusive=True)
    async def _read(self, question: Question[T], then: Callable[[T], object], without: str = "Not read") -> None:
        """Have the watch answer, and go on with it. Another environment by then: nothing comes of it.

        `without`: what is said above the reason when there is no answer.
        """
        from services.watch.on_demand import ask

        session = self.session
        try:
            answer = asyncio.wrap_future(ask(session.watch if session is not None else None, question))
            if not (await asyncio.wait({answer}, timeout=TELL_AFTER))[0] and session is self.session:
                self.notify("Reading what this rests on …", markup=False)
            found = await answer
        except AccountError as error:
            if session is self.session:
                remedy = error.problem.remedy or "Try again."
                self.push_screen(NoticeScreen(without, f"It cannot be read: {error.problem.message}", remedy))
            return
        if session is self.session:
            then(found)
