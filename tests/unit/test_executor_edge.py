"""The edge of the executor's process: what nobody foresaw goes into the system's log, without secrets."""

from __future__ import annotations

import argparse
import syslog
from pathlib import Path

import pytest

from services.executor import __main__ as process

SECRET = "AKIAIOSFODNN7EXAMPLE"


def test_what_was_not_foreseen_is_written_into_the_systems_log_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []
    monkeypatch.setattr(syslog, "syslog", lambda priority, text: told.append(text))
    given = argparse.Namespace(home=tmp_path, operation=SECRET, locks="", resume="")
    assert process._alone(given) == 1
    (said,) = told
    assert said == "cockpit executor: operation AKIA…MPLE: FileNotFoundError: AKIA…MPLE"
