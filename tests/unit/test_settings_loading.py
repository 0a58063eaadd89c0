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
        (HEAD + "[thresholds.api_latency_ms]\nnormal = 3\nwarning = 2\ncritical = 1", ["api_latency_ms", "rise"]),
        ("system = 'S'\nenvironments = []", ["environments", "at least one"]),
        ("system = 'S'", ["environments"]),
        (HEAD + "endpoint_url = 'http://127.0.0.1:1'", ["endpoint_url", 'kind = "sandbox"']),
        (HEAD + "kind = 'sandbox'", ["endpoint_url"]),
        (HEAD + "kind = 'sandbox'\nendpoint_url = 'localhost:5000'", ["endpoint_url", "http://"]),
        (HEAD + "kind = 'mars'", ["kind", "line 6"]),
        (HEAD + "account = '123'", ["account", "twelve"]),
        (HEAD + "account = 123456789012", ["account", "str"]),
        (HEAD.replace("us-west-2", "oregon"), ["region", "oregon", "us-west-2"]),
        (HEAD.replace('stack = "A"', 'stack = ""'), ["stack", "empty"]),
        (HEAD.replace('name = "a"', 'name = "\\u001b[31m"'), ["no name"]),
        (HEAD + HEAD.removeprefix('system = "S"\n'), ["'a'", "twice"]),
        (HEAD + HEAD.removeprefix('system = "S"\n').replace('name = "a"', 'name = "b"'), ["'b'", "same stack", "'a'"]),
    ],
)
def test_a_wrong_file_is_refused_with_where_and_what(text: str, parts: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(text.encode(), "f.toml")
    message = str(caught.value)
    assert message.startswith("f.toml")
    assert not [part for part in parts if part not in message], message
    assert "\x1b" not in message


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
