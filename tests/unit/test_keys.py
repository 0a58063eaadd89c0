"""The key table is one truth: no key twice, no reason missing, nothing dangerous beside something frequent."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from tui.keys import KEYS, READ_ONLY, KeyContext, blocks, key_by_id, why_off

READY = KeyContext(parts_known=True, has_operation=True, undoable=True)


def test_no_key_and_no_id_stands_twice() -> None:
    keys = list(itertools.chain.from_iterable((key.key, *key.also) for key in KEYS))
    assert len(keys) == len(set(keys))
    assert len({key.id for key in KEYS}) == len(KEYS)


def test_every_key_has_a_short_label_and_a_sentence() -> None:
    for key in KEYS:
        assert len(key.label.split()) <= 2, key.id
        assert key.sentence.endswith("."), key.id


def test_what_changes_the_account_is_never_the_shift_neighbour_of_another_key() -> None:
    plain = {key.key for key in KEYS if len(key.key) == 1 and key.key.islower()}
    loud = [key for key in KEYS if key.changes and key.key.isupper()]
    assert {key.id for key in loud} == {"rollback", "invalidate", "restore", "isolate"}
    shift_neighbours = {key.key.lower() for key in loud} & plain
    assert shift_neighbours <= {"r", "x"}, "r asks again, x writes a file: a slip opens a plan, which does nothing"


@pytest.mark.parametrize(
    ("identity", "context", "reason"),
    [
        ("rollback", READY, ""),
        ("rollback", KeyContext(), "not known yet"),
        ("rollback", msgspec.structs.replace(READY, running=True), "under way"),
        ("rollback", msgspec.structs.replace(READY, read_only=True), "read-only"),
        ("invalidate", KeyContext(), "not known yet"),
        ("undo", READY, ""),
        ("undo", msgspec.structs.replace(READY, undoable=False), "nothing to take back"),
        ("operation", KeyContext(), "nothing has been done"),
        ("help", KeyContext(), ""),
        ("quit", KeyContext(running=True), ""),
    ],
)
def test_a_key_is_on_or_says_why_not(identity: str, context: KeyContext, reason: str) -> None:
    said = why_off(key_by_id(identity), context)
    assert bool(said) == bool(reason)
    assert reason in said


def test_read_only_leaves_the_plan_to_be_looked_at() -> None:
    context = msgspec.structs.replace(READY, read_only=True)
    rollback = key_by_id("rollback")
    assert why_off(rollback, context) == READ_ONLY
    assert not blocks(rollback, context)
    assert blocks(rollback, msgspec.structs.replace(context, parts_known=False))


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        key_by_id("nonsense")
