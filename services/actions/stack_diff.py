"""What lies between two deployments of a stack: parameters, resources by their names, tags, role. Pure.

Templates are compared resource by resource: JSON by value, YAML by the lines of each resource, for which nothing has to
be understood of what stands in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import msgspec

from services.model.kept import KeptStack, Setting
from services.redact import HIDDEN, redact, redact_value
from services.safe_text import SafeText, safe

STATEFUL = (
    *(
        "AWS::DynamoDB::",
        "AWS::S3::Bucket",
        "AWS::RDS::",
        "AWS::Cognito::UserPool",
        "AWS::EFS::",
        "AWS::Logs::LogGroup",
    ),
    *("AWS::SQS::Queue", "AWS::Kinesis::", "AWS::ElastiCache::", "AWS::OpenSearchService::", "AWS::SecretsManager::"),
)
"""What begins the types of resources that hold something which is gone with them."""


class Part(msgspec.Struct, frozen=True):
    """One resource of a template."""

    type: str
    kept: bool
    """A DeletionPolicy keeps it when it leaves the stack."""
    text: str
    """Equal when nothing of it differs."""

    @property
    def stateful(self) -> bool:
        return self.type.startswith(STATEFUL)


class Difference(msgspec.Struct, frozen=True):
    """From one deployment to another."""

    parameters: tuple[tuple[SafeText, SafeText, SafeText], ...] = ()
    """Name, value there, value here: fit to be shown."""
    added: tuple[str, ...] = ()
    """Resources that only the other has."""
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Resources that only this one has."""
    lost: tuple[str, ...] = ()
    """Of those removed the ones that hold data and that nothing keeps."""
    others: tuple[str, ...] = ()
    """`tags`, `role`, `notifications`: what else differs."""
    unread: bool = False
    """A template could not be taken apart: nothing is known of its resources."""

    @property
    def nothing(self) -> bool:
        return not (self.parameters or self.added or self.changed or self.removed or self.others or self.unread)


def difference(now: KeptStack, then: KeptStack) -> Difference:
    """What deploying `then` again would change of `now`."""
    here, there = parts(now.body), parts(then.body)
    unread = not here or not there
    removed = () if unread else tuple(name for name in here if name not in there)
    others = [
        name
        for name, before, after in (
            ("tags", now.tags, then.tags),
            ("the role", now.role, then.role),
            ("notifications", now.notifications, then.notifications),
        )
        if before != after
    ]
    return Difference(
        parameters=tuple(_parameters(now.parameters, then.parameters)),
        added=() if unread else tuple(name for name in there if name not in here),
        changed=() if unread else tuple(n for n, part in there.items() if n in here and here[n].text != part.text),
        removed=removed,
        lost=tuple(name for name in removed if here[name].stateful and not here[name].kept),
        others=tuple(others),
        unread=unread,
    )


def _parameters(now: Sequence[Setting], then: Sequence[Setting]) -> list[tuple[SafeText, SafeText, SafeText]]:
    known = {one.name: one for one in now}
    names = {one.name for one in then}
    told = [
        (safe(one.name, 80), _shown(known.get(one.name)), _shown(one))
        for one in then
        if not one.hidden and (one.name not in known or known[one.name].value != one.value)
    ]
    return told + [(safe(one.name, 80), _shown(one), SafeText("gone")) for one in now if one.name not in names]


def _shown(one: Setting | None) -> SafeText:
    """A value that may be shown."""
    if one is None:
        return SafeText("none")
    if one.hidden:
        return SafeText(f"{HIDDEN} (NoEcho)")
    told = redact_value({one.name: one.value})
    return safe(told[one.name] if isinstance(told, dict) else redact(one.value), 120)


def parts(body: str) -> dict[str, Part]:
    """The template's resources by logical id; empty when it cannot be told."""
    try:
        found = json.loads(body)
    except ValueError:
        return _of_lines(body)
    resources = found.get("Resources") if isinstance(found, Mapping) else None
    if not isinstance(resources, Mapping):
        return {}
    return {str(name): _of_value(one) for name, one in resources.items()}


def _of_value(one: object) -> Part:
    body = one if isinstance(one, Mapping) else {}
    kept = str(body.get("DeletionPolicy", "")).startswith("Retain")
    return Part(str(body.get("Type", "")), kept, json.dumps(one, sort_keys=True))


_TOP = re.compile(r"[^\s#][^:]*:")
_NAME = re.compile(r"(\s+)([A-Za-z0-9]+):\s*(?:#.*)?\Z")


def _of_lines(body: str) -> dict[str, Part]:
    """Resources of a YAML template: what is indented like the first name below `Resources:` begins another."""
    found: dict[str, list[str]] = {}
    within, indent, name = False, "", ""
    for line in body.splitlines():
        if _TOP.match(line):
            within, indent = line.startswith("Resources:"), ""
            continue
        match = _NAME.match(line) if within else None
        if match is not None and (not indent or match[1] == indent):
            indent, name = match[1], match[2]
            found[name] = []
        elif within and indent and line.strip():
            found[name].append(line.rstrip())
    return {name: Part(_word(lines, "Type"), _word(lines, "DeletionPolicy").startswith("Retain"), "\n".join(lines))
            for name, lines in found.items()}  # fmt: skip


def _word(lines: Sequence[str], field: str) -> str:
    """The value of the resource's own `field: value`."""
    for line in lines:
        name, _, value = line.strip().partition(":")
        if name == field:
            return value.strip().strip("\"'")
    return ""
