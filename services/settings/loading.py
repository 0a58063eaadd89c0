"""From a TOML file to Settings, or to a sentence that says which file, which field and what to write instead."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec

from services.problems import ConfigurationError
from services.safe_text import safe
from services.settings.checking import complaints
from services.settings.values import Environment, EnvironmentKind, Settings

SIZE_LIMIT = 1_000_000
"""Largest settings file that is read, in bytes."""

VARIABLE = "COCKPIT_CONFIG"
_SHIPPED, _SHIPPED_RUNBOOK = "ec2_manager.toml", "ec2_manager.md"
BUILT_IN = "built-in"
"""What `runbook` says for the one that ships."""
_AT = re.compile(r" - at `\$?([^`]*)`")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def load(path: Path | None = None) -> Settings:
    """The settings in force.

    `path`, else the file that `COCKPIT_CONFIG` names, else the user's own (`user_file`), else the one that ships.
    Raises ConfigurationError. A file that was named has to be there; the user's own may be missing.
    """
    named = source(path)
    if named is None:
        return parse(resources.files(__package__).joinpath(_SHIPPED).read_bytes(), f"the built-in {_SHIPPED}")
    settings = parse(_bytes_of(named), str(named))
    return msgspec.structs.replace(
        settings,
        runbook=_beside(named, settings.runbook),
        environments=tuple(_placed(named, one) for one in settings.environments),
    )


def runbook_file(settings: Settings) -> Path | None:
    """Where the runbook's text is; None: there is none."""
    if settings.runbook == BUILT_IN:
        return Path(str(resources.files(__package__).joinpath(_SHIPPED_RUNBOOK)))
    return Path(settings.runbook) if settings.runbook else None


def _beside(named: Path, runbook: str) -> str:
    """A runbook's path as it holds wherever the cockpit is started."""
    if runbook in ("", BUILT_IN):
        return runbook
    return str((named.absolute().parent / Path(runbook).expanduser()).absolute())


def _placed(named: Path, environment: Environment) -> Environment:
    """The environment with its script's folder as it holds wherever the cockpit is started."""
    script = environment.rollback_script
    if script is None:
        return environment
    folder = str((named.absolute().parent / Path(script.folder).expanduser()).absolute())
    return msgspec.structs.replace(environment, rollback_script=msgspec.structs.replace(script, folder=folder))


def source(path: Path | None = None) -> Path | None:
    """The file that `load` reads, whether or not a named one is there; None: the one that ships."""
    named = path or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    return user_file() if named is None and user_file().exists() else named


def shipped() -> Path:
    """Where the built-in settings are: to be copied, not to be changed."""
    return Path(str(resources.files(__package__).joinpath(_SHIPPED)))


def user_file() -> Path:
    """Where the user's own settings are looked for: `cockpit/config.toml` in the XDG configuration folder."""
    import platformdirs

    return Path(platformdirs.user_config_dir("cockpit", appauthor=False)) / "config.toml"


def parse(raw: bytes, name: str) -> Settings:
    """Settings from the bytes of a file called `name`. Raises ConfigurationError."""
    shown = safe(name, 300)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigurationError(f"{shown}: is UTF-16; save it as UTF-8 without a byte order mark.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{shown}, line {line}: not UTF-8; save the file as UTF-8.") from None
    if text.startswith("\ufeff"):
        raise ConfigurationError(f"{shown}, line 1: starts with a byte order mark; save it as UTF-8 without one.")
    if not text.strip():
        raise ConfigurationError(f"{shown}: is empty; write at least `system` and one [[environments]], or remove it.")
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{shown}: not TOML: {safe(error, 200)}.") from None
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_explained(str(error), text, shown)) from None
    _check(settings, text, shown)
    return settings


def find(settings: Settings, word: str) -> Environment:
    """The environment called `word`, by name or short name. Raises ConfigurationError naming the nearest."""
    for environment in settings.environments:
        if word == environment.name or word in environment.short:
            return environment
    names = [name for environment in settings.environments for name in (environment.name, *environment.short)]
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    known = ", ".join(environment.name for environment in settings.environments)
    raise ConfigurationError(f"There is no environment {safe(word, 60)!r}.{hint} Known: {known}.")


def at_endpoint(environment: Environment, url: str) -> Environment:
    """The same environment in a simulated or local account at `url`. Raises ConfigurationError."""
    _check_endpoint(url, "--endpoint-url")
    return msgspec.structs.replace(
        environment,
        kind=EnvironmentKind.SANDBOX,
        endpoint_url=url.rstrip("/"),
        profile="",
        rollback_script=None,  # it knows nothing of the endpoint, and would roll the real one back
    )


def _bytes_of(path: Path) -> bytes:
    shown = safe(path, 300)
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise ConfigurationError(f"{shown}: there is no such file; name another with --config or {VARIABLE}.") from None
    except OSError as error:
        raise ConfigurationError(f"{shown}: cannot be read ({error.strerror}).") from None
    if len(raw) > SIZE_LIMIT:
        raise ConfigurationError(f"{shown}: larger than {SIZE_LIMIT:,} bytes; this is no settings file of ours.")
    return raw


def _explained(message: str, text: str, shown: str) -> str:
    """msgspec's sentence with the file, the line and, for an unknown key, the nearest one that exists."""
    at = _AT.search(message)
    where = at.group(1).lstrip(".") if at else ""
    unknown = _UNKNOWN.search(message)
    if unknown is None:
        field = where or "the file"
        line = _line_of(text, where.rsplit(".", 1)[-1].split("[")[0])
        return f"{shown}{line}: {field}: {safe(_AT.sub('', message), 300)}."
    key = unknown.group(1)
    known = _fields_at(where)
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
    remedy = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}."
    inside = f" in {where}" if where else ""
    return f"{shown}{_line_of(text, key)}: unknown key {safe(key, 80)!r}{inside}; {remedy}"


def _line_of(text: str, key: str) -> str:
    """`, line 12` when exactly one line sets or opens `key`; otherwise nothing, rather than a wrong line."""
    if not key:
        return ""
    pattern = re.compile(rf"(^|[\s,{{\[.\"']){re.escape(key)}[\"']?\s*(=|\]|\.)")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return f", line {lines[0]}" if len(lines) == 1 else ""


def _fields_at(where: str) -> tuple[str, ...]:
    """The keys that may stand at `environments[...].names`, found by walking the values' types."""
    kind: Any = Settings
    for part in filter(None, re.split(r"\.|\[[^\]]*\]", where)):
        hint = get_type_hints(kind).get(part)
        if hint is None:
            return ()
        kind = next((one for one in get_args(hint) if isinstance(one, type)), hint)
    return tuple(kind.__struct_fields__) if hasattr(kind, "__struct_fields__") else ()


def _check(settings: Settings, text: str, shown: str) -> None:
    """What types cannot say."""
    if not settings.environments:
        raise ConfigurationError(f"{shown}: environments: there is none; write at least one [[environments]].")
    names: set[str] = set()
    places: dict[tuple[str, str, str, str], str] = {}
    for environment in settings.environments:
        what = f"{shown}: environment {safe(environment.name, 60)!r}"
        for name in (environment.name, *environment.short):
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
                raise ConfigurationError(f"{what}: {safe(name, 60)!r} is no name; use letters, digits, '.', '_', '-'.")
            if name in names:
                raise ConfigurationError(f"{what}: {name!r} is used twice; every name and short name must be its own.")
            names.add(name)
        _check_place(environment, what)
        place = (environment.account, environment.endpoint_url, environment.region, environment.stack)
        if place in places:
            raise ConfigurationError(
                f"{what}: the same stack, region and account as {places[place]!r}; one of them has to go."
            )
        places[place] = environment.name
    for field, sentence in complaints(settings):
        raise ConfigurationError(f"{shown}{_line_of(text, field.rpartition('.')[2])}: {field}: {sentence}")


def _check_place(environment: Environment, what: str) -> None:
    if not environment.stack:
        raise ConfigurationError(f"{what}: stack: is empty; name the CloudFormation stack.")
    if not _REGION.fullmatch(environment.region):
        raise ConfigurationError(f"{what}: region: {safe(environment.region, 60)!r} is no AWS region, e.g. us-west-2.")
    if environment.account and not re.fullmatch(r"\d{12}", environment.account):
        raise ConfigurationError(f"{what}: account: has to be twelve digits in quotes.")
    if environment.lease_table and not _TABLE.fullmatch(environment.lease_table):
        shown = repr(str(safe(environment.lease_table, 60)))
        raise ConfigurationError(
            f"{what}: lease_table: {shown} is no table's name; write 3 to 255 letters, digits, '.', '_', '-', or none."
        )
    script = environment.rollback_script
    if script is not None and (not script.path or script.path.startswith("-") or script.argument.startswith("-")):
        raise ConfigurationError(
            f'{what}: rollback_script: path and argument are words such as "./scripts/rollback.sh".'
        )
    _check_web(environment.health_url, f"{what}: health_url")
    _check_web(environment.url, f"{what}: url")
    _check_web(environment.aws_status_url, f"{what}: aws_status_url")
    if environment.endpoint_url:
        if environment.kind is not EnvironmentKind.SANDBOX:
            raise ConfigurationError(f'{what}: endpoint_url: only together with kind = "sandbox".')
        _check_endpoint(environment.endpoint_url, f"{what}: endpoint_url")
    elif environment.kind is EnvironmentKind.SANDBOX:
        raise ConfigurationError(f'{what}: kind = "sandbox" needs an endpoint_url.')


def _check_endpoint(url: str, what: str) -> None:
    if not _is_address(url):
        raise ConfigurationError(f"{what}: {safe(url, 120)!r} is no address; write e.g. http://127.0.0.1:5000.")


def _check_web(url: str, what: str) -> None:
    """An optional address of the application. A name and password in it would be shown with it."""
    if url and (not _is_address(url) or "@" in urlsplit(url).netloc):
        raise ConfigurationError(
            f"{what}: {safe(url.rpartition('@')[2], 120)!r} is no address; write e.g. https://api.example.com/health, "
            "without a user's name."
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return valid and not any(ord(character) <= 32 for character in url)
