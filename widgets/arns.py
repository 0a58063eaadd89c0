"""ARNs in sentences, said short. Pure."""

from __future__ import annotations

import re

_ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:[0-9]*:(?:alarm:)?")


def without_arns(text: str) -> str:
    """`text` with the names alone of what it names by ARN: `sns:alerts`, and the bare name of an alarm."""
    return _ARN.sub(lambda found: "" if found[1] == "cloudwatch" else f"{found[1]}:", text)
