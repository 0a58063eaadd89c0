"""A kept template that is too long for CloudFormation's call goes into a bucket first, and is read from there.

It lies there under its own digest: putting it twice is as putting it once, and nobody's object is overwritten.
"""

from __future__ import annotations

from services.model.kept import KeptStack
from services.model.plan import Call, Step
from services.rules.words import count
from services.safe_text import safe
from services.settings.values import Environment

KIND = "template.put"

KEPT = "kept:"
"""What stands for a template's text in a call, before its digest."""

MOST_BODY = 51_200
"""Bytes of a template that can be sent with the call."""

MOST_URL = 1_048_576
"""Bytes of a template that CloudFormation reads from a bucket."""

FOLDER = "cockpit-templates/"


def too_long(goal: KeptStack) -> bool:
    """Whether it has to lie in a bucket."""
    return goal.size > MOST_BODY


def key(digest: str) -> str:
    """Where a template lies. `digest`: SHA-256 of its text."""
    return f"{FOLDER}{digest}"


def url(environment: Environment, digest: str) -> str:
    """Where CloudFormation reads it; in the name of the region, so that a new bucket is found at once."""
    return f"https://{environment.template_bucket}.s3.{environment.region}.amazonaws.com/{key(digest)}"


def put(environment: Environment, goal: KeptStack, file: str) -> Step:
    """Put it there. `file`: where it lies here, for a person's command line."""
    bucket, where = environment.template_bucket, key(goal.original)
    return Step(
        kind=KIND,
        title=safe(f"Bucket {bucket}  the kept template {goal.name}, {count(goal.size)} bytes"),
        call=Call(
            "s3",
            "PutObject",
            environment.region,
            {
                "Bucket": bucket,
                "Key": where,
                "Body": f"{KEPT}{goal.original}",
                "Metadata": {"sha256": goal.original},
            },
        ),
        after={"sha256": goal.original, "file": file},
        repeatable=True,
    )
