"""The proof that the tail is complete, at any size: lines planted in the simulated account, followed through cuts.

Twelve groups; one line in twenty up to a minute late; one in a hundred handed out twice; runs of the same millisecond;
empty pages with tokens; throttling; three cuts (connections that break, throttling that lasts, a process that stands
still). Beside it the algorithm of `aws logs tail --follow` (aws.md 3.2) on the same account, as the control.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from services.aws.session import Account
from services.model.logs import Gap
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from services.simulated.faults import Fault, FaultKind
from services.watch.tailing import Tail
from services.watch.tailing_group import TailGroup
from services.watch.updates import LinesArrived, Update
from tests.simulated_support import START, boto, manual, simulated

BASE = int(START.timestamp() * 1000)
GROUPS = tuple(TailGroup(f"/complete/{number:02d}", f"g{number:02d}") for number in range(12))
STEP_S = 0.5
CONTROL_S = 5.0
"""`TIME_TO_SLEEP` of the AWS CLI's tail."""
STILL_S = 700
QUIET_S = 90
"""After the last line: time for what is late."""


class Outcome(msgspec.Struct):
    """What the run showed."""

    lines: int
    seconds: float
    calls: int
    handed: int
    twice: int
    missing: int
    """Lines that are neither handed on nor inside a marked gap, at the end."""
    broken: int
    """Lines that were missing at some moment although the claim said otherwise."""
    gaps: int
    """Left at the end."""
    closed: int
    late: int
    cuts: list[bool]
    """Whether each cut was shown as a gap while it lasted."""
    throttled: int
    empty: int
    """Pages without a line that had a token."""
    again: int
    """Lines that a page held twice."""
    control: int
    """Lines of the control's groups."""
    lost: int
    """Of them it never got to see."""
    doubled: int
    cpu: float
    """Machine seconds of this process, the simulated account's included."""


def plant(account: SimulatedAccount, lines: int, seconds: int, seed: int) -> dict[str, list[tuple[int, int, str]]]:
    """Lines into all groups; gives (timestamp, ingestion, id) of each, by group, by ingestion."""
    chance = random.Random(seed)
    each = lines // len(GROUPS)
    planted: dict[str, list[tuple[int, int, str]]] = {}
    for group in GROUPS:
        made: list[tuple[str, int, int, str]] = []
        while len(made) < each:
            at = BASE + chance.randrange(seconds * 1000)
            for _ in range(chance.choice((1, 1, 1, 1, 2, 5, 9))):  # runs of the same millisecond
                lag = chance.randrange(1_000, 60_001) if chance.random() < 0.05 else chance.randrange(200, 3_000)
                made.append((f"s{chance.randrange(4)}", at, at + lag, f"INFO line {len(made)} of {group.short}"))
        events = account.state.logs.plant(group.name, made[:each], redelivered=0.01)
        planted[group.name] = sorted((event.timestamp, event.ingestion, event.id) for event in events)
    return planted


class Control:
    """`aws logs tail --follow`: start where the newest line was, leave out the ids of that very millisecond."""

    def __init__(self, client: Any, group: str) -> None:
        self._client = client
        self._group = group
        self._start = BASE
        self._newest: set[str] = set()
        self.seen: set[str] = set()
        self.doubled = 0

    def poll(self) -> None:
        """One round, every page to its end. A call that fails ends it; the CLI itself would end for good."""
        asked: dict[str, Any] = {"logGroupName": self._group, "startTime": self._start, "interleaved": True}
        while True:
            try:
                reply = self._client.filter_log_events(**asked)
            except Exception:
                return  # a cut: generous to the control, which goes on where it was
            for event in reply["events"]:
                self._take(event["eventId"], event["timestamp"])
            if "nextToken" not in reply:
                return
            asked["nextToken"] = reply["nextToken"]

    def _take(self, identity: str, at: int) -> None:
        if identity in self._newest:
            return
        self.doubled += identity in self.seen
        self.seen.add(identity)
        if at > self._start:
            self._start, self._newest = at, {identity}
        elif at == self._start:
            self._newest.add(identity)


class Run:
    """A tail on the account while the clock is moved."""

    def __init__(self, account: SimulatedAccount, planted: Mapping[str, list[tuple[int, int, str]]]) -> None:
        self._simulation = account
        self._clock = manual(account)
        self._planted = planted
        environment = at_endpoint(find(load(), "prod"), account.endpoint)
        self._account = Account(environment, self._clock, attempts=1)
        self._under_way = 0
        self.handed: dict[str, set[str]] = {group.short: set() for group in GROUPS}
        self.twice = 0
        self.broken = 0
        self.gaps_seen: list[Gap] = []
        self.calls = 0
        self.throttled = 0
        self.empty = 0
        self.again = 0
        self.tail = Tail(self, GROUPS, self._clock, self._take, pace=self._account.log_pace, since=BASE)

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = 20.0,
    ) -> Mapping[str, Any]:
        self._under_way += 1
        self.calls += 1
        try:
            reply = await self._account.ask(service, operation, parameters, region=region, deadline=deadline)
            self.empty += not reply["events"] and "nextToken" in reply
            self.again += len(reply["events"]) - len({event["eventId"] for event in reply["events"]})
            return reply
        finally:
            self._under_way -= 1

    async def rest(self, *, told: bool = False) -> None:
        """Until no question is under way; with `told` until every line has been handed on, too."""
        limit, quiet = time.monotonic() + 60, 0
        while quiet < 6:
            assert time.monotonic() < limit, "the tail does not come to rest"
            waiting = self._under_way or (told and self.tail.pending)
            quiet = 0 if waiting else quiet + 1
            await asyncio.sleep(0.001 if waiting else 0)

    async def pass_(self, seconds: float, controls: list[Control], step: float = STEP_S) -> None:
        passed = 0.0
        while passed < seconds:
            before = self._clock.now().timestamp() // CONTROL_S
            self._clock.advance(step)
            passed += step
            await self.rest()
            self.throttled += self.tail.status.spacing_s > 0
            if self._clock.now().timestamp() // CONTROL_S > before:
                for control in controls:
                    await asyncio.to_thread(control.poll)

    async def check(self) -> None:
        """Count the lines that the claim of this moment is wrong about."""
        await self.rest(told=True)
        for claim in self.tail.status.claims:
            if claim.complete_to is None:
                continue
            handed = self.handed[claim.short]
            for at, ingestion, identity in self._planted[claim.name]:
                if ingestion <= claim.complete_to and at <= claim.complete_to and identity not in handed:
                    self.broken += not any(gap.start <= at <= gap.end for gap in claim.gaps)

    async def close(self) -> None:
        await self._account.close()

    def _take(self, update: Update) -> None:
        if isinstance(update, LinesArrived):
            for line in update.batch.lines:
                handed = self.handed[line.group]
                self.twice += line.id in handed
                handed.add(line.id)


async def prove(lines: int, seconds: int, *, controlled: int = 12, seed: int = 1) -> Outcome:
    """Follow `lines` lines over `seconds` seconds of the account's time, the last third of it in cuts."""
    with simulated("calm", seed=seed) as account:
        planted = plant(account, lines, seconds, seed)
        client = boto(account, "logs", parameter_validation=False)
        controls = [Control(client, group.name) for group in GROUPS[:controlled]]
        run = Run(account, planted)
        began = time.process_time()
        following = asyncio.create_task(run.tail.run())
        try:
            await run.rest()
            shown = await _course(account, run, controls, seconds)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await run.close()
        status = run.tail.status
        everything = {group.short: {event[2] for event in planted[group.name]} for group in GROUPS}
        missing = sum(len(ids - run.handed[short]) for short, ids in everything.items())
        own = [everything[group.short] for group in GROUPS[:controlled]]
        return Outcome(
            lines=sum(map(len, everything.values())),
            seconds=(account.clock.now() - START).total_seconds(),
            calls=run.calls,
            handed=sum(map(len, run.handed.values())),
            twice=run.twice,
            missing=missing,
            broken=run.broken,
            gaps=len(status.gaps),
            closed=status.closed,
            late=status.late,
            cuts=shown,
            throttled=run.throttled,
            empty=run.empty,
            again=run.again,
            control=sum(map(len, own)),
            lost=sum(len(ids - control.seen) for ids, control in zip(own, controls, strict=True)),
            doubled=sum(control.doubled for control in controls),
            cpu=time.process_time() - began,
        )


async def _course(account: SimulatedAccount, run: Run, controls: list[Control], seconds: int) -> list[bool]:
    """Quiet, a burst of throttling, three cuts, then time enough for everything to be filled in."""
    shown: list[bool] = []
    part = seconds / 8
    await run.pass_(2 * part, controls)
    await run.check()
    account.faults.add(Fault("logs", "FilterLogEvents", FaultKind.THROTTLE, nth=2, times=4))
    await run.pass_(part, controls)
    account.faults.clear()
    for kind in (FaultKind.RESET_AFTER, FaultKind.THROTTLE):
        cut = account.clock.now().timestamp() * 1000
        account.faults.add(Fault("logs", "FilterLogEvents", kind, times=None))
        await run.pass_(max(30.0, part / 2), controls)
        gaps = run.tail.status.gaps
        shown.append(bool(gaps) and min(gap.start for gap in gaps) <= cut)
        await run.check()
        account.faults.clear()
        await run.pass_(part, controls)
        await run.check()
    # The process stands still, for longer than is made up for at once.
    manual(account).advance(STILL_S)
    await run.rest()
    await run.pass_(8, controls)
    shown.append(bool(run.tail.status.gaps))
    await run.check()
    left = seconds + QUIET_S - (account.clock.now() - START).total_seconds()
    await run.pass_(max(left, 60), controls)
    for _ in range(40):
        if not run.tail.status.gaps:
            break
        await run.pass_(30, controls, 1.0)
    await run.pass_(20, controls)
    await run.check()
    return shown
