"""`content.restore`: a step of many calls, in batches. The intent of a batch is on disk before any of its calls.

Each key is compared and set: what somebody wrote meanwhile is left as it is and said, the others go on. A call without
an answer is resolved by reading its key. Pages are not begun while something that they may name has failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Any

from services.actions.content_moves import call_of
from services.aws import content
from services.aws.identity import whoami
from services.executor.calls import Late, NotAllowed
from services.executor.content_standing import AT_A_TIME, doing, standing_of, stands
from services.executor.credentials import UNUSABLE, renewed
from services.executor.holding import lost
from services.executor.ledger import Ledger
from services.executor.pace import Left
from services.executor.reading import insist
from services.executor.record import Work
from services.executor.standing import Found, Standing
from services.journal.manifests import read_manifest
from services.model.content import Move, MoveKind, ObjectVersion
from services.model.entry import Outcome, Phase
from services.model.plan import Step
from services.plural import several
from services.problems import AccountError, Problem, ProblemKind
from services.rules.words import count

BATCH = 128
"""Keys of one intent: what may have to be read again after a kill."""

ROUNDS = 6
"""Batches in a row that may be held back by throttling, before that is called a failure."""


class Unapplied(Enum):
    """What becomes of a key whose call left no trace, once that can be believed."""

    FAILED = auto()
    """It was sent by this process."""
    AGAIN = auto()
    """It was sent by one that was killed, if at all."""
    LATER = auto()
    """Nothing yet: it is looked at once, and not waited for."""


async def restore(work: Work, number: int, step: Step) -> Found | None:
    """Bring every key about that is not yet. None: the operation has ended. Raises Left, JournalBroken."""
    told = work.newest(Phase.RECONCILED, step=number)
    if told is not None and told.data.get("standing") == Standing.APPLIED.value:
        return Found(Standing.APPLIED, str(told.text).removeprefix("applied: "), dict(told.data))
    return await _Restoring(work, number, step).run()


class _Restoring:
    def __init__(self, work: Work, number: int, step: Step) -> None:
        self.work, self.number, self.step = work, number, step
        self.moves = doing(read_manifest(work.home, step.after["manifest"]), step)
        self.bucket, self.region = str(step.call.parameters["Bucket"]), step.call.region
        self.ledger = Ledger.of(work.entries, number)
        self.held = 0
        """Batches in a row in which something was throttled."""
        self.broken = False
        """Something unforeseen happened to a call: no other is begun."""
        self.expired: Problem | None = None
        """What the account said of the credentials, the last time that it did not take them."""
        begun = work.newest(Phase.INTENT, step=number)
        self.left_at = begun.at if begun is not None else work.clock.now()
        """When the last call before this process was sent, at the latest."""

    async def run(self) -> Found | None:
        if self.ledger.batches:
            await self._same_account()
        if self.ledger.unanswered:
            self._record(Phase.UNKNOWN, "the record ends before the replies. Reading what came of them", {})
            await self._reconcile(sorted(self.ledger.unanswered), self.left_at, Unapplied.LATER)
        for wave in self._waves():
            reason = await self._wave(wave)
            if reason or self.ledger.failed:
                self._failed(reason)
                return None
        return await self._read_back()

    async def _same_account(self) -> None:
        """Carrying on is admitted only where it began."""
        who = await insist(self.work, lambda: whoami(self.work.reader), self._unread)
        if who.account != self.work.plan.account:
            raise Left(f"these credentials are for account {who.account}, the plan is for {self.work.plan.account}")

    def _waves(self) -> list[list[int]]:
        """Assets, pages, removals."""
        waves: list[list[int]] = [[], [], []]
        for place, move in self.moves.items():
            waves[2 if move.kind is MoveKind.REMOVE else int(move.page)].append(place)
        return waves

    async def _wave(self, wave: Sequence[int]) -> str:
        """Why it must not go on, empty when all is settled. Of what was sent before this process nothing may be
        believed for a while: the other keys do not wait for it, the next wave does."""
        settled, doubtful = self.ledger.settled, self.ledger.unanswered
        while left := [place for place in wave if place not in settled]:
            if self.work.stopping.asked:
                raise Left("asked to stop")
            if reason := await lost(self.work):
                return reason
            if fresh := [place for place in left if place not in doubtful]:
                await self._batch(fresh[:BATCH])
            else:
                await self._reconcile(left, self.left_at, Unapplied.AGAIN)
        return ""

    async def _batch(self, places: Sequence[int]) -> None:
        batch = self.ledger.batches
        self._crash("before-intent", batch)
        exact = {"batch": batch, "keys": list(places), "manifest": self.step.after["manifest"], **self.work.fence}
        self._record(Phase.INTENT, f"sending {several(len(places), 'object')} of {count(len(self.moves))}", exact)
        self._crash("intent", batch)
        gate = asyncio.Semaphore(AT_A_TIME)
        calls = (self._one(place, gate, batch) for place in places)
        sent = dict(zip(places, await asyncio.gather(*calls, return_exceptions=True), strict=True))
        answers = {place: answer for place, answer in sent.items() if not isinstance(answer, BaseException)}
        failure = next((answer for answer in sent.values() if isinstance(answer, BaseException)), None)
        if failure is not None:
            # Those that raised stay unanswered in the records: reading finds out, when it is resumed.
            if isinstance(failure, Exception):
                self._record(Phase.REPLY, self._progress(answers.values(), ""), {"batch": batch, **_sorted(answers)})
            raise failure
        self._crash("sent", batch)
        unknown = [place for place, answer in answers.items() if answer[0] == "unknown"]
        await self._answered(answers, batch)
        self._crash("reply", batch)
        if unknown:
            text = f"{len(unknown)} without an answer that can be trusted. Reading what came of them"
            self._record(Phase.UNKNOWN, text, {})
            await self._reconcile(unknown, self.work.clock.now(), Unapplied.FAILED)

    async def _one(self, place: int, gate: asyncio.Semaphore, batch: int) -> tuple[str, str]:
        """One call, once: what came of it, and a text for the record."""
        move = self.moves[place]
        async with gate:
            if self.broken:
                return "again", ""
            try:
                answer = await self._sent(move)
                self._crash("half", batch)
            except BaseException:
                self.broken = True
                raise
        return answer

    async def _sent(self, move: Move) -> tuple[str, str]:
        try:
            reply = await self.work.sender.send(call_of(move, self.region, self.bucket))
        except NotAllowed as error:
            return "failed", str(error)
        except Late:
            return "late", ""
        except AccountError as error:
            return await self._refused(move, error.problem)
        if move.kind is MoveKind.REMOVE:
            return "stands", str(reply.get("VersionId", ""))
        if reply.get("CopySourceVersionId") != move.then:
            return "unknown", "an answer that does not name what was copied"
        return "stands", str(reply.get("VersionId", ""))

    async def _refused(self, move: Move, problem: Problem) -> tuple[str, str]:
        if problem.outcome_unknown:
            return "unknown", str(problem.message)
        if problem.kind is ProblemKind.THROTTLED and self.held < ROUNDS:
            return "again", ""
        if problem.kind in UNUSABLE:
            self.expired = problem
            return "pause", str(problem.message)
        if problem.kind is ProblemKind.DENIED or problem.kind is ProblemKind.THROTTLED:
            return "failed", str(problem.message)
        found = await self._head(move)
        standing = standing_of(move, found)
        if standing is Standing.APPLIED:
            return "stands", found.id if found is not None else ""
        compared = str(problem.code) in ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")
        if standing is Standing.OTHER or compared:
            return "changed", _text(found)
        return "failed", str(problem.message)

    async def _answered(self, answers: Mapping[int, tuple[str, str]], batch: int) -> None:
        pause = next((text for kind, text in answers.values() if kind == "pause"), "")
        throttled = sum(kind == "again" for kind, _ in answers.values())
        data: dict[str, Any] = {"batch": batch, **_sorted(answers), "progress": self._count(answers)}
        self._record(Phase.REPLY, self._progress(answers.values(), pause), data)
        if pause and self.expired is not None:
            await renewed(self.work, self.expired, self.number)
            await self._same_account()
        self.held = self.held + 1 if throttled else 0
        if throttled:
            await asyncio.sleep(self.work.pace.read_gap_s * self.held)  # machine time: the service is waited for

    async def _reconcile(self, places: Sequence[int], since: datetime, unapplied: Unapplied) -> None:
        """By reading: what stands, what is another's, and what was not applied once that can be believed, `since` being
        when the calls were sent or given up."""
        work = self.work
        answers: dict[int, tuple[str, str]] = {}
        left = list(places)
        while left:
            asked = work.clock.now()
            late = (asked - since).total_seconds() >= work.pace.settle_s
            for place, found in zip(left, await self._heads(left), strict=True):
                standing = standing_of(self.moves[place], found)
                if standing is Standing.APPLIED:
                    answers[place] = "stands", found.id if found is not None else ""
                elif standing is Standing.OTHER:
                    answers[place] = "changed", _text(found)
                elif late and unapplied is Unapplied.FAILED:
                    answers[place] = "failed", "no answer came, and it was not applied"
                elif late:
                    answers[place] = "again", ""
            left = [place for place in left if place not in answers]
            if unapplied is Unapplied.LATER:
                break
            if left:
                await work.clock.sleep(work.pace.settle_gap_s)
        data = {**_sorted(answers), "progress": self._count(answers)}
        self._record(Phase.RECONCILED, self._progress(answers.values(), ""), data)

    async def _read_back(self) -> Found | None:
        """The whole bucket, listed again, equals the plan but for what was changed meanwhile."""
        work, changed = self.work, self.ledger.changed
        found = await insist(work, lambda: stands(work.home, work.reader, self.step, changed), self._unread)
        data = {**found.data, "standing": found.standing.value}
        self._record(Phase.RECONCILED, f"{found.standing.value}: {found.text}", data)
        return Found(Standing.APPLIED, found.text, data)

    def _failed(self, stopped: str) -> None:
        """`stopped`: why the rest must not be sent, where no object was refused."""
        ledger = self.ledger
        rest = len(self.moves) - len(ledger.settled | ledger.unanswered)
        text = f"{count(len(ledger.stands))} of {count(len(self.moves))} objects stand; "
        for place, why in [*ledger.failed.items()][:1]:
            text += f"{count(len(ledger.failed))} failed: {self.moves[place].key}: {why}."
        text += "" if ledger.failed else f"stopped: {stopped}."
        text += f" Of {several(len(ledger.unanswered), 'object')} no answer is known." if ledger.unanswered else ""
        text += f" {count(rest)} were not begun, pages come last." if rest else ""
        text += " The edge was not invalidated. Order it again for the rest, or take it back."
        self.work.record(Phase.FAILED, text, step=self.number, outcome=Outcome.FAILED)

    async def _heads(self, places: Sequence[int]) -> list[ObjectVersion | None]:
        """What these keys hold, in their order."""
        gate = asyncio.Semaphore(AT_A_TIME)

        async def one(place: int) -> ObjectVersion | None:
            async with gate:
                return await self._head(self.moves[place])

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(place)) for place in places]
        return [task.result() for task in tasks]

    async def _head(self, move: Move) -> ObjectVersion | None:
        work = self.work
        return await insist(work, lambda: content.head(work.reader, self.bucket, move.key), self._unread)

    def _unread(self, error: AccountError) -> None:
        self._record(Phase.UNKNOWN, f"cannot be read: {error.problem.message}. Trying on", {})

    def _record(self, phase: Phase, text: str, data: Mapping[str, Any]) -> None:
        self.ledger.take(self.work.record(phase, text, step=self.number, data=data))

    def _count(self, answers: Mapping[int, tuple[str, str]]) -> list[int]:
        """Settled, and of how many."""
        settled = sum(kind in ("stands", "changed", "failed") for kind, _ in answers.values())
        return [len(self.ledger.settled) + settled, len(self.moves)]

    def _progress(self, answers: Iterable[tuple[str, str]], pause: str) -> str:
        stands = sum(kind == "stands" for kind, _ in answers) + len(self.ledger.stands)
        text = f"{count(stands)} of {count(len(self.moves))} objects stand"
        changed = len(self.ledger.changed) + sum(kind == "changed" for kind, _ in answers)
        text += f", {count(changed)} changed meanwhile" if changed else ""
        return f"{text}. Paused: {pause}" if pause else text

    def _crash(self, point: str, batch: int) -> None:
        """`0:sent` is the first batch of the step, `0:sent@2` the third."""
        self.work.crash(self.number, f"{point}@{batch}" if batch else point)


def _sorted(answers: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for kind in ("stands", "changed", "failed"):
        of_kind = {str(place): text for place, (one, text) in answers.items() if one == kind}
        if of_kind:
            told[kind] = of_kind
    again = [place for place, (one, _) in answers.items() if one in ("again", "late", "pause")]
    return told | ({"again": again} if again else {})


def _text(found: ObjectVersion | None) -> str:
    return f"version {found.id} of {found.modified:%H:%M:%SZ}" if found is not None else "deleted"
