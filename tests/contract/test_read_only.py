"""`--read-only`: no command changes anything in the account, whatever else it is told to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from services.clock import ScaledClock
from services.simulated.account import SimulatedAccount
from tests.contract.commands_support import Cockpit
from tests.simulated_support import START, boto, simulated
from tests.unit.test_one_writer import changing
from tui.cli import cli

WORDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "status": (("prod",),),
    "logs": (("prod", "app", "--since", "5m"),),
    "rollback": (("prod", "--yes"), ("prod", "--layer", "alias,stage", "--yes"), ("prod", "--plan")),
    "invalidate": (("prod", "/*", "--yes"),),
    "events": (("prod",),),
    "alarms": (("prod", "--since", "12h"),),
    "resume": (("prod", "--yes"),),
    "doctor": (("prod",),),
}
"""Every command that asks an account, as somebody would use it who wants it to act."""

ELSEWHERE = {
    "watch": "the screen",
    "demo": "the screen, and an account of its own",
    "journal": "reads our own disk",
    "config": "reads our own disk",
    "simulate": "is an account",
}


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy", clock=ScaledClock(START, 12)) as opened:
        yield opened


def test_every_command_is_tried_or_has_its_reason() -> None:
    assert set(cli.list_commands(click.Context(cli))) == WORDS.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize(
    ("command", "words"), [(command, words) for command, all_ in WORDS.items() for words in all_], ids=str
)
def test_no_command_changes_anything(
    account: SimulatedAccount, tmp_path: Path, command: str, words: tuple[str, ...]
) -> None:
    before = len(account.calls)
    ended = Cockpit(tmp_path, account.endpoint).run(command, *words, "--read-only")
    assert ended.code in (0, 1, 2), ended.err
    assert {call.operation for call in account.calls[before:]} & changing() == set()
    assert not any(tmp_path.rglob("*.order.jsonl")), "nothing was ordered"


def test_the_control_a_change_would_be_seen(account: SimulatedAccount) -> None:
    name = account.state.estate.environment("staging").function
    before = len(account.calls)
    boto(account, "lambda").update_function_configuration(FunctionName=name, Description="by the control")
    assert {call.operation for call in account.calls[before:]} & changing() == {"UpdateFunctionConfiguration"}
