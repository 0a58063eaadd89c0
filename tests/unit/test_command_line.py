"""The command line: what stands where, what is refused with which sentence and code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
import pytest

import tui.cli
from services.problems import AccountError, ConfigurationError, ProblemKind, problem
from tui.cli import COMMANDS, arranged, run
from tui.commands.common import Common, chosen, equipped, load_settings, nearest_command
from tui.terminal.crash import crash_sentence


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([], ["watch"]),
        (["prod"], ["watch", "prod"]),
        (["--read-only", "prod"], ["watch", "--read-only", "prod"]),
        (["--config", "file", "prod"], ["watch", "--config", "file", "prod"]),
        (["--config=file", "prod"], ["watch", "--config=file", "prod"]),
        (["status", "prod", "--json"], ["status", "prod", "--json"]),
        (["--endpoint-url", "http://h:1", "status", "prod"], ["status", "--endpoint-url", "http://h:1", "prod"]),
        (["--config", "status", "prod"], ["watch", "--config", "status", "prod"]),
        (["-h"], ["-h"]),
        (["--version"], ["--version"]),
    ],
)
def test_a_command_line_finds_its_verb(given: list[str], meant: list[str]) -> None:
    assert arranged(given) == meant


def test_every_verb_of_the_table_can_be_imported() -> None:
    for name in COMMANDS:
        command = tui.cli.cli.get_command(click.Context(tui.cli.cli), name)
        assert command is not None
        assert command.name == name


def test_help_imports_no_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert name in shown


@pytest.mark.parametrize("word", ["-h", "--help"])
@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_verb_has_help(command: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, word]) == 0
    assert "Usage: cockpit" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["prod", "--nonsense"], ["status"], ["demo", "--speed", "0"], ["prod", "extra"]])
def test_wrong_usage_is_a_sentence_and_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    said = capsys.readouterr().err
    assert said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (ConfigurationError("no such thing"), 2),
        (AccountError(problem(ProblemKind.UNREACHABLE, "no answer")), 3),
        (AccountError(problem(ProblemKind.WRONG_ACCOUNT, "another account")), 2),
        (AccountError(problem(ProblemKind.NOT_FOUND, "no such stack")), 2),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
)
def test_how_a_command_fails_is_its_exit_code(
    raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(**_options: object) -> None:
        raise raised

    monkeypatch.setattr(tui.cli.cli, "main", failing)
    assert run([]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_what_nobody_foresaw_is_a_sentence_a_file_and_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def failing(**_options: object) -> None:
        local = "canary-local"
        raise RuntimeError("token=AKIAABCDEFGHIJKLMNOP" + local[:0])

    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(tui.cli.cli, "main", failing)
    assert run([]) == 70
    (file,) = (tmp_path / "crashes").iterdir()
    said = capsys.readouterr().err
    assert str(file) in said
    for text in (said, file.read_text()):
        assert "AKIAABCDEFGHIJKLMNOP" not in text
        assert "canary-local" not in text
    assert file.stat().st_mode & 0o777 == 0o600
    assert "in failing" in file.read_text()


def test_a_crash_file_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(blocked))
    assert "could not be written" in crash_sentence(RuntimeError("x"))


def test_an_unknown_word_is_answered_with_the_nearest_environment_and_command() -> None:
    settings = load_settings(Common())
    with pytest.raises(ConfigurationError, match="production"):
        chosen(settings, "productoin")
    with pytest.raises(ConfigurationError, match="cockpit status"):
        chosen(settings, "statuz")
    assert nearest_command("zzz") == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["staus", "prod"], "There is no environment 'staus'"),
        (["staus", "prod", "--json"], "Or is the command `cockpit status` meant?"),
        (["graphs", "prod"], "`cockpit --help` lists the commands."),
        (["prod", "lambda"], "takes no further words (lambda)"),
        (["prod", "--jsn"], "No such option '--jsn'"),
        (["--jsn"], "No such option '--jsn'"),
    ],
)
def test_a_slip_in_a_command_with_words_behind_it_is_told_as_one(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes behind the slip is not what is wrong, and nobody has typed `cockpit watch`."""
    assert run(words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("url", ["nonsense", "ftp://h", "http://", "127.0.0.1:5000"])
def test_an_endpoint_that_is_no_url_is_refused(url: str) -> None:
    environment = load_settings(Common()).environments[0]
    with pytest.raises(ConfigurationError, match="no URL"):
        equipped(environment, Common(endpoint_url=url))


def test_the_options_say_where_and_whether_anything_may_change() -> None:
    environment = load_settings(Common()).environments[0]
    there = equipped(environment, Common("http://127.0.0.1:5000", None, True))
    assert there.read_only
    assert there.endpoint_url == "http://127.0.0.1:5000"
    assert there.kind == "sandbox"
    assert equipped(environment, Common()) == environment


def test_the_screen_is_not_imported_by_the_command_line() -> None:
    import subprocess
    import sys

    code = "import sys, tui.cli; sys.exit(any(name.split('.')[0] in ('textual', 'botocore') for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], env=dict(os.environ), check=False
    )
    assert done.returncode == 0


def test_an_endpoint_at_which_nothing_answers_is_told_with_its_remedy_and_ends_3(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in (["status", "prod"], ["rollback", "prod", "--plan"]):
        assert run([*command, "--endpoint-url", "http://127.0.0.1:1"]) == 3
        said = capsys.readouterr().err
        assert said.startswith("cockpit: nothing answers at http://127.0.0.1:1. Start it")
        assert said.count("\n") == 1


def test_config_tells_where_the_settings_are_what_holds_and_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.toml"
    head = 'system = "S"\n[[environments]]\nname = "p"\nstack = "s"\nregion = "us-west-2"\n'
    file.write_text("cost_cap = 2\n" + head)
    assert run(["--config", str(file), "config", "path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert run(["config", "show", "--config", str(file)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["cost_cap"], shown["thresholds"]["min_requests"]) == (
        2,
        load_settings(Common()).thresholds.min_requests,
    )
    assert run(["config", "validate", "--config", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: right, for p\n"
    file.write_text("cost_cap = -1\n" + head)
    for verb in ("show", "validate"):
        assert run(["config", verb, "--config", str(file)]) == 2
        said = capsys.readouterr()
        assert (said.out, "own.toml, line 1: cost_cap" in said.err) == ("", True)


def test_config_without_a_file_of_ones_own_names_the_built_in_and_where_one_would_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COCKPIT_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert run(["config", "path"]) == 0
    told = capsys.readouterr()
    assert Path(told.out.strip()).is_file()
    assert str(tmp_path / "cockpit" / "config.toml") in told.err
    assert run(["config", "validate"]) == 0
    assert capsys.readouterr().out.startswith("the built-in settings: right, for production")
