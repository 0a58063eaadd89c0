"""What must hold of the executor whatever fails, whoever interferes and whenever it is killed.

A small model of the alias with true compare-and-set answers the executor's own questions; hypothesis decides what
happens at each of them: an error, a lost reply, a reply lost with the call applied later, a third person's move, a
kill. A killed or stopped executor is resumed from the journal on disk, as a person would do it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.aws.session import Account
from services.executor.calls import Sender
from services.executor.orders import write_order
from services.executor.pace import Pace, Stopping
from services.executor.performing import perform
from services.executor.record import Work
from services.journal.home import JournalHome
from services.journal.reading import read_records
from services.journal.writing import JournalWriter
from services.model.entry import Actor, Entry, Outcome, Phase
from services.model.plan import Plan, Precondition
from services.problems import AccountError, Problem, ProblemKind
from services.safe_text import SafeText
from services.settings.values import Environment, EnvironmentKind
from tests.unit.journal_support import NOW, a_plan

SANDBOX = Environment(name="production", stack="s", region="us-west-2", kind=EnvironmentKind.SANDBOX)
ACTOR = Actor("alice", "bastion")
OPERATION = "01KAR4W5S2M6Q7Z8X9Y0ABCDEF"

LATE_S = 10
"""How long a lost call may still be on its way: less than the executor waits before it believes `not applied`."""


PATIENT = Pace(read_gap_s=0.0, read_tries=4)


class InstantClock:
    """Sleeping is what makes time pass."""

    speed = 1.0

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - NOW).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(0.0, seconds))
        await asyncio.sleep(0)


Script = tuple[list[str], list[str], list[str]]
"""What happens to the questions before the first call, to each call, to the questions after it."""


class Killed(BaseException):
    """SIGKILL: nothing of ours runs after it."""


class World:
    """The alias, its compare-and-set, and what happens to each question."""

    def __init__(self, home: JournalHome, clock: InstantClock, script: Script) -> None:
        self.home, self.clock = home, clock
        self.before, self.calls, self.after = (iter(events) for events in script)
        self.version, self.revision = 42, itertools.count(1)
        self.current = "rev-0"
        self.late: list[tuple[datetime, Mapping[str, Any]]] = []
        self.sends, self.applied = 0, 0
        self.strangers = 0
        self.overwritten = False

    async def ask(
        self, service: str, operation: str, parameters: Mapping[str, Any] | None = None, **more: object
    ) -> Mapping[str, Any]:
        self.arrive()
        events = self.calls if operation == "UpdateAlias" else self.after if self.sends else self.before
        what = next(events, "fine")
        if what == "stranger":
            self.move(40, stranger=True)
        if what == "stranger goes back":
            self.move(42, stranger=True)
        if what == "killed before":
            raise Killed
        if operation == "UpdateAlias":
            return self.update(parameters or {}, what)
        if what in ("lost", "lost, applied", "lost, applied later"):
            raise error(ProblemKind.TIMEOUT)
        if what in ("denied", "throttled"):
            raise error(ProblemKind(what))
        answer = self.read(operation, parameters or {})
        if what == "killed after":
            raise Killed
        return answer

    def update(self, parameters: Mapping[str, Any], what: str) -> Mapping[str, Any]:
        self.sends += 1
        last = read_records(self.home, OPERATION).entries[-1]
        assert last.phase is Phase.INTENT, "a call is sent only after its intent is on disk"
        assert last.data["call"]["parameters"] == dict(parameters)  # type: ignore[index]  # records are JSON
        if what in ("denied", "throttled"):
            raise error(ProblemKind(what))
        if what == "lost":
            raise error(ProblemKind.UNREACHABLE)
        if what == "lost, applied later":
            self.late.append((self.clock.now() + timedelta(seconds=LATE_S), parameters))
            raise error(ProblemKind.TIMEOUT)
        self.apply(parameters)
        if what == "killed after":
            raise Killed
        if what == "lost, applied":
            raise error(ProblemKind.GARBLED)
        return {"FunctionVersion": str(self.version), "RevisionId": self.current, "Name": "LIVE"}

    def arrive(self) -> None:
        """Calls that were on their way and are due."""
        due, self.late = (
            [one for one in self.late if one[0] <= self.clock.now()],
            [one for one in self.late if one[0] > self.clock.now()],
        )
        for _, parameters in due:
            if parameters["RevisionId"] == self.current:
                self.apply(parameters)

    def apply(self, parameters: Mapping[str, Any]) -> None:
        if parameters["RevisionId"] != self.current:
            problem = Problem(ProblemKind.REFUSED, SafeText("stale"), code=SafeText("PreconditionFailedException"))
            raise AccountError(problem)
        self.applied += 1
        self.move(int(parameters["FunctionVersion"]))

    def move(self, version: int, *, stranger: bool = False) -> None:
        self.strangers += stranger
        self.overwritten = self.overwritten or (stranger and self.applied > 0)
        self.version, self.current = version, f"rev-{next(self.revision)}"

    def read(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if operation == "GetAlias":
            return {"Name": "LIVE", "FunctionVersion": str(self.version), "RevisionId": self.current}
        if operation == "GetCallerIdentity":
            return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/x"}
        if operation == "DescribeStacks":
            stack = {"StackName": "s", "StackId": "arn:s", "StackStatus": "UPDATE_COMPLETE", "CreationTime": NOW}
            return {"Stacks": [stack]}
        if operation == "GetFunctionConfiguration":
            return {"FunctionName": "fn", "Environment": {"Variables": {"A": "secret"}}}
        if operation == "LookupEvents":
            return {"Events": []}
        if operation == "ListStackResources":
            return {"StackResourceSummaries": []}
        if operation == "DescribeAlarms":
            return {"MetricAlarms": []}
        assert operation == "GetMetricData", operation
        return {"MetricDataResults": [self.series(query, parameters) for query in parameters["MetricDataQueries"]]}

    def series(self, query: Mapping[str, Any], parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        start, end = int(parameters["StartTime"].timestamp()), int(parameters["EndTime"].timestamp())
        times = [datetime.fromtimestamp(at, UTC) for at in range(start, end, 60)]
        values = {"Count": 200.0, "5XXError": 30.0 if self.version == 42 else 0.0, "Latency": 120.0}
        value = values[query["MetricStat"]["Metric"]["MetricName"]]
        if query["MetricStat"]["Stat"] == "SampleCount":
            value = 200.0
        return {"Id": query["Id"], "StatusCode": "Complete", "Timestamps": times, "Values": [value] * len(times)}


def error(kind: ProblemKind) -> AccountError:
    return AccountError(Problem(kind, SafeText(f"planted {kind.value}")))


def the_plan() -> Plan:
    """v42 to v41 with the model's revision."""
    plan = a_plan()
    step = plan.steps[0]
    call = replace(step.call, parameters={**step.call.parameters, "RevisionId": "rev-0"})
    conditions = (
        Precondition("alias.revision", "rev-0"),
        Precondition("alias.version", "42"),
        Precondition("stack.status", "UPDATE_COMPLETE"),
    )
    step = replace(step, call=call, preconditions=conditions, before={**step.before, "revision": "rev-0"})
    criterion = plan.criterion
    assert criterion is not None
    assert criterion.requests is not None
    return replace(
        plan,
        steps=(step,),
        expires=NOW + timedelta(hours=2),
        criterion=replace(criterion, latency=replace(criterion.requests, name="Latency")),
    )


async def attempt(home: JournalHome, world: World, kills: set[str], pace: Pace) -> Outcome | None:
    """One life of an executor."""

    def crash(step: int, point: str) -> None:
        if point in kills:
            kills.discard(point)
            raise Killed

    records = read_records(home, OPERATION)
    assert not records.damage
    assert records.entries[0].plan is not None
    writer = JournalWriter(home, OPERATION, f"{OPERATION}.jsonl", previous=records.entries[0].hash)
    account = cast(Account, world)
    work = Work(
        home,
        OPERATION,
        records.entries[0].plan,
        SANDBOX,
        records.entries,
        writer,
        world.clock,
        account,
        Sender(account, home=home),
        pace=pace,
        stopping=Stopping(),
        crash=crash,
    )
    try:
        return await perform(work)
    finally:
        writer.close()


async def lives(
    home: JournalHome, script: Script, kills: set[str], pace: Pace = PATIENT
) -> tuple[World, Outcome | None]:
    """Resumed until it ends; more lives than any script can take."""
    world = World(home, InstantClock(), script)
    write_order(home, OPERATION, the_plan(), SANDBOX, ACTOR, "a test", NOW)
    outcome: Outcome | None = None
    for _ in range(40):
        try:
            outcome = await attempt(home, world, kills, pace)
        except Killed:
            continue
        if outcome is not None:
            break
    await world.clock.sleep(2 * LATE_S)
    world.arrive()  # whatever was still on its way
    return world, outcome


EVENTS = (
    *("fine", "fine", "fine", "fine", "lost", "lost, applied", "lost, applied later", "denied", "throttled"),
    *("killed before", "killed after", "stranger", "stranger goes back"),
)
KILLS = ("before-intent", "intent", "sent", "reply", "applied", "verifying", "before-done")


@given(
    script=st.tuples(
        st.lists(st.sampled_from(("fine", "fine", "fine", "fine", *EVENTS)), max_size=6),
        st.lists(st.sampled_from(EVENTS), max_size=3),
        st.lists(st.sampled_from(EVENTS), max_size=12),
    ),
    kills=st.sets(st.sampled_from(KILLS), max_size=2),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_invariants_hold(tmp_path_factory: pytest.TempPathFactory, script: Script, kills: set[str]) -> None:
    home = JournalHome(tmp_path_factory.mktemp("lives") / "journal")
    world, outcome = asyncio.run(lives(home, script, set(kills)))
    records = read_records(home, OPERATION)
    entries = records.entries
    text = entries[-1].text

    assert not records.damage
    assert world.applied <= 1, "one effect at most"
    assert world.sends <= sum(entry.phase is Phase.INTENT for entry in entries), "each send has its own intent"
    assert _repeated_blindly(entries) == 0, "what was sent is sent again only after reading that it was not applied"
    assert outcome is not None, "every operation ends when the account answers again"
    assert sum(entry.outcome is not None for entry in entries) == 1
    if outcome in (Outcome.RECOVERED, Outcome.NOT_RECOVERED):
        assert world.applied == 1 or world.version == 41
        assert any(entry.phase is Phase.APPLIED for entry in entries)
    if "Nothing was changed" in text:
        assert world.applied == 0, text
    if outcome is Outcome.VOID:
        assert world.applied == 0, text
    if world.strangers == 0 and outcome is Outcome.RECOVERED:
        assert world.version == 41
    if world.strangers == 0 and outcome in (Outcome.VOID, Outcome.FAILED):
        assert world.version == 42, text


def _repeated_blindly(entries: Sequence[Entry]) -> int:
    """Intents after an intent with no reading of `not applied` between them."""
    blind, open_intent = 0, False
    for entry in entries:
        if entry.phase is Phase.INTENT:
            blind += open_intent
            open_intent = True
        elif entry.phase is Phase.RECONCILED and entry.data.get("standing") == "not applied":
            open_intent = False
    return blind


def test_without_trouble_it_recovers(tmp_path: Path) -> None:
    world, outcome = asyncio.run(lives(JournalHome(tmp_path / "journal"), ([], [], []), set()))
    assert (outcome, world.sends, world.applied, world.version) == (Outcome.RECOVERED, 1, 1, 41)


@pytest.mark.parametrize(
    ("pace", "expected"), [(PATIENT, Outcome.RECOVERED), (replace(PATIENT, settle_s=0.0), Outcome.FAILED)]
)
def test_without_patience_a_call_that_arrives_late_would_be_called_not_applied(
    tmp_path: Path, pace: Pace, expected: Outcome
) -> None:
    """The control: with the first reading believed, the journal would say that nothing was changed, and be wrong."""
    world, outcome = asyncio.run(
        lives(JournalHome(tmp_path / "journal"), ([], ["lost, applied later"], []), set(), pace)
    )
    assert (outcome, world.applied) == (expected, 1)
