"""A million lines through the tail, and how fast lines get from AWS's answers into the pane's value."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from services.aws.logs import Search, filter_events
from services.model.logs import LogLine
from services.watch.tailing_seen import Seen
from tests.completeness import STILL_S, prove
from widgets.log_ring import LogRing

LINES = 1_000_000
SECONDS = 1_800
PAGES = 40
PAGE = 5_000
RATE = 10_000
BASE = 1_795_000_000_000


def complete() -> None:
    """A million lines over half an hour of the account's time, and the AWS CLI's algorithm on the same account."""
    print(f"Completeness ({LINES:,} lines, 12 groups, 5 % late, three cuts)")
    found = asyncio.run(prove(LINES, SECONDS, controlled=4))
    allowed = 2 * (found.seconds - STILL_S) + 8
    print(f"    handed on {found.handed:,} of {found.lines:,}, twice {found.twice}, missing {found.missing}")
    print(f"    moments at which the claim was wrong: {found.broken}; gaps filled {found.closed}, left {found.gaps}")
    print(f"    calls {found.calls:,} of {allowed:,.0f} allowed; {found.late:,} lines marked late")
    print(f"    control (aws logs tail --follow): lost {found.lost:,} of {found.control:,}, twice {found.doubled:,}")
    print(f"    {found.cpu:.0f} s of CPU, the simulated account's included")
    sound = not (found.missing or found.twice or found.broken or found.gaps) and found.calls <= allowed
    print(f"    every line once or inside a marked gap, within the budget: {'reached' if sound else 'MISSED'}")


def lines() -> None:
    """From FilterLogEvents' bytes to the ring that the pane draws: decoded, made safe, told apart, put in order."""
    print(f"Lines from AWS's answers into the pane's value ({PAGES} pages of {PAGE:,})")
    bodies = [_body(number) for number in range(PAGES)]
    took = [asyncio.run(_through(bodies)) for _ in range(3)]
    rate = PAGES * PAGE / min(took)
    print(f"    {rate:,.0f} lines/s (goal >= 20,000, {'reached' if rate >= 20_000 else 'MISSED'})")
    print(f"    at {RATE:,} lines/s the watch's thread is busy {100 * RATE / rate:.0f} % of one core with new lines")
    known = asyncio.run(_through(bodies, again=True))
    print(f"    lines seen before (the overlap): {PAGES * PAGE / known:,.0f} lines/s are told apart")


class _Replay:
    """Answers with the pages it was given, decoded as the wire's bytes are (services/aws/parsing.py)."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies = iter(bodies)

    async def ask(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        deadline: float = 20.0,
    ) -> Mapping[str, Any]:
        reply: Mapping[str, Any] = msgspec.json.decode(next(self._bodies))
        return reply


async def _through(bodies: list[bytes], *, again: bool = False) -> float:
    seen, ring = Seen(), LogRing(100_000)
    search = Search("/aws/ec2-manager/prod", "app", BASE)
    if again:
        replay = _Replay(bodies)
        for _ in bodies:
            page = await filter_events(replay, search, "", seen.has)
            for line in page.lines:
                seen.add(line.at, line.id)
    gc.collect()
    replay = _Replay(bodies)
    began = time.process_time()
    for _ in bodies:
        page = await filter_events(replay, search, "", seen.has)
        fresh: list[LogLine] = [line for line in page.lines if seen.add(line.at, line.id)]
        ring.extend(fresh)
    return time.process_time() - began


def _body(number: int) -> bytes:
    events = []
    for index in range(PAGE):
        at = BASE + (number * PAGE + index) // 10
        request = f"{number:08x}-0000-4000-8000-{index:012x}"
        message = (
            f'{{"timestamp":"2026-11-23T03:07:11.555Z","level":"{"ERROR" if index % 20 == 0 else "INFO"}",'
            f'"message":"showed instance i-{index:08x}","request_id":"{request}","duration_ms":{index % 300}}}'
            if index % 2
            else f"[INFO]\t2026-11-23T03:07:11.555Z\t{request}\tGET /instances/i-{index:08x} by user-{index % 90}"
        )
        events.append(
            {
                "logStreamName": "stream",
                "timestamp": at,
                "message": message,
                "ingestionTime": at + 900,
                "eventId": f"{at:013d}{number * PAGE + index:043d}",
            }
        )
    return msgspec.json.encode({"events": events, "searchedLogStreams": []})
