"""The closed loop in numbers: keys and seconds from red to the verdict, beside the commands of the runbook."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from datetime import datetime

import msgspec

from services.journal.home import JournalHome
from services.model.entry import Outcome
from services.settings.loading import at_endpoint, find, load
from services.simulated.account import SimulatedAccount
from tests.bench.telling import goal
from tests.stories.loop_support import BUDGET, Loop, Walk, by_evidence, events_read, of_the_edge, out_of_the_stack
from tests.stories.screen_support import shown
from tui.app import CockpitApp

SPEED = 20.0

_CHECKED = (760, 763, 769, 772)
"""The runbook's validation after any rollback: its lines 760 to 781; the test by hand (766) is not counted."""


class Layer(msgspec.Struct, frozen=True):
    """One layer: what goes wrong, how a person gets out of it here, and by which commands of the runbook."""

    name: str
    scenario: str
    red: tuple[str, ...]
    """What the verdict says then; empty: nothing is red, and the first key begins it."""
    walk: Walk
    word: str
    """What the screen says at the end."""
    commands: tuple[int, ...]
    """Lines of the runbook on which the commands begin that come to the same."""
    lacks: str = ""
    """What the runbook has no command for."""
    key: str = "R"
    """What the verdict offers; empty: it names no key."""


LAYERS = (
    Layer("alias", "bad-deploy", ("v42",), by_evidence, "RECOVERED", (257, 263, 728, 735, *_CHECKED)),
    Layer("stage", "bad-stage", ("stage",), by_evidence, "RECOVERED", (411, *_CHECKED), "none moves a stage"),
    Layer("content", "bad-content", ("CloudFront 4xx",), by_evidence, "RECOVERED", (745, 746, 749, *_CHECKED),
          "the good pages have to be in a folder", key=""),
    Layer("stack", "update-rollback-failed", ("UPDATE_ROLLBACK_FAILED",), out_of_the_stack, "RECOVERED",
          (700, 712, 718, *_CHECKED), "what the script does is not told"),
    Layer("invalidation", "calm", (), of_the_edge, "COMPLETED", (749,), "none says when it is done"),
)  # fmt: skip


class Walked(msgspec.Struct, frozen=True):
    """What one walk took."""

    keys: int
    account_s: float
    """Of the account's time, from red to the end of the operation."""
    machine_s: float
    outcome: Outcome | None
    applied_s: float
    """Of the account's time, from red until what was ordered stood; the rest is proof."""


def loop() -> None:
    """Walk each once and print its line."""
    print(f"The closed loop, from red to the verdict (accounts at speed {SPEED:g}; the typed name is not counted)")
    walked = []
    for layer in LAYERS:
        one = _walked(layer)
        walked.append(one)
        lines = ", ".join(str(line) for line in layer.commands)
        lacks = f"; {layer.lacks}" if layer.lacks else ""
        print(
            f"    {layer.name:<13} {one.outcome or 'still open'}: {one.keys} keys, {one.account_s:4.0f} s of the "
            f"account ({one.applied_s:.0f} s until it stood), {one.machine_s:5.1f} s here"
        )
        print(f"                  runbook: {_commands(layer)} (lines {lines}{lacks})")
    goal("most keys of one layer", max(one.keys for one in walked), BUDGET, "keys")


def _walked(layer: Layer) -> Walked:
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatedAccount(scenario=layer.scenario, seed=1, speed=SPEED) as account,
    ):
        os.environ["COCKPIT_STATE_HOME"] = folder
        return asyncio.run(_walk(layer, account))


async def _walk(layer: Layer, account: SimulatedAccount) -> Walked:
    environment = at_endpoint(find(load(), "prod"), account.endpoint)
    app = CockpitApp(load(), environment)
    async with shown(app) as pilot:
        made = Loop(pilot, app)
        if layer.red:
            await made.red(*layer.red, key=layer.key, seconds=300)
        await made.until(lambda: events_read(app) and app.key_context().parts_known, 60)
        red, began = account.clock.now(), time.monotonic()
        await made.confirm(await layer.walk(made))
        done = await made.verdict(JournalHome.default(environment), layer.word, 180)
        took = time.monotonic() - began
    return Walked(made.keys, _since(red, done.ended), took, done.outcome, _since(red, done.switched))


def _commands(layer: Layer) -> str:
    return f"{len(layer.commands)} command{'s' if len(layer.commands) > 1 else ''}"


def _since(red: datetime, then: datetime | None) -> float:
    return (then - red).total_seconds() if then is not None else 0.0
