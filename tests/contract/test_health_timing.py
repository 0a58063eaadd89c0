"""Where the time of a health check goes: name, connection, TLS, first byte, all of it; and what is said of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from services.clock import ManualClock, RealClock
from services.model.assessment import State
from services.model.reading import Reading
from services.model.witness import Probe, Probes, Timing
from services.probes import health
from services.safe_text import safe
from services.settings.values import Thresholds
from services.watch.updates import FeedUpdate
from tests.contract.test_health_probe import AWS, answer, ask, self_signed, server
from tests.stories.screen_support import screen_text, shown, state_home, told_app, until
from tui.health_check import timing_rows
from tui.screens.health import HealthScreen

__all__ = ["state_home"]

AT = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)


async def delayed(seconds: float) -> Probe:
    """A service that takes its time, by the clock that the check goes by."""
    clock = ManualClock(AT)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        clock.advance(seconds)
        writer.write(answer("200 OK"))
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = listening.sockets[0].getsockname()[1]
        environment = msgspec.structs.replace(AWS, health_url=f"http://127.0.0.1:{port}/health")
        return await health.probe(environment, clock)
    finally:
        listening.close()


@pytest.mark.runbook("R100")
@pytest.mark.parametrize(("seconds", "state"), [(0.1, State.OK), (0.5, State.ELEVATED), (1.5, State.WARN)])
def test_a_delay_of_the_service_stands_in_the_first_byte_and_takes_its_colour(seconds: float, state: State) -> None:
    timing = asyncio.run(delayed(seconds)).timing
    assert timing is not None
    assert timing.first_byte_ms == pytest.approx(seconds * 1000)
    assert (timing.dns_ms, timing.connect_ms, timing.tls_ms) == (0, 0, None)
    assert timing.total_ms == pytest.approx(timing.first_byte_ms)
    rows = {row.title: row for row in timing_rows(timing, Thresholds())}
    assert list(rows) == ["DNS", "connect", "TLS", "first byte", "total"]
    assert {name for name, row in rows.items() if row.state is not None} == {"first byte"}
    assert rows["first byte"].state is state


async def test_the_handshake_has_a_time_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    async with server(answer("200 OK"), tls=tls) as url:
        found = await ask(f"{url}/health")
    assert found.ok, found.note
    timing = found.timing
    assert timing is not None
    assert timing.tls_ms is not None
    parts = (timing.connect_ms, timing.tls_ms, timing.first_byte_ms)
    assert all(part > 0 for part in parts)
    assert sum(parts) <= timing.total_ms


def test_where_nothing_was_answered_there_is_no_time_to_tell() -> None:
    environment = msgspec.structs.replace(AWS, health_url="http://127.0.0.1:9/health")
    assert asyncio.run(health.probe(environment, RealClock())).timing is None


@pytest.mark.runbook("R100")
@pytest.mark.usefixtures("state_home")
async def test_h_shows_the_parts_of_the_newest_health_check_below_the_score() -> None:
    clock = ManualClock(AT)
    app, told = told_app(clock)
    slow = Timing(dns_ms=3, connect_ms=12, tls_ms=31.4, first_byte_ms=1_512, total_ms=1_560)
    probe = Probe(AT, True, safe("HTTP 200"), 200, 1_558, timing=slow)
    async with shown(app, (80, 24)) as pilot:
        told.watches[0].post(FeedUpdate("probes", Reading(Probes((probe,)), AT, AT)))
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, HealthScreen) and "first byte" in screen_text(app))
        text = screen_text(app)
        for line in ("API health check", "● OK  HTTP 200", "DNS", "3 ms", "TLS", "31 ms", "▲ WARN", "1.56 s"):
            assert line in text
        await pilot.press("escape")
