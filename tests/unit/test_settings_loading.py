"""Settings: the three environments that ship, and every way in which a file can be wrong."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.problems import ConfigurationError
from services.settings import EnvironmentKind
from services.settings.loading import at_endpoint, find, load, parse

HEAD = 'system = "S"\n[[environments]]\nname = "a"\nstack = "A"\nregion = "us-west-2"\n'


@pytest.fixture(autouse=True)
def no_user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("COCKPIT_CONFIG", raising=False)


@pytest.mark.parametrize(
    ("word", "name", "stack", "url", "production"),
    [
        ("production", "production", "EC2Manager-production", "https://ec2manager.com", True),
        ("prod", "production", "EC2Manager-production", "https://ec2manager.com", True),
        ("staging", "staging", "EC2Manager-staging", "https://staging.ec2manager.com", False),
        ("development", "development", "EC2Manager-dev", "https://dev.ec2manager.com", False),
        ("dev", "development", "EC2Manager-dev", "https://dev.ec2manager.com", False),
    ],
)
def test_the_runbooks_environments_ship(word: str, name: str, stack: str, url: str, production: bool) -> None:
    environment = find(load(), word)
    assert (environment.name, environment.stack, environment.url) == (name, stack, url)
    assert environment.region == "us-west-2"
    assert environment.production is production


def test_the_health_address_is_known_for_production_only() -> None:
    known = {environment.name: environment.health_url for environment in load().environments}
    assert known == {"production": "https://api.ec2manager.com/health", "staging": "", "development": ""}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["f.toml", "empty"]),
        ("  \n", ["empty"]),
        ("a = = 3", ["not TOML", "line 1"]),
        ("sytem = 'x'", ["line 1", "unknown key 'sytem'", "did you mean 'system'"]),
        (HEAD + "shrt = ['k']", ["line 6", "'shrt'", "did you mean 'short'"]),
        (HEAD + "[cadence]\nmetric = 3", ["line 7", "'metric' in cadence", "'metrics'"]),
        (HEAD + "[cadence]\nmetrics = 'x'", ["cadence.metrics", "line 7", "float"]),
        (HEAD + "[cadence]\nmetrics = 0", ["cadence.metrics", "out of range"]),
        (HEAD + "[cadence]\nmetrics = nan", ["cadence.metrics", "out of range"]),
        (HEAD + "[logs]\ncalls_per_second = 6", ["logs.calls_per_second", "out of range", "0.1 to 5"]),
        (HEAD + "[logs]\ncalls_per_second = 0", ["logs.calls_per_second", "out of range", "0.1 to 5"]),
        (HEAD + "[thresholds.api_latency_ms]\nnormal = 3\nwarning = 2\ncritical = 1", ["api_latency_ms", "rise"]),
        (HEAD + "[thresholds]\nerror_rate_percent = { normal = 1, warning = 5, critical = 101 }",
         ["line 7", "error_rate_percent.critical", "at most 100"]),
        (HEAD + "[thresholds]\nerror_rate_percent = { normal = -1, warning = 5, critical = 10 }",
         [".normal", "from 0"]),
        (HEAD + "[thresholds]\nerror_rate_percent = { normal = 1, warning = nan, critical = 10 }",
         [".warning", "nan"]),
        (HEAD + "[thresholds]\nwindow_s = 90", ["line 7", "thresholds.window_s", "90", "whole minutes"]),
        (HEAD + "[thresholds]\nmin_requests = 0", ["line 7", "thresholds.min_requests", "at least 1"]),
        (HEAD + "[thresholds]\nmin_request = 5", ["line 7", "'min_request'", "did you mean 'min_requests'"]),
        (HEAD + "[alerts]\nmean_s = 0", ["line 7", "alerts.mean_s", "0", "from 60"]),
        (HEAD + "[alerts]\nhigh_latency_s = 100000", ["line 7", "alerts.high_latency_s", "to a day"]),
        (HEAD + "[alerts]\nserver_errors = 0", ["line 7", "alerts.server_errors", "from 1 on"]),
        (HEAD + "[alerts]\nlambda_error_percent = 105", ["line 7", "alerts.lambda_error_percent", "0 to 100"]),
        (HEAD + "[alerts]\nhigh_latency_ms = -1", ["line 7", "alerts.high_latency_ms", "milliseconds from 0"]),
        (HEAD + "[alerts]\nidle_hours = 0", ["line 7", "alerts.idle_hours", "1 to 24"]),
        (HEAD + "[alerts]\ntrigger_health_s = 5", ["line 7", "alerts.trigger_health_s", "from 30"]),
        (HEAD + "[alerts]\ndegraded_latency_ms = { lower = 2000, upper = 1000 }",
         ["line 7", "alerts.degraded_latency_ms", "lower 2000 is not below upper 1000"]),
        (HEAD + "[alerts]\nelevated_error_percent = { lower = 5, upper = 200 }", ["upper", "at most 100"]),
        (HEAD + "[alerts]\nelevated_error_percent = { lower = 5, uper = 9 }", ["'uper'", "did you mean 'upper'"]),
        (HEAD + "[alerts]\nserver_error = 3", ["line 7", "'server_error' in alerts", "did you mean 'server_errors'"]),
        (HEAD + "[alerting]\nbel = true", ["line 7", "'bel' in alerting", "did you mean 'bell'"]),
        (HEAD + "[alerting]\nbell = 'yes'", ["line 7", "alerting.bell", "bool"]),
        (HEAD + "[[alerting.ladder]]\nafter_min = 0\nwho = 'a'\n[[alerting.ladder]]\nafter_min = 0\nwho = 'b'",
         ["alerting.ladder[1].after_min", "rise"]),
        (HEAD + "[[alerting.ladder]]\nafter_min = -5\nwho = 'a'", ["line 7", "alerting.ladder[0].after_min", "week"]),
        (HEAD + "[[alerting.ladder]]\nafter_min = 5\nwho = ' '", ["line 8", "alerting.ladder[0].who", "somebody"]),
        (HEAD + "[[alerting.ladder]]\nafter_min = 5\nwhom = 'a'", ["'whom'", "did you mean 'who'"]),
        (HEAD + "[alerting]\ncommand = ['no-such-program-here']",
         ["line 7", "alerting.command", "no program 'no-such-program-here'", "[] for none"]),
        (HEAD + "[alerting]\ncommand = ['']", ["line 7", "alerting.command", "no program ''"]),
        (HEAD + "[alerting]\ncommand_limit_s = 0", ["line 7", "alerting.command_limit_s", "0.5 to 600"]),
        ("system = 'S'\nenvironments = []", ["environments", "at least one"]),
        ("system = 'S'", ["environments"]),
        (HEAD + "endpoint_url = 'http://127.0.0.1:1'", ["endpoint_url", 'kind = "sandbox"']),
        (HEAD + "kind = 'sandbox'", ["endpoint_url"]),
        (HEAD + "kind = 'sandbox'\nendpoint_url = 'localhost:5000'", ["endpoint_url", "http://"]),
        (HEAD + "kind = 'mars'", ["kind", "line 6"]),
        (HEAD + "account = '123'", ["account", "twelve"]),
        (HEAD + "lease_table = 'my leases'", ["environment 'a'", "lease_table", "'my leases'", "3 to 255"]),
        (HEAD + "lease_tabel = 'leases'", ["line 6", "'lease_tabel'", "did you mean 'lease_table'"]),
        (HEAD + "account = 123456789012", ["account", "str"]),
        (HEAD.replace("us-west-2", "oregon"), ["region", "oregon", "us-west-2"]),
        (HEAD.replace('stack = "A"', 'stack = ""'), ["stack", "empty"]),
        (HEAD.replace('name = "a"', 'name = "\\u001b[31m"'), ["no name"]),
        (HEAD + HEAD.removeprefix('system = "S"\n'), ["'a'", "twice"]),
        (HEAD + HEAD.removeprefix('system = "S"\n').replace('name = "a"', 'name = "b"'), ["'b'", "same stack", "'a'"]),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_where_and_what(text: str, parts: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(text.encode(), "f.toml")
    message = str(caught.value)
    assert message.startswith("f.toml")
    assert not [part for part in parts if part not in message], message
    assert "\x1b" not in message


def test_what_is_right_about_alerts_is_taken_as_it_stands(tmp_path: Path) -> None:
    program = tmp_path / "page"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    text = HEAD + (
        f"[alerts]\nserver_errors = 5\nelevated_error_percent = {{ lower = 2, upper = 4 }}\n"
        f"[alerting]\nbell = true\ncommand = ['{program}', 'now']\nladder = [{{ after_min = 5, who = 'Duty' }}]\n"
    )
    settings = parse(text.encode(), "f.toml")
    assert (settings.alerts.server_errors, settings.alerts.elevated_error_percent.lower) == (5, 2)
    assert settings.alerting.command == (str(program), "now")
    assert [(rung.after_min, rung.who) for rung in settings.alerting.ladder] == [(5, "Duty")]


def test_the_runbooks_values_are_the_defaults() -> None:
    rules, alerting = load().alerts, load().alerting
    assert (rules.server_errors, rules.server_errors_s, rules.high_latency_ms, rules.high_latency_s) == (
        3,
        600,
        2000,
        900,
    )
    assert (rules.trigger_error_percent, rules.trigger_error_s, rules.trigger_latency_s) == (10, 600, 900)
    assert [rung.after_min for rung in alerting.ladder] == [0, 15, 30, 60]
    assert (alerting.bell, alerting.desktop, alerting.command) == (False, False, ())


@pytest.mark.parametrize(
    ("raw", "part"),
    [(b"\xef\xbb\xbfsystem = 'S'", "byte order mark"), ("system".encode("utf-16"), "UTF-16"), (b"a\n\xff", "line 2")],
)
def test_bytes_that_are_not_plain_utf8_are_named(raw: bytes, part: str) -> None:
    with pytest.raises(ConfigurationError, match=part):
        parse(raw, "f.toml")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.toml"
    path.write_bytes(b"#" * 2_000_000)
    with pytest.raises(ConfigurationError, match="larger than"):
        load(path)


def test_a_named_file_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path)
    monkeypatch.setenv("COCKPIT_CONFIG", str(tmp_path / "other.toml"))
    with pytest.raises(ConfigurationError, match=r"other\.toml"):
        load()


def test_the_users_own_file_comes_before_the_one_that_ships(tmp_path: Path) -> None:
    (tmp_path / "cockpit").mkdir()
    (tmp_path / "cockpit" / "config.toml").write_text(HEAD.replace('"S"', '"Mine"'))
    assert load().system == "Mine"


@pytest.mark.parametrize(("word", "near"), [("prodution", "production"), ("stagin", "staging"), ("PROD", "prod")])
def test_an_unknown_environment_is_answered_with_the_nearest(word: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"mean {near}") as caught:
        find(load(), word)
    assert "staging" in str(caught.value)


def test_at_an_endpoint_an_environment_is_a_sandbox_without_a_profile() -> None:
    environment = msgspec.structs.replace(find(load(), "prod"), profile="mine")
    moved = at_endpoint(environment, "http://127.0.0.1:5000/")
    assert (moved.kind, moved.endpoint_url, moved.profile) == (EnvironmentKind.SANDBOX, "http://127.0.0.1:5000", "")
    assert moved.name == "production"


@pytest.mark.parametrize("url", ["", "localhost:5000", "ftp://x", "http://", "http://x:99999", "http://a b"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="no address"):
        at_endpoint(find(load(), "prod"), url)


@given(st.binary(max_size=300))
def test_no_bytes_are_answered_with_anything_but_settings_or_a_sentence(raw: bytes) -> None:
    try:
        parse(raw, "f.toml")
    except ConfigurationError as error:
        assert str(error).startswith("f.toml")
