"""What `cockpit status` says to type does what the screen's key does."""

from __future__ import annotations

import pytest

from services.model.assessment import State, Verdict
from services.model.changes import Change, ChangeKind
from services.safe_text import safe
from services.settings.loading import find, load
from tests.unit.rules_support import NOW
from tui.commands.report import command

ENVIRONMENT = find(load(), "prod")


@pytest.mark.parametrize(
    ("key", "kind", "typed"),
    [
        ("R", ChangeKind.ALIAS, "cockpit rollback production"),
        ("R", ChangeKind.CONTENT, "cockpit rollback production --layer content"),
        ("o", ChangeKind.CONTENT, "cockpit resume production"),
        ("z", ChangeKind.ROLLBACK, None),
        ("", ChangeKind.ALIAS, None),
    ],
)
def test_what_to_type_goes_by_the_key_and_by_what_is_blamed(key: str, kind: ChangeKind, typed: str | None) -> None:
    blamed = Change(NOW, kind, safe("one"), safe("one changed"))
    verdict = Verdict(State.CRIT, safe("broken"), suspect=blamed, key=key)
    assert command(ENVIRONMENT, verdict) == typed
