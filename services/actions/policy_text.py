"""Resource policies of an API as they are compared and put back. Pure."""

from __future__ import annotations

import json
import re

DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
        ],
    }
)
"""The runbook's policy (lines 894-897) in the form that API Gateway takes: this API alone, and nothing of AWS's own."""

_OWN = re.compile(r'"arn:aws[^:"]*:execute-api:[^:"]*:[^:"]*:[^/"]+/')


def canonical(policy: str) -> str:
    """The policy as it is compared: its own ARN spelled short, keys sorted. Text that is no JSON stands for itself.

    API Gateway keeps `execute-api:/*` as the API's whole ARN.
    """
    try:
        return json.dumps(json.loads(_OWN.sub('"execute-api:/', policy)), sort_keys=True)
    except (ValueError, RecursionError):
        return policy


def whole(policy: str) -> bool:
    """Whether the policy was read whole, so that it can be put back as it was: none, or JSON."""
    try:
        return not policy or isinstance(json.loads(policy), dict)
    except (ValueError, RecursionError):
        return False
