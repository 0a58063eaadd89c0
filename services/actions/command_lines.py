"""An AWS call as a line for the AWS CLI, exact and quoted: what a person types when the cockpit cannot."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import msgspec
from botocore import xform_name

from services.model.plan import Call
from services.settings.values import Environment, EnvironmentKind

_SERVICES = {"s3": "s3api"}
"""botocore's service name → the CLI's command, where they differ."""

SCRIPT = "script"
"""What stands in a call for the service of a program of this machine."""

_FETCHED = ("file://", "fileb://", "http://", "https://")
"""The CLI takes a value that begins so for the place of the value."""


def command_line(call: Call, environment: Environment | None = None) -> str:
    """`aws lambda update-alias --region … --function-name …`, one line, quoted for a POSIX shell.

    Strings, numbers and flags stand as options of their own, everything nested as JSON; a call with a value that the
    CLI would fetch or misread goes in whole as `--cli-input-json`. `environment` adds profile and endpoint.
    """
    if call.service == SCRIPT:
        return _program(call)
    words = ["aws", _SERVICES.get(call.service, call.service), dashed(call.operation)]
    words += _where(call, environment)
    if any(isinstance(value, str) and value.startswith(_FETCHED) for value in call.parameters.values()):
        words += ["--cli-input-json", _json(call.parameters)]
    else:
        for name, value in call.parameters.items():
            words += _option(dashed(name), value)
    return " ".join(shlex.quote(word) for word in words)


def _program(call: Call) -> str:
    """A program of this machine as it is run: in its folder, with its words."""
    words = call.parameters.get("argv")
    line = shlex.join(str(one) for one in words) if isinstance(words, list | tuple) else ""
    folder = str(call.parameters.get("folder") or "")
    return f"cd {shlex.quote(folder)} && {line}" if folder else line


def dashed(name: str) -> str:
    """`UpdateAlias` → `update-alias`, `restApiId` → `rest-api-id`, as the CLI spells operations and options."""
    return str(xform_name(name, "-"))  # the CLI makes its names with this very function


def _where(call: Call, environment: Environment | None) -> list[str]:
    words = ["--region", call.region] if call.region else []
    if environment is not None and environment.profile:
        words += ["--profile", environment.profile]
    if environment is not None and environment.kind is EnvironmentKind.SANDBOX and environment.endpoint_url:
        words += ["--endpoint-url", environment.endpoint_url]
    return words


def _option(name: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, Mapping | list | tuple):
        return [f"--{name}", _json(value)]
    text = str(value)
    return [f"--{name}={text}"] if text.startswith("-") else [f"--{name}", text]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
