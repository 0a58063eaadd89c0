"""S3: the web bucket."""

from __future__ import annotations

from services.aws.reply import text
from services.aws.session import Account
from services.model.content import Bucket
from services.problems import AccountError, ProblemKind
from services.safe_text import safe


async def describe(account: Account, bucket: str) -> Bucket:
    """Whether the bucket is there and keeps versions. A bucket that is gone is an answer. Raises AccountError."""
    try:
        await account.ask("s3", "HeadBucket", {"Bucket": bucket})
    except AccountError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND:
            return Bucket(name=safe(bucket), reachable=False)
        raise
    reply = await account.ask("s3", "GetBucketVersioning", {"Bucket": bucket})
    return Bucket(name=safe(bucket), reachable=True, versioning=text(reply, "Status"))
