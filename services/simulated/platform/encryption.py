"""S3's default encryption: every bucket has had one since January 2023; moto leaves a new one without.

One that is deleted is AES256 again (S3 API reference, DeleteBucketEncryption).
"""

from __future__ import annotations

from typing import Any

from services.simulated.moto_backing import MotoBacking
from services.simulated.protocol import AwsError, Context, Handler

AES256 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
"""The rule that a bucket has by itself."""


class Encryption:
    """What new objects of a bucket are encrypted with."""

    def __init__(self, moto: MotoBacking) -> None:
        self._moto = moto
        self.without: set[str] = set()
        """Buckets that have none, as before 2023 and in stores that only speak S3."""

    def handlers(self) -> dict[str, Handler]:
        return {"GetBucketEncryption": self.told}

    def told(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._moto.ready("s3")
        from moto.s3.models import s3_backends

        name = str(parameters["Bucket"])
        bucket = s3_backends[context.account]["aws"].buckets.get(name)
        if bucket is None:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
        if name in self.without:
            text = "The server side encryption configuration was not found"
            raise AwsError("ServerSideEncryptionConfigurationNotFoundError", text, 404)
        rules = (bucket.encryption or {}).get("Rule", AES256)
        listed = rules if isinstance(rules, list) else [rules]
        return {"ServerSideEncryptionConfiguration": {"Rules": [_rule(one) for one in listed]}}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """moto keeps what was put as the XML said it."""
    keyed = str(rule.get("BucketKeyEnabled", False)).lower() == "true"
    default = {name: value for name, value in (rule.get("ApplyServerSideEncryptionByDefault") or {}).items() if value}
    return {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": keyed}
