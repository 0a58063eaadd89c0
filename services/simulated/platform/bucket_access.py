"""What a service of AWS may do with a bucket: its policy, as far as log export and trails need it."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from typing import Any


def service_may(policy: bytes | str | None, service: str, action: str, resource: str, facts: Mapping[str, str]) -> bool:
    """Whether `policy` lets the service principal do it: an Allow that fits, and no Deny that does.

    `facts`: condition keys and their values, `aws:SourceAccount`. A condition about anything else does not hold.
    """
    try:
        statements = _listed(json.loads(policy or "{}").get("Statement"))
    except (ValueError, AttributeError):
        return False
    fitting = [one for one in statements if _fits(one, service, action, resource, facts)]
    effects = {one.get("Effect") for one in fitting}
    return "Allow" in effects and "Deny" not in effects


def logs_policy(bucket: str, region: str, account: str) -> str:
    """The policy that AWS's guide tells to attach to a bucket for log exports."""
    principal = {"Service": f"logs.{region}.amazonaws.com"}
    condition = {"StringEquals": {"aws:SourceAccount": [account]}}
    common = {"Effect": "Allow", "Principal": principal, "Condition": condition}
    statements = [
        common | {"Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}"},
        common | {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _fits(statement: Any, service: str, action: str, resource: str, facts: Mapping[str, str]) -> bool:
    if not isinstance(statement, Mapping):
        return False
    principal = statement.get("Principal")
    services = principal.get("Service") if isinstance(principal, Mapping) else principal
    return (
        any(one in ("*", service, "logs.amazonaws.com") for one in _listed(services))
        and _matches(_listed(statement.get("Action")), action, ignore_case=True)
        and _matches(_listed(statement.get("Resource")), resource)
        and _holds(statement.get("Condition") or {}, facts)
    )


def _holds(conditions: Any, facts: Mapping[str, str]) -> bool:
    """All operators and all their keys; of the values of one key, any."""
    if not isinstance(conditions, Mapping):
        return False
    known = {name.lower(): value for name, value in facts.items()}
    for operator, keys in conditions.items():
        negated = "Not" in operator
        for key, values in keys.items():
            fact = known.get(str(key).lower())
            if fact is None or _matches(_listed(values), fact) == negated:
                return False
    return True


def _matches(patterns: Iterable[Any], value: str, *, ignore_case: bool = False) -> bool:
    given = value.lower() if ignore_case else value
    return any(fnmatch.fnmatchcase(given, str(one).lower() if ignore_case else str(one)) for one in patterns)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
