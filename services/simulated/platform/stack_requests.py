"""What an UpdateStack asks for, held against what stands, with CloudFormation's words where it cannot be had. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from services.simulated.platform.stack_specs import Spec
from services.simulated.protocol import AwsError

MOST_BODY = 51_200
"""Bytes of a template that can be sent with the call."""


MOST_URL = 1_048_576
"""Bytes of a template that is read from a bucket."""

_URL = re.compile(r"https://([a-z0-9.-]+)\.s3\.[a-z0-9-]+\.amazonaws\.com/(.+)")

Fetch = Callable[[str, str], bytes | None]
"""Bucket and key → what the object holds."""


def wanted(parameters: Mapping[str, Any], before: Spec, fetch: Fetch) -> Spec:
    """What the call wants the stack to be deployed with. Raises AwsError as AWS does."""
    body = _body(parameters, before, fetch)
    spec = msgspec.structs.replace(before, body=body)
    needed = [kind for kind in ("CAPABILITY_NAMED_IAM",) if _names_roles(spec)]
    given = tuple(parameters.get("Capabilities") or ())
    if needed and not set(needed) & set(given):
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : {needed}".replace("'", ""))
    spec = msgspec.structs.replace(spec, parameters=_values(parameters, spec, before))
    changed: dict[str, Any] = {"capabilities": given}
    if "Tags" in parameters:
        changed["tags"] = tuple((one["Key"], one["Value"]) for one in parameters["Tags"])
    if "NotificationARNs" in parameters:
        changed["notifications"] = tuple(parameters["NotificationARNs"])
    if parameters.get("RoleARN"):
        changed["role"] = parameters["RoleARN"]
    return msgspec.structs.replace(spec, **changed)


def _body(parameters: Mapping[str, Any], before: Spec, fetch: Fetch) -> str:
    given = [name for name in ("TemplateBody", "TemplateURL", "UsePreviousTemplate") if parameters.get(name)]
    if len(given) != 1:
        raise invalid("Either Template URL or Template Body must be specified.")
    if given == ["UsePreviousTemplate"]:
        return before.body
    if given == ["TemplateURL"]:
        return _checked(_fetched(str(parameters["TemplateURL"]), fetch))
    body = str(parameters["TemplateBody"])
    if len(body.encode()) > MOST_BODY:
        raise invalid(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have "
            f"length less than or equal to {MOST_BODY}"
        )
    return _checked(body)


def _fetched(url: str, fetch: Fetch) -> str:
    """A template that lies in a bucket of the account."""
    found = _URL.fullmatch(url)
    if found is None:
        raise invalid("TemplateURL must be a supported URL.")
    body = fetch(found.group(1), found.group(2))
    if body is None:
        raise invalid("S3 error: Access Denied")
    if len(body) > MOST_URL:
        raise invalid(f"Template may not exceed {MOST_URL} bytes in size.")
    return body.decode()


def _checked(body: str) -> str:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise invalid("Template format error: JSON not well-formed.") from error
    if not isinstance(found, dict) or not isinstance(found.get("Resources"), dict) or not found["Resources"]:
        raise invalid("Template format error: At least one Resources member must be defined.")
    return body


def _values(parameters: Mapping[str, Any], spec: Spec, before: Spec) -> tuple[tuple[str, str], ...]:
    declared = spec.template.get("Parameters") or {}
    given = {one["ParameterKey"]: one for one in parameters.get("Parameters") or ()}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    known, values, missing = dict(before.parameters), list[tuple[str, str]](), list[str]()
    for name, one in declared.items():
        told = given.get(name)
        if told is not None and told.get("UsePreviousValue"):
            if name not in known:
                raise invalid(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter "
                    "key not in the previous template"
                )
            values.append((name, known[name]))
        elif told is not None and "ParameterValue" in told:
            values.append((name, told["ParameterValue"]))
        elif "Default" in one:
            values.append((name, str(one["Default"])))
        else:
            missing.append(name)
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    return tuple(values)


def _names_roles(spec: Spec) -> bool:
    return any(isinstance(one, Mapping) and one.get("Type") == "AWS::IAM::Role" for one in spec.resources.values())


def invalid(message: str) -> AwsError:
    """CloudFormation's one error for whatever is wrong with a call."""
    return AwsError("ValidationError", message)
